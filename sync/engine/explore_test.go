package engine

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/offhook/offhook/sync/phone/profile"
	"github.com/offhook/offhook/sync/presence"
)

// exploration is one search: a world, and what came of it.
type exploration struct {
	preset string
	phones int
	setup  *setup

	states, transitions int
	disturbances        int // how many of them all sequences have been tried to the end of
	closed              bool
	broken              string
	trace               []string
}

// node is a state that was reached, and how.
type node struct {
	parent int32
	event  event
}

// reached is a state whose events are still to be tried.
type reached struct {
	at int32
	*model
}

// run searches breadth first, up to a number of transitions, by the number of disturbances: what merely takes its course between them, in any
// order, is free. So the first violation has the fewest disturbances, and of these the fewest steps.
func (x *exploration) run(most int) {
	first := x.setup.first()
	nodes := []node{{parent: -1}}
	now, later := []reached{{0, first}}, []reached(nil)
	seen := map[uint64]struct{}{first.key(): {}}
	var events []event
	for n := 0; x.transitions < most; n++ {
		if n == len(now) {
			if now, later, n = later, nil, 0; len(now) == 0 {
				x.closed = true
				break
			}
			x.disturbances++
		}
		at, m := int(now[n].at), now[n].model
		now[n].model = nil
		events = m.events(events[:0])
		for _, e := range events {
			next := *m
			next.happen(e)
			x.transitions++
			k := next.key()
			_, known := seen[k]
			if e.deed == settles && !known {
				rested := next
				rested.quiet()
				next.past.bad = rested.past.bad
			}
			if next.past.bad != "" {
				x.broken = next.past.bad
				x.trace = tell(x.setup, nodes, at, e)
				x.states = len(nodes)
				return
			}
			if known {
				continue
			}
			seen[k] = struct{}{}
			nodes = append(nodes, node{int32(at), e})
			if r := (reached{int32(len(nodes) - 1), &next}); e.deed.disturbs() {
				later = append(later, r)
			} else {
				now = append(now, r)
			}
		}
	}
	x.states = len(nodes)
}

// tell puts the events that lead to a state into words.
func tell(s *setup, nodes []node, at int, last event) []string {
	events := []event{last}
	for ; nodes[at].parent >= 0; at = int(nodes[at].parent) {
		events = append(events, nodes[at].event)
	}
	slices.Reverse(events)
	m := s.first()
	var lines []string
	for n, e := range events {
		words := m.words(e)
		told := []string{}
		m.diary = &told
		m.happen(e)
		if n == len(events)-1 && e.deed == settles && m.past.bad == "" {
			told = append(told, "    then time passes:")
			m.quiet()
		}
		lines = append(lines, fmt.Sprintf("%-70s -> %s", words, m.picture()))
		lines = append(lines, told...)
	}
	return lines
}

// picture is what the world shows after an event.
func (m *model) picture() string {
	s := "Teams " + m.shows().String()
	for i := range m.configs[0].Phones {
		s += fmt.Sprintf(", phone %v", m.reading(i))
	}
	for pc := range m.pcs[:m.setup.pcs] {
		for _, w := range m.pcs[pc].writes {
			if w.command != nil {
				s += fmt.Sprintf(", PC %d writes %d %s%s", pc+1, w.command.Do, w.command.Pair, w.command.Status)
			}
		}
	}
	return s
}

// presets loads the mappings that Offhook ships.
func presets(t testing.TB) []*profile.Profile {
	files, err := filepath.Glob("../../assets/presets/*.yaml")
	if err != nil || len(files) < 7 {
		t.Fatalf("the presets are not where they should be: %v, %v", files, err)
	}
	var all []*profile.Profile
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		p, err := profile.Parse(name, text, "asterisk", "sip", "baresip", "bria", "freepbx")
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

func preset(t testing.TB, id string) *profile.Profile {
	t.Helper()
	for _, p := range presets(t) {
		if p.System.ID == id {
			return p
		}
	}
	t.Fatalf("no preset %s", id)
	return nil
}

// explored makes the setup of a preset. Where all is false, of things that the mapping and the rules treat
// alike only one is played.
func explored(p *profile.Profile, phones, pcs int, all bool) *setup {
	m := p.System.Mapping
	s := &setup{pcs: pcs, merged: p.System.ID == "univerge-blue", lines: []uint8{0}}
	cfg := Config{SessionFor: 20 * unit, PreferredFor: 10 * unit, Settle: unit, PhoneSettle: unit, Blind: 10 * unit, MessageFor: 10 * unit}
	writes := slices.ContainsFunc(m.ToPhone, func(r presence.Row[presence.Pair, string]) bool { return !r.Unchanged() })
	for i := range phones {
		cfg.Phones = append(cfg.Phones, PhoneConfig{ID: fmt.Sprint("phone", i+1), Mapping: m, Writes: writes, Polled: !p.System.Capabilities.Events})
	}
	edited := cfg
	edited.Phones = slices.Clone(cfg.Phones)
	for i := range edited.Phones {
		c := &edited.Phones[i]
		c.Mapping.ToPhone, c.Mapping.ToTeams = slices.Clone(m.ToPhone), slices.Clone(m.ToTeams)
		for r := range c.Mapping.ToPhone {
			c.Mapping.ToPhone[r].To = ""
		}
		for r := range c.Mapping.ToTeams {
			if st, _ := m.Status(c.Mapping.ToTeams[r].From); st.Activity {
				c.Mapping.ToTeams[r].To = presence.Pair{}
			}
		}
	}
	s.configs = []Config{cfg, edited}

	alike := map[string]bool{}
	only := func(format string, args ...any) bool {
		k := fmt.Sprintf(format, args...)
		known := alike[k]
		alike[k] = true
		return all || !known
	}
	for _, a := range []presence.Pair{presence.InACall, presence.InAMeeting, presence.Presenting, presence.InAConferenceCall, presence.Focusing} {
		st, _ := presence.Lookup(a)
		if only("activity %q %v %v", m.Phone(a).To, st.Means, a == presence.InAMeeting) {
			s.activities = append(s.activities, a)
		}
	}
	s.choices = []presence.Pair{{}}
	for _, c := range []presence.Pair{presence.Busy, presence.DoNotDisturb, presence.BeRightBack, presence.AppearOffline, presence.Away, presence.Available} {
		st, _ := presence.Lookup(c)
		if only("choice %q %v", m.Phone(c).To, st.Means) {
			s.choices = append(s.choices, c)
		}
	}
	for i, st := range m.Statuses {
		place := uint8(i + 1)
		back := s.writtenTo(st.Name)
		row := m.Teams(st.Name)
		switch {
		case st.Activity && only("line %s %v", row.To, back):
			s.lines = append(s.lines, place)
		case !st.Activity && only("status %s %v %v", row.To, back, st.Means):
			s.statuses = append(s.statuses, place)
		}
		if s.idle == 0 && !st.Activity && st.Means == presence.MeansAvailable {
			s.idle = place
		}
	}
	if s.idle == 0 && len(s.statuses) > 0 { // no status of its own for nothing in particular
		s.statuses = append(s.statuses, 0)
	}
	return s
}

func (s *setup) writtenTo(status string) bool {
	return slices.ContainsFunc(s.mapping().ToPhone, func(r presence.Row[presence.Pair, string]) bool { return r.To == status })
}

// bound is how many transitions each of n explorations makes: together some millions, a minute or so on two cores.
func bound(n int, short bool) int {
	if short {
		return min(20_000, 1_000_000/n)
	}
	return min(200_000, 5_000_000/n)
}

// TestExplore walks the states of every shipped preset and checks the laws in each.
func TestExplore(t *testing.T) {
	most := 0
	if n := os.Getenv("OFFHOOK_EXPLORE"); n != "" {
		if _, err := fmt.Sscan(n, &most); err != nil {
			t.Fatalf("OFFHOOK_EXPLORE is how many transitions each exploration makes at most, not %q", n)
		}
	}
	var all []*exploration
	for _, p := range presets(t) {
		few := []string{"simulated", "nfon-cloudya", "openscape-uc"} // are enough to find a fault with
		if os.Getenv("OFFHOOK_MUTANT") != "" && !slices.Contains(few, p.System.ID) {
			continue
		}
		if only := os.Getenv("OFFHOOK_EXPLORE_PRESET"); only != "" && !strings.Contains(p.System.ID, only) {
			continue
		}
		all = append(all,
			&exploration{preset: p.System.ID, phones: 1, setup: explored(p, 1, 1, false)},
			&exploration{preset: p.System.ID, phones: 2, setup: explored(p, 2, 1, false)},
			&exploration{preset: p.System.ID, phones: 1, setup: explored(p, 1, 2, false)})
	}
	if most == 0 {
		most = bound(len(all), testing.Short())
	}
	began := time.Now()
	work := make(chan *exploration)
	var busy sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		busy.Go(func() {
			for x := range work {
				x.run(most)
			}
		})
	}
	for _, x := range all {
		work <- x
	}
	close(work)
	busy.Wait()
	states, transitions, violations := 0, 0, 0
	for _, x := range all {
		bad := 0
		if x.broken != "" {
			bad = 1
			t.Errorf("%s, %d phones, %d PCs: %s\n  %s", x.preset, x.phones, x.setup.pcs, x.broken, strings.Join(x.trace, "\n  "))
		}
		t.Logf("explored preset=%s phones=%d states=%d transitions=%d violations=%d pcs=%d disturbances=%d closed=%v", x.preset, x.phones,
			x.states, x.transitions, bad, x.setup.pcs, x.disturbances, x.closed)
		states, transitions, violations = states+x.states, transitions+x.transitions, violations+bad
	}
	t.Logf("explored total states=%d transitions=%d violations=%d in %s", states, transitions, violations, time.Since(began).Round(time.Second))
}
