package systems

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/offhook/offhook/sync/phone/profile"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

func Test3CX(t *testing.T) {
	conforms(t, system{
		preset: "3cx",
		start:  func(*testing.T) fake { return new3CX() },
		fields: map[string]string{"server": "https://pbx.example", "user": "sam@company.example", "password": "s3cret"},
		wrong:  map[string]string{"password": "wrong"},
		other:  "Away",
		plays:  []string{"Available", "Away", "Do not disturb", "Lunch", "Business trip", "Ringing", "On a call"},
		contract: describedBy(t, "3cx.openapi.yaml",
			"POST pbx.example/webclient/api/Login/GetAccessToken", "POST pbx.example/connect/token"),
	})
}

// Whoever has a second factor is told why Offhook cannot sign in, and the password is not sent again.
func Test3CXWithASecondFactor(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		answer(w, http.StatusOK, map[string]any{"Status": "Required2FA", "Token": nil})
	}))
	defer server.Close()
	d, err := profile.Open(parse(t, "3cx"), profile.Options{ID: phoneID, HTTP: leadTo(t, server.URL), Secrets: &store{},
		Fields: map[string]string{"server": "https://pbx.example", "user": "100", "password": "s3cret"}})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		p := problem.Of(d.Write(t.Context(), "Away"))
		if p == nil || p.Kind != problem.BadLogin || !strings.Contains(p.What.String(), "second factor") {
			t.Errorf("%+v", p)
		}
	}
	if asked != 1 {
		t.Errorf("the password was sent %d times", asked)
	}
}

// threeCX is a 3CX with extension 100, whose tokens come as the web client gets them. The calls it shows are those
// of everybody.
type threeCX struct {
	*http.ServeMux
	happenings
	profile string
	token   int
	expired bool
	renewed int
}

// The names of the profiles, and what the web client calls them.
var profiles3CX = map[string]string{"Available": "Available", "Away": "Away", "Out of office": "Do not disturb", "Custom 1": "Lunch", "Custom 2": "Business trip"}

func new3CX() *threeCX {
	s := &threeCX{ServeMux: http.NewServeMux(), profile: "Available"}
	grant := func() map[string]any {
		s.token++
		s.expired = false
		return map[string]any{"access_token": fmt.Sprintf("access-%d", s.token), "refresh_token": fmt.Sprintf("refresh-%d", s.token), "expires_in": 3600}
	}
	s.HandleFunc("POST pbx.example/webclient/api/Login/GetAccessToken", func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		var in struct {
			Username, Password string
			SecurityCode       *string
		}
		if json.NewDecoder(r.Body).Decode(&in) != nil || in.SecurityCode == nil || in.Username != "sam@company.example" || in.Password != "s3cret" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		answer(w, http.StatusOK, map[string]any{"Status": "AuthSuccess", "Token": grant()})
	})
	s.HandleFunc("POST pbx.example/connect/token", func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if r.PostFormValue("grant_type") != "refresh_token" || r.PostFormValue("client_id") != "Webclient" || r.PostFormValue("refresh_token") != fmt.Sprintf("refresh-%d", s.token) {
			answer(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant"})
			return
		}
		s.renewed++
		answer(w, http.StatusOK, grant())
	})
	s.HandleFunc("GET pbx.example/xapi/v1/MyUser", s.allowed(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("$select") == "" {
			panic("without $select the answer holds credentials")
		}
		answer(w, http.StatusOK, map[string]any{"Number": "100", "CurrentProfileName": s.profile})
	}))
	s.HandleFunc("PATCH pbx.example/xapi/v1/MyUser", s.allowed(func(w http.ResponseWriter, r *http.Request) {
		var in struct{ CurrentProfileName string }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || profiles3CX[in.CurrentProfileName] == "" {
			answer(w, http.StatusBadRequest, map[string]any{"error": map[string]any{"code": "", "message": "CurrentProfileName is invalid"}})
			return
		}
		s.profile = in.CurrentProfileName
		w.WriteHeader(http.StatusNoContent)
	}))
	s.HandleFunc("GET pbx.example/xapi/v1/ActiveCalls", s.allowed(func(w http.ResponseWriter, _ *http.Request) {
		const at = "2026-01-02T03:04:05Z"
		calls := []any{map[string]any{"Caller": "1001 Somebody else", "Callee": "800 Room 100", "EstablishedAt": at}}
		switch s.happening {
		case "Ringing":
			calls = append(calls, map[string]any{"Caller": "10003 0401234567", "Callee": "100 Sam"})
		case "On a call":
			calls = append(calls, map[string]any{"Caller": "10003 0401234567", "Callee": "100 Sam", "EstablishedAt": at}, map[string]any{"Caller": "10004", "Callee": "100 Sam"})
		}
		answer(w, http.StatusOK, map[string]any{"value": calls})
	}))
	return s
}

func (s *threeCX) allowed(do http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.expired || r.Header.Get("Authorization") != fmt.Sprintf("Bearer access-%d", s.token) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		do(w, r)
	}
}

func (s *threeCX) expire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expired = true
}

func (s *threeCX) renewals() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.renewed
}

func (s *threeCX) choose(status string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for profile, name := range profiles3CX {
		if name == status {
			s.profile = profile
		}
	}
}

func (s *threeCX) shown() presence.Reading {
	s.mu.Lock()
	defer s.mu.Unlock()
	return presence.Reading{Happening: s.happening, Chosen: profiles3CX[s.profile]}
}
