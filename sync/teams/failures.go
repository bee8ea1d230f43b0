package teams

import (
	crypto "crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/offhook/offhook/sync/problem"
)

// graphError is what Graph said of a failed call. It stands in a problem's Err, for the log and for support.
type graphError struct {
	Method, Path  string
	Status        int
	Code          string
	Message       string
	RequestID     string // Microsoft's id of the request
	ClientRequest string // our own
	Date          string
}

func (e *graphError) Error() string {
	s := fmt.Sprintf("%s %s: %d %s", e.Method, e.Path, e.Status, http.StatusText(e.Status))
	if e.Code != "" || e.Message != "" {
		s += fmt.Sprintf(" (%s: %s)", e.Code, e.Message)
	}
	return s + fmt.Sprintf("; request-id %s, client-request-id %s, date %s", e.RequestID, e.ClientRequest, e.Date)
}

// errorBody is Graph's error body. Old services spell innerError in lower case; JSON names are matched in
// either.
type errorBody struct {
	Error struct {
		Code       string `json:"code"`
		Message    string `json:"message"`
		InnerError struct {
			RequestID     string `json:"request-id"`
			ClientRequest string `json:"client-request-id"`
			Date          string `json:"date"`
		} `json:"innerError"`
	} `json:"error"`
}

// newGraphError reads what an answer says of itself.
func newGraphError(method string, a *answer) *graphError {
	var body errorBody
	_ = json.Unmarshal(a.body, &body) // garbage says nothing, which is fine
	path := a.url
	if u, err := url.Parse(a.url); err == nil {
		path = u.Path
	}
	inner := body.Error.InnerError
	return &graphError{
		Method:        method,
		Path:          path,
		Status:        a.status,
		Code:          body.Error.Code,
		Message:       redact(body.Error.Message),
		RequestID:     first(inner.RequestID, a.header.Get("request-id")),
		ClientRequest: first(inner.ClientRequest, a.id),
		Date:          first(inner.Date, a.header.Get("Date")),
	}
}

// failed makes a problem of an answer that is no success, and remembers to wait where told so.
func (g *graph) failed(c call, a *answer) error {
	e := newGraphError(c.method, a)
	wait := retryAfter(a.header, time.Now())
	switch {
	case wait > 0:
		g.throttle.hold(time.Now().Add(wait))
	case a.status == http.StatusTooManyRequests:
		g.throttle.hold(time.Now().Add(g.untoldWait(rand.Float64())))
	}
	p := &problem.Problem{}
	switch {
	case a.status == http.StatusTooManyRequests:
		return throttled(wait, e)
	case a.status >= 500:
		p.Kind, p.Unsure = problem.Server, c.write()
		p.What = problem.Say("Microsoft Graph has trouble of its own ({code}); the request was: {request}", "code", a.status, "request", c.doing)
	case a.status == http.StatusUnauthorized && e.Code == "ServiceError":
		p.Kind = problem.Server
		p.What = problem.Say("Microsoft Graph has trouble of its own ({code}); the request was: {request}", "code", fmt.Sprint(a.status, " ", e.Code), "request", c.doing)
	case a.status == http.StatusUnauthorized:
		p = in("token-not-accepted")
		if skew := clockSkew(a.header, time.Now()); skew != 0 {
			p = wrongBy(skew)
			p.Kind = problem.SignedOut
		}
	case a.status == http.StatusForbidden && isGraph(e):
		p = in("permission-missing")
		if !c.write() {
			p.What = problem.Say("The permission to read presence is missing")
		}
		if e.Message != "" {
			p.What = problem.Say("{what} (Microsoft Graph says: {message})", "what", p.What, "message", strings.TrimRight(redact(e.Message), ". "))
		}
	case a.status == http.StatusNotFound:
		p = in("no-presence")
	case a.status/100 == 3 || !isGraph(e):
		return notGraph(e)
	default:
		p.Kind = problem.Refused
		said := fmt.Sprint(a.status, " ", e.Code)
		if e.Message != "" {
			said += ": " + strings.TrimRight(e.Message, ". ")
		}
		p.What = problem.Say("Microsoft Graph turned the request down ({message}); the request was: {request}", "message", said, "request", c.doing)
	}
	p.RetryAfter, p.Err = wait, e
	return p
}

const (
	untoldFirst = 10 * time.Second
	untoldMost  = 5 * time.Minute
)

// untoldWait is how long nothing is sent where Graph asks to wait and does not say how long: longer each
// time, and not all desktops at the same moment.
func (g *graph) untoldWait(dice float64) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.untold++
	wait := min(untoldFirst<<min(g.untold-1, 16), untoldMost)
	return wait*3/4 + time.Duration(dice*float64(wait)/2)
}

// Support is by what Microsoft's support finds what failed: the ids of the request. Empty: it was none.
func Support(err error) string {
	var fromGraph *graphError
	var fromEntra *entraError
	switch {
	case errors.As(err, &fromGraph):
		return fmt.Sprintf("request-id %s, client-request-id %s, date %s", fromGraph.RequestID, fromGraph.ClientRequest, fromGraph.Date)
	case errors.As(err, &fromEntra) && fromEntra.Correlation != "":
		return fmt.Sprintf("correlation id %s, trace id %s", fromEntra.Correlation, fromEntra.Trace)
	}
	return ""
}

// isGraph tells whether an error came from Graph, not from something in between.
func isGraph(e *graphError) bool { return e.Code != "" || e.Message != "" }

func throttled(wait time.Duration, err error) *problem.Problem {
	return &problem.Problem{
		Kind:       problem.Throttled,
		What:       problem.Say("Microsoft Graph has had too many requests from your organisation and asked Offhook to wait"),
		RetryAfter: wait,
		Err:        err,
	}
}

func notGraph(err error) *problem.Problem {
	p := in("not-microsoft", "server", "Microsoft Graph")
	p.Err = err
	return p
}

// retryAfter reads how long an answer tells to wait: in seconds or until a date.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.ParseFloat(text, 64); err == nil && seconds >= 0 {
		return time.Duration(min(seconds, (24*time.Hour).Seconds()) * float64(time.Second))
	}
	until, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	// The date is the server's; so is the clock it is measured by, where the answer tells.
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	return min(max(0, until.Sub(now)), 24*time.Hour)
}

// clockSkew tells by how much this computer's clock is off, if by more than tokens forgive.
func clockSkew(h http.Header, now time.Time) time.Duration {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return 0
	}
	skew := now.Sub(date).Abs().Round(time.Minute)
	if skew < 5*time.Minute {
		return 0
	}
	return skew
}

var (
	insufficient = regexp.MustCompile(`(?i)\berror\s*=\s*"?insufficient_claims\b`)
	claimsParam  = regexp.MustCompile(`(?i)\bclaims\s*=\s*"([^"]+)"`)
)

// challenge finds the claims that a 401 asks for (continuous access evaluation): decoded, or empty.
func challenge(h http.Header) string {
	for _, value := range h.Values("WWW-Authenticate") {
		found := claimsParam.FindStringSubmatch(value)
		if found == nil || !insufficient.MatchString(value) {
			continue
		}
		text := strings.TrimRight(found[1], "=")
		for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			if claims, err := encoding.DecodeString(text); err == nil && json.Valid(claims) {
				return string(claims)
			}
		}
	}
	return ""
}

// longWord is what a token, a code or a key looks like; ids of requests are shorter.
var longWord = regexp.MustCompile(`[A-Za-z0-9_\-.~+]{48,}`)

// redact takes out of a server's words whatever could be a secret, and cuts them to a readable length.
func redact(s string) string {
	const most = 600
	s = longWord.ReplaceAllString(s, "[removed]")
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return "unknown"
}

// newRequestID makes a random UUID.
func newRequestID() string {
	var b [16]byte
	_, _ = crypto.Read(b[:]) // never fails
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
