package profile

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/offhook/offhook/sync/phone"
	"github.com/offhook/offhook/sync/presence"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const secret = "s3cr/t &100"

// pbx is a small phone system. A fault, where set, answers instead of it.
type pbx struct {
	mu      sync.Mutex
	line    string
	status  string
	token   int // the good one is "token-<n>"
	life    int // seconds, as told at the login
	changed chan struct{}
	faults  map[string]http.HandlerFunc // by path
	asked   []asked
	began   time.Time
}

// asked is one request, by the time since the test began.
type asked struct {
	at     time.Duration
	what   string // method and path with query
	body   string
	header http.Header
}

func newPBX() *pbx {
	return &pbx{line: "idle", status: "available", life: 600, changed: make(chan struct{}),
		faults: map[string]http.HandlerFunc{}, began: time.Now()}
}

func (p *pbx) set(change func(*pbx)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(p)
	close(p.changed)
	p.changed = make(chan struct{})
}

func (p *pbx) fault(path string, f http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults[path] = f
}

// requests lists when what was asked, of one kind where one is named.
func (p *pbx) requests(what string) (list []asked) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, a := range p.asked {
		if what == "" || a.what == what {
			list = append(list, a)
		}
	}
	return list
}

func (p *pbx) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body)) // for the faults
	p.mu.Lock()
	p.asked = append(p.asked, asked{time.Since(p.began), r.Method + " " + r.URL.RequestURI(), string(body), r.Header})
	fault := p.faults[r.URL.Path]
	good := r.Header.Get("Authorization") == fmt.Sprintf("Bearer token-%d", p.token) && p.token > 0
	p.mu.Unlock()
	switch {
	case fault != nil:
		fault(w, r)
	case r.URL.Path == "/login":
		var in struct{ User, Password string }
		_ = json.Unmarshal(body, &in)
		if in.Password != secret {
			refuse(w, http.StatusUnauthorized, "user or password "+in.Password+" is wrong")
			return
		}
		p.mu.Lock()
		p.token++
		fmt.Fprintf(w, `{"token":"token-%d","expires_in":%d}`, p.token, p.life)
		p.mu.Unlock()
	case !good:
		refuse(w, http.StatusUnauthorized, "token expired")
	case r.URL.Path == "/me":
		p.mu.Lock()
		defer p.mu.Unlock()
		fmt.Fprintf(w, `{"line":%q,"status":%q}`, p.line, p.status)
	case r.URL.Path == "/me/status":
		var in struct{ Status string }
		_ = json.Unmarshal(body, &in)
		p.set(func(p *pbx) { p.status = in.Status })
		w.WriteHeader(http.StatusNoContent)
	case r.URL.Path == "/events":
		p.stream(w, r)
	default:
		refuse(w, http.StatusNotFound, "no such page")
	}
}

func (p *pbx) stream(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	alive := time.NewTicker(15 * time.Second)
	defer alive.Stop()
	for {
		p.mu.Lock()
		event := fmt.Sprintf("event: state\ndata: {\"line\":%q,\"status\":%q}\n\n", p.line, p.status)
		changed := p.changed
		p.mu.Unlock()
		for event != "" {
			_, _ = io.WriteString(w, event)
			_ = http.NewResponseController(w).Flush()
			event = ""
			select {
			case <-r.Context().Done():
				return
			case <-changed:
			case <-alive.C:
				event = ": alive\n\n"
			}
		}
	}
}

func refuse(w http.ResponseWriter, status int, message string) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]string{"message": message}})
}

func failing(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { refuse(w, code, "something is the matter.\n ") }
}

func saying(s string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, s) }
}

// pipes is a network in memory, so that real HTTP runs in a bubble of virtual time.
type pipes struct {
	accept chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.accept:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}
func (p *pipes) Close() error   { p.once.Do(func() { close(p.closed) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "memory", Net: "unix"} }
func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.accept <- there:
		return here, nil
	case <-p.closed:
		return nil, &net.OpError{Op: "dial", Err: net.ErrClosed}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// bench is a phone opened on a small phone system, and everything it said.
type bench struct {
	*pbx
	phone.Phone
	client *http.Client
	net    *pipes
	log    *bytes.Buffer
	mu     sync.Mutex
	told   []told
}

// told is one report, by the time since the test began.
type told struct {
	at time.Duration
	presence.Reading
	err error
}

// inBubble opens the phone of a file on a new phone system, in virtual time.
func inBubble(t *testing.T, file []byte, password string, check func(*testing.T, *bench)) {
	t.Helper()
	inBubbleWith(t, file, password, Options{}, check)
}

func inBubbleWith(t *testing.T, file []byte, password string, o Options, check func(*testing.T, *bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p, err := Parse("good.yaml", file)
		if err != nil {
			t.Fatal(err)
		}
		b := &bench{pbx: newPBX(), net: &pipes{accept: make(chan net.Conn), closed: make(chan struct{})}, log: &bytes.Buffer{}}
		server := &http.Server{Handler: b.pbx, ErrorLog: log.New(io.Discard, "", 0)}
		go func() { _ = server.Serve(b.net) }()
		transport := &http.Transport{DialContext: b.net.dial}
		b.client = &http.Client{Transport: transport}
		defer func() {
			transport.CloseIdleConnections()
			_ = server.Close()
			synctest.Wait()
		}()
		o.HTTP, o.Fields = b.client, map[string]string{"server": "http://pbx.test/", "user": "100", "password": password}
		o.Log = slog.New(slog.NewTextHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		b.Phone, err = Open(p, o)
		if err != nil {
			t.Fatal(err)
		}
		check(t, b)
		b.mu.Lock()
		defer b.mu.Unlock()
		everything := b.log.String()
		for _, r := range b.told {
			if r.err != nil {
				for err := r.err; err != nil; err = errors.Unwrap(err) {
					everything += err.Error() + "\n"
				}
			}
		}
		for _, s := range []string{secret, url.QueryEscape(secret), "token-1", "token-2"} {
			if strings.Contains(everything, s) {
				t.Errorf("%q stands in what was logged or told:\n%s", s, everything)
			}
		}
	})
}

// watch watches the phone until the answered function is called, which waits for Watch to end.
func (b *bench) watch() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		b.Watch(ctx, func(r presence.Reading, err error) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.told = append(b.told, told{time.Since(b.began), r, err})
		})
	}()
	return func() { cancel(); <-done }
}

// forward lets virtual time pass, and everything that happens meanwhile happen.
func forward(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func (b *bench) reports() []told {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]told(nil), b.told...)
}

// calm demands that nothing of what went wrong was told to the person.
func (b *bench) calm(t *testing.T) {
	t.Helper()
	for _, r := range b.reports() {
		if r.err != nil {
			t.Fatalf("the person was bothered: %v", r.err)
		}
	}
}

// last is the newest report.
func (b *bench) last(t *testing.T) told {
	t.Helper()
	all := b.reports()
	if len(all) == 0 {
		t.Fatal("nothing has been reported")
	}
	return all[len(all)-1]
}

func (b *bench) shows(t *testing.T, happening, chosen string) {
	t.Helper()
	if got := b.last(t); got.err != nil || got.Reading != (presence.Reading{Happening: happening, Chosen: chosen}) {
		t.Errorf("reported %+v (%v), want %q and %q", got.Reading, got.err, happening, chosen)
	}
}
