package engine

import (
	"fmt"
	"slices"
	"time"

	"github.com/offhook/offhook/sync/presence"
)

// This file is the laws, as predicates over the explorer's states and their history.

// past is what the laws must know of a state's history, since both sides last were at rest.
type past struct {
	changedTeams uint8    // how often Teams changed by itself or by the person's hand, up to three
	changedPhone [2]uint8 // and each phone
	wroteTeams   uint8    // what Offhook wrote anew, renewals not counted
	wrotePhone   [2]uint8
	odd          bool  // something else happened too: a restart, a pause, a failed write, time
	choice       uint8 // the newest choice: 1 in Teams, 2 and 3 on a phone
	choices      uint8 // how many

	unseenTeams uint8    // the PCs, a bit each, that have not read what the person chose in Teams
	unseenPhone [2]uint8 // and on a phone
	loose       [2]bool  // a write of Offhook's has crossed a choice on that phone: which was there first is not to be told
	looseTeams  bool
	crossed     [2]bool // a write to that phone was begun before a choice there had been read
	parted      bool    // two PCs have seen things in different order, or one of them was paused or ended: what the
	// one does then may look to the other as the person's hand, until both are at rest and hold nothing
	putAside   [2]uint8 // the person chose on that phone while something happened in Teams: see below
	freed      [2]bool  // the person made Teams Available again since they last chose on that phone
	freedTeams bool     // the person chose something that means Available on a phone since they last chose in Teams

	bad string // the law broken
}

// The values of putAside: theirs must stand; or may, since Offhook may not have been there to see it.
const (
	mustStand = 1 + iota
	mayStand
)

func (k *encoder) past(p *past) {
	k.bytes(p.changedTeams, p.changedPhone[0], p.changedPhone[1], p.wroteTeams, p.wrotePhone[0], p.wrotePhone[1],
		p.choice, p.choices, p.unseenTeams, p.unseenPhone[0], p.unseenPhone[1], p.putAside[0], p.putAside[1])
	k.flag(p.parted, p.crossed[0], p.crossed[1])
	k.flag(p.odd, p.loose[0], p.loose[1], p.looseTeams, p.freed[0], p.freed[1], p.freedTeams)
}

func (m *model) broken(law int, format string, args ...any) {
	if m.past.parted && law <= 4 {
		return
	}
	if m.past.bad == "" {
		m.past.bad = fmt.Sprintf("law %d: ", law) + fmt.Sprintf(format, args...)
	}
}

func more(n *uint8, most uint8) {
	if *n < most {
		*n++
	}
}

func (m *model) everybody() uint8 { return 1<<m.setup.pcs - 1 }

// The history.

func (m *model) changedTeams() {
	more(&m.past.changedTeams, 3)
	m.part()
	m.past.unseenTeams = m.everybody()
}

// part notes that two PCs may see two changes in different order.
func (m *model) part() {
	if m.setup.pcs > 1 && m.past.changedTeams+m.past.changedPhone[0] > 1 {
		m.past.parted = true
	}
}

func (m *model) choseInTeams() {
	m.changedTeams()
	p := &m.past
	p.looseTeams = m.writing(0)
	p.choice, p.freedTeams = 1, false
	more(&p.choices, 2)
	if m.own() == presence.Available {
		p.freed = [2]bool{true, true}
	}
}

func (m *model) changedPhone(i int) {
	more(&m.past.changedPhone[i], 3)
	m.part()
	m.past.unseenPhone[i] = m.everybody()
}

// chooses is the person's hand on a phone.
func (m *model) chooses(i int, status uint8) {
	m.changedPhone(i)
	ph, p := &m.phones[i], &m.past
	ph.base = status
	beside := m.beside(i)
	if !beside {
		ph.chosen, ph.setter = status, byPerson
	}
	p.loose[i] = m.writing(i + 1)
	p.choice = uint8(2 + i)
	more(&p.choices, 2)
	p.freed[i] = false
	if row := m.mapping().Teams(m.name(status)); row.To == presence.Available {
		p.freedTeams = true
	}
	p.putAside[i] = 0
	if s, _ := presence.Lookup(m.own()); s.Activity && !beside && !m.mapping().Phone(m.own()).Unchanged() {
		p.putAside[i] = mustStand
		hidden := m.shows() != m.own() // by what Offhook has preferred: it has never seen it, then
		if p.odd || p.unseenTeams != 0 || hidden || m.awaited() {
			p.putAside[i] = mayStand
		}
	}
}

// awaited tells whether a PC leaves it open what Teams shows, until it has polled the phone.
func (m *model) awaited() bool {
	for pc := range m.pcs[:m.setup.pcs] {
		if !m.pcs[pc].state.Teams.late.Asked.IsZero() {
			return true
		}
	}
	return false
}

// crossesChoices notes that something begins in Teams before Offhook has heard of a choice on a phone: which was
// there first is not to be told.
func (m *model) crossesChoices() {
	for i := range m.past.putAside {
		if m.past.choices > 0 && m.past.unseenPhone[i] != 0 && m.past.putAside[i] == 0 {
			m.past.putAside[i] = mayStand
		}
	}
}

// writing tells whether a write to that place is under way.
func (m *model) writing(where int) bool {
	for pc := range m.pcs[:m.setup.pcs] {
		if m.pcs[pc].writes[where].command != nil {
			return true
		}
	}
	return false
}

// loosen notes that Offhook was not there, or was told to start anew.
func (m *model) loosen() {
	for i := range m.past.putAside {
		if m.past.putAside[i] == mustStand {
			m.past.putAside[i] = mayStand
		}
	}
}

// heardTeams notes that a PC has read Teams; what it reads while it writes there cannot be judged.
func (m *model) heardTeams(pc int, shows presence.Pair) {
	if shows == m.shows() && m.pcs[pc].writes[0].command == nil {
		m.past.unseenTeams &^= 1 << pc
	}
}

// heardByAll tells whether every PC has heard what last changed on the phones. A phone that tells of changes is
// heard sooner than what another PC makes of it: its write to Teams, and the answer of Graph to that.
func (m *model) heardByAll() bool {
	for i := range m.configs[0].Phones {
		if m.phones[i].answers == answers && m.past.unseenPhone[i] != 0 && !m.anyOff() {
			return false
		}
	}
	return true
}

func (m *model) heardPhone(pc, i int) { m.past.unseenPhone[i] &^= 1 << pc }

// issued checks a write at the moment at which it is asked for.
func (m *model) issued(pc int, before *State, c *Command) (renews bool) {
	p := &m.pcs[pc]
	s, disk := p.state, p.disk
	if p.writes[place(c)].command != nil {
		m.broken(9, "a second write to the same side is begun before the first has ended")
	}
	if m.now.Before(retryAt(before, c)) && m.now.Before(retryAt(s, c)) {
		m.broken(9, "a write is begun although one has just failed")
	}
	seenPhone := func(i int) bool { return m.past.unseenPhone[i]&(1<<pc) == 0 && !m.past.loose[i] }
	seenTeams := m.past.unseenTeams&(1<<pc) == 0 && !m.past.looseTeams
	switch c.Do {
	case SetSession, SetPreferred:
		slot, was, kept, longest := &s.Teams.Session, &before.Teams.Session, &disk.Session, m.cfg().SessionFor
		if c.Do == SetPreferred {
			slot, was, kept, longest = &s.Teams.Preferred, &before.Teams.Preferred, &disk.Preferred, m.cfg().PreferredFor
		}
		renews = was.Set && was.Shows == c.Pair
		if kept.Shows != c.Pair {
			m.broken(7, "%s is written to Teams without standing in the journal", c.Pair)
		}
		if c.For <= 0 || c.For > longest {
			m.broken(7, "%s is written to Teams for %s", c.Pair, c.For)
		}
		for i := range s.Phones {
			if m.cfg().Phones[i].ID == slot.Cause.Side && !s.Phones[i].Known {
				m.broken(8, "%s is written to Teams because of a phone that cannot be read", c.Pair)
			}
		}
		if c.Do == SetPreferred && !renews && slot.Cause.Activity && seenTeams && m.preferrer == byPerson && m.preferred != (presence.Pair{}) {
			m.broken(4, "a call makes %s preferred over what the person has chosen", c.Pair)
		}
		if c.Do == SetPreferred && !renews && seenTeams && m.past.choice == 1 && m.preferrer == byPerson &&
			m.preferred != (presence.Pair{}) && before.Teams.Preferred.Shows != c.Pair && m.past.choices == 1 &&
			!(m.past.odd && m.preferred == presence.Available) { // which is not to be told from what has run out
			m.broken(4, "%s is made preferred over what the person chose last, in Teams", c.Pair)
		}
	case ClearPreferred:
		if seenTeams && m.past.choices < 2 && m.preferrer == byPerson && m.preferred != (presence.Pair{}) && !m.past.freedTeams {
			m.broken(4, "what the person chose in Teams is taken back")
		}
	case SetStatus:
		if !c.Release && disk.Phones[m.cfg().Phones[c.Phone].ID].Shows != c.Status {
			m.broken(7, "%s is written to the phone without standing in the journal", c.Status)
		}
		if !s.Teams.Known {
			m.broken(8, "%s is written to the phone because of Teams, which cannot be read", c.Status)
		}
		ph := &m.phones[c.Phone]
		m.past.crossed[c.Phone] = m.past.crossed[c.Phone] || m.past.choices > 0 && m.past.unseenPhone[c.Phone] != 0
		if s.Phones[c.Phone].Hold.Cause.Activity && !c.Release && seenPhone(c.Phone) && m.means(ph.base) > m.means(m.place(c.Status)) {
			m.broken(4, "%s is written over %s, which the person chose on the phone", c.Status, m.name(ph.base))
		}
		if c.Release && seenPhone(c.Phone) && !m.past.freed[c.Phone] && m.past.choices < 2 && !m.past.looseTeams {
			m.broken(3, "%s is written over %s, though the person has not made Teams Available", c.Status, m.name(ph.base))
		}
	case GiveBack:
		due := !s.Teams.LostAt.IsZero() && !m.now.Before(s.Teams.LostAt.Add(m.cfg().Blind))
		if !s.Teams.Known && !due && !s.Paused && !s.Quitting {
			m.broken(8, "the phone is given back because Teams cannot be read")
		}
		ph := &m.phones[c.Phone]
		if seenPhone(c.Phone) && ph.setter == byPerson && m.name(ph.chosen) != c.Status && c.Status != "" {
			m.broken(4, "%s is written over %s, which the person chose on the phone meanwhile", c.Status, m.name(ph.chosen))
		}
		if seenPhone(c.Phone) && c.Status != "" && m.name(ph.base) != c.Status {
			m.broken(3, "the phone is given back as %s and was %s before", c.Status, m.name(ph.base))
		}
	}
	if s.Paused && c.sets() {
		m.broken(6, "something is set in a pause")
	}
	switch where := place(c); {
	case renews:
	case c.Do == GiveBack && (m.past.loose[c.Phone] || m.past.crossed[c.Phone]): // a write has gone over a choice, which comes back
	case c.Do == GiveBack && m.beside(c.Phone) && m.means(m.phones[c.Phone].base) > m.means(m.phones[c.Phone].chosen):
		// a higher choice has what shows beside it given back
	case where == 0:
		more(&m.past.wroteTeams, 7)
	default:
		more(&m.past.wrotePhone[where-1], 7)
	}
	m.echoes()
	return renews
}

func retryAt(s *State, c *Command) time.Time {
	if c.TeamsWrite() {
		return s.Teams.retryAt
	}
	return s.Phones[c.Phone].retryAt
}

// echoes checks the budget of writes: as many on a side as there were changes on the others.
func (m *model) echoes() {
	p := &m.past
	if p.odd || p.parted {
		return
	}
	if m.setup.pcs > 1 { // both may write the same
		for i := range p.wrotePhone {
			if p.wrotePhone[i] > 0 && p.changedTeams == 0 {
				m.broken(2, "a write to a phone though nothing changed in Teams")
			}
		}
		if p.wroteTeams > 0 && p.changedPhone[0]+p.changedPhone[1] == 0 {
			m.broken(2, "a write to Teams though nothing changed on the phones")
		}
		return
	}
	if p.wroteTeams > p.changedPhone[0]+p.changedPhone[1] && p.changedPhone[0] < 3 && p.changedPhone[1] < 3 {
		m.broken(2, "%d writes to Teams after %d changes on the phones", p.wroteTeams, p.changedPhone[0]+p.changedPhone[1])
	}
	for i := range p.wrotePhone {
		changed := p.changedTeams + p.changedPhone[1-i]
		if p.wrotePhone[i] > changed && p.changedTeams < 3 && p.changedPhone[1-i] < 3 {
			m.broken(2, "%d writes to a phone after %d changes elsewhere", p.wrotePhone[i], changed)
		}
	}
}

// failing notes a write that is reported failed though it may have been carried out, and was not: where the person has
// chosen the very same, theirs is taken for it.
func (m *model) failing(pc, where int) {
	w := &m.pcs[pc].writes[where]
	if where > 0 && !w.applied && m.phones[where-1].chosen == m.place(w.command.Status) {
		m.past.loose[where-1] = true
	}
}

// landing notes a write that overwrites what its PC did not know of when it was begun: that is lost.
func (m *model) landing(pc, where int) {
	p := &m.past
	if where == 0 {
		p.looseTeams = p.looseTeams || p.unseenTeams&(1<<pc) != 0
		return
	}
	i := where - 1
	p.loose[i] = p.loose[i] || p.choices > 0 && p.unseenPhone[i]&(1<<pc) != 0
	if p.loose[i] {
		p.putAside[i] = mayStand
	}
}

// stepped checks what one step of the core has done.
func (m *model) stepped(pc int, before *State, e Event, reasons []Reason) {
	if m.diary != nil {
		for _, r := range reasons {
			*m.diary = append(*m.diary, fmt.Sprintf("    PC %d: %s", pc+1, r.Sentence(func(side string) string { return side })))
		}
	}
	if e, ok := e.(Done); ok {
		renewal := e.Command.Do == SetSession && before.Teams.Session.Set || e.Command.Do == SetPreferred && before.Teams.Preferred.Set
		if len(reasons) == 0 && !renewal {
			m.broken(10, "a write has ended and nothing is told of it")
		}
	}
	m.explained(pc, before, reasons)
	// Law 7: what Offhook has set on a phone stands in its journal at every moment.
	for i := range m.configs[0].Phones {
		ph := &m.phones[i]
		if ph.setter != uint8(pc+1) {
			continue
		}
		if h := m.pcs[pc].disk.Phones[m.configs[0].Phones[i].ID]; !h.shows(m.name(ph.chosen)) && !m.past.loose[i] {
			m.broken(7, "the phone shows %s by Offhook, and the journal does not know", m.name(ph.chosen))
		}
	}
}

// explained checks that whatever is seen anew of a side and leaves the others unchanged is told.
func (m *model) explained(pc int, before *State, reasons []Reason) {
	s, cfg := m.pcs[pc].state, m.cfg()
	told := func(side, source, state string) bool {
		return slices.ContainsFunc(reasons, func(r Reason) bool {
			return r.Kind == Unchanged && r.Side == side && r.Source == source && r.State == state
		})
	}
	for i := range s.Phones {
		p, was, c := &s.Phones[i], &before.Phones[i], &cfg.Phones[i]
		if now := s.Teams.Happening; now != before.Teams.Happening && !s.Teams.SeenAt.Equal(before.Teams.SeenAt) &&
			now != (presence.Pair{}) && c.Mapping.Phone(now).Unchanged() && !told(c.ID, TeamsSide, now.String()) {
			m.broken(10, "%s in Teams leaves %s unchanged, and nothing is told of it", now, c.ID)
		}
		if now := p.Happening; now != was.Happening && now != "" && c.Mapping.Teams(now).Unchanged() && !told(TeamsSide, c.ID, now) {
			m.broken(10, "%s on %s leaves Teams unchanged, and nothing is told of it", now, c.ID)
		}
		if now := p.Chosen; now != was.Chosen && !was.Read.IsZero() && now != NoStatus && was.up.anchor != "" && now != was.up.anchor && !p.SeenAt.Equal(was.SeenAt) &&
			c.Mapping.Teams(now).Unchanged() && !told(TeamsSide, c.ID, now) {
			m.broken(10, "%s chosen on %s leaves Teams unchanged, and nothing is told of it", now, c.ID)
		}
	}
}
