package systems

import (
	"encoding/json"
	"net/http"
	"sync"
	"testing"

	"github.com/offhook/offhook/sync/presence"
)

func TestDialpad(t *testing.T) {
	conforms(t, system{
		preset:   "dialpad",
		start:    func(*testing.T) fake { return newDialpad() },
		fields:   map[string]string{"key": "k3y"},
		wrong:    map[string]string{"key": "wrong"},
		other:    "Do not disturb",
		plays:    []string{"Available", "Do not disturb", "On a call"},
		contract: describedBy(t, "dialpad.openapi.yaml"),
	})
}

// dialpad is dialpad.com for the one user whose key it is.
type dialpad struct {
	*http.ServeMux
	mu           sync.Mutex
	dnd, calling bool
}

func newDialpad() *dialpad {
	s := &dialpad{ServeMux: http.NewServeMux()}
	s.HandleFunc("GET dialpad.com/api/v2/users/me", s.allowed(func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]any{"id": 5835806903417907, "display_name": "Sam Bot", "state": "active", "license": "talk",
			"do_not_disturb": s.dnd, "is_available": !s.calling, "is_online": true, "is_on_duty": false, "on_duty_status": "unavailable",
			"group_details": []any{map[string]any{"group_id": 6422934115149452, "group_type": "office", "role": "admin", "do_not_disturb": !s.dnd}}})
	}))
	s.HandleFunc("PATCH dialpad.com/api/v2/users/me/togglednd", s.allowed(func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			DND *bool `json:"do_not_disturb"`
		}
		if json.NewDecoder(r.Body).Decode(&in) != nil || in.DND == nil {
			answer(w, http.StatusBadRequest, map[string]any{"error": map[string]any{"code": 400, "message": "do_not_disturb is required"}})
			return
		}
		s.dnd = *in.DND
		answer(w, http.StatusOK, map[string]any{"id": 5835806903417907, "do_not_disturb": s.dnd})
	}))
	return s
}

func (s *dialpad) allowed(do http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if r.Header.Get("Authorization") != "Bearer k3y" {
			answer(w, http.StatusUnauthorized, map[string]any{"error": map[string]any{"code": 401, "message": "Unauthorized"}})
			return
		}
		do(w, r)
	}
}

func (s *dialpad) choose(status string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dnd = status == "Do not disturb"
}

func (s *dialpad) happen(status string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calling = status == "On a call"
}

func (s *dialpad) shown() (r presence.Reading) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r.Chosen = "Available"
	if s.dnd {
		r.Chosen = "Do not disturb"
	}
	if s.calling {
		r.Happening = "On a call"
	}
	return r
}
