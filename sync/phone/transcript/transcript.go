// Package transcript writes down what is said to a phone system and what it answers, for a person who tries
// out a profile, with everything secret blanked: what was entered, and what was obtained by it. It must not
// know any one phone system.
package transcript

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// mostShown is how much of a body is written down.
const mostShown = 4 << 10

// Transcript gathers what is said until it is written. What is secret is often known only from a later
// answer or from whoever reads it, so nothing is written before that.
type Transcript struct {
	mu      sync.Mutex
	lines   []func() string // what is known of each request and answer, or frame, when it is written
	secrets []string
	blank   []func(string) string
}

// New makes a transcript that shows none of the secrets.
func New(secrets ...string) *Transcript {
	t := &Transcript{}
	t.Hide(secrets...)
	return t
}

// Hide adds secrets.
func (t *Transcript) Hide(secrets ...string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range secrets {
		if s != "" && !slices.Contains(t.secrets, s) {
			t.secrets = append(t.secrets, s)
		}
	}
}

// Blank adds somebody who takes out of a text what is secret in it.
func (t *Transcript) Blank(f func(string) string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.blank = append(t.blank, f)
}

// Client is a client like the given one whose requests and answers are written down.
func (t *Transcript) Client(c *http.Client) *http.Client {
	own := *c
	next := own.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	own.Transport = &recorder{t, next}
	return &own
}

// Frame writes a frame down.
func (t *Transcript) Frame(sent bool, frame []byte) {
	arrow, text := "⇐", string(frame)
	if sent {
		arrow = "⇒"
	}
	t.learn("application/json", text)
	t.add(func() string { return arrow + " " + shown("application/json", text) + "\n" })
}

// WriteTo writes what was said since the last time.
func (t *Transcript) WriteTo(w io.Writer) (int64, error) {
	t.mu.Lock()
	entries := t.lines
	t.lines = nil
	t.mu.Unlock()
	var all strings.Builder
	for _, entry := range entries {
		all.WriteString(entry())
	}
	n, err := io.WriteString(w, t.blanked(all.String()))
	return int64(n), err
}

func (t *Transcript) add(text func() string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lines = append(t.lines, text)
}

// recorder is the way of the requests.
type recorder struct {
	t    *Transcript
	next http.RoundTripper
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	sent, req := r.request(req)
	began := time.Now()
	resp, err := r.next.RoundTrip(req)
	took := time.Since(began).Round(time.Millisecond)
	if err != nil {
		r.t.add(func() string { return sent + fmt.Sprintf("← no answer after %s\n\n", took) })
		return nil, err
	}
	r.t.learnHeaders(resp.Header)
	head := fmt.Sprintf("← %s, after %s\n", resp.Status, took) + headers(resp.Header)
	if resp.StatusCode == http.StatusSwitchingProtocols {
		r.t.add(func() string { return sent + head + "\n" })
		return resp, nil // its body is the connection
	}
	body := &copied{t: r.t, ReadCloser: resp.Body, kind: resp.Header.Get("Content-Type")}
	resp.Body = body
	r.t.add(func() string { return sent + head + body.shown() + "\n" })
	return resp, nil
}

// request writes a request down and answers one like it that can still be sent.
func (r *recorder) request(req *http.Request) (string, *http.Request) {
	r.t.learnQuery(req.URL.Query())
	r.t.learnHeaders(req.Header)
	kind := req.Header.Get("Content-Type")
	text := ""
	if req.Body != nil && req.Body != http.NoBody {
		data, err := io.ReadAll(req.Body)
		_ = req.Body.Close()
		req = req.Clone(req.Context())
		req.Body = io.NopCloser(bytes.NewReader(data))
		if err != nil {
			req.Body = io.NopCloser(io.MultiReader(bytes.NewReader(data), failing{err}))
		}
		r.t.learn(kind, string(data))
		text = indented(shown(kind, string(data)))
	}
	return fmt.Sprintf("→ %s %s\n", req.Method, req.URL) + headers(req.Header) + text, req
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// copied is an answer's body that remembers how it began.
type copied struct {
	io.ReadCloser
	t    *Transcript
	kind string
	mu   sync.Mutex
	text []byte
	more bool
}

func (c *copied) Read(b []byte) (int, error) {
	n, err := c.ReadCloser.Read(b)
	c.mu.Lock()
	defer c.mu.Unlock()
	take := min(n, mostKept-len(c.text))
	c.text = append(c.text, b[:take]...)
	c.more = c.more || take < n
	return n, err
}

// mostKept is how much of a body is looked through for secrets; as much as a phone may answer.
const mostKept = 1 << 20

func (c *copied) shown() string {
	c.mu.Lock()
	text := string(c.text)
	c.mu.Unlock()
	c.t.learn(c.kind, text)
	return indented(shown(c.kind, text))
}
