package engine

import (
	"maps"
	"time"

	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

// This file is the explorer's world: both sides, and every PC on which Offhook runs, as one small value that is
// copied at each transition; what is large in it is shared and never changed. Time is real, but every event takes
// a nanosecond and only the clock's own events take whole units, so that two moments differ in a whole number
// of units or not at all: see the key.

const unit = time.Minute

// setup is what one exploration explores; it does not change while it runs.
type setup struct {
	configs []Config // as shipped; and with the mapping edited
	pcs     int
	merged  bool // the phones show one status at a time

	activities []presence.Pair // that may begin in Teams
	choices    []presence.Pair // that the person may make in Teams; the first is none, "reset status"
	lines      []uint8         // what may happen on a phone, as places among the statuses; the first is nothing
	statuses   []uint8         // what may be chosen there
	idle       uint8           // what is chosen there at first
}

func (s *setup) mapping() *presence.Mapping { return &s.configs[0].Phones[0].Mapping }

// name is a status by its place from 1; 0 is none.
func (s *setup) name(place uint8) string {
	if place == 0 {
		return ""
	}
	return s.mapping().Statuses[place-1].Name
}

func (s *setup) place(name string) uint8 {
	for i := range s.mapping().Statuses {
		if s.mapping().Statuses[i].Name == name {
			return uint8(i + 1)
		}
	}
	return 0
}

func (s *setup) happens(place uint8) bool {
	return place != 0 && s.mapping().Statuses[place-1].Activity
}

func (s *setup) means(place uint8) presence.Means {
	if place == 0 {
		return presence.MeansAway
	}
	return s.mapping().Statuses[place-1].Means
}

// How a side answers.
const (
	answers = iota
	unreachable
	signedOut
	unknown // with something nobody knows
)

// What the Teams client reports of itself.
const (
	clientAvailable = iota
	clientAway
	clientClosed
	clientOutOfOffice
)

const byPerson = 0 // who set something; else the PC's number from 1

// model is one state: the world, the PCs, and what the laws must know of the history.
type model struct {
	*setup
	now    time.Time
	config uint8 // the one in force

	client    uint8
	happening uint8 // what happens in Teams, a bit for each of setup.activities
	newer     uint8 // of these, and of the session (the top bit), what began after the preferred one was chosen
	session   presence.Pair
	sessionTo time.Time
	preferred presence.Pair
	prefersTo time.Time // zero: for good
	preferrer uint8
	teams     uint8         // how Teams answers
	old       presence.Pair // what it answered before the newest write
	oldLeft   uint8         // how often it will answer so again

	phones [2]modelPhone
	pcs    [2]modelPC

	past  past
	diary *[]string // the reasons told, where somebody reads them
}

type modelPhone struct {
	line    uint8 // what happens there by itself
	chosen  uint8 // what it shows else
	setter  uint8 // of chosen
	base    uint8 // what it is to show when nothing is held
	answers uint8
}

type modelPC struct {
	state  *State
	disk   *Journal
	on     bool
	writes [3]modelWrite // one to Teams, one to each phone
	answer modelAnswer   // of Graph, on its way
	late   [2]modelReading
}

type modelWrite struct {
	command *Command
	applied bool
	renews  bool
}

type modelAnswer struct {
	shows presence.Pair
	asked time.Time
}

type modelReading struct {
	presence.Reading
	there bool
}

const ownSession = 1 << 7

// own is what Teams would show without Offhook; shows is what it shows.
func (m *model) own() presence.Pair   { return m.view(false) }
func (m *model) shows() presence.Pair { return m.view(true) }

// view follows Microsoft's rules: what is preferred comes before all sessions, wherever there is one; of sessions
// the highest; but a call that begins after the person chose Available or Busy shows as a call.
func (m *model) view(offhook bool) presence.Pair {
	session := offhook && m.session != presence.Pair{} && m.now.Before(m.sessionTo)
	if m.client == clientClosed && !session {
		return presence.Offline
	}
	best := presence.Available
	switch m.client {
	case clientAway:
		best = presence.Away
	case clientClosed:
		best = m.session
	case clientOutOfOffice:
		best = presence.OutOfOffice
	}
	preferred := m.preferred
	if preferred != (presence.Pair{}) && (!offhook && m.preferrer != byPerson || !m.prefersTo.IsZero() && !m.now.Before(m.prefersTo)) {
		preferred = presence.Pair{}
	}
	seen := uint8(0xff)
	switch preferred {
	case presence.Pair{}:
	case presence.Available, presence.Busy:
		best, seen = preferred, m.newer
	default:
		return preferred
	}
	if session && seen&ownSession != 0 && order(m.session) >= order(best) {
		best = m.session
	}
	for i, a := range m.activities {
		weak := a == presence.InAMeeting && seen != 0xff // the calendar's: not a call
		if m.happening&seen&(1<<i) != 0 && !weak && order(a) >= order(best) {
			best = a
		}
	}
	return best
}

// order is Graph's among sessions, and within busy a call before the calendar's meeting.
func order(p presence.Pair) int {
	switch p {
	case presence.Presenting, presence.Focusing:
		return 6
	case presence.InAConferenceCall:
		return 5
	case presence.InACall:
		return 4
	case presence.InAMeeting:
		return 3
	case presence.Busy:
		return 2
	case presence.Available:
		return 1
	}
	return 0
}

// beside tells whether what Offhook has set on a phone shows beside what the person chooses there.
func (m *model) beside(i int) bool { return !m.merged && m.happens(m.phones[i].chosen) }

// reading is what a phone tells.
func (m *model) reading(i int) presence.Reading {
	p := &m.phones[i]
	var r presence.Reading
	switch {
	case p.line != 0:
		r.Happening = m.name(p.line)
	case m.happens(p.chosen):
		r.Happening = m.name(p.chosen)
	}
	switch {
	case m.merged && r.Happening != "":
	case m.happens(p.chosen):
		r.Chosen = m.name(p.base)
	default:
		r.Chosen = m.name(p.chosen)
	}
	return r
}

var (
	noAnswer    = &problem.Problem{Kind: problem.Unreachable, What: problem.Say("no answer"), Unsure: true}
	noSignIn    = &problem.Problem{Kind: problem.SignedOut, What: problem.Say("signed out")}
	turnedDown  = &problem.Problem{Kind: problem.Refused, What: problem.Say("refused")}
	nobodyKnows = presence.Presence{Pair: presence.Unknown}
)

// answerOf is what Graph answers now; it may be what stood before the newest write.
func (m *model) graph() presence.Pair {
	if m.oldLeft > 0 {
		m.oldLeft--
		return m.old
	}
	return m.shows()
}

// cfg is the Config in force.
func (m *model) cfg() *Config { return &m.configs[m.config] }

// first is the world at the beginning, with Offhook started and nothing read yet.
func (s *setup) first() *model {
	m := &model{setup: s, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	for i := range m.configs[0].Phones {
		m.phones[i].chosen, m.phones[i].base = s.idle, s.idle
	}
	for i := range s.pcs {
		state := m.cfg().Start(Journal{})
		m.pcs[i] = modelPC{state: &state, disk: &Journal{}, on: true}
	}
	m.settleAndCheck()
	return m
}

// step hands an event to the core of a PC, and issues what it asks for.
func (m *model) step(pc int, e Event) {
	p := &m.pcs[pc]
	m.now = m.now.Add(1)
	before := p.state
	after, commands, reasons := m.cfg().Step(*before, e, m.now)
	p.state = &after
	if quick := *before; m.cfg().nothingNew(&quick, e, m.now) {
		if _, commands, reasons := m.cfg().step(*before, e, m.now); len(commands)+len(reasons) > 0 {
			m.broken(5, "a reading is passed over as if it told nothing new: %+v", e)
		}
	}
	for k := range commands {
		c := &commands[k]
		switch {
		case c.Do == Save:
			p.disk = c.Journal
		case c.TeamsWrite() || c.PhoneWrite():
			p.writes[place(c)] = modelWrite{command: c, renews: m.issued(pc, before, c)}
		}
	}
	m.stepped(pc, before, e, reasons)
}

// place is where a write waits: 0 for Teams, else the phone's number from 1.
func place(c *Command) int {
	if c.TeamsWrite() {
		return 0
	}
	return c.Phone + 1
}

// land carries a write out in the world; old is how often Graph will answer what stood before.
func (m *model) land(pc, where int, old uint8) {
	w := &m.pcs[pc].writes[where]
	w.applied = true
	c := w.command
	before := m.shows()
	m.landing(pc, where)
	switch c.Do {
	case SetSession:
		if m.session != c.Pair || !m.now.Before(m.sessionTo) {
			m.newer |= ownSession
		}
		m.session, m.sessionTo = c.Pair, m.now.Add(c.For)
	case ClearSession:
		m.session = presence.Pair{}
	case SetPreferred:
		m.preferred, m.prefersTo, m.preferrer, m.newer = c.Pair, m.now.Add(c.For), uint8(pc+1), 0
	case ClearPreferred:
		m.preferred, m.prefersTo, m.preferrer = presence.Pair{}, time.Time{}, byPerson
	case SetStatus:
		p := &m.phones[c.Phone]
		if p.setter == byPerson && p.chosen == m.place(c.Status) { // who was first is not to be told
			m.past.loose[c.Phone] = true
		}
		p.chosen, p.setter = m.place(c.Status), uint8(pc+1)
		if c.Release {
			p.base, p.setter = p.chosen, byPerson
		}
	case GiveBack:
		p := &m.phones[c.Phone]
		p.setter = byPerson
		if p.chosen = m.place(c.Status); p.chosen == 0 {
			p.chosen = p.base
		}
		p.base = p.chosen
	}
	if where == 0 && m.shows() != before {
		m.old, m.oldLeft = before, old
	}
}

// end tells the core how a write ended.
func (m *model) end(pc, where int, failed *problem.Problem) {
	w := &m.pcs[pc].writes[where]
	c := *w.command
	*w = modelWrite{}
	m.step(pc, Done{c, failed})
}

// readTeams and readPhone hand a PC a fresh reading.
func (m *model) readTeams(pc int) {
	switch m.teams {
	case answers:
		m.now = m.now.Add(1)
		shows := m.graph()
		m.heardTeams(pc, shows)
		m.step(pc, TeamsRead{presence.Presence{Pair: shows}, m.now})
	case unreachable:
		m.step(pc, TeamsLost{noAnswer})
	case signedOut:
		m.step(pc, TeamsLost{noSignIn})
	default:
		m.step(pc, TeamsRead{nobodyKnows, m.now.Add(1)})
	}
}

func (m *model) readPhone(pc, phone int) {
	switch m.phones[phone].answers {
	case answers:
		m.heardPhone(pc, phone)
		m.step(pc, PhoneRead{phone, m.reading(phone)})
	case unreachable:
		m.step(pc, PhoneLost{phone, noAnswer})
	default:
		m.step(pc, PhoneRead{phone, presence.Reading{Chosen: "Juggling"}})
	}
}

// pass lets time go by; Offhook hears of it once, at the end: so it is after a sleep, too.
func (m *model) pass(d time.Duration) {
	for pc := range m.pcs[:m.setup.pcs] {
		for i := range m.configs[0].Phones { // before a minute has passed a phone is read, or known to be out of reach
			if p := &m.pcs[pc]; p.on && p.state.Phones[i].unjudged && d < 60*unit {
				p.late[i] = modelReading{}
				m.readPhone(pc, i)
			}
		}
	}
	m.now = m.now.Add(d)
	if d >= unit {
		m.oldLeft = 0
	}
	if m.session != (presence.Pair{}) && !m.now.Before(m.sessionTo) {
		m.session = presence.Pair{}
	}
	if m.preferred != (presence.Pair{}) && !m.prefersTo.IsZero() && !m.now.Before(m.prefersTo) {
		if m.orphan() { // as if the person had taken it back
			m.past.freed = [2]bool{true, true}
		}
		m.preferred, m.prefersTo, m.preferrer = presence.Pair{}, time.Time{}, byPerson
	}
	for pc := range m.setup.pcs {
		if m.pcs[pc].on {
			m.step(pc, Tick{})
		}
	}
}

// next is how long it is, in whole units, until something is due; zero: never.
func (m *model) next() time.Duration {
	var next time.Duration
	at := func(t time.Time) {
		if d := t.Sub(m.now); d > 0 && (next == 0 || d < next) {
			next = d
		}
	}
	if m.session != (presence.Pair{}) {
		at(m.sessionTo)
	}
	if m.preferred != (presence.Pair{}) {
		at(m.prefersTo)
	}
	for pc := range m.setup.pcs {
		if p := &m.pcs[pc]; p.on {
			at(m.cfg().Wake(*p.state, m.now))
		}
	}
	return (next + unit - 1) / unit * unit
}

// settle ends all trouble, starts what is off, and lets both sides answer until nothing more is written and no
// old answer can come any more. It tells how many writes that took, or that it does not end.
func (m *model) settle() (writes int, ends bool) {
	m.teams = answers
	for i := range m.configs[0].Phones {
		m.phones[i].answers = answers
		for pc := range m.setup.pcs {
			m.pcs[pc].late[i] = modelReading{}
		}
	}
	for pc := range m.setup.pcs {
		p := &m.pcs[pc]
		p.answer = modelAnswer{}
		if !p.on || p.state.Quitting {
			m.start(pc)
		}
		if p.state.Paused {
			m.step(pc, Resume{})
		}
	}
	still := 0
	for range 60 {
		n := m.round()
		writes += n
		if n > 0 || m.oldLeft > 0 {
			still = 0
			continue
		}
		if still++; still > 2 && !m.retries() {
			return writes, true
		}
		m.pass(unit)
	}
	return writes, false
}

// round lets every PC read everything once and carry out what follows.
func (m *model) round() (writes int) {
	for pc := range m.setup.pcs {
		writes += m.carryOut(pc)
		for i := range m.configs[0].Phones {
			m.readPhone(pc, i)
			writes += m.carryOut(pc)
		}
		m.readTeams(pc)
		writes += m.carryOut(pc)
	}
	return writes
}

func (m *model) carryOut(pc int) (writes int) {
	for again := true; again; {
		again = false
		for where := range m.pcs[pc].writes {
			w := &m.pcs[pc].writes[where]
			if w.command == nil {
				continue
			}
			if !w.applied {
				m.land(pc, where, 0)
			}
			if !w.renews {
				writes++
			}
			m.end(pc, where, nil)
			again = true
		}
	}
	return writes
}

// retries tells whether a write that failed is still to be tried again.
func (m *model) retries() bool {
	for pc := range m.setup.pcs {
		s := m.pcs[pc].state
		if m.now.Before(s.Teams.retryAt) {
			return true
		}
		for i := range s.Phones {
			if m.now.Before(s.Phones[i].retryAt) {
				return true
			}
		}
	}
	return false
}

func (m *model) start(pc int) {
	p := &m.pcs[pc]
	state := m.cfg().Start(asRead(*p.disk))
	*p = modelPC{state: &state, disk: p.disk, on: true}
	m.step(pc, Tick{})
}

// asRead is a journal as it comes back from the disk, where what has been seen is not kept.
func asRead(j Journal) Journal {
	j.Session.Seen, j.Preferred.Seen, j.Message.Seen = false, false, false
	j.Phones = maps.Clone(j.Phones)
	for id, h := range j.Phones {
		h.Seen = false
		j.Phones[id] = h
	}
	return j
}
