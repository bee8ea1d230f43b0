package profile

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/offhook/offhook/sync/phone/remote"
	"github.com/offhook/offhook/sync/problem"
)

// answerError is an answer that is no success. Said is the vendor's own message, secrets blanked.
type answerError struct {
	status  int
	said    string
	code    string // OAuth's name of the error
	request string // by which the other side's support finds it
	expired bool
}

func (e *answerError) Error() string {
	return strings.TrimSpace(fmt.Sprintf("%d %s%s", e.status, http.StatusText(e.status), e.message()))
}

func (e *answerError) message() (s string) {
	if e.said != "" {
		s = ": " + e.said
	}
	if e.request != "" {
		s += " (request " + e.request + ")"
	}
	return s
}

func (e *answerError) Is(target error) bool {
	return target == errUnauthorized && (e.status == http.StatusUnauthorized || e.expired)
}

// said is the vendor's message in an error, to be added to a sentence.
func said(err error) string {
	var a *answerError
	if errors.As(err, &a) {
		return a.message()
	}
	return ""
}

// turnedDown makes a problem of an answer that is no success.
func (x *exchange) turnedDown(resp *http.Response) error {
	data, _ := io.ReadAll(io.LimitReader(resp.Body, mostBytes))
	a := x.answerError(resp, data)
	status := strings.TrimSpace(fmt.Sprintf("%d %s", a.status, http.StatusText(a.status)))
	wait := remote.RetryAfter(resp.Header.Get("Retry-After"))
	switch {
	case a.status == http.StatusTooManyRequests:
		x.mu.Lock()
		x.notBefore = time.Now().Add(wait)
		x.mu.Unlock()
		p := x.throttled(wait)
		p.Err = a
		return p
	case a.status >= 500:
		return &problem.Problem{Kind: problem.Server, What: problem.Plain(x.who() + " failed with " + status + a.message()),
			RetryAfter: wait, Unsure: x.write, Err: a}
	case errors.Is(a, errUnauthorized):
		return &problem.Problem{Kind: problem.BadLogin, What: problem.Plain(x.who() + " does not accept the sign-in" + a.message()),
			Do: problem.Say("Enter the right user name and password for this phone in the settings"), Err: a}
	case a.status == http.StatusForbidden:
		return &problem.Problem{Kind: problem.Forbidden, What: problem.Plain(x.who() + " does not allow this" + a.message()),
			Do: problem.Say("Ask whoever runs the phone system for the permission"), Err: a}
	case a.status >= 300 && a.status < 400:
		what := x.who() + " sends on to another server"
		if to, err := url.Parse(resp.Header.Get("Location")); err == nil && to.Host != "" {
			what += ", " + to.Scheme + "://" + to.Host
		}
		return &problem.Problem{Kind: problem.Settings, What: problem.Plain(what), Do: problem.Say("Enter that server's address in the settings if it is the right one"), Err: a}
	case a.status == http.StatusNotFound:
		return &problem.Problem{Kind: problem.Refused, What: problem.Plain(x.who() + " does not know the address asked for (" + status + ")" + a.message()),
			Do: problem.Plain("Check the server's address in the settings, and that it is a " + x.p.System.Title), Err: a}
	}
	return &problem.Problem{Kind: problem.Refused, What: problem.Plain(x.who() + " turned the request down (" + status + ")" + a.message()), Err: a}
}

func (c *client) throttled(wait time.Duration) *problem.Problem {
	what := c.who() + " asks to be asked less often"
	if wait > 0 {
		what = fmt.Sprintf("%s asks to wait %s", c.who(), wait.Round(time.Second))
	}
	return &problem.Problem{Kind: problem.Throttled, What: problem.Plain(what), RetryAfter: wait}
}

func (c *client) nonsense(how string, err error) *problem.Problem {
	return &problem.Problem{Kind: problem.Server, What: problem.Plain(c.who() + " " + how),
		Do: problem.Plain("Check that the address in the settings is that of a " + c.p.System.Title), Err: err}
}

// stopped makes a problem of a wait that the caller ended, or has no time for.
func (c *client) stopped(err error) error {
	var n notYet
	if errors.As(err, &n) {
		return &problem.Problem{Kind: problem.Throttled, What: problem.Plain(fmt.Sprintf("%s may not be asked that often: next in %s", c.who(), time.Duration(n).Round(time.Second))),
			RetryAfter: time.Duration(n), Err: err}
	}
	return &problem.Problem{Kind: problem.Unreachable, What: problem.Plain("The request to " + c.who() + " was given up"), Err: err}
}

// noAnswer makes a problem of a request that got no answer, or only a part of one.
func (x *exchange) noAnswer(err error) error {
	p := &problem.Problem{Kind: problem.Unreachable, Do: problem.Say("Check the network, and the server's address in the settings"),
		Unsure: x.write && x.sent, Err: err}
	certificate := remote.Certificate(x.who(), err)
	var dns *net.DNSError
	var record tls.RecordHeaderError
	switch {
	case x.outer.Err() != nil:
		p.What, p.Do = "The request to "+x.who()+" was given up", ""
	case errors.Is(context.Cause(x.ctx), errSlow):
		p.What = fmt.Sprintf("%s did not answer within %s", x.who(), x.timeout)
	case certificate != nil:
		return certificate
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		p.Kind, p.What = problem.Settings, x.who()+" does not speak https there"
		p.Do = "Enter its address with http://, or its port for https"
	case errors.As(err, &dns) && dns.IsNotFound:
		p.What = "There is no server named " + x.base.Hostname()
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		p.What = x.who() + " closed the connection without an answer"
	default:
		p.What = x.who() + " cannot be reached"
	}
	return p
}

// answerError says of an answer that is no success what can be said. It may come in another form than the
// others: that of a gateway before the phone system.
func (x *exchange) answerError(resp *http.Response, data []byte) *answerError {
	a := &answerError{status: resp.StatusCode, request: x.requestID(resp)}
	v := x.visible.of(resp.StatusCode, resp.Header)
	var answer any
	for _, form := range []string{cmp.Or(x.answers, answerJSON), answerJSON, answerXML} {
		var err error
		if answer, err = decodeAnswer(form, data); err == nil {
			break
		}
	}
	a.said = x.vendorSays(x.ctx, answer, v)
	if object, ok := answer.(map[string]any); ok {
		a.code, _ = object["error"].(string)
	}
	if e := x.p.file.Expired; e != nil {
		a.expired, _ = e.truth(x.ctx, answer, v)
	}
	return a
}

// requestID is what the other side calls the request it has answered.
func (c *client) requestID(resp *http.Response) string {
	return c.blanked(resp.Header.Get(cmp.Or(c.p.file.RequestID.s, "X-Request-Id")))
}

// vendorSays pulls the vendor's own message out of an answer, as one short line without secrets.
func (c *client) vendorSays(ctx context.Context, answer any, v view) string {
	if c.p.file.Error == nil || answer == nil {
		return ""
	}
	message, err := c.p.file.Error.value(ctx, answer, v)
	if err != nil {
		return ""
	}
	return c.blanked(message)
}

// blanked makes one short line of somebody else's text and takes every secret out of it.
func (c *client) blanked(s string) string {
	s = strings.Join(strings.FieldsFunc(c.Blank(s), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if r := []rune(s); len(r) > 200 {
		s = string(r[:200]) + "…"
	}
	return strings.TrimRight(s, ". ")
}

// Blank takes every secret out of a text: those that were entered, and those that the phone system gave.
func (c *client) Blank(s string) string {
	c.mu.Lock()
	secrets := append([]string{c.session.token, c.session.refresh}, c.hidden...)
	if c.tokens != nil {
		secrets = append(secrets, c.tokens.Access, c.tokens.Refresh)
	}
	c.mu.Unlock()
	for _, f := range c.p.System.Fields {
		if f.Secret {
			secrets = append(secrets, c.entered[f.Name])
		}
	}
	for _, secret := range secrets {
		for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret)} {
			if form != "" {
				s = strings.ReplaceAll(s, form, "•••")
			}
		}
	}
	return s
}

// mostHidden bounds what is remembered to be kept out of logs; what is older has run out.
const mostHidden = 64

// hide remembers what must not be shown to anybody.
func (c *client) hide(secret string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(secret) < 4 || slices.Contains(c.hidden, secret) {
		return // too short to be a secret; blanking it would blank other words
	}
	c.hidden = append(c.hidden, secret)
	if len(c.hidden) > mostHidden {
		c.hidden = slices.Delete(c.hidden, 0, 1)
	}
}
