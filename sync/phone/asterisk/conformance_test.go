package asterisk

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/offhook/offhook/sync/phone"
	"github.com/offhook/offhook/sync/phone/conformance"
	"github.com/offhook/offhook/sync/presence"
)

// world is what any ARI has in common for the suite.
func world(server, password string) conformance.World {
	return conformance.World{
		Server: server,
		Statuses: []presence.Status{
			{Name: Available, Writable: true}, {Name: DoNotDisturb, Writable: true},
			{Name: Ringing, Activity: true}, {Name: OnACall, Activity: true}, {Name: OnHold, Activity: true},
		},
		Capabilities: phone.Capabilities{ReadsLine: true, ReadsStatus: true, Writes: true, Events: true},
		Other:        DoNotDisturb,
		Open: func(t *testing.T, server string, wrongPassword bool) phone.Phone {
			t.Helper()
			entered := password
			if wrongPassword {
				entered += "?"
			}
			transport := &http.Transport{}
			t.Cleanup(transport.CloseIdleConnections)
			p, err := Open(Options{Fields: fields("server", server, "password", entered), HTTP: &http.Client{Transport: transport}})
			if err != nil {
				t.Fatal(err)
			}
			p.(*line).ari.patience = quick
			return p
		},
	}
}

// quick is how long the suite's connectors wait for an answer.
const quick = time.Second

var pointless = map[string]string{
	"sign-in expired in mid-stream": "ARI knows no sign-in: each request carries user and password",
}

func TestSimulatedConforms(t *testing.T) {
	conformance.Run(t, conformance.Harness{System: "Asterisk ARI (simulated)", Pointless: pointless, Alone: true, Patience: quick, Start: func(t *testing.T) conformance.World {
		sim := newSimulated()
		server := httptest.NewServer(sim)
		t.Cleanup(func() { sim.cut(""); server.Close() })
		w := world(server.URL+"/ari", secret)
		w.Plays = []string{Available, DoNotDisturb, Ringing, OnACall, OnHold}
		w.Choose = func(_ *testing.T, status string) {
			sim.set("Custom:DND100", map[string]string{Available: "NOT_INUSE", DoNotDisturb: "BUSY"}[status])
		}
		w.Happen = func(_ *testing.T, status string) {
			sim.set("PJSIP/100", map[string]string{"": "NOT_INUSE", Ringing: "RINGING", OnACall: "INUSE", OnHold: "ONHOLD"}[status])
		}
		w.Shown = func(t *testing.T) presence.Reading { return shown(t, server.URL, secret) }
		return w
	}})
}

// The line of a real Asterisk is played by calls, in tests of its own.
func TestRealConforms(t *testing.T) {
	address := running(t)
	conformance.Run(t, conformance.Harness{System: "Asterisk ARI (real)", Pointless: pointless, Patience: quick, Start: func(t *testing.T) conformance.World {
		choose := func(t *testing.T, status string) {
			if err := newReal(t, address).Write(t.Context(), status); err != nil {
				t.Fatal(err)
			}
		}
		choose(t, Available)
		w := world(address, "offhook-ari")
		w.Plays = []string{Available, DoNotDisturb}
		w.Choose = choose
		w.Shown = func(t *testing.T) presence.Reading { return shown(t, address, "offhook-ari") }
		return w
	}})
}

func shown(t *testing.T, server, password string) presence.Reading {
	t.Helper()
	r, err := newReal(t, server, "password", password).(*line).read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r
}
