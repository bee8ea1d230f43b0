package conformance

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// line is what stands between the connector and the phone system. It passes everything on until it is told
// to do something else.
type line struct {
	address string // what the connector is told to be the phone system's

	proxy *httputil.ReverseProxy

	mu       sync.Mutex
	fault    http.HandlerFunc // instead of passing on; nil: pass on
	delay    time.Duration
	asked    []time.Time // every request
	refused  int         // answers that refuse a sign-in: 401, and 400 as OAuth does
	live     context.Context
	cutLives context.CancelFunc
}

// newLine starts a line, in plain by (*httptest.Server).Start or with TLS by (*httptest.Server).StartTLS.
func newLine(t *testing.T, server string, start func(*httptest.Server)) *line {
	t.Helper()
	target, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	quiet := log.New(io.Discard, "", 0)
	l := &line{}
	l.proxy = &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = target.Scheme, target.Host
		},
		FlushInterval: -1,
		ErrorLog:      quiet,
		ErrorHandler:  func(w http.ResponseWriter, _ *http.Request, _ error) { hangUp(w) },
		ModifyResponse: func(r *http.Response) error {
			l.mu.Lock()
			defer l.mu.Unlock()
			if r.StatusCode == http.StatusUnauthorized || r.StatusCode == http.StatusBadRequest {
				l.refused++
			}
			return nil
		},
	}
	l.live, l.cutLives = context.WithCancel(context.Background())
	s := httptest.NewUnstartedServer(http.HandlerFunc(l.serve))
	s.Config.ErrorLog = quiet
	start(s)
	l.address = s.URL + strings.TrimRight(target.Path, "/")
	t.Cleanup(func() {
		l.cut()
		s.CloseClientConnections()
		s.Close()
	})
	return l
}

func (l *line) serve(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	l.asked = append(l.asked, time.Now())
	fault, delay, live := l.fault, l.delay, l.live
	l.mu.Unlock()
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(live, cancel)()
	r = r.WithContext(ctx)
	if fault != nil {
		fault(w, r)
		return
	}
	if delay > 0 {
		select {
		case <-ctx.Done():
			return
		case <-time.After(delay):
		}
	}
	l.proxy.ServeHTTP(w, r)
}

// set cuts what is connected and answers everything new by a fault; a nil one passes on again.
func (l *line) set(fault http.HandlerFunc) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fault = fault
	l.cutLives()
	l.live, l.cutLives = context.WithCancel(context.Background())
}

// cut ends all connections and takes no new one.
func (l *line) cut() { l.set(func(w http.ResponseWriter, _ *http.Request) { hangUp(w) }) }

// mend passes everything on again.
func (l *line) mend() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fault = nil
}

func (l *line) requests() []time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]time.Time(nil), l.asked...)
}

func (l *line) refusals() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.refused
}

// hangUp ends a connection without an answer.
func hangUp(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	_ = conn.Close()
}
