package freepbx

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/offhook/offhook/sync/phone"
	"github.com/offhook/offhook/sync/phone/conformance"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/testreal"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	secret = "s3cr3t ÄÖ"
	quick  = time.Second // how long the suite's connectors wait for an answer
)

func fields(changes ...string) map[string]string {
	f := map[string]string{"server": "127.0.0.1:1", "user": "offhook", "password": secret, "extension": "100"}
	for i := 0; i < len(changes); i += 2 {
		f[changes[i]] = changes[i+1]
	}
	return f
}

func open(t *testing.T, changes ...string) *line {
	t.Helper()
	p, err := Open(Options{Fields: fields(changes...)})
	if err != nil {
		t.Fatal(err)
	}
	p.(*line).patience = quick
	return p.(*line)
}

// shown reads a phone over a connection of its own.
func shown(t *testing.T, changes ...string) presence.Reading {
	t.Helper()
	s, err := open(t, changes...).signIn(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	r, err := s.read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// world is what any FreePBX has in common for the suite.
func world(address string, changes ...string) conformance.World {
	w := conformance.World{
		Server: address, TCP: true, Refusal: "Authentication failed",
		Statuses: []presence.Status{
			{Name: Available, Writable: true}, {Name: Chat, Writable: true}, {Name: Away, Writable: true}, {Name: ExtendedAway, Writable: true},
			{Name: Unavailable, Writable: true}, {Name: Presence, Writable: true}, {Name: DoNotDisturb, Writable: true},
			{Name: Ringing, Activity: true}, {Name: OnACall, Activity: true}, {Name: OnHold, Activity: true},
		},
		Capabilities: phone.Capabilities{ReadsLine: true, ReadsStatus: true, Writes: true, Events: true},
		Other:        DoNotDisturb,
		Plays:        []string{Available, Chat, Away, ExtendedAway, Unavailable, Presence, DoNotDisturb},
		Open: func(t *testing.T, server string, wrongPassword bool) phone.Phone {
			t.Helper()
			entered := fields(append(changes, "server", server)...)
			if wrongPassword {
				entered["password"] += "?"
			}
			p, err := Open(Options{Fields: entered})
			if err != nil {
				t.Fatal(err)
			}
			p.(*line).patience = quick
			return p
		},
		Choose: func(t *testing.T, status string) {
			t.Helper()
			if err := open(t, append(changes, "server", address)...).Write(t.Context(), status); err != nil {
				t.Fatal(err)
			}
		},
	}
	w.Shown = func(t *testing.T) presence.Reading { return shown(t, append(changes, "server", address)...) }
	return w
}

var pointless = map[string]string{
	"told to wait":                  "the manager interface never asks to wait",
	"server error":                  "the manager interface has no such answer: it answers or ends the connection",
	"sign-in expired in mid-stream": "a manager login lasts as long as its connection",
}

func TestSimulatedConforms(t *testing.T) {
	conformance.Run(t, conformance.Harness{System: "FreePBX (simulated)", Alone: true, Patience: quick, Pointless: pointless,
		Start: func(t *testing.T) conformance.World {
			sim := newSimulated(t)
			w := world(sim.address)
			w.Plays = append(w.Plays, Ringing, OnACall, OnHold)
			w.Choose = func(_ *testing.T, status string) {
				sim.dial(status == DoNotDisturb)
				for _, p := range presences {
					if p.status == status {
						sim.set("PRESENCE_STATE(CustomPresence:100)", p.state)
					}
				}
			}
			w.Happen = func(_ *testing.T, status string) {
				sim.set("DEVICE_STATE(PJSIP/100)", map[string]string{"": "NOT_INUSE", Ringing: "RINGING", OnACall: "INUSE", OnHold: "ONHOLD"}[status])
			}
			return w
		}})
}

// real is a real Asterisk whose dialplan keeps extension 300 as FreePBX does; given to the test alone, at rest.
func real(t *testing.T) (address string, changes []string) {
	t.Helper()
	if address = os.Getenv("OFFHOOK_ASTERISK_MANAGER"); address == "" {
		address = "127.0.0.1:5038"
	}
	conn, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		testreal.Missing(t, "Asterisk's manager interface", "start one with .ci/asterisk/asterisk up")
	}
	_ = conn.Close()
	testreal.Alone(t, "asterisk")
	changes = []string{"password", "offhook-ami", "extension", "300"}
	if err := open(t, append(changes, "server", address)...).Write(t.Context(), Available); err != nil {
		t.Fatal(err)
	}
	return address, changes
}

// The line of a real Asterisk is played by calls, in a test of its own.
func TestRealConforms(t *testing.T) {
	address, changes := real(t)
	conformance.Run(t, conformance.Harness{System: "FreePBX (real Asterisk)", Patience: 3 * time.Second, Pointless: pointless,
		Start: func(t *testing.T) conformance.World {
			w := world(address, changes...)
			w.Choose(t, Available)
			open := w.Open
			w.Open = func(t *testing.T, server string, wrongPassword bool) phone.Phone {
				p := open(t, server, wrongPassword)
				p.(*line).patience = 3 * time.Second // Asterisk waits a second before it refuses a login
				return p
			}
			return w
		}})
}

// Do not disturb set here turns a real call away, one ended lets it ring, and what others set by FreePBX's own
// feature code is seen.
func TestRealDoNotDisturbTurnsCallsAway(t *testing.T) {
	testreal.Program(t, "sipp", "install it: Debian's package is sip-tester")
	address, changes := real(t)
	p := open(t, append(changes, "server", address)...)
	if err := p.Write(t.Context(), DoNotDisturb); err != nil {
		t.Fatal(err)
	}
	scenario := filepath.Join("..", "..", "..", ".ci", "asterisk", "caller-is-refused.xml")
	call := func() error {
		return exec.CommandContext(t.Context(), "sipp", "127.0.0.1:5060", "-i", "127.0.0.1", "-p", "5091", "-mp", "17100", "-s", "300",
			"-sf", scenario, "-m", "1", "-nostdin", "-timeout", "5s", "-timeout_error").Run()
	}
	if err := call(); err != nil {
		t.Errorf("a call was not turned away: %v", err)
	}
	if err := p.GiveBack(t.Context(), Available); err != nil {
		t.Fatal(err)
	}
	if err := call(); err == nil {
		t.Error("a call is turned away still")
	}
}

func TestRealCallShowsWhileItLasts(t *testing.T) {
	address, changes := real(t)
	p := open(t, append(changes, "server", address, "devices", "PJSIP/100")...)
	reports := conformance.Follow(t, p)
	conformance.Expect(t, reports, "/Available")
	testreal.Play(t, "hold", "1")
	conformance.Expect(t, reports, "Ringing/Available", "On a call/Available", "On hold/Available", "On a call/Available", "/Available")
}

func TestRealLoginThatMayOnlyRead(t *testing.T) {
	address, changes := real(t)
	only := append(changes, "server", address, "user", "offhook-read")
	if r := shown(t, only...); r != (presence.Reading{Chosen: Available}) {
		t.Errorf("read %+v", r)
	}
	err := open(t, only...).Write(t.Context(), DoNotDisturb)
	if err == nil || !strings.Contains(err.Error(), "does not allow this to the manager user offhook-read (asked for: a change of") {
		t.Errorf("writing says %v", err)
	}
}
