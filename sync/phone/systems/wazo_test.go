package systems

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"github.com/offhook/offhook/sync/presence"
)

func TestWazo(t *testing.T) {
	auth, chatd, confd := describedBy(t, "wazo-auth.openapi.yaml"), describedBy(t, "wazo-chatd.openapi.yaml"), describedBy(t, "wazo-confd-dnd.openapi.yaml")
	conforms(t, system{
		preset: "wazo",
		start:  func(t *testing.T) fake { return newWazo(t, auth, chatd, confd) },
		fields: map[string]string{"server": "https://wazo.example.com", "user": "ada", "password": "s3cret"},
		wrong:  map[string]string{"password": "wrong"},
		other:  "Do not disturb",
		plays:  []string{"Available", "Away", "Unavailable", "Invisible", "Do not disturb", "Ringing", "Calling", "On a call"},
	})
}

const (
	wazoMe    = "1a2b3c4d-0000-4000-8000-000000000001"
	wazoOther = "1a2b3c4d-0000-4000-8000-000000000002"
)

// wazo is a Wazo Platform with two people: what the second does is told to the first as well. What a person chose
// and do not disturb are two things; the latter shows in the former's presence, but is told by itself too.
type wazo struct {
	*http.ServeMux
	mu        sync.Mutex
	state     string
	dnd       bool
	line      string
	tokens    []string
	listeners map[*wazoListener]bool
}

// wazoListener is one WebSocket, with what is to be sent on it.
type wazoListener struct {
	frames chan any
	names  []string // what it subscribed to
	begun  bool
}

func newWazo(t *testing.T, auth, chatd, confd *contract) *wazo {
	w := &wazo{ServeMux: http.NewServeMux(), state: "available", line: "available", listeners: map[*wazoListener]bool{}}
	service := func(path string, c *contract) *http.ServeMux {
		mux := http.NewServeMux()
		w.Handle(path+"/", http.StripPrefix(path, c.hold(t, mux)))
		return mux
	}
	service("/api/auth", auth).HandleFunc("POST /0.1/token", w.grant)
	presences := service("/api/chatd", chatd)
	presences.HandleFunc("GET /1.0/users/{uuid}/presences", w.allowed(func(out http.ResponseWriter, _ *http.Request) {
		answer(out, http.StatusOK, w.presence())
	}))
	presences.HandleFunc("PUT /1.0/users/{uuid}/presences", w.allowed(func(out http.ResponseWriter, r *http.Request) {
		var in struct{ State string }
		if json.NewDecoder(r.Body).Decode(&in) != nil || !slices.Contains([]string{"available", "away", "unavailable", "invisible"}, in.State) {
			answer(out, http.StatusBadRequest, map[string]any{"message": "Sent data is invalid", "error_id": "invalid-data"})
			return
		}
		w.state = in.State
		w.tell("chatd_presence_updated", w.presence())
		out.WriteHeader(http.StatusNoContent)
	}))
	service("/api/confd", confd).HandleFunc("PUT /1.1/users/{uuid}/services/dnd", w.allowed(func(out http.ResponseWriter, r *http.Request) {
		var in struct{ Enabled *bool }
		if json.NewDecoder(r.Body).Decode(&in) != nil || in.Enabled == nil {
			answer(out, http.StatusBadRequest, []string{"Input error - field 'enabled': missing"})
			return
		}
		w.setDND(*in.Enabled)
		out.WriteHeader(http.StatusNoContent)
	}))
	w.HandleFunc("GET /api/websocketd/", w.events)
	return w
}

func (w *wazo) grant(out http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if user, password, _ := r.BasicAuth(); user != "ada" || password != "s3cret" {
		answer(out, http.StatusUnauthorized, map[string]any{"reason": []string{"Authentication Failed"}, "status_code": 401})
		return
	}
	w.tokens = append(w.tokens, fmt.Sprintf("token-%d", len(w.tokens)+1))
	answer(out, http.StatusOK, map[string]any{"data": map[string]any{
		"token": w.tokens[len(w.tokens)-1], "auth_id": wazoMe, "acl": []string{}, "metadata": map[string]any{"uuid": wazoMe},
		"expires_at": "2030-01-01T00:00:00.000000", "utc_expires_at": "2030-01-01T00:00:00.000000"}})
}

func (w *wazo) allowed(do http.HandlerFunc) http.HandlerFunc {
	return func(out http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		defer w.mu.Unlock()
		switch {
		case !slices.Contains(w.tokens, r.Header.Get("X-Auth-Token")):
			answer(out, http.StatusUnauthorized, map[string]any{"reason": []string{"Unauthorized"}, "status_code": 401})
		case r.PathValue("uuid") != wazoMe:
			answer(out, http.StatusNotFound, map[string]any{"message": "No such user", "error_id": "unknown-user", "resource": "users"})
		default:
			do(out, r)
		}
	}
}

func (w *wazo) presence() map[string]any {
	return map[string]any{"uuid": wazoMe, "tenant_uuid": "t", "state": w.state, "status": "", "do_not_disturb": w.dnd,
		"line_state": w.line, "lines": []any{map[string]any{"id": 1, "state": w.line}}, "mobile": false, "connected": true,
		"last_activity": "2026-01-01T08:00:00+00:00"}
}

func (w *wazo) setDND(on bool) {
	w.dnd = on
	w.tell("users_services_dnd_updated", map[string]any{"user_uuid": wazoMe, "enabled": on})
}

// tell sends an event to whoever subscribed to it, and before that the like of somebody else's.
func (w *wazo) tell(name string, data map[string]any) {
	for l := range w.listeners {
		if l.begun && slices.Contains(l.names, name) {
			l.frames <- wazoEvent(name, map[string]any{"uuid": wazoOther, "user_uuid": wazoOther, "state": "away", "do_not_disturb": true, "line_state": "talking", "enabled": true})
			l.frames <- wazoEvent(name, data)
		}
	}
}

func wazoEvent(name string, data map[string]any) map[string]any {
	return map[string]any{"op": "event", "code": 0, "data": map[string]any{"name": name, "origin_uuid": "o", "data": data}}
}

func (w *wazo) events(out http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(out, r, nil)
	if err != nil {
		return
	}
	defer func() { _ = conn.CloseNow() }()
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	l := &wazoListener{frames: make(chan any, 100)}
	l.frames <- map[string]any{"op": "init", "code": 0, "data": map[string]any{"version": 2}}
	if !w.known(r.Header.Get("X-Auth-Token")) || r.URL.Query().Get("version") != "2" {
		_ = conn.Close(4002, "authentication failed")
		return
	}
	w.mu.Lock()
	w.listeners[l] = true
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.listeners, l)
	}()
	go func() {
		defer cancel()
		for {
			var in struct {
				Op   string
				Data struct {
					EventName string `json:"event_name"`
					Token     string
				}
			}
			if wsjson.Read(ctx, conn, &in) != nil {
				return
			}
			if in.Op == "token" && !w.known(in.Data.Token) || !strings.Contains("subscribe start token ping", in.Op) {
				_ = conn.Close(4004, "protocol error")
				return
			}
			w.mu.Lock()
			if in.Op == "subscribe" {
				l.names = append(l.names, in.Data.EventName)
			}
			l.begun = l.begun || in.Op == "start"
			w.mu.Unlock()
			l.frames <- map[string]any{"op": strings.Replace(in.Op, "ping", "pong", 1), "code": 0, "data": nil}
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return
		case frame := <-l.frames:
			if wsjson.Write(ctx, conn, frame) != nil {
				return
			}
		}
	}
}

func (w *wazo) known(token string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Contains(w.tokens, token)
}

func (w *wazo) choose(status string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if dnd := status == "Do not disturb"; dnd != w.dnd {
		w.setDND(dnd)
	}
	if status != "Do not disturb" {
		w.state = strings.ToLower(status)
		w.tell("chatd_presence_updated", w.presence())
	}
}

func (w *wazo) happen(status string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.line = map[string]string{"": "available", "Ringing": "ringing", "Calling": "progressing", "On a call": "holding"}[status]
	w.tell("chatd_presence_updated", w.presence())
}

func (w *wazo) shown() (r presence.Reading) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r.Chosen = strings.ToUpper(w.state[:1]) + w.state[1:]
	if w.dnd {
		r.Chosen = "Do not disturb"
	}
	r.Happening = map[string]string{"ringing": "Ringing", "progressing": "Calling", "holding": "On a call"}[w.line]
	return r
}
