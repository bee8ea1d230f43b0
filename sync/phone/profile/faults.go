package profile

import (
	"cmp"
	"context"
	"errors"
	"io"
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
	return e.after(e.answer()).String()
}

// after tells what the vendor says of it after a sentence.
func (e *answerError) after(what problem.Text) problem.Text {
	if e.said != "" {
		what = problem.Say("{problem}: {message}", "problem", what, "message", e.said)
	}
	if e.request != "" {
		what = problem.Say("{problem} (request {request})", "problem", what, "request", e.request)
	}
	return what
}

func (e *answerError) Is(target error) bool {
	return target == errUnauthorized && (e.status == http.StatusUnauthorized || e.expired)
}

// answer is its code and what that means.
func (e *answerError) answer() problem.Text {
	return remote.Answer(e.status, http.StatusText(e.status))
}

// turnedDown makes a problem of an answer that is no success.
func (x *exchange) turnedDown(resp *http.Response) error {
	data, _ := io.ReadAll(io.LimitReader(resp.Body, mostBytes))
	a := x.answerError(resp, data)
	wait := remote.RetryAfter(resp.Header.Get("Retry-After"))
	switch {
	case a.status == http.StatusTooManyRequests:
		x.mu.Lock()
		x.notBefore = time.Now().Add(wait)
		x.mu.Unlock()
		return remote.Throttled(x.who(), wait, a)
	case a.status >= 500:
		return &problem.Problem{Kind: problem.Server, RetryAfter: wait, Unsure: x.write, Err: a,
			What: a.after(problem.Say("{phone} failed with {answer}", "phone", x.who(), "answer", a.answer()))}
	case errors.Is(a, errUnauthorized):
		return &problem.Problem{Kind: problem.BadLogin, Err: a,
			What: a.after(problem.Say("{phone} refused the sign-in", "phone", x.who())),
			Do:   problem.Say("Enter the right user name and password for this phone in the settings")}
	case a.status == http.StatusForbidden:
		return &problem.Problem{Kind: problem.Forbidden, Err: a,
			What: a.after(problem.Say("{phone} does not allow this", "phone", x.who())),
			Do:   problem.Say("Ask whoever runs the phone system for the permission")}
	case a.status >= 300 && a.status < 400:
		what := problem.Say("{phone} sends on to another server", "phone", x.who())
		if to, err := url.Parse(resp.Header.Get("Location")); err == nil && to.Host != "" {
			what = problem.Say("{problem}: {message}", "problem", what, "message", to.Scheme+"://"+to.Host)
		}
		return &problem.Problem{Kind: problem.Settings, What: what, Err: a,
			Do: problem.Say("Enter that server's address in the settings if it is the right one")}
	case a.status == http.StatusNotFound:
		return &problem.Problem{Kind: problem.Refused, Do: x.rightAddress(), Err: a,
			What: a.after(problem.Say("{phone} does not know the address asked for ({answer})", "phone", x.who(), "answer", a.answer()))}
	}
	return &problem.Problem{Kind: problem.Refused, Err: a,
		What: a.after(problem.Say("{phone} turned the request down ({answer})", "phone", x.who(), "answer", a.answer()))}
}

// rightAddress is what to do where something else answers.
func (c *client) rightAddress() problem.Text {
	return problem.Say("Check that the address in the settings is right and that this phone system answers there: {phone}", "phone", c.title())
}

func (c *client) nonsense(what problem.Text, err error) *problem.Problem {
	return &problem.Problem{Kind: problem.Server, What: what, Do: c.rightAddress(), Err: err}
}

func (c *client) misunderstood(err error) *problem.Problem {
	return c.nonsense(problem.Say("{phone} answered in a way its profile does not understand", "phone", c.who()), err)
}

func (c *client) webPage() *problem.Problem {
	return c.nonsense(problem.Say("{phone} answered with a web page", "phone", c.who()), nil)
}

func (c *client) notOfForm(form string, err error) *problem.Problem {
	return c.nonsense(problem.Say("{phone} answered with something that is not {form}", "phone", c.who(), "form", form), err)
}

// stopped makes a problem of a wait that the caller ended, or has no time for.
func (c *client) stopped(err error) error {
	var n notYet
	if errors.As(err, &n) {
		return &problem.Problem{Kind: problem.Throttled, RetryAfter: time.Duration(n), Err: err,
			What: problem.Say("{phone} may not be asked that often: next in {time}", "phone", c.who(), "time", time.Duration(n).Round(time.Second))}
	}
	return remote.GivenUp(c.who(), err, false)
}

// noAnswer makes a problem of a request that got no answer, or only a part of one.
func (x *exchange) noAnswer(err error) error {
	unsure := x.write && x.sent
	switch {
	case x.outer.Err() != nil:
		return remote.GivenUp(x.who(), err, unsure)
	case errors.Is(context.Cause(x.ctx), errSlow):
		return remote.NoAnswer(x.who(), errSlow, unsure)
	}
	p := remote.NoAnswer(x.who(), err, unsure)
	if p.Kind == problem.Settings {
		p.What = problem.Say("{phone} does not speak {language} there", "phone", x.who(), "language", "https")
		p.Do = problem.Say("Enter its address with http://, or its port for https")
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
