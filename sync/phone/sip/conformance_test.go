package sip

import (
	"testing"
	"time"

	"github.com/offhook/offhook/sync/phone"
	"github.com/offhook/offhook/sync/phone/conformance"
	"github.com/offhook/offhook/sync/presence"
)

// statuses are the preset's; a test of the catalog holds them to it.
func statuses() []Status {
	return []Status{
		{presence.Status{Name: "Available", Means: presence.MeansAvailable, Writable: true}, []string{available}},
		{presence.Status{Name: "Busy", Means: presence.MeansBusy, Writable: true}, []string{busy}},
		{presence.Status{Name: "Do not disturb", Means: presence.MeansDoNotDisturb, Writable: true}, []string{dnd}},
		{presence.Status{Name: "In a meeting", Means: presence.MeansBusy, Writable: true}, []string{meeting}},
		{presence.Status{Name: "Away", Means: presence.MeansAway, Writable: true}, []string{away}},
		{presence.Status{Name: "Offline", Means: presence.MeansAway}, []string{offline}},
		{presence.Status{Name: "Ringing", Means: presence.MeansAvailable, Activity: true}, []string{ringing}},
		{presence.Status{Name: "On a call", Means: presence.MeansBusy, Activity: true}, []string{inCall, onThePhone}},
		{presence.Status{Name: "On hold", Means: presence.MeansBusy, Activity: true}, []string{held}},
	}
}

// quick is how the tests' connectors wait.
var quick = pace{patience: time.Second, keep: 300 * time.Millisecond, alive: 200 * time.Millisecond, stay: 300 * time.Millisecond, settle: 100 * time.Millisecond}

func fields(changes ...string) map[string]string {
	f := map[string]string{"server": "127.0.0.1:5060", "extension": "100", "password": secret}
	for i := 0; i < len(changes); i += 2 {
		f[changes[i]] = changes[i+1]
	}
	return f
}

func open(t testing.TB, changes ...string) *line {
	t.Helper()
	p, err := Open(Options{Fields: fields(changes...), Statuses: statuses()})
	if err != nil {
		t.Fatal(err)
	}
	p.(*line).pace = quick
	return p.(*line)
}

func TestSimulatedConforms(t *testing.T) {
	for _, network := range []string{"tcp", "udp"} {
		t.Run(network, func(t *testing.T) { conforms(t, network) })
	}
}

func conforms(t *testing.T, network string) {
	all := statuses()
	plain := make([]presence.Status, len(all))
	for i, s := range all {
		plain[i] = s.Status
	}
	conformance.Run(t, conformance.Harness{Alone: true, Patience: quick.patience, System: "sip (" + network + ", simulated)",
		Start: func(t *testing.T) conformance.World {
			sim := newSimulated(t, network)
			sim.with(func() { sim.lampIsLine = true })
			return conformance.World{
				Server: sim.address(), SIP: true, Statuses: plain, Other: "In a meeting",
				Capabilities: phone.Capabilities{ReadsLine: true, ReadsStatus: true, Writes: true, Events: true},
				Open: func(t *testing.T, server string, wrongPassword bool) phone.Phone {
					password := secret
					if wrongPassword {
						password += "?"
					}
					return open(t, "server", server, "domain", "pbx", "password", password, "presence", "yes",
						"dnd_on", "*78", "dnd_off", "*79", "dnd_lamp", "*76100")
				},
				Plays:  []string{"Available", "Busy", "Do not disturb", "In a meeting", "Away", "Offline", "Ringing", "On a call", "On hold"},
				Choose: func(_ *testing.T, status string) { sim.choose(first(status)) },
				Happen: func(_ *testing.T, status string) { sim.happen(first(status)) },
				Expire: func(*testing.T) { sim.expire() },
				Shown:  func(*testing.T) presence.Reading { return sim.shown() },
			}
		}})
}

// first is the word of a status.
func first(status string) string {
	for _, s := range statuses() {
		if s.Name == status {
			return s.Values[0]
		}
	}
	return ""
}

// shown is what the simulated phone system itself says: the newest of what is published, and do not disturb over all.
func (s *simulated) shown() (r presence.Reading) {
	s.mu.Lock()
	defer s.mu.Unlock()
	documents := [][]byte{s.phone}
	for _, doc := range s.pubs {
		documents = append(documents, doc) // of ours there is one, and it is the newer
	}
	word := ""
	for _, doc := range documents {
		says, err := parsePIDF(doc)
		if err != nil {
			s.t.Error(err)
		}
		for _, one := range says {
			if word == "" || one.said || len(documents) > 1 {
				word = one.word
			}
		}
	}
	if s.dnd {
		word = dnd
	}
	for _, status := range statuses() {
		if status.Values[0] == word {
			r.Chosen = status.Name
		}
		if s.does != "" && status.Values[0] == s.does {
			r.Happening = status.Name
		}
	}
	return r
}
