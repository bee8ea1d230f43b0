package systems

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/offhook/offhook/sync/presence"
)

func TestNFONCloudya(t *testing.T) {
	conforms(t, system{
		preset:   "nfon-cloudya",
		start:    func(*testing.T) fake { return newNFON() },
		fields:   map[string]string{"account": "K1234", "user": "cti", "password": "s3cret", "extension": "100"},
		wrong:    map[string]string{"password": "wrong"},
		other:    "Do not disturb",
		plays:    []string{"Available", "Away", "Busy", "Do not disturb", "Offline", "Ringing", "In use"},
		contract: describedBy(t, "nfon.openapi.yaml"),
	})
}

// nfon is the CTI API of a company with several extensions, of which 100 is the person's. An access token is good
// until the next is granted, a refresh token once.
type nfon struct {
	*http.ServeMux
	changed bell

	mu             sync.Mutex
	presence, line string
	token          int
}

// The values of the description, and the names of the statuses.
var (
	nfonPresences = map[string]string{"available": "Available", "away": "Away", "busy": "Busy", "dnd": "Do not disturb", "offline": "Offline"}
	nfonLines     = map[string]string{"ringing": "Ringing", "in-use": "In use"}
)

func newNFON() *nfon {
	s := &nfon{ServeMux: http.NewServeMux(), presence: "available", line: "idle"}
	const host = "providersupportdata.cloud-cfg.com/v1"
	s.HandleFunc("POST "+host+"/login", s.named(func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Username, Password string }
		_ = json.NewDecoder(r.Body).Decode(&in)
		s.grant(w, in.Username == "cti" && in.Password == "s3cret")
	}))
	s.HandleFunc("PUT "+host+"/login", s.named(func(w http.ResponseWriter, r *http.Request) {
		s.grant(w, r.Header.Get("Authorization") == fmt.Sprintf("Bearer refresh-%d", s.token))
	}))
	s.HandleFunc("GET "+host+"/extensions/phone/states", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept") != "text/event-stream" {
			s.named(s.snapshot)(w, r)
			return
		}
		s.mu.Lock()
		fits := s.fit(r)
		s.mu.Unlock()
		if !fits {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		s.stream(w, r)
	})
	return s
}

// named does something for a client that names itself and the company.
func (s *nfon) named(do http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if r.UserAgent() != "Offhook/1 (K1234)" {
			answer(w, http.StatusBadRequest, map[string]string{"error": "the header User-Agent must name the product and the K-account"})
			return
		}
		do(w, r)
	}
}

func (s *nfon) grant(w http.ResponseWriter, right bool) {
	if !right {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	s.token++
	answer(w, http.StatusOK, map[string]string{"access-token": fmt.Sprintf("access-%d", s.token), "refresh-token": fmt.Sprintf("refresh-%d", s.token)})
}

func (s *nfon) fit(r *http.Request) bool {
	return s.token > 0 && r.Header.Get("Authorization") == fmt.Sprintf("Bearer access-%d", s.token)
}

func (s *nfon) state(extension string) map[string]string {
	state := map[string]string{"customer": "K1234", "extension": extension, "presence": "busy", "line": "in-use", "updated": "2025-09-23T16:51:22.954969226+02:00"}
	if extension == "100" {
		state["presence"], state["line"] = s.presence, s.line
	}
	return state
}

func (s *nfon) snapshot(w http.ResponseWriter, r *http.Request) {
	if !s.fit(r) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	wanted := r.URL.Query()["extension"]
	if len(wanted) == 0 {
		wanted = []string{"1001", "100", "2001"}
	}
	states := []any{}
	for _, extension := range wanted {
		states = append(states, s.state(extension))
	}
	answer(w, http.StatusOK, states)
}

// stream begins with how every extension is and goes on with what changes.
func (s *nfon) stream(w http.ResponseWriter, r *http.Request) {
	heard, leave := s.changed.listen()
	defer leave()
	out := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	tell := func(extensions ...string) {
		for _, extension := range extensions {
			s.mu.Lock()
			data, _ := json.Marshal(s.state(extension))
			s.mu.Unlock()
			_, _ = fmt.Fprintf(w, "data: %s\n\n", data)
		}
		_ = out.Flush()
	}
	tell("1001", "100", "2001")
	for {
		select {
		case <-r.Context().Done():
			return
		case <-heard:
			tell("1001", "100")
		}
	}
}

func (s *nfon) choose(status string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for value, name := range nfonPresences {
		if name == status {
			s.presence = value
		}
	}
	s.changed.ring()
}

func (s *nfon) happen(status string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.line = "idle"
	for value, name := range nfonLines {
		if name == status {
			s.line = value
		}
	}
	s.changed.ring()
}

func (s *nfon) shown() presence.Reading {
	s.mu.Lock()
	defer s.mu.Unlock()
	return presence.Reading{Happening: nfonLines[s.line], Chosen: nfonPresences[s.presence]}
}
