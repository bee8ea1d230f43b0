package phone

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

const (
	maxBody   = 16 << 10
	heartbeat = 15 * time.Second
)

// Handler serves the phone's API below /phone/v1.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /phone/v1/login", s.postLogin)
	mux.HandleFunc("GET /phone/v1/me", s.signedIn(s.getMe))
	mux.HandleFunc("PUT /phone/v1/me/status", s.signedIn(s.putStatus))
	mux.HandleFunc("GET /phone/v1/me/events", s.signedIn(s.getEvents))
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusNotFound, "the simulated phone has no such address")
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.Faults.Hit(w, r, func(status int) { refuse(w, status, faultMessage(status)) }) {
			mux.ServeHTTP(w, r)
		}
	})
}

func faultMessage(status int) string {
	switch status {
	case http.StatusUnauthorized:
		return "the user or the password is wrong"
	case http.StatusForbidden:
		return "this extension is not allowed to do that"
	case http.StatusTooManyRequests:
		return "too many requests: wait"
	}
	return "the phone system is out of order"
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func refuse(w http.ResponseWriter, status int, message string) {
	answer(w, status, map[string]any{"error": map[string]string{"message": message}})
}

func decode(w http.ResponseWriter, r *http.Request, into any) bool {
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(into); err != nil {
		refuse(w, http.StatusBadRequest, "the body is not the JSON expected here")
		return false
	}
	return true
}

// check looks at the Authorization header: a login's token, or user and password themselves.
func (s *Server) check(r *http.Request) error {
	if user, password, ok := r.BasicAuth(); ok {
		if !s.isUser(user, password) {
			return errors.New("the user or the password is wrong")
		}
		return nil
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return errors.New("log in first")
	}
	return s.good(token)
}

func (s *Server) signedIn(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := s.check(r); err != nil {
			w.Header().Set("WWW-Authenticate", `Bearer realm="simulated phone"`)
			refuse(w, http.StatusUnauthorized, err.Error())
			return
		}
		next(w, r)
	}
}

func (s *Server) postLogin(w http.ResponseWriter, r *http.Request) {
	var b struct{ User, Password string }
	if !decode(w, r, &b) {
		return
	}
	token, err := s.login(b.User, b.Password)
	if err != nil {
		refuse(w, http.StatusUnauthorized, err.Error())
		return
	}
	answer(w, http.StatusOK, map[string]any{"token": token, "expires_in": int(TokenLifetime.Seconds())})
}

func (s *Server) getMe(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, s.Snapshot().State)
}

func (s *Server) putStatus(w http.ResponseWriter, r *http.Request) {
	var b struct{ Status string }
	if !decode(w, r, &b) {
		return
	}
	if err := s.Choose("application", b.Status); err != nil {
		refuse(w, http.StatusUnprocessableEntity, err.Error())
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// getEvents streams the state now and at each change, until the client goes, the login expires or the phone
// system hangs up.
func (s *Server) getEvents(w http.ResponseWriter, r *http.Request) {
	state, changes := s.follow()
	defer s.unfollow(changes)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	send := func(format string, args ...any) bool {
		_, err := fmt.Fprintf(w, format, args...)
		return err == nil && http.NewResponseController(w).Flush() == nil
	}
	sendState := func(st State) bool {
		b, err := json.Marshal(st)
		return err == nil && send("event: state\ndata: %s\n\n", b)
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	ok := sendState(state)
	for ok {
		select {
		case <-r.Context().Done():
			return
		case st, open := <-changes:
			ok = open && sendState(st)
		case <-beat.C:
			ok = s.check(r) == nil && send(": still here\n\n")
		}
	}
}
