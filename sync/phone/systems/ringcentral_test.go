package systems

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"github.com/offhook/offhook/sync/presence"
)

func TestRingCentral(t *testing.T) {
	conforms(t, system{
		preset: "ringcentral",
		start:  func(*testing.T) fake { return newRingCentral() },
		fields: map[string]string{"server": "platform.brand.example", "client_id": "app-1"},
		other:  "Do not disturb",
		plays: []string{"Available", "Available, no queue calls", "Busy", "Busy, no queue calls", "Offline", "Offline, no queue calls",
			"Queue calls only", "Do not disturb", "Ringing", "Call parked", "On a call", "In a meeting"},
		contract: describedBy(t, "ringcentral.openapi.yaml", "POST platform.brand.example/restapi/oauth/wstoken", "GET ws.brand.example/ws"),
	})
}

// ringCentral is a brand's platform and its server of events, for one person. The resource is as the OpenAPI
// description has it; the frames are as in the guide "Subscribing to events via WebSockets".
type ringCentral struct {
	*http.ServeMux
	happenings
	tokens    tokens
	user, dnd string
	tickets   map[string]bool
}

const ringCentralPresence = "/restapi/v1.0/account/~/extension/~/presence"

func newRingCentral() *ringCentral {
	s := &ringCentral{ServeMux: http.NewServeMux(), user: "Available", dnd: "TakeAllCalls", tickets: map[string]bool{}}
	const host = "platform.brand.example"
	s.HandleFunc("POST "+host+"/restapi/oauth/token", func(w http.ResponseWriter, r *http.Request) { s.tokens.grant(w, r, true) })
	s.HandleFunc("POST "+host+"/restapi/oauth/wstoken", s.allowed(func(w http.ResponseWriter, _ *http.Request) {
		ticket := fmt.Sprintf("ticket/%d", len(s.tickets))
		s.tickets[ticket] = true
		answer(w, http.StatusOK, map[string]any{"uri": "wss://ws.brand.example/ws", "ws_access_token": ticket, "expires_in": 30})
	}))
	s.HandleFunc("GET "+host+ringCentralPresence, s.allowed(func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, s.presence()) }))
	s.HandleFunc("PUT "+host+ringCentralPresence, s.allowed(func(w http.ResponseWriter, r *http.Request) {
		var in struct{ UserStatus, DndStatus string }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.DndStatus == "Unknown" {
			answer(w, http.StatusBadRequest, map[string]any{"errorCode": "CMN-101", "message": "Parameter [dndStatus] value is invalid"})
			return
		}
		s.user, s.dnd = in.UserStatus, in.DndStatus
		s.changed.ring()
		answer(w, http.StatusOK, s.presence())
	}))
	s.HandleFunc("GET ws.brand.example/ws", s.events)
	return s
}

func (s *ringCentral) allowed(do http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if !s.tokens.fit(r) {
			answer(w, http.StatusUnauthorized, map[string]any{"errorCode": "OAU-213", "message": "Token not found"})
			return
		}
		do(w, r)
	}
}

// presence is what the API says. A call that is held is held although another rings.
func (s *ringCentral) presence() map[string]any {
	telephony, meeting := "NoCall", "Disconnected"
	var calls []any
	switch s.happening {
	case "Ringing":
		telephony = "Ringing"
	case "Call parked":
		telephony = "ParkedCall"
	case "On a call":
		telephony = "Ringing"
		calls = append(calls, map[string]any{"id": "1", "telephonyStatus": "OnHold"}, map[string]any{"id": "2", "telephonyStatus": "Ringing"})
	case "In a meeting":
		meeting = "Connected"
	}
	p := map[string]any{"userStatus": s.user, "dndStatus": s.dnd, "telephonyStatus": telephony, "meetingStatus": meeting, "presenceStatus": s.user}
	if calls != nil {
		p["activeCalls"] = calls
	}
	return p
}

// events is the server of events: a ticket is good for one connection, and a connection for one subscription.
func (s *ringCentral) events(w http.ResponseWriter, r *http.Request) {
	ticket := r.URL.Query().Get("access_token")
	s.mu.Lock()
	good := s.tickets[ticket]
	s.tickets[ticket] = false
	s.mu.Unlock()
	if !good {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer func() { _ = conn.CloseNow() }()
	ctx := r.Context()
	_ = wsjson.Write(ctx, conn, []any{
		map[string]any{"type": "ConnectionDetails", "messageId": "1", "status": 200, "wsc": map[string]any{"token": "recovery", "sequence": 1}},
		map[string]any{"recoveryTimeout": 180, "idleTimeout": 1800, "absoluteTimeout": 86400},
	})
	var asked [2]struct {
		Type, MessageID, Method, Path string
		EventFilters                  []string
		DeliveryMode                  struct{ TransportType string }
	}
	if err := wsjson.Read(ctx, conn, &asked); err != nil {
		return
	}
	if in, what := asked[0], asked[1]; in.Type != "ClientRequest" || in.MessageID == "" || in.Method != "POST" || in.Path != "/restapi/v1.0/subscription/" ||
		len(what.EventFilters) != 1 || what.EventFilters[0] != ringCentralPresence+"?detailedTelephonyState=true" || what.DeliveryMode.TransportType != "WebSocket" {
		_ = wsjson.Write(ctx, conn, []any{map[string]any{"type": "ClientRequest", "messageId": in.MessageID, "status": 400}, map[string]any{"errorCode": "SUB-501"}})
		return
	}
	heard, leave := s.changed.listen()
	defer leave()
	_ = wsjson.Write(ctx, conn, []any{map[string]any{"type": "ClientRequest", "messageId": asked[0].MessageID, "status": 200}, map[string]any{"id": "subscription-1"}})
	ctx = conn.CloseRead(ctx)
	for {
		select {
		case <-ctx.Done():
			return
		case <-heard:
			_ = wsjson.Write(ctx, conn, []any{map[string]any{"type": "ServerNotification", "messageId": "2", "status": 200},
				map[string]any{"event": "/restapi/v1.0/account/1/extension/2/presence?detailedTelephonyState=true", "body": map[string]any{"sequence": 3}}})
		}
	}
}

func (s *ringCentral) expire() { s.tokens.expire() }

func (s *ringCentral) renewals() int { return s.tokens.renewals() }

func (s *ringCentral) kept(refused bool) map[string]string { return s.tokens.kept(refused) }

func (s *ringCentral) choose(status string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.user, s.dnd = "Available", "TakeAllCalls"
	switch user, queue, _ := strings.Cut(status, ", "); {
	case status == "Do not disturb":
		s.user, s.dnd = "Busy", "DoNotAcceptAnyCalls"
	case status == "Queue calls only":
		s.dnd = "TakeDepartmentCallsOnly"
	case queue != "":
		s.user, s.dnd = user, "DoNotAcceptDepartmentCalls"
	default:
		s.user = user
	}
	s.changed.ring()
}

func (s *ringCentral) shown() presence.Reading {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := presence.Reading{Happening: s.happening, Chosen: s.user}
	switch s.dnd {
	case "DoNotAcceptAnyCalls":
		r.Chosen = "Do not disturb"
	case "TakeDepartmentCallsOnly":
		r.Chosen = "Queue calls only"
	case "DoNotAcceptDepartmentCalls":
		r.Chosen += ", no queue calls"
	}
	return r
}
