package systems

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/offhook/offhook/sync/presence"
)

func TestWebex(t *testing.T) {
	conforms(t, system{
		preset: "webex",
		start:  func(*testing.T) fake { return newWebex() },
		fields: map[string]string{"client_id": "app-1", "client_secret": "s3cret"},
		other:  "Do not disturb",
		plays: []string{"Available", "Do not disturb", "Do not disturb (Webex app)", "Out of office", "Ringing", "On a call",
			"In a meeting", "Presenting"},
		contract: describedBy(t, "webex.openapi.yaml", "POST webexapis.com/v1/access_token"),
	})
}

// webex is webexapis.com for one person, whose mobile rings although they are on do not disturb: that stays so.
type webex struct {
	*http.ServeMux
	happenings
	tokens      tokens
	dnd, silent bool // silent: the mobile does not ring
	app         string
}

func newWebex() *webex {
	s := &webex{ServeMux: http.NewServeMux(), app: "active"}
	s.HandleFunc("POST webexapis.com/v1/access_token", func(w http.ResponseWriter, r *http.Request) {
		s.tokens.grant(w, r, r.PostFormValue("client_secret") == "s3cret")
	})
	s.HandleFunc("GET webexapis.com/v1/people/me", s.allowed(func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]any{"id": "person-1", "emails": []string{"sam@example.com"}, "displayName": "Sam", "type": "person", "status": s.status()})
	}))
	s.HandleFunc("GET webexapis.com/v1/telephony/calls", s.allowed(func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]any{"items": s.calls()})
	}))
	const dnd = " webexapis.com/v1/telephony/config/people/me/settings/doNotDisturb"
	s.HandleFunc("GET"+dnd, s.allowed(func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]any{"enabled": s.dnd, "ringSplashEnabled": false, "webexGoOverrideEnabled": !s.silent})
	}))
	s.HandleFunc("PUT"+dnd, s.allowed(func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Enabled, WebexGoOverrideEnabled *bool }
		if json.NewDecoder(r.Body).Decode(&in) != nil || in.WebexGoOverrideEnabled == nil {
			answer(w, http.StatusBadRequest, map[string]any{"message": "webexGoOverrideEnabled is missing", "trackingId": "t-1"})
			return
		}
		s.silent = !*in.WebexGoOverrideEnabled
		if in.Enabled != nil {
			s.dnd = *in.Enabled
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	return s
}

func (s *webex) allowed(do http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if !s.tokens.fit(r) {
			answer(w, http.StatusUnauthorized, map[string]any{"message": "The request requires a valid access token set in the Authorization request header.", "trackingId": "t-1"})
			return
		}
		do(w, r)
	}
}

// status is the Webex app's: what happens covers what was chosen.
func (s *webex) status() string {
	switch s.happening {
	case "On a call":
		return "call"
	case "In a meeting":
		return "meeting"
	case "Presenting":
		return "presenting"
	}
	return s.app
}

// calls are those of Webex Calling: in one, another may ring.
func (s *webex) calls() []any {
	call := func(state string) map[string]any {
		return map[string]any{"id": "call-" + state, "callSessionId": "session-1", "personality": "terminator", "state": state,
			"remoteParty": map[string]any{"privacyEnabled": true, "callType": "external"}, "created": "2016-04-21T17:00:00.000Z",
			"muteCapable": false, "muted": false}
	}
	switch s.happening {
	case "Ringing":
		return []any{call("disconnected"), call("alerting")}
	case "On a call":
		return []any{call("alerting"), call("held")}
	}
	return []any{}
}

func (s *webex) kept(refused bool) map[string]string { return s.tokens.kept(refused) }

func (s *webex) choose(status string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dnd, s.app = status == "Do not disturb", "inactive"
	switch status {
	case "Do not disturb (Webex app)":
		s.app = "DoNotDisturb"
	case "Out of office":
		s.app = "OutOfOffice"
	}
}

func (s *webex) shown() presence.Reading {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := presence.Reading{Happening: s.happening}
	switch {
	case s.silent:
		r.Chosen = "the mobile was silenced"
	case s.dnd:
		r.Chosen = "Do not disturb"
	case s.status() == "DoNotDisturb":
		r.Chosen = "Do not disturb (Webex app)"
	case s.status() == "OutOfOffice":
		r.Chosen = "Out of office"
	case s.status() == s.app:
		r.Chosen = "Available"
	}
	return r
}
