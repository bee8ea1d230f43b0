package systems

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"

	"github.com/offhook/offhook/sync/presence"
)

func TestUnivergeBlue(t *testing.T) {
	conforms(t, system{
		preset: "univerge-blue",
		start:  func(*testing.T) fake { return newUnivergeBlue() },
		fields: map[string]string{"client_id": "app-1"},
		other:  "On vacation",
		plays:  slices.Collect(maps.Values(univergeValues)),
	})
}

// The vendor's table of the API's values.
var univergeValues = map[string]string{"online": "Available", "busy": "Busy", "onphone": "On call", "inmeeting": "In a meeting",
	"scrsharing": "Screen sharing", "dnd": "Do not disturb", "away": "Away", "onbreak": "On break", "outsick": "Out sick",
	"vacationing": "On vacation", "offwork": "Off work", "offline": "Offline",
	"agentavailable": "Agent available", "agentbusy": "Agent busy", "agentoncall": "Agent on call"}

var guid = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// univergeBlue is login.univerge.blue and api.univerge.blue for one person. Presence is that of resources: what
// one shows covers what the person chose, until it is taken away.
type univergeBlue struct {
	*http.ServeMux
	mu        sync.Mutex
	chosen    string // values of the API
	happening string
	resources map[string]string
	changed   bell
	hubs      map[string]bool // subscriptions by their ids, and connections that were negotiated
	tokens    tokens
}

func newUnivergeBlue() *univergeBlue {
	u := &univergeBlue{ServeMux: http.NewServeMux(), chosen: "online", resources: map[string]string{}, hubs: map[string]bool{}}
	const presence = "api.univerge.blue/messaging/v1/presence/accounts/_me/users/user-1"
	u.HandleFunc("POST login.univerge.blue/user/connect/token", u.grant)
	u.HandleFunc("GET api.univerge.blue/address-book/v3/contacts/_me", u.allowed(func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]string{"id": "user-1"})
	}))
	u.HandleFunc("GET "+presence, u.allowed(func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]string{"presence": u.presence()})
	}))
	u.HandleFunc("PUT "+presence, u.allowed(u.resource(func(w http.ResponseWriter, r *http.Request, resource string) {
		var in struct{ Presence string }
		if _ = json.NewDecoder(r.Body).Decode(&in); univergeValues[in.Presence] == "" {
			answer(w, http.StatusBadRequest, map[string]string{"message": "Unknown presence"})
			return
		}
		u.resources[resource] = in.Presence
		u.changed.ring()
		w.WriteHeader(http.StatusNoContent)
	})))
	u.HandleFunc("DELETE "+presence, u.allowed(u.resource(func(w http.ResponseWriter, _ *http.Request, resource string) {
		delete(u.resources, resource)
		u.changed.ring()
		w.WriteHeader(http.StatusNoContent)
	})))
	u.HandleFunc("POST api.univerge.blue/messaging/v1/subscriptions/accounts/_me/users/_all", u.allowed(func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Events []string
			TTL    string
		}
		if json.NewDecoder(r.Body).Decode(&in) != nil || !slices.Equal(in.Events, []string{"*"}) || in.TTL != "00:02:00" {
			answer(w, http.StatusBadRequest, map[string]string{"message": "Invalid subscription"})
			return
		}
		id := fmt.Sprintf("subscription-%d", len(u.hubs))
		u.hubs[id] = true
		answer(w, http.StatusOK, map[string]any{"id": id, "whenExpired": "2030-01-01T00:00:00Z",
			"deliveryMethod": map[string]string{"uri": "https://hub.univerge.blue/events?subscription=" + id}})
	}))
	u.HandleFunc("POST hub.univerge.blue/events/negotiate", u.allowed(func(w http.ResponseWriter, r *http.Request) {
		if !u.hubs[r.URL.Query().Get("subscription")] || r.URL.Query().Get("negotiateVersion") != "1" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		id := fmt.Sprintf("connection-%d", len(u.hubs))
		u.hubs[id] = true
		answer(w, http.StatusOK, map[string]any{"negotiateVersion": 1, "connectionId": "public", "connectionToken": id,
			"availableTransports": []any{map[string]any{"transport": "WebSockets", "transferFormats": []string{"Text"}}}})
	}))
	u.HandleFunc("GET hub.univerge.blue/events", u.events)
	return u
}

// events is the hub, in the JSON protocol of SignalR: records end with 0x1e.
func (u *univergeBlue) events(w http.ResponseWriter, r *http.Request) {
	u.mu.Lock()
	id := r.URL.Query().Get("id")
	good := u.hubs[id] && u.tokens.fit(r)
	delete(u.hubs, id)
	u.mu.Unlock()
	if !good {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer func() { _ = conn.CloseNow() }()
	if _, hands, err := conn.Read(r.Context()); err != nil || string(hands) != `{"protocol":"json","version":1}`+"\x1e" {
		return
	}
	heard, leave := u.changed.listen()
	defer leave()
	tell := func(record string) { _ = conn.Write(r.Context(), websocket.MessageText, []byte(record+"\x1e")) }
	tell(`{}`)
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	go func() { // the other side only pings
		defer cancel()
		for {
			if _, _, err := conn.Read(ctx); err != nil {
				return
			}
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return
		case <-heard:
			tell(`{"type":1,"target":"OnEvent","arguments":[{"what":"is not documented"}]}`)
		}
	}
}

// grant gives tokens to a device that names itself.
func (u *univergeBlue) grant(w http.ResponseWriter, r *http.Request) {
	device, named := strings.CutPrefix(r.PostFormValue("acr_values"), "deviceId:")
	u.tokens.grant(w, r, named && guid.MatchString(device))
}

func (u *univergeBlue) allowed(do http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		u.mu.Lock()
		defer u.mu.Unlock()
		if !u.tokens.fit(r) {
			answer(w, http.StatusUnauthorized, map[string]string{"message": "Unauthorized"})
			return
		}
		do(w, r)
	}
}

func (u *univergeBlue) resource(do func(http.ResponseWriter, *http.Request, string)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		resource := r.URL.Query().Get("resource")
		if !guid.MatchString(resource) {
			answer(w, http.StatusBadRequest, map[string]string{"message": "resource is not a guid"})
			return
		}
		do(w, r, resource)
	}
}

func (u *univergeBlue) presence() string {
	for _, shown := range u.resources {
		return shown
	}
	if u.happening != "" {
		return u.happening
	}
	return u.chosen
}

func (u *univergeBlue) expire() { u.tokens.expire() }

func (u *univergeBlue) renewals() int { return u.tokens.renewals() }

func (u *univergeBlue) kept(refused bool) map[string]string { return u.tokens.kept(refused) }

func (u *univergeBlue) choose(status string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.chosen = valueOf(status)
	u.changed.ring()
}

func (u *univergeBlue) happen(status string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.happening = valueOf(status)
	u.changed.ring()
}

func valueOf(status string) string {
	for value, name := range univergeValues {
		if name == status {
			return value
		}
	}
	return ""
}

func (u *univergeBlue) shown() presence.Reading {
	u.mu.Lock()
	defer u.mu.Unlock()
	switch value := u.presence(); value {
	case "onphone", "inmeeting", "scrsharing", "agentoncall":
		return presence.Reading{Happening: univergeValues[value]}
	default:
		return presence.Reading{Chosen: univergeValues[value]}
	}
}
