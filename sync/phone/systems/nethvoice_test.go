package systems

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/offhook/offhook/sync/presence"
)

func TestNethVoice(t *testing.T) {
	conforms(t, system{
		preset: "nethvoice",
		start:  func(*testing.T) fake { return newNethVoice() },
		fields: map[string]string{"server": "https://cti.example.com/webrest", "user": "sam", "password": "s3cret"},
		wrong:  map[string]string{"password": "wrong"},
		other:  "Voicemail",
		plays:  []string{"Available", "Do not disturb", "Mobile", "Voicemail", "Forwarded", "Ringing", "On a call"},
	})
}

// nethVoice is NethCTI's REST API for one user with a main extension, a desk phone and a softphone. A colleague
// is always on a call.
type nethVoice struct {
	*http.ServeMux
	happenings
	presence string // a value of the API
}

// What a user can be, as GET user/presence says it. Calls cannot be forwarded without saying where to.
var nethPresence = map[string]string{"Available": "online", "Do not disturb": "dnd", "Mobile": "cellphone", "Voicemail": "voicemail", "Forwarded": "callforward"}

func newNethVoice() *nethVoice {
	s := &nethVoice{ServeMux: http.NewServeMux(), presence: "online"}
	const nonce = "a4b888b2d096249ce5b5ad63413842d5df335f17"
	mac := hmac.New(sha1.New, []byte("s3cret"))
	mac.Write([]byte("sam:s3cret:" + nonce))
	token := hex.EncodeToString(mac.Sum(nil))

	allowed := func(do http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			s.mu.Lock()
			defer s.mu.Unlock()
			if r.Header.Get("Authorization") != "sam:"+token {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			do(w, r)
		}
	}
	s.HandleFunc("POST cti.example.com/webrest/authentication/login", func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Username, Password string }
		if json.NewDecoder(r.Body).Decode(&in) == nil && in.Username == "sam" && in.Password == "s3cret" {
			w.Header().Set("WWW-Authenticate", "Digest "+nonce)
		}
		w.WriteHeader(http.StatusUnauthorized)
	})
	s.HandleFunc("GET cti.example.com/webrest/user/me", allowed(func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]any{"name": "Sam", "username": "sam", "presence": s.presence, "endpoints": map[string]any{
			"email":         []any{map[string]any{"id": "sam@example.com"}},
			"mainextension": []any{map[string]any{"id": "301"}},
			"extension":     []any{map[string]any{"id": "301", "type": "physical"}, map[string]any{"id": "92301", "type": "webrtc"}},
		}})
	}))
	s.HandleFunc("GET cti.example.com/webrest/user/presence", allowed(func(w http.ResponseWriter, _ *http.Request) {
		body := map[string]any{"status": s.presence}
		if s.presence == "callforward" {
			body["to"] = "0123456789"
		}
		answer(w, http.StatusOK, body)
	}))
	s.HandleFunc("POST cti.example.com/webrest/user/presence", allowed(func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Status string }
		switch _ = json.NewDecoder(r.Body).Decode(&in); in.Status {
		case "online", "dnd", "cellphone", "voicemail":
			s.presence = in.Status
			w.WriteHeader(http.StatusOK)
		default:
			answer(w, http.StatusBadRequest, map[string]any{"message": "bad request"})
		}
	}))
	s.HandleFunc("GET cti.example.com/webrest/astproxy/extensions", allowed(func(w http.ResponseWriter, _ *http.Request) {
		extensions := map[string]any{}
		for id, status := range map[string]string{"301": "online", "92301": s.line(), "302": "busy"} {
			extensions[id] = map[string]any{"exten": id, "status": status, "chanType": "pjsip", "dnd": s.presence == "dnd", "conversations": map[string]any{}}
		}
		answer(w, http.StatusOK, extensions)
	}))
	return s
}

// line is the softphone's status.
func (s *nethVoice) line() string {
	switch s.happening {
	case "Ringing":
		return "ringing"
	case "On a call":
		return "busy_ringing"
	}
	return "offline"
}

func (s *nethVoice) choose(status string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.presence = nethPresence[status]
}

func (s *nethVoice) shown() presence.Reading {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, value := range nethPresence {
		if value == s.presence {
			return presence.Reading{Happening: s.happening, Chosen: name}
		}
	}
	return presence.Reading{}
}
