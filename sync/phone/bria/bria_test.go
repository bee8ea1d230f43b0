package bria

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/offhook/offhook/sync/phone"
	"github.com/offhook/offhook/sync/phone/conformance"
	"github.com/offhook/offhook/sync/phone/remote"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const quick = time.Second // how long the suite's connectors wait for an answer

func open(t *testing.T, server string) *softphone {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	p, err := Open(Options{Fields: map[string]string{"address": strings.Replace(server, "http", "ws", 1)}, HTTP: &http.Client{Transport: transport}})
	if err != nil {
		t.Fatal(err)
	}
	p.(*softphone).patience = quick
	return p.(*softphone)
}

func shown(t *testing.T, server string) (presence.Reading, error) {
	t.Helper()
	c, err := open(t, server).dial(t.Context(), remote.NewBell())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.read(t.Context())
}

func TestSimulatedConforms(t *testing.T) {
	conformance.Run(t, conformance.Harness{System: "Bria (simulated)", Alone: true, Patience: quick,
		Pointless: map[string]string{
			"a wrong password is tried once": "Bria's Desktop API knows no password: the person allows access once, in Bria",
			"sign-in expired in mid-stream":  "access to Bria, once allowed, does not lapse",
		},
		Start: func(t *testing.T) conformance.World {
			sim := newSimulated(t)
			w := conformance.World{
				Server: sim.server.URL + "/counterpath/socketapi/v1/", Other: "Do not disturb",
				Capabilities: phone.Capabilities{ReadsLine: true, ReadsStatus: true, Writes: true, Events: true},
				Open:         func(t *testing.T, server string, _ bool) phone.Phone { return open(t, server+"/") },
				Choose: func(_ *testing.T, status string) {
					for _, p := range presences {
						if p.status == status {
							sim.choose(p.value)
						}
					}
				},
				Happen: func(_ *testing.T, status string) {
					sim.play(map[string]string{Ringing: "ringing", OnACall: "connected", OnHold: "connected"}[status],
						map[string]string{OnHold: "localHold"}[status])
				},
				Shown: func(t *testing.T) presence.Reading {
					r, err := shown(t, sim.server.URL)
					if err != nil {
						t.Fatal(err)
					}
					return r
				},
			}
			for _, p := range presences {
				w.Statuses = append(w.Statuses, presence.Status{Name: p.status, Writable: true})
				w.Plays = append(w.Plays, p.status)
			}
			for _, name := range []string{Ringing, OnACall, OnHold} {
				w.Statuses = append(w.Statuses, presence.Status{Name: name, Activity: true})
				w.Plays = append(w.Plays, name)
			}
			return w
		}})
}

// Access that is not given, or not yet, is told as that.
func TestConsent(t *testing.T) {
	for consent, want := range map[string]struct {
		kind problem.Kind
		do   string
	}{
		"pending": {problem.Unreachable, "click Allow Access"},
		"denied":  {problem.Forbidden, "Allow access for Offhook in Bria"},
	} {
		sim := newSimulated(t)
		sim.allow(consent)
		_, err := shown(t, sim.server.URL)
		if p := problem.Of(err); p == nil || p.Kind != want.kind || !strings.Contains(p.Do.String(), want.do) {
			t.Errorf("%s: %v", consent, err)
		}
		sim.allow("allowed")
		if r, err := shown(t, sim.server.URL); err != nil || r.Chosen != "Available" {
			t.Errorf("%s, then allowed: %+v, %v", consent, r, err)
		}
	}
}

// The person's own words beside the presence stay.
func TestTextStays(t *testing.T) {
	sim := newSimulated(t)
	if err := open(t, sim.server.URL).Write(t.Context(), "away"); err != nil {
		t.Fatal(err)
	}
	if sim.presence != "away" || sim.text != "at the desk" {
		t.Errorf("it shows %s, %q", sim.presence, sim.text)
	}
}

// On the phone shows instead of what was chosen; what Offhook does not know is told, not guessed.
func TestOddStates(t *testing.T) {
	sim := newSimulated(t)
	sim.choose(onThePhone)
	if r, err := shown(t, sim.server.URL); err != nil || r != (presence.Reading{Happening: OnACall}) {
		t.Errorf("on the phone reads %+v, %v", r, err)
	}
	sim.choose("asleep")
	if r, err := shown(t, sim.server.URL); err == nil {
		t.Errorf("an unknown presence reads %+v", r)
	}
	sim.choose("available")
	sim.play("levitating", "")
	if r, err := shown(t, sim.server.URL); err == nil {
		t.Errorf("an unknown call reads %+v", r)
	}
}

func TestFields(t *testing.T) {
	for address, good := range map[string]bool{"": true, usual: true, "ws://127.0.0.1:9002/": true, "http://127.0.0.1": false, "bria": false, "wss://u:p@h/": false} {
		if _, err := Open(Options{Fields: map[string]string{"address": address}}); good != (err == nil) {
			t.Errorf("%q: %v", address, err)
		}
	}
}
