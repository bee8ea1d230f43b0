package teams

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	msal "github.com/AzureAD/microsoft-authentication-library-for-go/apps/errors"
)

// entraClient is how the sign-in library talks to Microsoft Entra. It limits what is read and, because the
// library sometimes loses them, keeps refusals for whoever asked.
type entraClient struct{ http *http.Client }

func (c entraClient) CloseIdleConnections() { c.http.CloseIdleConnections() }

func (c entraClient) Do(req *http.Request) (*http.Response, error) {
	said, asked := req.Context().Value(entraAnswerKey{}).(*entraAnswer)
	if asked {
		said.reset()
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, bodySize))
	_ = resp.Body.Close()
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	if asked && resp.StatusCode != http.StatusOK {
		said.keep(resp, body)
	}
	return resp, nil
}

// entraAnswer is the refusal with which one operation ended, if it was one.
type entraAnswer struct {
	mu     sync.Mutex
	status int
	body   []byte
	wait   time.Duration
	skew   time.Duration // how wrong this computer's clock is by that answer
}

type entraAnswerKey struct{}

func withEntraAnswer(ctx context.Context) (context.Context, *entraAnswer) {
	said := &entraAnswer{}
	return context.WithValue(ctx, entraAnswerKey{}, said), said
}

func (a *entraAnswer) keep(resp *http.Response, body []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.status, a.body, a.wait = resp.StatusCode, body, retryAfter(resp.Header, time.Now())
	a.skew = clockSkew(resp.Header, time.Now())
}

func (a *entraAnswer) reset() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.status, a.body, a.wait, a.skew = 0, nil, 0, 0
}

// entraError is what Microsoft Entra said when it gave no token, or how it could not be reached. Its text
// holds no token: the library's errors, which may, do not get further than here.
type entraError struct {
	Status      int
	Code        string // "invalid_grant"
	Suberror    string
	Description string
	Codes       []int // AADSTS numbers
	Claims      string
	Correlation string
	Trace       string
	Wait        time.Duration
	Skew        time.Duration // how wrong this computer's clock is
	Network     error         // the connection failed
	Declined    string
}

func (e *entraError) Error() string {
	if e.Network != nil {
		return e.Network.Error()
	}
	var b strings.Builder
	b.WriteString("microsoft entra:")
	if e.Status != 0 {
		fmt.Fprintf(&b, " %d", e.Status)
	}
	for _, word := range []string{e.Code, e.Suberror} {
		if word != "" {
			b.WriteString(" " + redact(word))
		}
	}
	if e.Description != "" {
		line, _, _ := strings.Cut(strings.ReplaceAll(e.Description, "\r", ""), "\n")
		b.WriteString(": " + redact(line))
	}
	if e.Correlation != "" || e.Trace != "" {
		fmt.Fprintf(&b, "; correlation id %s, trace id %s", e.Correlation, e.Trace)
	}
	return b.String()
}

func (e *entraError) Unwrap() error { return e.Network }

// entraBody is the body of a refusal.
type entraBody struct {
	Error         string `json:"error"`
	Suberror      string `json:"suberror"`
	Description   string `json:"error_description"`
	Codes         []int  `json:"error_codes"`
	Claims        string `json:"claims"`
	CorrelationID string `json:"correlation_id"`
	TraceID       string `json:"trace_id"`
}

var (
	aadsts   = regexp.MustCompile(`AADSTS(\d+)`)
	declined = regexp.MustCompile(`declined scopes are present: ([A-Za-z0-9_.,/: -]+)`)
)

// newEntraError reads an error of the sign-in library: the refusal kept on the way (said may be nil), else
// the one in the error, else its text.
func newEntraError(err error, said *entraAnswer) *entraError {
	var e *entraError
	if errors.As(err, &e) { // our own, from the loopback port
		e.findCodes()
		return e
	}
	e = &entraError{}
	var body []byte
	if said != nil {
		said.mu.Lock()
		e.Status, body, e.Wait, e.Skew = said.status, said.body, said.wait, said.skew
		said.mu.Unlock()
	}
	var answered msal.CallErr
	if errors.As(err, &answered) && answered.Resp != nil {
		if e.Status == 0 {
			e.Status, e.Wait = answered.Resp.StatusCode, retryAfter(answered.Resp.Header, time.Now())
		}
		if len(body) == 0 && answered.Resp.Body != nil {
			body, _ = io.ReadAll(answered.Resp.Body) // empty where the library has read it
		}
	}
	if len(body) == 0 {
		if _, after, ok := strings.Cut(err.Error(), "{"); ok {
			body = []byte("{" + after)
		}
	}
	var b entraBody
	_ = json.NewDecoder(bytes.NewReader(body)).Decode(&b)
	e.Code, e.Suberror, e.Description, e.Codes, e.Claims = b.Error, b.Suberror, b.Description, b.Codes, b.Claims
	e.Correlation, e.Trace = b.CorrelationID, b.TraceID
	e.findCodes()
	if found := declined.FindStringSubmatch(err.Error()); found != nil {
		e.Declined = found[1]
	}
	if e.Code == "" && e.Status == 0 {
		e.unanswered(err)
	}
	return e
}

// unanswered is for errors that are no refusal.
func (e *entraError) unanswered(err error) {
	var network *url.Error
	var garbage msal.InvalidJsonErr
	switch {
	case errors.As(err, &network):
		e.Network = network
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		e.Network = err
	case errors.As(err, &garbage):
		e.Description = "the answer is not understood" // its text holds the answer
	default:
		e.Description = redact(err.Error())
	}
}

func (e *entraError) findCodes() {
	for _, found := range aadsts.FindAllStringSubmatch(e.Description, -1) {
		if n, err := strconv.Atoi(found[1]); err == nil {
			e.Codes = append(e.Codes, n)
		}
	}
	for _, found := range idsInText.FindAllStringSubmatch(e.Description, -1) { // all there is in the browser's answer
		switch {
		case found[1] == "Trace" && e.Trace == "":
			e.Trace = found[2]
		case found[1] == "Correlation" && e.Correlation == "":
			e.Correlation = found[2]
		}
	}
}

var idsInText = regexp.MustCompile(`\b(Trace|Correlation) ID: ([0-9a-fA-F-]{36})\b`)

// lapses tells whether only the person can help, by signing in again.
func (e *entraError) lapses() bool {
	switch e.Code {
	case "invalid_grant", "interaction_required", "login_required", "consent_required":
		return true
	}
	// The library's words for a cache without a refresh token.
	return strings.Contains(e.Description, "no token found")
}

// blocked tells whether the organisation's rules stand in the way of a sign-in that is good otherwise: then
// it is kept, for they may change, or the place from which the person works.
func (e *entraError) blocked() bool {
	s, known := e.state()
	if !known || !e.lapses() {
		return false
	}
	switch s.Name {
	case conditionalAccess, deviceNotManaged, notAssigned, clientDisabled, AdminConsentNeeded, AdminConsentAsked:
		return true
	}
	return false
}

// passing tells whether waiting may help.
func (e *entraError) passing() bool {
	switch {
	case e.Network != nil:
		return !errors.Is(e.Network, context.Canceled)
	case e.Status >= 500, e.Status == http.StatusTooManyRequests:
		return true
	}
	return e.Code == "temporarily_unavailable" || e.Code == "server_error"
}
