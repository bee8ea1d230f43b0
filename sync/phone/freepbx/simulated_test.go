package freepbx

import (
	"bufio"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/offhook/offhook/sync/phone/conformance"
)

// simulated is a manager interface of a few lines, for what a real Asterisk cannot be made to do: it answers as
// Asterisk 22.10.1 was seen to.
type simulated struct {
	address string

	mu       sync.Mutex
	states   map[string]string // DEVICE_STATE(…), PRESENCE_STATE(…)
	database map[string]string // DND/100
	refuses  []string          // actions that the login is not allowed
	actions  []string
	conns    map[net.Conn]*peer
}

type peer struct {
	filters []string
	events  bool
}

func newSimulated(t *testing.T) *simulated {
	t.Helper()
	s := &simulated{states: map[string]string{"DEVICE_STATE(PJSIP/100)": "NOT_INUSE"}, database: map[string]string{}, conns: map[net.Conn]*peer{}}
	s.address = conformance.Serve(t, s.serve)
	return s
}

func (s *simulated) serve(conn net.Conn) {
	p := &peer{}
	s.mu.Lock()
	s.conns[conn] = p
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.conns, conn)
		s.mu.Unlock()
	}()
	fmt.Fprint(conn, "Asterisk Call Manager/11.0.0\r\n")
	in := bufio.NewScanner(conn)
	action := map[string]string{}
	for in.Scan() {
		if name, value, ok := strings.Cut(in.Text(), ": "); ok {
			action[name] = value
			continue
		}
		if len(action) == 0 {
			continue
		}
		s.mu.Lock()
		s.actions = append(s.actions, action["Action"])
		lines := s.answer(action, p)
		s.mu.Unlock()
		fmt.Fprint(conn, strings.Join(slices.Insert(lines, 1, "ActionID: "+action["ActionID"]), "\r\n")+"\r\n\r\n")
		if slices.Contains(lines, "Message: Authentication failed") {
			return
		}
		s.flush(action)
		action = map[string]string{}
	}
}

const challenge = "463968567"

func (s *simulated) answer(a map[string]string, p *peer) []string {
	refused := func(why string) []string { return []string{"Response: Error", "Message: " + why} }
	good := func(more ...string) []string { return append([]string{"Response: Success"}, more...) }
	if slices.Contains(s.refuses, a["Action"]) {
		return refused("Permission denied")
	}
	key := a["Family"] + "/" + a["Key"]
	switch a["Action"] {
	case "Challenge":
		return good("Challenge: " + challenge)
	case "Login":
		sum := md5.Sum([]byte(challenge + secret))
		if a["Username"] != "offhook" || a["Key"] != hex.EncodeToString(sum[:]) {
			return refused("Authentication failed")
		}
		p.events = true
		return good("Message: Authentication accepted")
	case "Filter":
		p.filters = append(p.filters, a["Filter"])
		return good("Message: Success")
	case "Getvar":
		name := strings.Replace(a["Variable"], ",value)", ")", 1)
		value, ok := s.states[name]
		if !ok {
			value = map[bool]string{true: "not_set", false: "INVALID"}[strings.HasPrefix(name, "PRESENCE")]
		}
		return good("Variable: "+a["Variable"], "Value: "+value)
	case "Setvar":
		s.states[a["Variable"]] = a["Value"]
		return good("Message: Variable Set")
	case "DBGet":
		if s.database[key] == "" {
			return refused("Database entry not found")
		}
		return good("EventList: start", "Message: Result will follow", "", "Event: DBGetResponse", "Family: "+a["Family"],
			"Key: "+a["Key"], "Val: "+s.database[key], "", "Event: DBGetComplete", "EventList: Complete", "ListItems: 1")
	case "DBPut":
		s.database[key] = a["Val"]
		return good("Message: Updated database successfully")
	case "DBDel":
		if s.database[key] == "" {
			return refused("Database entry could not be deleted")
		}
		delete(s.database, key)
		return good("Message: Key deleted successfully")
	}
	return refused("Invalid/unknown command: " + a["Action"] + ". Use Action: ListCommands to show available commands.")
}

// flush tells of a state that was set.
func (s *simulated) flush(a map[string]string) {
	if a["Action"] == "Setvar" {
		s.tell(a["Variable"])
	}
}

func (s *simulated) tell(function string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := strings.TrimSuffix(function[strings.Index(function, "(")+1:], ")")
	event := "Event: DeviceStateChange\r\nDevice: " + name + "\r\nState: " + s.states[function]
	if strings.HasPrefix(function, "PRESENCE") {
		event = "Event: PresenceStateChange\r\nPresentity: " + name + "\r\nStatus: " + s.states[function] + "\r\nSubtype: \r\nMessage: "
	}
	for conn, p := range s.conns {
		head, _, _ := strings.Cut(event, "\r\n")
		if p.events && (len(p.filters) == 0 || slices.Contains(p.filters, head)) {
			fmt.Fprint(conn, event+"\r\nPrivilege: call,all\r\n\r\n")
		}
	}
}

// set plays a change on the PBX.
func (s *simulated) set(function, value string) {
	s.mu.Lock()
	s.states[function] = value
	s.mu.Unlock()
	s.tell(function)
}

// dial plays FreePBX's feature codes.
func (s *simulated) dial(on bool) {
	s.mu.Lock()
	delete(s.database, "DND/100")
	if on {
		s.database["DND/100"] = "YES"
	}
	s.mu.Unlock()
	s.set("DEVICE_STATE(Custom:DND100)", map[bool]string{true: "BUSY", false: "NOT_INUSE"}[on])
}

func (s *simulated) did() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.actions)
}
