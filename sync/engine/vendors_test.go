package engine

import (
	"testing"
	"time"

	"github.com/offhook/offhook/sync/presence"
)

// reach brings the world's Teams to a state, as a person would.
func (m *model) reach(p presence.Pair) {
	switch s, _ := presence.Lookup(p); {
	case p == presence.OutOfOffice:
		m.client = clientOutOfOffice
	case p == presence.Offline:
		m.client = clientClosed
	case p == presence.Available:
		m.preferred = presence.Pair{}
	case s.Activity:
		for i, a := range m.activities {
			if a == p {
				m.happening |= 1 << i
			}
		}
	default:
		m.preferred, m.newer = p, 0
	}
}

// TestVendors holds every row of every shipped preset, in both directions: what its table says is what the other
// side shows, and when it is over the other side is again what it was.
func TestVendors(t *testing.T) {
	for _, p := range presets(t) {
		s := explored(p, 1, 1, true)
		for _, state := range presence.TeamsStates() {
			row := p.System.Mapping.Phone(state.Pair)
			m := s.first()
			before := m.reading(0)
			if state.Pair == presence.Available { // from something else to it
				m.preferred = presence.Busy
				m.settle()
				before = m.reading(0)
			}
			m.reach(state.Pair)
			if m.shows() != state.Pair {
				t.Fatalf("the world shows %s, not %s", m.shows(), state.Pair)
			}
			m.settle()
			switch r := m.reading(0); {
			case row.Unchanged() && state.Pair != presence.Available && r != before:
				t.Errorf("%s: %s in Teams leaves the phone as it is, and it shows %v", p.System.ID, state.Pair, r)
			case !row.Unchanged() && r.Happening != row.To && r.Chosen != row.To:
				t.Errorf("%s: %s in Teams makes the phone show %s, and it shows %v", p.System.ID, state.Pair, row.To, r)
			}
			m.happening, m.client, m.preferred = 0, clientAvailable, presence.Pair{}
			m.settle()
			if r := m.reading(0); r != s.first().reading(0) {
				t.Errorf("%s: after %s in Teams the phone shows %v", p.System.ID, state.Pair, r)
			}
		}
		for i, status := range p.System.Mapping.Statuses {
			row := p.System.Mapping.Teams(status.Name)
			m := s.first()
			if status.Activity {
				m.phones[0].line = uint8(i + 1)
			} else {
				m.chooses(0, uint8(i+1))
			}
			m.settle()
			want := row.To
			if row.Unchanged() {
				want = presence.Available
			}
			if m.shows() != want {
				t.Errorf("%s: %s on the phone makes Teams show %s, not %s", p.System.ID, status.Name, want, m.shows())
			}
			m.phones[0].line = 0
			m.chooses(0, s.idle)
			m.settle()
			if m.shows() != presence.Available || m.pcs[0].state.Holding() {
				t.Errorf("%s: after %s on the phone Teams shows %s", p.System.ID, status.Name, m.shows())
			}
		}
	}
}

// TestDuringACall holds the table of what Teams shows while the phone is in a call, by what it showed before
// (Unify, OpenScape UC presence with Microsoft Teams), and that all is as before afterwards.
func TestDuringACall(t *testing.T) {
	for _, id := range []string{"openscape-uc", "simulated", "asterisk", "nfon-cloudya", "univerge-blue", "mitel-cloudlink"} {
		s := explored(preset(t, id), 1, 1, true)
		for _, tt := range []struct{ before, during presence.Pair }{
			{presence.Available, presence.InACall},
			{presence.Busy, presence.InACall},
			{presence.DoNotDisturb, presence.DoNotDisturb},
			{presence.BeRightBack, presence.BeRightBack},
			{presence.Away, presence.Away},
			{presence.AppearOffline, presence.AppearOffline},
			{presence.InAMeeting, presence.InACall},
		} {
			m := s.first()
			m.reach(tt.before)
			m.settle()
			before := m.reading(0)
			for i, status := range s.mapping().Statuses {
				if status.Activity && s.mapping().Teams(status.Name).To == presence.InACall {
					m.phones[0].line = uint8(i + 1)
				}
			}
			m.settle()
			if got := m.shows(); got != tt.during {
				t.Errorf("%s: %s before the call, %s during it, want %s", id, tt.before, got, tt.during)
			}
			m.phones[0].line = 0
			m.settle()
			if got := m.shows(); got != tt.before || m.reading(0) != before {
				t.Errorf("%s: %s before the call, %s and phone %v after it", id, tt.before, got, m.reading(0))
			}
		}
	}
}

// BenchmarkDecision tells what a step costs: when nothing changes, and when a call begins.
func BenchmarkDecision(b *testing.B) {
	s := explored(preset(b, "simulated"), 1, 1, true)
	m := s.first()
	m.phones[0].line = s.place("On a call")
	m.settle()
	cfg, state, now := m.cfg(), *m.pcs[0].state, m.now.Add(time.Second)
	same := Event(TeamsRead{presence.Presence{Pair: m.shows()}, now})
	again := Event(PhoneRead{0, m.reading(0)})
	idle := s.first()
	before, call := *idle.pcs[0].state, Event(PhoneRead{0, m.reading(0)})
	for _, bb := range []struct {
		name  string
		state State
		e     Event
	}{{"nothing changes in Teams", state, same}, {"nothing changes on the phone", state, again}, {"a tick", state, Tick{}}, {"a call begins", before, call}} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				cfg.Step(bb.state, bb.e, now)
			}
		})
	}
}
