package systems

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"testing"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"github.com/offhook/offhook/sync/presence"
)

func TestKazoo(t *testing.T) {
	conforms(t, system{
		preset: "kazoo",
		start:  func(*testing.T) fake { return newKazoo() },
		fields: map[string]string{"server": "http://kazoo.example:8000", "events": "ws://events.example:5555", "account": "acme", "user": "sam", "password": "s3cret"},
		wrong:  map[string]string{"password": "wrong"},
		other:  "Do not disturb",
		plays:  []string{"Available", "Do not disturb", "Ringing", "On a call"},
	})
}

// kazoo is Crossbar and Blackhole for one user of an account that has another one, who is always on a call.
type kazoo struct {
	*http.ServeMux
	happenings
	dnd *bool // absent until it is set
}

func newKazoo() *kazoo {
	s := &kazoo{ServeMux: http.NewServeMux()}
	sum := md5.Sum([]byte("sam:s3cret"))
	credentials := hex.EncodeToString(sum[:])
	s.HandleFunc("PUT kazoo.example/v2/user_auth", func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Data struct {
				Credentials, Method string
				Account             string `json:"account_name"`
			}
		}
		if json.NewDecoder(r.Body).Decode(&in) != nil || in.Data.Credentials != credentials || in.Data.Method != "md5" || in.Data.Account != "acme" {
			answer(w, http.StatusUnauthorized, map[string]any{"data": map[string]string{"message": "invalid credentials"}, "error": "401", "message": "invalid_credentials", "status": "error"})
			return
		}
		answer(w, http.StatusCreated, map[string]any{"auth_token": "token-1", "status": "success", "revision": "automatic",
			"data": map[string]any{"account_id": "account-1", "owner_id": "user-1", "apps": []any{}, "language": "en-US"}})
	})
	const user = "kazoo.example/v2/accounts/account-1/users/user-1"
	s.HandleFunc("GET "+user, s.allowed(func(w http.ResponseWriter, _ *http.Request) { s.envelope(w, s.user()) }))
	s.HandleFunc("PATCH "+user, s.allowed(func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Data struct {
				DND struct{ Enabled *bool } `json:"do_not_disturb"`
			}
		}
		if json.NewDecoder(r.Body).Decode(&in) != nil || in.Data.DND.Enabled == nil {
			answer(w, http.StatusBadRequest, map[string]any{"data": map[string]any{}, "error": "400", "message": "validation error", "status": "error"})
			return
		}
		s.dnd = in.Data.DND.Enabled
		s.changed.ring()
		s.envelope(w, s.user())
	}))
	s.HandleFunc("GET "+user+"/channels", s.allowed(func(w http.ResponseWriter, _ *http.Request) {
		channels := []any{}
		if s.happening != "" {
			channels = append(channels, map[string]any{"answered": s.happening == "On a call", "direction": "outbound", "owner_id": "user-1", "uuid": "leg-1"})
		}
		s.envelope(w, channels)
	}))
	s.HandleFunc("GET events.example/", s.events)
	return s
}

func (s *kazoo) allowed(do http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if r.Header.Get("X-Auth-Token") != "token-1" {
			answer(w, http.StatusUnauthorized, map[string]any{"data": map[string]any{}, "error": "401", "message": "invalid_credentials", "status": "error"})
			return
		}
		do(w, r)
	}
}

func (s *kazoo) envelope(w http.ResponseWriter, data any) {
	answer(w, http.StatusOK, map[string]any{"data": data, "status": "success", "request_id": "r-1", "revision": "1", "auth_token": "token-1"})
}

func (s *kazoo) user() map[string]any {
	user := map[string]any{"id": "user-1", "username": "sam", "first_name": "Sam"}
	if s.dnd != nil {
		user["do_not_disturb"] = map[string]any{"enabled": *s.dnd}
	}
	return user
}

// events is Blackhole: it replies to a subscription, then tells of every call of the account and of edited users.
func (s *kazoo) events(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer func() { _ = conn.CloseNow() }()
	ctx := r.Context()
	var in struct {
		Action    string
		AuthToken string `json:"auth_token"`
		RequestID string `json:"request_id"`
		Data      struct {
			AccountID string `json:"account_id"`
			Bindings  []string
		}
	}
	heard, leave := s.changed.listen()
	defer leave()
	if wsjson.Read(ctx, conn, &in) != nil {
		return
	}
	calls := []string{"call.CHANNEL_CREATE.*", "call.CHANNEL_ANSWER.*", "call.CHANNEL_DESTROY.*"}
	bound := func(b string) bool { return slices.Contains(in.Data.Bindings, b) }
	if in.Action != "subscribe" || in.AuthToken != "token-1" || in.RequestID == "" || in.Data.AccountID != "account-1" ||
		slices.ContainsFunc(calls, func(b string) bool { return !bound(b) }) || !bound("doc_edited.*.user.*") {
		_ = wsjson.Write(ctx, conn, map[string]any{"action": "reply", "request_id": in.RequestID, "status": "error", "data": map[string]any{"errors": []string{"no"}}})
		return
	}
	_ = wsjson.Write(ctx, conn, map[string]any{"action": "reply", "request_id": in.RequestID, "status": "success", "data": map[string]any{"subscribed": in.Data.Bindings}})
	ctx = conn.CloseRead(ctx)
	call := func(owner string) map[string]any {
		return map[string]any{"name": "CHANNEL_ANSWER", "args": map[string]any{"Call-ID": "leg-" + owner, "Event-Name": "CHANNEL_ANSWER",
			"Custom-Channel-Vars": map[string]any{"Account-ID": "account-1", "Owner-ID": owner}}}
	}
	_ = wsjson.Write(ctx, conn, call("user-2"))
	for {
		select {
		case <-ctx.Done():
			return
		case <-heard:
			s.mu.Lock()
			event := map[string]any{"name": "doc_edited", "args": map[string]any{"ID": "user-1", "Type": "user"}}
			if s.happening != "" {
				event = call("user-1")
			}
			s.mu.Unlock()
			_ = wsjson.Write(ctx, conn, event)
		}
	}
}

func (s *kazoo) choose(status string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	dnd := status == "Do not disturb"
	s.dnd = &dnd
	s.changed.ring()
}

func (s *kazoo) shown() presence.Reading {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dnd != nil && *s.dnd {
		return presence.Reading{Happening: s.happening, Chosen: "Do not disturb"}
	}
	return presence.Reading{Happening: s.happening, Chosen: "Available"}
}
