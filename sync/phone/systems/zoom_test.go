package systems

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"

	"github.com/offhook/offhook/sync/presence"
)

func TestZoom(t *testing.T) {
	conforms(t, system{
		preset: "zoom",
		start:  func(*testing.T) fake { return newZoom() },
		fields: map[string]string{"client_id": "app-1"},
		other:  "Do not disturb",
		plays: []string{"Available", "Away", "Do not disturb", "Busy", "Out of office", "Offline", "In a calendar event",
			"In a meeting", "Presenting", "On a call"},
	})
}

// The values of a presence, and the names that Zoom's own app shows.
var zoomValues = map[string]string{"Available": "Available", "Away": "Away", "Do not disturb": "Do_Not_Disturb", "Busy": "Busy",
	"Out of office": "Out_Of_Office", "Offline": "Offline", "In a calendar event": "In_Calendar_Event", "In a meeting": "In_A_Zoom_Meeting",
	"Presenting": "Presenting", "On a call": "On_A_Call"}

// zoom is zoom.us and api.zoom.us for one person, who shows one status at a time. It takes a status from and to
// those that a person can choose in any of its apps. That it takes one a minute is left out here.
type zoom struct {
	*http.ServeMux
	happenings
	tokens tokens
	chosen string // the status' name
}

func newZoom() *zoom {
	s := &zoom{ServeMux: http.NewServeMux(), chosen: "Available"}
	s.HandleFunc("POST zoom.us/oauth/token", func(w http.ResponseWriter, r *http.Request) {
		s.tokens.grant(w, r, r.Header.Get("Authorization") == "" && !r.PostForm.Has("client_secret")) // a public app
	})
	s.HandleFunc("GET api.zoom.us/v2/users/me/presence_status", s.allowed(func(w http.ResponseWriter, _ *http.Request) {
		shows := s.chosen
		if s.happening != "" {
			shows = s.happening
		}
		answer(w, http.StatusOK, map[string]any{"status": zoomValues[shows]})
	}))
	s.HandleFunc("PUT api.zoom.us/v2/users/me/presence_status", s.allowed(func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Status   string
			Duration *int
		}
		err := json.NewDecoder(r.Body).Decode(&in)
		dnd := in.Status == "Do_Not_Disturb"
		settable := []string{"Available", "Away", "Do_Not_Disturb"}
		if err != nil || !slices.Contains(settable, in.Status) || !slices.Contains(settable, zoomValues[s.chosen]) ||
			dnd != (in.Duration != nil) || dnd && (*in.Duration < 20 || *in.Duration > 1440) {
			answer(w, http.StatusBadRequest, map[string]any{"code": 300, "message": "Invalid parameter"})
			return
		}
		for name, value := range zoomValues {
			if value == in.Status {
				s.chosen = name
			}
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	return s
}

func (s *zoom) allowed(do http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if !s.tokens.fit(r) {
			answer(w, http.StatusUnauthorized, map[string]any{"code": 124, "message": "Invalid access token."})
			return
		}
		do(w, r)
	}
}

func (s *zoom) kept(refused bool) map[string]string { return s.tokens.kept(refused) }

func (s *zoom) choose(status string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.chosen = status
}

func (s *zoom) shown() presence.Reading {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.happening != "" {
		return presence.Reading{Happening: s.happening}
	}
	return presence.Reading{Chosen: s.chosen}
}
