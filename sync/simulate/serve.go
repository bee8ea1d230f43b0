package simulate

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/simulate/internal/page"
	"github.com/offhook/offhook/sync/simulate/internal/phone"
)

// handler finds the room a request is for, by the first part of its path.
func (w *World) handler() http.Handler {
	graph, phone, authority := w.logged(sideTeams, w.graph.Handler()), w.logged(sidePhone, w.phone.Handler()), w.logged(sideSignIn, w.authority.Handler())
	world, page := w.worldHandler(), page.Handler()
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		switch first {
		case "v1.0":
			graph.ServeHTTP(rw, r)
		case "phone":
			phone.ServeHTTP(rw, r)
		case "world":
			world.ServeHTTP(rw, r)
		case "", "page", "favicon.ico":
			page.ServeHTTP(rw, r)
		default:
			authority.ServeHTTP(rw, r)
		}
	})
}

// recorder remembers the status of an answer.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(b)
}

func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// logged keeps what was asked and answered: method, path and status, nothing that could be secret.
func (w *World) logged(side string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		at, started := w.clock.Now(), time.Now()
		rec := &recorder{ResponseWriter: rw}
		defer func() { // also where a fault closes the connection
			took := time.Since(started)
			write := r.Method != http.MethodGet && side != sideSignIn
			w.diary.request(Request{at, side, r.Method, r.URL.Path, rec.status, took.Milliseconds()}, write)
			w.o.Log.Debug("request", "side", side, "method", r.Method, "path", r.URL.Path, "status", rec.status)
		}()
		next.ServeHTTP(rec, r)
	})
}

// worldHandler serves /world, where the person is played. Other web pages may not.
func (w *World) worldHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /world/state", func(rw http.ResponseWriter, _ *http.Request) { answer(rw, http.StatusOK, w.State()) })
	mux.HandleFunc("GET /world/log", func(rw http.ResponseWriter, _ *http.Request) { answer(rw, http.StatusOK, w.Requests()) })
	mux.HandleFunc("GET /world/events", w.getEvents)
	for _, act := range phone.Acts() {
		mux.HandleFunc("POST /world/phone/"+act, play(http.StatusConflict, func(struct{}) error { return w.phone.Act(act) }))
	}
	mux.HandleFunc("POST /world/phone/status", play(http.StatusUnprocessableEntity, func(b struct {
		Status string `json:"status"`
	}) error {
		return w.Phone.Choose(b.Status)
	}))
	mux.HandleFunc("POST /world/teams/choose", play(http.StatusUnprocessableEntity, func(b struct {
		Pair  presence.Pair `json:"pair"`
		Reset bool          `json:"reset"`
	}) error {
		if b.Reset {
			return w.Teams.Reset()
		}
		return w.Teams.Choose(b.Pair)
	}))
	mux.HandleFunc("POST /world/teams/client", play(http.StatusUnprocessableEntity, func(b struct {
		Session string `json:"session"`
	}) error {
		if b.Session == "" {
			return w.Teams.Client(presence.Pair{})
		}
		pair, err := presence.ParsePair(b.Session)
		if err != nil {
			return err
		}
		return w.Teams.Client(pair)
	}))
	mux.HandleFunc("POST /world/teams/meeting", play(http.StatusUnprocessableEntity, func(b struct {
		On   bool `json:"on"`
		Kind Kind `json:"kind"`
	}) error {
		switch {
		case b.On && b.Kind == "":
			return w.Teams.Start(Calendar)
		case b.On:
			return w.Teams.Start(b.Kind)
		case b.Kind == "":
			return w.Teams.EndAll()
		}
		return w.Teams.End(b.Kind)
	}))
	mux.HandleFunc("POST /world/teams/out-of-office", play(http.StatusUnprocessableEntity, func(b struct {
		On bool `json:"on"`
	}) error {
		return w.Teams.OutOfOffice(b.On)
	}))
	mux.HandleFunc("POST /world/fault", play(http.StatusUnprocessableEntity, func(b struct {
		Graph      string   `json:"graph"`
		Phone      string   `json:"phone"`
		Entra      string   `json:"entra"`
		Decline    []string `json:"decline"`     // scopes not granted from now on
		RetryAfter float64  `json:"retry_after"` // seconds
		Delay      float64  `json:"delay"`       // seconds
	}) error {
		return w.Fail(Faults{Graph: b.Graph, Phone: b.Phone, Entra: b.Entra, Lack: b.Decline,
			After: seconds(b.RetryAfter), Delay: seconds(b.Delay)})
	}))
	mux.HandleFunc("POST /world/restart-phone", play(http.StatusConflict, func(struct{}) error {
		w.Phone.Restart()
		return nil
	}))
	mux.HandleFunc("POST /world/forward", play(http.StatusUnprocessableEntity, func(b struct {
		By string `json:"by"` // such as 5m
	}) error {
		d, err := time.ParseDuration(b.By)
		if err == nil && d < 0 {
			err = fmt.Errorf("%s is back in time", b.By)
		}
		if err == nil {
			w.Forward(d)
		}
		return err
	}))
	mux.HandleFunc("/", func(rw http.ResponseWriter, r *http.Request) {
		refuse(rw, http.StatusNotFound, fmt.Errorf("nothing is played at %s %s", r.Method, r.URL.Path))
	})
	return http.NewCrossOriginProtection().Handler(mux)
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// play answers a POST by doing something with its JSON body, which may be empty. refused is the status where
// it cannot be done.
func play[Body any](refused int, do func(Body) error) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		var b Body
		d := json.NewDecoder(http.MaxBytesReader(rw, r.Body, 64<<10))
		d.DisallowUnknownFields()
		if err := d.Decode(&b); err != nil && r.ContentLength != 0 {
			refuse(rw, http.StatusBadRequest, err)
			return
		}
		if err := do(b); err != nil {
			refuse(rw, refused, err)
			return
		}
		rw.WriteHeader(http.StatusNoContent)
	}
}

func answer(rw http.ResponseWriter, status int, body any) {
	rw.Header().Set("Content-Type", "application/json")
	rw.Header().Set("Cache-Control", "no-store")
	rw.WriteHeader(status)
	e := json.NewEncoder(rw)
	e.SetIndent("", "  ")
	_ = e.Encode(body)
}

func refuse(rw http.ResponseWriter, status int, err error) {
	answer(rw, status, map[string]any{"error": map[string]string{"message": err.Error()}})
}

// Follow sends the state now and after each change, the newest only, until ctx ends; then it closes.
func (w *World) Follow(ctx context.Context) <-chan State {
	states := make(chan State)
	go func() {
		defer close(states)
		for {
			_, changed := w.diary.read()
			select {
			case states <- w.State():
			case <-ctx.Done():
				return
			}
			select {
			case <-changed:
			case <-ctx.Done():
				return
			}
		}
	}()
	return states
}

// getEvents streams the state: now, at each change, and every few seconds for the counts in it.
func (w *World) getEvents(rw http.ResponseWriter, r *http.Request) {
	rw.Header().Set("Content-Type", "text/event-stream")
	rw.Header().Set("Cache-Control", "no-store")
	beat := time.NewTicker(5 * time.Second)
	defer beat.Stop()
	for {
		_, changed := w.diary.read()
		b, err := json.Marshal(w.State())
		if err != nil {
			return
		}
		if _, err := fmt.Fprintf(rw, "event: state\ndata: %s\n\n", b); err != nil {
			return
		}
		if http.NewResponseController(rw).Flush() != nil {
			return
		}
		select {
		case <-changed:
		case <-beat.C:
		case <-r.Context().Done():
			return
		}
	}
}
