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

// The paths. All but the first two and pathAttend are POST requests. Actions answer with a Result.
const (
	pathStatus   = "/v1/status"        // GET: the Status
	pathFollow   = "/v1/status/events" // GET: server-sent events named "status", each with a Status
	pathSignIn   = "/v1/sign-in"       // body: SignIn
	pathSignOut  = "/v1/sign-out"
	pathPause    = "/v1/pause" // body: Pause
	pathResume   = "/v1/resume"
	pathSettings = "/v1/settings"
	pathQuit     = "/v1/quit"

	pathSetStatus    = "/v1/set" // body: SetStatus
	pathCancelSignIn = "/v1/sign-in/cancel"
	pathSignInPhone  = "/v1/phones/sign-in" // body: a phone's id as a JSON text, as of the next two
	pathCancelPhone  = "/v1/phones/sign-in/cancel"
	pathSignOutPhone = "/v1/phones/sign-out"
	pathReadSettings = "/v1/settings/read"   // answers with Settings
	pathEditSettings = "/v1/settings/edit"   // body: Edit
	pathSystems      = "/v1/systems"         // answers with Systems
	pathTest         = "/v1/phones/test"     // body: Test; answers with Tested
	pathTargets      = "/v1/mapping/targets" // body: a phone's id as a JSON text; answers with Targets
	pathTry          = "/v1/mapping/try"     // body: Try; answers with Tried
	pathActivity     = "/v1/activity"        // body: ActivityQuery; answers with ActivityPage
	pathOpenWindow   = "/v1/window/open"     // body: Open
	pathAttend       = "/v1/window/events"   // GET: server-sent events named "show", each with a Show; 409 where a window attends
	pathReadWindow   = "/v1/window/read"     // answers with Window
	pathKeepWindow   = "/v1/window/keep"     // body: Window
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
		stream(w, "status", r.Follow(req.Context()), log)
	})
	mux.HandleFunc("GET "+pathAttend, func(w http.ResponseWriter, req *http.Request) {
		shows, ok := r.Attend(req.Context())
		if !ok {
			answer(w, http.StatusConflict, refusal{ErrWindowOpen.Error()})
			return
		}
		stream(w, "show", shows, log)
	})
	on(mux, pathSignIn, log, func(how SignIn) Result { return r.SignIn(life, how) })
	on(mux, pathSignOut, log, func(struct{}) Result { return r.SignOut(life) })
	on(mux, pathPause, log, func(p Pause) Result { return r.Pause(life, p.Until) })
	on(mux, pathResume, log, func(struct{}) Result { return r.Resume(life) })
	on(mux, pathSettings, log, func(struct{}) Result { return r.Settings(life) })
	on(mux, pathSetStatus, log, func(set SetStatus) Result { return r.SetStatus(life, set) })
	on(mux, pathCancelSignIn, log, func(struct{}) Result { return r.CancelSignIn(life) })
	on(mux, pathSignInPhone, log, func(phone string) Result { return r.SignInPhone(life, phone) })
	on(mux, pathCancelPhone, log, func(phone string) Result { return r.CancelSignInPhone(life, phone) })
	on(mux, pathSignOutPhone, log, func(phone string) Result { return r.SignOutPhone(life, phone) })
	on(mux, pathEditSettings, log, func(e Edit) Result { return r.EditSettings(life, e) })
	on(mux, pathOpenWindow, log, func(o Open) Result { return r.OpenWindow(life, o) })
	on(mux, pathKeepWindow, log, func(w Window) Result { return r.KeepWindow(life, w) })
	onQuery(mux, pathReadSettings, log, func(ctx context.Context, _ struct{}) Settings { return r.ReadSettings(ctx) })
	onQuery(mux, pathSystems, log, func(ctx context.Context, _ struct{}) Systems { return r.Systems(ctx) })
	onQuery(mux, pathTest, log, r.Test)
	onQuery(mux, pathTargets, log, r.Targets)
	onQuery(mux, pathTry, log, r.Try)
	onQuery(mux, pathActivity, log, r.Activity)
	onQuery(mux, pathReadWindow, log, func(ctx context.Context, _ struct{}) Window { return r.ReadWindow(ctx) })
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
	onQuery(mux, path, log, func(_ context.Context, argument A) Result { return do(argument) })
}

// onQuery is the same of a question, which ends where the asker hangs up.
func onQuery[A, T any](mux *http.ServeMux, path string, log *slog.Logger, ask func(context.Context, A) T) {
	mux.HandleFunc("POST "+path, func(w http.ResponseWriter, req *http.Request) {
		var argument A
		body := json.NewDecoder(http.MaxBytesReader(w, req.Body, maxBody))
		body.DisallowUnknownFields() // a misspelt "until" must not become a pause for ever
		if err := body.Decode(&argument); err != nil && !errors.Is(err, io.EOF) {
			answer(w, http.StatusBadRequest, refusal{"the request's body is not understood: " + err.Error()})
			return
		}
		result := ask(req.Context(), argument)
		log.Debug("asked at the door", "path", path)
		answer(w, http.StatusOK, result)
	})
}

func answer(w http.ResponseWriter, code int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(body) // fails only where the asker has gone
}

// stream sends what comes as events until the asker hangs up or the resident ends. There is no sign of life
// between: a Unix socket tells at once when its other end is gone, and a resident at rest stays at rest.
func stream[T any](w http.ResponseWriter, name string, coming <-chan T, log *slog.Logger) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	flush := http.NewResponseController(w)
	if flush.Flush() != nil {
		return
	}
	for event := range coming {
		data, err := json.Marshal(event)
		if err != nil {
			log.Error("an event cannot be written as JSON", "event", name, "error", err)
			return
		}
		if _, err := fmt.Fprintf(w, "event: %s\ndata: %s\n\n", name, data); err != nil {
			return
		}
		if flush.Flush() != nil {
			return
		}
	}
}
