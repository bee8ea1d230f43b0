package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// host is the only Host the door answers to. It is no name of the network's, so no web page can carry it.
const host = "offhook"

// The paths. All but the first two are POST requests that answer with a Result.
const (
	pathStatus   = "/v1/status"        // GET: the Status
	pathFollow   = "/v1/status/events" // GET: server-sent events named "status", each with a Status
	pathSignIn   = "/v1/sign-in"       // body: SignIn
	pathSignOut  = "/v1/sign-out"
	pathPause    = "/v1/pause" // body: Pause
	pathResume   = "/v1/resume"
	pathSettings = "/v1/settings"
	pathQuit     = "/v1/quit"
)

// maxBody is far more than any request needs.
const maxBody = 64 << 10

// refusal is the body of every answer that is no Status, stream or Result.
type refusal struct {
	Error string `json:"error"`
}

// Serve answers at the door until ctx ends, then closes the listener and returns nil once every stream has
// ended and every answer under way has been given.
func Serve(ctx context.Context, l net.Listener, r Resident, log *slog.Logger) error {
	server := &http.Server{
		Handler:           handler(ctx, r, log),
		BaseContext:       func(net.Listener) context.Context { return ctx }, // ends the streams
		ReadHeaderTimeout: 5 * time.Second,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	ended := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if server.Shutdown(patience) != nil {
			_ = server.Close()
		}
		ended <- nil
	})
	err := server.Serve(l)
	if stop() {
		return fmt.Errorf("answering at %s: %w", l.Addr(), errors.Join(err, server.Close()))
	}
	return <-ended
}

// handler has the door's paths. What is asked for is done even where the asker hangs up: it ends with life,
// the resident's. Quitting ends that life itself, and so outlasts it.
func handler(life context.Context, r Resident, log *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+pathStatus, func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, r.Status())
	})
	mux.HandleFunc("GET "+pathFollow, func(w http.ResponseWriter, req *http.Request) {
		stream(w, req, r, log)
	})
	on(mux, pathSignIn, log, func(how SignIn) Result { return r.SignIn(life, how) })
	on(mux, pathSignOut, log, func(struct{}) Result { return r.SignOut(life) })
	on(mux, pathPause, log, func(p Pause) Result { return r.Pause(life, p.Until) })
	on(mux, pathResume, log, func(struct{}) Result { return r.Resume(life) })
	on(mux, pathSettings, log, func(struct{}) Result { return r.Settings(life) })
	on(mux, pathQuit, log, func(struct{}) Result { return r.Quit(context.WithoutCancel(life)) })
	mux.HandleFunc("/", func(w http.ResponseWriter, req *http.Request) {
		answer(w, http.StatusNotFound, refusal{fmt.Sprintf("there is no %s %s here", req.Method, req.URL.Path)})
	})
	return guard(mux)
}

// guard turns browsers away: a request of a web page carries its origin, and one bent here by a name of the
// network's carries that name.
func guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if _, browser := req.Header["Origin"]; browser || req.Host != host {
			answer(w, http.StatusForbidden, refusal{"this is not for web pages: ask http://" + host + " over the socket"})
			return
		}
		next.ServeHTTP(w, req)
	})
}

// on has an action answer a POST request whose body, where there is one, is the action's argument.
func on[A any](mux *http.ServeMux, path string, log *slog.Logger, do func(A) Result) {
	mux.HandleFunc("POST "+path, func(w http.ResponseWriter, req *http.Request) {
		var argument A
		body := json.NewDecoder(http.MaxBytesReader(w, req.Body, maxBody))
		body.DisallowUnknownFields() // a misspelt "until" must not become a pause for ever
		if err := body.Decode(&argument); err != nil && !errors.Is(err, io.EOF) {
			answer(w, http.StatusBadRequest, refusal{"the request's body is not understood: " + err.Error()})
			return
		}
		result := do(argument)
		log.Debug("asked at the door", "path", path, "ok", result.OK)
		answer(w, http.StatusOK, result)
	})
}

func answer(w http.ResponseWriter, code int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(body) // fails only where the asker has gone
}

// stream sends each status as an event until the asker hangs up or the resident ends. There is no sign of
// life between: a Unix socket tells at once when its other end is gone, and a resident at rest stays at rest.
func stream(w http.ResponseWriter, req *http.Request, r Resident, log *slog.Logger) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	flush := http.NewResponseController(w)
	for status := range r.Follow(req.Context()) {
		data, err := json.Marshal(status)
		if err != nil {
			log.Error("a status cannot be written as JSON", "error", err)
			return
		}
		if _, err := fmt.Fprintf(w, "event: status\ndata: %s\n\n", data); err != nil {
			return
		}
		if flush.Flush() != nil {
			return
		}
	}
}
