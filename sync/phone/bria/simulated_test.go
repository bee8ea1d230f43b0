package bria

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"
)

// simulated is Bria's Desktop API as its guide and its maker's sample describe it. What it answers to a program
// that the person has not let in is not documented: here it is 403, and silence while the person is being asked.
type simulated struct {
	server *httptest.Server

	mu       sync.Mutex
	presence string
	text     string
	call     string // its state; empty: none
	hold     string
	consent  string // allowed, pending, denied
	requests []string
	conns    map[*websocket.Conn]bool
}

func newSimulated(t *testing.T) *simulated {
	t.Helper()
	s := &simulated{presence: "available", text: "at the desk", consent: "allowed", conns: map[*websocket.Conn]bool{}}
	s.server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(func() {
		s.mu.Lock()
		for c := range s.conns {
			_ = c.CloseNow()
		}
		s.mu.Unlock()
		s.server.Close()
	})
	return s
}

func (s *simulated) serve(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	s.mu.Lock()
	s.conns[conn] = true
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.conns, conn)
		s.mu.Unlock()
		_ = conn.CloseNow()
	}()
	for {
		_, text, err := conn.Read(r.Context())
		if err != nil {
			return
		}
		answer, changed := s.answer(string(text))
		if answer == "" {
			continue
		}
		if conn.Write(r.Context(), websocket.MessageText, []byte(answer)) != nil {
			return
		}
		if changed {
			s.tell("presence")
		}
	}
}

func (s *simulated) answer(text string) (answer string, changed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	head, body, _ := strings.Cut(text, "\r\n\r\n")
	lines := strings.Split(head, "\r\n")
	s.requests = append(s.requests, lines[0])
	id := ""
	for _, l := range lines {
		if v, ok := strings.CutPrefix(l, "Transaction-ID: "); ok {
			id = v
		}
	}
	reply := func(code, body string) (string, bool) {
		if body != "" {
			body = `<?xml version="1.0" encoding="utf-8" ?>` + "\r\n" + body
		}
		return fmt.Sprintf("HTTP/1.1 %s\r\nTransaction-ID: %s\r\nContent-Type: application/xml\r\nContent-Length: %d\r\n\r\n%s", code, id, len(body), body), false
	}
	switch {
	case s.consent == "pending":
		return "", false
	case s.consent == "denied":
		return reply("403 Forbidden", "")
	case !strings.Contains(head, fmt.Sprintf("\r\nContent-Length: %d", len(body))) || id == "":
		return reply("400 Bad Request", "")
	}
	switch lines[0] {
	case "GET /status":
		var asked statusRequest
		_ = xml.Unmarshal([]byte(body), &asked)
		switch {
		case asked.Type == "presence":
			return reply("200 OK", `<status type="presence"><presenceStatus>`+s.presence+`</presenceStatus><presenceText>`+s.text+`</presenceText></status>`)
		case asked.Type == "call" && s.call == "":
			return reply("200 OK", `<status type="call"></status>`)
		case asked.Type == "call":
			return reply("200 OK", `<status type="call"><call><id>1</id><holdStatus>`+s.hold+`</holdStatus><participants><participant><number>200</number><state>`+
				s.call+`</state></participant></participants></call></status>`)
		}
	case "GET /setPresence":
		var set presenceRequest
		if xml.Unmarshal([]byte(body), &set) == nil {
			s.presence, s.text = set.Status, set.Text
			answer, _ := reply("200 OK", "")
			return answer, true
		}
	}
	return reply("400 Bad Request", "")
}

func (s *simulated) tell(kind string) {
	body := `<?xml version="1.0" encoding="utf-8" ?>` + "\r\n" + `<event type="` + kind + `"/>`
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		_ = c.Write(context.Background(), websocket.MessageText,
			fmt.Appendf(nil, "POST /statusChange\r\nUser-Agent: Bria\r\nContent-Type: application/xml\r\nContent-Length: %d\r\n\r\n%s", len(body), body))
	}
}

func (s *simulated) choose(value string) {
	s.mu.Lock()
	s.presence = value
	s.mu.Unlock()
	s.tell("presence")
}

func (s *simulated) play(call, hold string) {
	s.mu.Lock()
	s.call, s.hold = call, hold
	s.mu.Unlock()
	s.tell("call")
}

func (s *simulated) allow(consent string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.consent = consent
}
