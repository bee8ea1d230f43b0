package profile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/offhook/offhook/sync/phone/remote"
	"github.com/offhook/offhook/sync/problem"
)

const (
	defaultTimeout = 10 * time.Second
	mostBytes      = 1 << 20 // of an answer or an event
)

// client sends a profile's requests: signed in, in time, one plain problem for whatever goes wrong.
type client struct {
	p        *Profile
	entered  map[string]string
	device   string
	visible  view // what expressions see
	base     *url.URL
	http     *http.Client
	log      *slog.Logger
	timeout  time.Duration
	requests gate
	reads    gate
	writes   gate
	store    keeper
	browse   func(ctx context.Context, address string) error
	frame    func(sent bool, frame []byte)
	computed map[string]string // what let gives

	login    chan struct{} // held by the one who signs in
	proving  chan struct{} // held by the one who shows what has not been accepted yet
	learning chan struct{} // held by the one who asks what is asked once

	mu        sync.Mutex
	session   session
	tokens    *tokens          // of OAuth
	unsaved   bool             // they could not be saved yet, and must not be used before
	spent     string           // the access token that has been turned down
	proven    int              // the last session that was accepted
	learned   map[string]any   // what once has given
	knows     bool             // all of it
	woken     chan struct{}    // closed when the person has signed in
	accepted  bool             // what was entered has been accepted once
	refused   *problem.Problem // the sign-in was refused: for good
	notBefore time.Time        // told to wait until then
	hidden    []string         // what answers held that nobody else may see
}

func newClient(p *Profile, entered map[string]string, o Options) (*client, error) {
	c := &client{p: p, entered: entered, log: o.Log, timeout: p.file.Timeout.or(defaultTimeout),
		store: keeper{o.Secrets, o.ID}, browse: o.Browse, login: make(chan struct{}, 1),
		proving: make(chan struct{}, 1), learning: make(chan struct{}, 1), learned: map[string]any{}, woken: make(chan struct{})}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	c.frame = o.Frame
	if c.frame == nil {
		c.frame = func(bool, []byte) {}
	}
	c.device = c.store.device()
	c.visible = view{fields: c.fields}
	if r := p.file.Rate; r != nil {
		c.requests.pace, c.reads.pace, c.writes.pace = r.Requests, r.Reads, r.Writes
	}
	var err error
	if c.base, err = baseURL(p, entered); err != nil {
		return nil, err
	}
	if c.computed, err = c.compute(); err != nil {
		return nil, err
	}
	if c.store.refused(c.fingerprint()) {
		c.refused = c.refusal(nil)
	}
	own := http.Client{}
	if o.HTTP != nil {
		own = *o.HTTP
	}
	own.Timeout = 0 // each request has its own, and a stream has none
	if t, plain := own.Transport.(*http.Transport); plain && t.ResponseHeaderTimeout > 0 && p.file.Events.waits() {
		t = t.Clone()
		t.ResponseHeaderTimeout = 0
		own.Transport = t
	}
	// A redirect must not carry a password to another server.
	own.CheckRedirect = func(next *http.Request, via []*http.Request) error {
		if len(via) >= 5 || next.URL.Host != via[0].URL.Host || next.URL.Scheme != via[0].URL.Scheme {
			return http.ErrUseLastResponse
		}
		return nil
	}
	c.http = &own
	return c, nil
}

// baseURL is the address the person entered, in the form the profile gives it.
func baseURL(p *Profile, entered map[string]string) (*url.URL, error) {
	fits := true
	whole := p.file.Base.fill(entered, func(before, value string) string {
		if before != "" && strings.ContainsAny(value, "/?#@ ") {
			fits = false
		}
		return value
	})
	u, err := url.Parse(strings.TrimRight(whole, "/"))
	if err != nil || !fits || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		form := p.file.Base.source
		if len(p.file.Base.parts) == 1 {
			form = "https://pbx.example.com"
		}
		return nil, &problem.Problem{Kind: problem.Settings,
			What: problem.Say("{phone}: the address cannot be understood", "phone", remote.Known(p.System.Title)),
			Do:   problem.Say("Enter it like {example}", "example", form)}
	}
	return u, nil
}

// who names the phone system and its server in a sentence.
func (c *client) who() problem.Text { return remote.At(c.p.System.Title, c.base.Host) }

// title names the phone system alone.
func (c *client) title() problem.Text { return remote.Known(c.p.System.Title) }

// exchange is one request and its answer, which must come in time.
type exchange struct {
	*client
	outer  context.Context // the caller's
	ctx    context.Context // ends with the caller's, and when time is up
	cancel context.CancelCauseFunc
	timer  *time.Timer
	sent   bool // the request may have reached the other side
	write  bool

	challenge bool           // the answer 401 is one to be read
	jar       *cookiejar.Jar // the session's, where it is cookies
	answers   string         // the form in which answers come
	within    time.Duration  // how long the answer may take
}

var errSlow = fmt.Errorf("no answer in time: %w", context.DeadlineExceeded)

func (c *client) exchange(ctx context.Context, write bool) *exchange {
	x := &exchange{client: c, outer: ctx, write: write, within: c.timeout}
	x.ctx, x.cancel = context.WithCancelCause(ctx)
	x.timer = time.AfterFunc(c.timeout, func() { x.cancel(errSlow) })
	return x
}

func (x *exchange) end() {
	x.timer.Stop()
	x.cancel(nil)
}

// open sends a request and answers a response that is a success; its body is the caller's to close.
func (x *exchange) open(r *request, s session, more map[string]string, accept string) (*http.Response, error) {
	return x.openPage(r, page{}, s, more, accept)
}

func (x *exchange) openPage(r *request, at page, s session, more map[string]string, accept string) (*http.Response, error) {
	if err := x.mayTry(); err != nil {
		return nil, err
	}
	req, err := x.build(r, at, s, more, accept)
	if err != nil {
		return nil, &problem.Problem{Kind: problem.Settings, What: problem.Say("{phone}: the request cannot be made of what is entered", "phone", x.who()),
			Do: problem.Say("Check this phone's settings"), Err: err}
	}
	// Waiting for one's turn is no waiting for an answer.
	if x.requests.pace != nil {
		x.timer.Stop()
		if err := x.requests.wait(x.ctx); err != nil {
			return nil, x.stopped(err)
		}
		x.timer.Reset(x.within)
	}
	x.jar, x.answers = s.jar, x.form(r)
	return x.do(req, r.source())
}

// do sends what was made and answers a response that is a success. The path is named as the profile has it.
func (x *exchange) do(req *http.Request, path string) (*http.Response, error) {
	started := time.Now()
	do := *x.http
	if x.jar != nil {
		do.Jar = x.jar
	}
	resp, err := do.Do(req)
	if err != nil {
		var outer *url.Error // it would name the address with all that stands in it
		if errors.As(err, &outer) {
			err = outer.Err
		}
		return nil, x.noAnswer(err)
	}
	x.log.Debug("phone request", "phone", x.p.System.ID, "method", req.Method, "path", path,
		"answer", resp.StatusCode, "took", time.Since(started))
	if resp.StatusCode >= 200 && resp.StatusCode < 300 || x.challenge && resp.StatusCode == http.StatusUnauthorized {
		return resp, nil
	}
	defer resp.Body.Close()
	return nil, x.turnedDown(resp)
}

// all reads an answer to its end.
func (x *exchange) all(body io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(body, mostBytes+1))
	switch {
	case err != nil && (errors.Is(err, io.ErrUnexpectedEOF) && context.Cause(x.ctx) == nil):
		return nil, x.nonsense(problem.Say("{phone} broke off in the middle of its answer", "phone", x.who()), err)
	case err != nil:
		return nil, x.noAnswer(err)
	case len(data) > mostBytes:
		return nil, x.nonsense(problem.Say("{phone} answered with more than a phone has to say", "phone", x.who()), nil)
	}
	return data, nil
}

// mayTry stops a request that must not be sent: after a refused sign-in, or while told to wait.
func (c *client) mayTry() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refused != nil {
		return c.refused
	}
	if wait := time.Until(c.notBefore); wait > 0 {
		return remote.Throttled(c.who(), wait, nil)
	}
	return nil
}
