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
	"testing"
	"time"
)

// httpLine is a line that speaks HTTP, WebSockets included.
type httpLine struct {
	server string
	at     string

	proxy *httputil.ReverseProxy

	orders   // every request is counted, and as refused sign-ins 401, and 400 as OAuth answers
	live     context.Context
	cutLives context.CancelFunc
}

// newHTTPLine starts a line, in plain by (*httptest.Server).Start or with TLS by (*httptest.Server).StartTLS.
func newHTTPLine(t *testing.T, server string, start func(*httptest.Server)) *httpLine {
	t.Helper()
	target, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	quiet := log.New(io.Discard, "", 0)
	l := &httpLine{server: server}
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
	l.at = s.URL + strings.TrimRight(target.Path, "/")
	t.Cleanup(func() {
		l.set(gone)
		s.CloseClientConnections()
		s.Close()
	})
	return l
}

func (l *httpLine) serve(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	l.asked = append(l.asked, time.Now())
	fault, delay, live := l.fault, l.delay, l.live
	l.mu.Unlock()
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(live, cancel)()
	r = r.WithContext(ctx)
	if fault != none {
		httpFaults[fault](w, r)
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

var httpFaults = map[fault]http.HandlerFunc{
	gone: func(w http.ResponseWriter, _ *http.Request) { hangUp(w) },
	hang: func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	nonsense: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<html><body>Welcome to the hotel. Please log in.")
	},
	half: func(w http.ResponseWriter, _ *http.Request) { // promises more than it sends
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, `{"`)
	},
	throttled: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "2")
		w.WriteHeader(http.StatusTooManyRequests)
	},
	failing: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
}

func (l *httpLine) address() string { return l.at }

func (l *httpLine) secure(t *testing.T) line {
	return newHTTPLine(t, l.server, (*httptest.Server).StartTLS)
}

func (l *httpLine) set(f fault) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fault = f
	l.cutLives()
	l.live, l.cutLives = context.WithCancel(context.Background())
}

// hangUp ends a connection without an answer.
func hangUp(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	_ = conn.Close()
}
