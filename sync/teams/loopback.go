package teams

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// loopback listens on this computer for what the sign-in page posts. Only a request that knows the state is
// an answer; anything else that comes by (a prefetching browser, a port scanner) is turned away and changes
// nothing.
type loopback struct {
	redirect string // http://localhost:port
	state    string
	server   *http.Server
	running  sync.WaitGroup
	probe    string // what only this port answers
	result   chan loopbackResult
	foreign  atomic.Bool // an answer came that belongs to another sign-in
	log      *slog.Logger
}

type loopbackResult struct {
	code string
	err  error
}

func listenLoopback(log *slog.Logger) (*loopback, error) {
	listeners, port, err := listenBoth()
	if err != nil {
		return nil, err
	}
	l := &loopback{
		redirect: fmt.Sprintf("http://localhost:%d", port),
		state:    rand.Text(),
		probe:    rand.Text(),
		result:   make(chan loopbackResult, 1),
		log:      log,
	}
	l.server = &http.Server{
		Handler:           l,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	for _, on := range listeners {
		l.running.Go(func() { _ = l.server.Serve(on) })
	}
	return l, nil
}

// listenBoth listens on one free port of IPv4's and IPv6's loopback: "localhost" is either, and a browser
// tries them in its own order. Where there is no IPv6, IPv4 alone does.
func listenBoth() (listeners []net.Listener, port int, err error) {
	for range 10 {
		var four, six net.Listener
		if four, err = net.Listen("tcp4", "127.0.0.1:0"); err != nil {
			continue
		}
		port = four.Addr().(*net.TCPAddr).Port
		six, err = net.Listen("tcp6", net.JoinHostPort("::1", strconv.Itoa(port)))
		if err == nil {
			return []net.Listener{four, six}, port, nil
		}
		// Somebody else's port, or no IPv6 at all? Another port of it tells.
		probe, noSix := net.Listen("tcp6", "[::1]:0")
		if noSix != nil {
			return []net.Listener{four}, port, nil
		}
		_ = probe.Close()
		_ = four.Close()
	}
	return nil, 0, err
}

// taken tells whether somebody else answers at the address to which the browser will come back: another
// program on the port, or a name "localhost" that leads elsewhere. Not to know is no.
func (l *loopback) taken(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, l.redirect+"/"+l.probe, nil)
	if err != nil {
		return false
	}
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req) // past any proxy, as browsers do
	if err != nil {
		l.log.Debug("whether the way back is open is not known", "error", err)
		return false
	}
	defer resp.Body.Close()
	said, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
	return string(said) != l.probe
}

func (l *loopback) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if l.server.Shutdown(ctx) != nil {
		_ = l.server.Close()
	}
	l.running.Wait()
}

// wait answers the code that the sign-in page posted.
func (l *loopback) wait(ctx context.Context) (string, error) {
	select {
	case r := <-l.result:
		return r.code, r.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func (l *loopback) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/"+l.probe {
		_, _ = io.WriteString(w, l.probe)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	err := r.ParseForm()
	if err != nil || subtle.ConstantTimeCompare([]byte(r.Form.Get("state")), []byte(l.state)) != 1 {
		l.log.Debug("a stray request came to the port of the sign-in", "method", r.Method, "path_length", len(r.URL.Path))
		title, text := "Nothing to see here", "This is not the answer of a sign-in that Offhook waits for."
		if r.Form.Has("state") {
			l.foreign.Store(true)
			title, text = "Not this sign-in", "This is the answer of another sign-in, perhaps an older one. Close this page and finish the newest one, or go back to Offhook and sign in again."
		}
		page(w, http.StatusNotFound, title, text)
		return
	}
	form := r.PostForm
	switch {
	case r.Method != http.MethodPost:
		l.put("", in("answer-by-get"))
		page(w, http.StatusMethodNotAllowed, "Not signed in", "The answer came in a way that is not safe. Go back to Offhook and sign in with a code instead.")
	case form.Get("error") != "":
		l.put("", &entraError{Code: form.Get("error"), Suberror: form.Get("error_subcode"), Description: form.Get("error_description")})
		page(w, http.StatusOK, "Not signed in", "Offhook shows why and what to do. You can close this page.")
	case form.Get("code") == "":
		l.put("", &entraError{Description: "the answer of the sign-in page holds no code"})
		page(w, http.StatusBadRequest, "Not signed in", "Go back to Offhook and sign in again.")
	default:
		l.put(form.Get("code"), nil)
		page(w, http.StatusOK, "Done here", "Offhook finishes the sign-in. You can close this page.")
	}
}

// put gives the first answer; a page that is sent twice changes nothing.
func (l *loopback) put(code string, err error) {
	select {
	case l.result <- loopbackResult{code, err}:
	default:
	}
}

const pageHTML = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Offhook: %[1]s</title>
<style>
:root { color-scheme: light dark }
body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 30rem; margin: 20vh auto; padding: 0 1rem }
</style>
<h1>%[1]s</h1>
<p>%[2]s</p>
</html>
`

// page answers a page of fixed words: nothing a request says comes back in it.
func page(w http.ResponseWriter, status int, title, text string) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, fmt.Sprintf(pageHTML, title, text))
}
