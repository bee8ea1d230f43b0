package engine

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

// world is the two sides as a model: Teams with its sessions and its preferred presence, phones with a line
// and a chosen status. It carries the core's commands out at once and lets time pass.
type world struct {
	t      *testing.T
	cfg    Config
	pcs    []*pc // PCs of the same person on which Offhook runs; lines of a scenario speak of the first
	now    time.Time
	writes int // on either side, since last asked
	news   int // of these, those that were no renewal
	looks  int

	message   string        // the status message
	client    presence.Pair // what the Teams client itself says
	meeting   presence.Pair // what happens in Teams
	session   presence.Pair
	sessionTo time.Time
	preferred presence.Pair // by the person or by Offhook: Graph knows one
	prefersTo time.Time     // until then; zero: for good
	since     bool          // a call or meeting has begun since that was chosen, and shows over Available and Busy
	stale     int           // answers from before the write, after each write
	old       []presence.Pair
	lost      bool // Graph does not answer

	phones []*phoneWorld
}

type pc struct {
	state   State
	disk    Journal
	off     bool // Offhook does not run
	reasons []Reason
}

type phoneWorld struct {
	line   string
	chosen string
	merged bool // shows one status only
	lost   bool
	refuse bool
}

func newWorld(t *testing.T, phones ...PhoneConfig) *world {
	w := &world{t: t, cfg: Config{Phones: phones}.Defaults(), now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC),
		client: presence.Available}
	for _, p := range phones {
		w.phones = append(w.phones, &phoneWorld{chosen: p.neutral(), merged: strings.HasPrefix(p.ID, "merged")})
	}
	w.pcs = []*pc{{state: w.cfg.Start(Journal{})}}
	return w
}

// teams is what Graph answers: preferred over sessions; of sessions the highest.
func (w *world) teams() presence.Pair {
	if w.now.After(w.sessionTo) {
		w.session = presence.Pair{}
	}
	if !w.prefersTo.IsZero() && w.now.After(w.prefersTo) {
		w.preferred, w.prefersTo = presence.Pair{}, time.Time{}
	}
	if w.client == presence.Offline && w.session == (presence.Pair{}) {
		return presence.Offline
	}
	weak := w.preferred == presence.Available || w.preferred == presence.Busy
	happening := w.meeting != (presence.Pair{}) || w.session != (presence.Pair{})
	if w.preferred != (presence.Pair{}) && !(weak && w.since && happening) {
		return w.preferred
	}
	best := w.client
	for _, p := range []presence.Pair{w.meeting, w.session} {
		if p != (presence.Pair{}) && rank(p) >= rank(best) {
			best = p
		}
	}
	if w.meeting == presence.Presenting {
		best = w.meeting
	}
	return best
}

func (w *world) graph() presence.Pair {
	now := w.teams()
	if len(w.old) > 0 {
		now, w.old = w.old[0], w.old[1:]
	}
	return now
}

func (p *phoneWorld) reading() presence.Reading {
	if !p.merged {
		return presence.Reading{Happening: p.line, Chosen: p.chosen}
	}
	switch {
	case p.line != "":
		return presence.Reading{Happening: p.line}
	case p.chosen == "On call" || p.chosen == "In a meeting":
		return presence.Reading{Happening: p.chosen}
	}
	return presence.Reading{Chosen: p.chosen}
}

func (w *world) step(pc *pc, e Event) {
	if pc.off {
		return
	}
	var commands []Command
	var reasons []Reason
	pc.state, commands, reasons = w.cfg.Step(pc.state, e, w.now)
	pc.reasons = append(pc.reasons, reasons...)
	for _, c := range commands {
		w.carryOut(pc, c)
	}
}

func (w *world) carryOut(pc *pc, c Command) {
	if c.Do == Save {
		pc.disk = *c.Journal
		return
	}
	if c.Do == LookAtTeams {
		return
	}
	var failed *problem.Problem
	before := w.teams()
	w.writes++
	if !(c.Do == SetSession && w.session == c.Pair || c.Do == SetPreferred && w.preferred == c.Pair) {
		w.news++
	}
	switch {
	case c.TeamsWrite() && w.lost:
		failed = &problem.Problem{Kind: problem.Unreachable, What: problem.Say("no answer"), Unsure: true}
	case c.PhoneWrite() && (w.phones[c.Phone].lost || w.phones[c.Phone].refuse):
		failed = &problem.Problem{Kind: problem.Refused, What: problem.Say("refused")}
	case c.Do == SetSession:
		w.since = w.since || w.session != c.Pair
		w.session, w.sessionTo = c.Pair, w.now.Add(c.For)
	case c.Do == ClearSession:
		w.session = presence.Pair{}
	case c.Do == SetPreferred:
		w.preferred, w.prefersTo, w.since = c.Pair, w.now.Add(c.For), false
	case c.Do == ClearPreferred:
		w.preferred = presence.Pair{}
	case c.Do == SetMessage, c.Do == ClearMessage:
		w.message = c.Status
	case c.PhoneWrite():
		w.phones[c.Phone].chosen = c.Status
	}
	if c.TeamsWrite() && before != w.teams() {
		for range w.stale {
			w.old = append(w.old, before)
		}
	}
	w.now = w.now.Add(100 * time.Millisecond)
	w.step(pc, Done{c, failed})
}

// look delivers one reading of each side. The second PC sees Teams at every other look only, and the phone
// after the first PC has acted on it.
func (w *world) look() {
	w.now = w.now.Add(time.Second)
	w.looks++
	for n, pc := range w.pcs {
		for i, p := range w.phones {
			if p.lost {
				w.step(pc, PhoneLost{i, &problem.Problem{Kind: problem.Unreachable, What: problem.Say("no answer")}})
			} else {
				w.step(pc, PhoneRead{i, p.reading()})
			}
		}
		if w.lost {
			w.step(pc, TeamsLost{&problem.Problem{Kind: problem.Unreachable, What: problem.Say("no answer")}})
		} else if n == 0 || w.looks%2 == 0 {
			w.step(pc, TeamsRead{presence.Presence{Pair: w.graph(), Message: w.message}, w.now})
		}
	}
}

// settle looks until Graph answers the truth, then past the settle time.
func (w *world) settle() {
	for range 8 + 4*w.stale {
		w.look()
	}
	w.pass(w.cfg.Settle)
	w.look()
	w.look()
}

// pass lets time go by, with a reading every 30 s and the ticks the core asks for.
func (w *world) pass(d time.Duration) {
	for end := w.now.Add(d); w.now.Before(end); {
		next := w.now.Add(30 * time.Second)
		for _, pc := range w.pcs {
			if wake := w.cfg.Wake(pc.state, w.now); !wake.IsZero() && wake.Before(next) {
				next = wake
			}
		}
		w.now = next
		for _, pc := range w.pcs {
			w.step(pc, Tick{})
		}
		w.look()
	}
}

// do carries out one line of a scenario.
func (w *world) do(line string) {
	w.t.Helper()
	who, rest, _ := strings.Cut(line, " ")
	verb, what, _ := strings.Cut(rest, " ")
	settle := w.settle
	if soon, ok := strings.CutPrefix(line, "soon "); ok { // without waiting for Graph to have surely caught up
		line = soon
		settle = func() {
			for range 8 + 4*w.stale {
				w.look()
			}
		}
		who, rest, _ = strings.Cut(line, " ")
		verb, what, _ = strings.Cut(rest, " ")
	}
	me, phone := w.pcs[0], 0
	if who == "phone2" {
		phone = 1
	}
	pair, _ := presence.ParsePair(what)
	switch who + " " + verb {
	case "teams does":
		w.meeting, w.since = pair, true
	case "teams chooses":
		w.preferred, w.prefersTo, w.since = pair, time.Time{}, false
	case "teams client":
		w.client = pair
	case "teams resets":
		w.preferred = presence.Pair{}
	case "teams types":
		w.message = what
	case "expect message":
		if w.message != what {
			w.t.Fatalf("%q: it says %q\n%s", line, w.message, w.story())
		}
		return
	case "teams lost", "teams found":
		w.lost = verb == "lost"
	case "phone does", "phone2 does":
		w.phones[phone].line = what
		if what == "nothing" {
			w.phones[phone].line = ""
		}
	case "phone chooses", "phone2 chooses":
		w.phones[phone].chosen = what
	case "phone lost", "phone found":
		w.phones[phone].lost = verb == "lost"
	case "phone refuses", "phone accepts":
		w.phones[phone].refuse = verb == "refuses"
	case "offhook pauses":
		w.step(me, PauseUntil{})
	case "offhook resumes":
		w.step(me, Resume{})
	case "offhook quits":
		w.step(me, Quit{})
		me.off = true
		return
	case "offhook killed":
		me.off = true
		return
	case "offhook starts":
		me.off = false
		me.state = w.cfg.Start(me.disk)
	case "time passes":
		d, err := time.ParseDuration(what)
		if err != nil {
			w.t.Fatalf("%q: %v", line, err)
		}
		w.pass(d)
		return
	case "expect teams":
		if got := w.teams().String(); got != what {
			w.t.Fatalf("%q: Teams shows %s\n%s", line, got, w.story())
		}
		return
	case "expect phone", "expect phone2":
		if verb == "phone2" {
			phone = 1
		}
		if got := w.phones[phone].chosen; got != what {
			w.t.Fatalf("%q: the phone shows %s\n%s", line, got, w.story())
		}
		return
	case "expect writes":
		if got := fmt.Sprint(w.writes); got != what {
			w.t.Fatalf("%q: %s writes\n%s", line, got, w.story())
		}
		w.writes = 0
		return
	case "expect held":
		if got := fmt.Sprint(me.state.Holding()); got != what {
			w.t.Fatalf("%q: %s\n%s", line, got, w.story())
		}
		return
	case "expect before":
		if got := me.state.Teams.Preferred.Before.String(); got != what {
			w.t.Fatalf("%q: %s\n%s", line, got, w.story())
		}
		return
	case "expect told":
		if !slices.ContainsFunc(me.reasons, func(r Reason) bool { return string(r.Kind) == what }) {
			w.t.Fatalf("%q: not told\n%s", line, w.story())
		}
		return
	default:
		w.t.Fatalf("unknown line %q", line)
	}
	settle()
}

func (w *world) story() string {
	var b strings.Builder
	for n, pc := range w.pcs {
		for _, r := range pc.reasons {
			fmt.Fprintf(&b, "  PC %d %s %s\n", n+1, r.At.Format("15:04:05"), r.Sentence(func(side string) string { return side }))
		}
	}
	return b.String()
}

func row(teams presence.Pair, phone string) presence.Row[presence.Pair, string] {
	return presence.Row[presence.Pair, string]{From: teams, To: phone, Why: "left"}
}

func rowUp(phone string, teams presence.Pair) presence.Row[string, presence.Pair] {
	return presence.Row[string, presence.Pair]{From: phone, To: teams, Why: "left"}
}

// desk is a phone whose line and chosen status are told apart.
func desk(id string) PhoneConfig {
	m := presence.Mapping{
		Statuses: []presence.Status{
			{Name: "Available", Means: presence.MeansAvailable, Writable: true},
			{Name: "Busy", Means: presence.MeansBusy, Writable: true},
			{Name: "Do not disturb", Means: presence.MeansDoNotDisturb, Writable: true},
			{Name: "In a meeting", Means: presence.MeansBusy, Writable: true},
			{Name: "On vacation", Means: presence.MeansAway, Writable: true},
			{Name: "Ringing", Means: presence.MeansAvailable, Activity: true},
			{Name: "On a call", Means: presence.MeansBusy, Activity: true},
			{Name: "On hold", Means: presence.MeansBusy, Activity: true},
		},
		ToPhone: []presence.Row[presence.Pair, string]{
			row(presence.Available, "Available"), row(presence.Busy, "Busy"), row(presence.InACall, "Do not disturb"),
			row(presence.InAMeeting, "In a meeting"), row(presence.Presenting, "Do not disturb"),
			row(presence.DoNotDisturb, "Do not disturb"), row(presence.Away, ""), row(presence.Offline, ""),
			row(presence.AppearOffline, ""), row(presence.BeRightBack, ""),
		},
		ToTeams: []presence.Row[string, presence.Pair]{
			rowUp("Available", presence.Available), rowUp("Busy", presence.Busy),
			rowUp("Do not disturb", presence.DoNotDisturb), rowUp("On a call", presence.InACall),
			rowUp("On hold", presence.InACall), rowUp("Ringing", presence.Pair{}),
			rowUp("In a meeting", presence.Busy), rowUp("On vacation", presence.Pair{}),
		},
	}
	return PhoneConfig{ID: id, Mapping: m, Writes: true}
}

// mute is a desk phone whose do not disturb Teams does not follow.
func mute(id string) PhoneConfig {
	c := desk(id)
	for i, r := range c.Mapping.ToTeams {
		if r.From == "Do not disturb" {
			c.Mapping.ToTeams[i].To = presence.Pair{}
		}
	}
	return c
}

// merged is a phone that shows one status only, as Univerge Blue does.
func merged(id string) PhoneConfig {
	m := presence.Mapping{
		Statuses: []presence.Status{
			{Name: "Available", Means: presence.MeansAvailable, Writable: true},
			{Name: "Busy", Means: presence.MeansBusy, Writable: true},
			{Name: "On call", Means: presence.MeansBusy, Activity: true, Writable: true},
			{Name: "In a meeting", Means: presence.MeansBusy, Activity: true, Writable: true},
			{Name: "On vacation", Means: presence.MeansAway, Writable: true},
		},
		ToPhone: []presence.Row[presence.Pair, string]{
			row(presence.Available, "Available"), row(presence.Busy, "Busy"), row(presence.InACall, "On call"),
			row(presence.InAMeeting, "In a meeting"), row(presence.Presenting, "In a meeting"),
			row(presence.DoNotDisturb, "Busy"), row(presence.Away, ""),
		},
		ToTeams: []presence.Row[string, presence.Pair]{
			rowUp("Available", presence.Available), rowUp("Busy", presence.Pair{}), rowUp("On call", presence.InACall),
			rowUp("In a meeting", presence.InACall), rowUp("On vacation", presence.Pair{}),
		},
	}
	return PhoneConfig{ID: id, Mapping: m, Writes: true}
}
