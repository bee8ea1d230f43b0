package profile

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"mime"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/offhook/offhook/sync/problem"
)

const (
	defaultTimeout = 10 * time.Second
	mostBytes      = 1 << 20 // of an answer or an event
)

// client sends a profile's requests: signed in, in time, one plain problem for whatever goes wrong.
type client struct {
	p       *Profile
	entered map[string]string
	visible map[string]any // the entered fields that are no secrets, for expressions
	base    *url.URL
	http    *http.Client
	log     *slog.Logger
	frame   func(sent bool, frame []byte)
	timeout time.Duration
	reads   gate
	writes  gate

	login chan struct{} // held by the one who signs in

	mu        sync.Mutex
	session   session
	accepted  bool             // what was entered has been accepted once
	refused   *problem.Problem // the sign-in was refused: for good
	notBefore time.Time        // told to wait until then
	hidden    []string         // what answers held that nobody else may see
}

func newClient(p *Profile, entered map[string]string, o Options) (*client, error) {
	c := &client{p: p, entered: entered, visible: map[string]any{}, log: o.Log,
		timeout: p.file.Timeout.or(defaultTimeout), login: make(chan struct{}, 1)}
	for _, f := range p.System.Fields {
		if !f.Secret {
			c.visible[f.Name] = entered[f.Name]
		}
	}
	if r := p.file.Rate; r != nil {
		c.reads.least, c.writes.least = r.Reads.or(0), r.Writes.or(0)
	}
	c.frame = o.Frame
	if c.frame == nil {
		c.frame = func(bool, []byte) {}
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	var err error
	if c.base, err = baseURL(p, entered); err != nil {
		return nil, err
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
		if len(via) >= 5 || next.URL.Host != c.base.Host || next.URL.Scheme != c.base.Scheme {
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
			What: "The address entered for " + p.System.Title + " is not complete or not an address",
			Do:   "Enter it in the form " + form}
	}
	return u, nil
}

// who names the phone system in a sentence.
func (c *client) who() string { return c.p.System.Title + " at " + c.base.Host }

// send sends a request, signed in, and answers the whole of what came back.
func (c *client) send(ctx context.Context, r *request, more map[string]string, write bool) ([]byte, error) {
	var data []byte
	err := c.signedIn(ctx, func(s session) error {
		x := c.exchange(ctx, write)
		defer x.end()
		resp, err := x.open(r, s, more, "application/json")
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if write {
			return x.carriedOut(resp)
		}
		data, err = x.all(resp.Body)
		return err
	})
	return data, err
}

// carriedOut judges the answer to a write, which is a success: what else it says does not matter, but a web
// page is the answer of something else, such as the page before a guest network.
func (x *exchange) carriedOut(resp *http.Response) error {
	if kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); kind == "text/html" {
		p := x.nonsense("answered with a web page", nil)
		p.Unsure = true
		return p
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, mostBytes))
	return nil
}

// exchange is one request and its answer, which must come in time.
type exchange struct {
	*client
	outer  context.Context // the caller's
	ctx    context.Context // ends with the caller's, and when time is up
	cancel context.CancelCauseFunc
	timer  *time.Timer
	sent   bool // the request may have reached the other side
	write  bool
}

var errSlow = errors.New("no answer in time")

func (c *client) exchange(ctx context.Context, write bool) *exchange {
	x := &exchange{client: c, outer: ctx, write: write}
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
	if err := x.mayTry(); err != nil {
		return nil, err
	}
	req, err := x.build(r, s, more, accept)
	if err != nil {
		return nil, &problem.Problem{Kind: problem.Settings, What: "The request to " + x.who() + " cannot be made of what is entered", Do: "Check this phone's settings", Err: err}
	}
	return x.do(req, r.Path.source)
}

// do sends what was made and answers a response that is a success. The path is named as the profile has it.
func (x *exchange) do(req *http.Request, path string) (*http.Response, error) {
	started := time.Now()
	resp, err := x.http.Do(req)
	if err != nil {
		var outer *url.Error // it would name the address with all that stands in it
		if errors.As(err, &outer) {
			err = outer.Err
		}
		return nil, x.noAnswer(err)
	}
	x.log.Debug("phone request", "phone", x.p.System.ID, "method", req.Method, "path", path,
		"answer", resp.StatusCode, "took", time.Since(started))
	if resp.StatusCode >= 200 && resp.StatusCode < 300 {
		return resp, nil
	}
	defer resp.Body.Close()
	return nil, x.turnedDown(resp)
}

// values are what placeholders stand for.
func (c *client) values(s session, more map[string]string) map[string]string {
	values := maps.Clone(c.entered)
	values["token"] = s.token
	maps.Copy(values, more)
	return values
}

func (x *exchange) build(r *request, s session, more map[string]string, accept string) (*http.Request, error) {
	values := x.values(s, more)
	address := strings.TrimRight(x.base.String(), "/") + r.Path.path(values)
	if len(r.Query) > 0 {
		query := url.Values{}
		for name, t := range r.Query {
			query.Set(name, t.plain(values))
		}
		sep := "?"
		if strings.Contains(address, "?") {
			sep = "&"
		}
		address += sep + query.Encode()
	}
	var content io.Reader
	if r.Body != nil {
		data, err := json.Marshal(r.Body.fill(values))
		if err != nil {
			return nil, err
		}
		content = bytes.NewReader(data)
	}
	method := http.MethodGet
	if r.Method.s != "" {
		method = strings.ToUpper(r.Method.s)
	}
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { x.sent = true }}
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(x.ctx, trace), method, address, content)
	if err != nil {
		return nil, errors.New("the address, method or body is not one that can be sent")
	}
	req.Header.Set("Accept", accept)
	req.Header.Set("User-Agent", "Offhook")
	if content != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, headers := range []map[string]template{x.p.file.Headers, s.headers(x.p.file.SignIn), r.Headers} {
		for name, t := range headers {
			req.Header.Set(name, t.plain(values))
		}
	}
	credentials(x.p.file.SignIn, req, values)
	return req, nil
}

// all reads an answer to its end.
func (x *exchange) all(body io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(body, mostBytes+1))
	switch {
	case err != nil && (errors.Is(err, io.ErrUnexpectedEOF) && context.Cause(x.ctx) == nil):
		return nil, x.nonsense("broke off in the middle of its answer", err)
	case err != nil:
		return nil, x.noAnswer(err)
	case len(data) > mostBytes:
		return nil, x.nonsense("answered with more than a phone has to say", nil)
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
		return c.throttled(wait)
	}
	return nil
}
