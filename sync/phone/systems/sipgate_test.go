package systems

import (
	"encoding/json"
	"net/http"
	"sync"
	"testing"

	"github.com/offhook/offhook/sync/presence"
)

func TestSipgate(t *testing.T) {
	conforms(t, system{
		preset: "sipgate",
		start:  func(*testing.T) fake { return newSipgate() },
		fields: map[string]string{"token_id": "token-7", "secret": "s3cret", "devices": "e0, y1"},
		wrong:  map[string]string{"secret": "wrong"},
		other:  "Do not disturb",
		plays:  []string{"Available", "Do not disturb"},
	})
}

// sipgate is api.sipgate.com/v2 for one person with a desk phone, an app and an external number, which knows
// no do not disturb. Another device of theirs is not meant.
type sipgate struct {
	*http.ServeMux
	mu  sync.Mutex
	dnd map[string]bool // by the device's id
}

func newSipgate() *sipgate {
	s := &sipgate{ServeMux: http.NewServeMux(), dnd: map[string]bool{"e0": false, "y1": false, "e5": false}}
	s.HandleFunc("GET /v2/authorization/userinfo", s.allowed(func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]any{"sub": "w0", "domain": "sipgate.de", "masterSipId": "1234567"})
	}))
	s.HandleFunc("GET /v2/w0/devices", s.allowed(func(w http.ResponseWriter, _ *http.Request) {
		items := []any{map[string]any{"id": "x3", "alias": "My mobile", "type": "EXTERNAL"}}
		for _, id := range []string{"e0", "y1", "e5"} {
			items = append(items, map[string]any{"id": id, "alias": "Phone " + id, "type": "REGISTER", "dnd": s.dnd[id], "online": true})
		}
		answer(w, http.StatusOK, map[string]any{"items": items})
	}))
	s.HandleFunc("PUT /v2/devices/{id}", s.allowed(func(w http.ResponseWriter, r *http.Request) {
		var in struct{ DND *bool }
		_, known := s.dnd[r.PathValue("id")]
		if json.NewDecoder(r.Body).Decode(&in) != nil || in.DND == nil || r.Header.Get("Content-Type") != "application/json" {
			answer(w, http.StatusBadRequest, map[string]any{"message": "dnd must be a boolean"})
			return
		}
		if !known {
			answer(w, http.StatusNotFound, map[string]any{"message": "no such device"})
			return
		}
		s.dnd[r.PathValue("id")] = *in.DND
		w.WriteHeader(http.StatusNoContent)
	}))
	return s
}

func (s *sipgate) allowed(do http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if id, token, _ := r.BasicAuth(); r.Host != "api.sipgate.com" || id != "token-7" || token != "s3cret" {
			answer(w, http.StatusUnauthorized, map[string]any{"message": "unauthorized"})
			return
		}
		do(w, r)
	}
}

func (s *sipgate) choose(status string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dnd["e0"], s.dnd["y1"] = status == "Do not disturb", status == "Do not disturb"
}

func (s *sipgate) happen(string) {} // the line is not read

func (s *sipgate) shown() presence.Reading {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dnd["e5"] {
		return presence.Reading{Chosen: "a device that is not meant was set"}
	}
	if s.dnd["e0"] && s.dnd["y1"] {
		return presence.Reading{Chosen: "Do not disturb"}
	}
	return presence.Reading{Chosen: "Available"}
}

// answer writes JSON.
func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
