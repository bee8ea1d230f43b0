package baresip

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/offhook/offhook/sync/phone/conformance"
	"github.com/offhook/offhook/sync/presence"
)

// simulated is baresip's control port of version 1.1.0, as that was seen to answer: Debian 12 has only 1.0.0,
// which knows no do not disturb.
type simulated struct {
	address string

	mu       sync.Mutex
	call     string // its state and what follows; empty: none
	dnd      string
	presence string
	conns    map[net.Conn]bool
}

func newSimulated(t *testing.T) *simulated {
	t.Helper()
	s := &simulated{conns: map[net.Conn]bool{}}
	s.address = conformance.Serve(t, s.serve)
	return s
}

func netstring(v any) string {
	text, _ := json.Marshal(v)
	return fmt.Sprintf("%d:%s,", len(text), text)
}

func (s *simulated) serve(conn net.Conn) {
	s.mu.Lock()
	for other := range s.conns { // it serves one at a time
		_ = other.Close()
	}
	s.conns[conn] = true
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.conns, conn)
		s.mu.Unlock()
	}()
	in := bufio.NewReader(conn)
	for {
		var length int
		if _, err := fmt.Fscanf(in, "%d:", &length); err != nil {
			return
		}
		text := make([]byte, length+1)
		if _, err := io.ReadFull(in, text); err != nil {
			return
		}
		var c command
		if json.Unmarshal(text[:length], &c) != nil {
			return
		}
		ok, said := s.run(c)
		if _, err := io.WriteString(conn, netstring(map[string]any{"response": true, "ok": ok, "data": said, "token": ""})); err != nil {
			return
		}
	}
}

func (s *simulated) run(c command) (ok bool, said string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch c.Command + " " + c.Params {
	case "listcalls ":
		if s.call == "" {
			return true, "\nUser-Agent: 300@127.0.0.1\n--- Active calls (0) ---\n\n"
		}
		return true, "\nUser-Agent: 300@127.0.0.1\n--- Active calls (1) ---\n> [line 1, id 5cb19851e3501fef]  0:00:00   " + s.call +
			"             sip:100@127.0.0.1;transport=udp\n\n"
	case "dnd true", "dnd false":
		s.dnd = c.Params
		return true, ""
	case "presence online", "presence offline":
		s.presence = c.Params
		return true, ""
	case "presence ":
		return true, "usage: /presence online|offline\n"
	}
	if c.Command == "dnd" {
		return false, "usage: /dnd <true|false>\n"
	}
	return false, "command not found (" + c.Command + ")\n"
}

// play sets the call and tells of it.
func (s *simulated) play(call string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.call = call
	event := map[string]string{"": "CALL_CLOSED", "INCOMING": "CALL_INCOMING", "ESTABLISHED": "CALL_ESTABLISHED"}[call]
	if strings.Contains(call, "hold") {
		event = "CALL_HOLD"
	}
	for c := range s.conns {
		_, _ = io.WriteString(c, netstring(map[string]any{"event": true, "type": event, "class": "call",
			"accountaor": "sip:300@127.0.0.1:5060", "direction": "incoming", "peeruri": "sip:100@127.0.0.1", "id": "5cb19851e3501fef"}))
	}
}

// shown is what is so.
func (s *simulated) shown() presence.Reading {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := presence.Reading{Chosen: Available}
	switch {
	case s.dnd == "true":
		r.Chosen = DoNotDisturb
	case s.presence == "offline":
		r.Chosen = Offline
	}
	switch {
	case s.call == "INCOMING":
		r.Happening = Ringing
	case strings.Contains(s.call, "hold"):
		r.Happening = OnHold
	case s.call != "":
		r.Happening = OnACall
	}
	return r
}
