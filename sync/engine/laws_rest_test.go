package engine

import (
	"time"

	"github.com/offhook/offhook/sync/presence"
)

// This file is the laws where both sides are at rest: all trouble is over, everything has been read, and nothing is
// under way.

// quiet checks that in a state at rest nothing is written but renewals, as time goes by.
func (m *model) quiet() {
	late := 0
	if m.past.parted || m.orphan() || m.runsOut() { // each PC ends by itself what it has taken for the person's hand
		late = 12
	}
	for n := range late + 4 {
		m.pass(max(m.next(), unit))
		if m.round() > 0 && n >= late {
			m.broken(6, "at rest, with nothing changed, something is written")
		}
	}
}

// settleAndCheck lets everything settle and checks what must hold at rest.
func (m *model) settleAndCheck() {
	if m.config != 0 || m.anyOff() || m.anyPaused() || m.teams != answers || m.phones[0].answers != answers || m.phones[1].answers != answers {
		m.past.odd = true
		m.loosen()
	}
	counted := m.past.odd
	m.past.odd = true // what settling writes is counted by its own bound
	writes, ends := m.settle()
	if !ends {
		m.broken(9, "the sides do not settle")
	}
	if most := 6 + 6*len(m.configs[0].Phones)*m.setup.pcs; writes > most {
		m.broken(9, "%d writes until the sides settle", writes)
	}
	m.past.odd = counted
	m.atRest()
	bad := m.past.bad
	fresh := past{putAside: m.past.putAside, freed: m.past.freed, freedTeams: m.past.freedTeams, loose: m.past.loose,
		looseTeams: m.past.looseTeams, parted: m.past.parted, odd: m.deferred(), bad: bad}
	if fresh.parted && !m.held() {
		fresh = past{odd: true, putAside: [2]uint8{mayStand, mayStand}}
		if m.preferrer = byPerson; m.preferred != (presence.Pair{}) {
			m.prefersTo = time.Time{}
		}
		for i := range m.phones {
			m.phones[i].setter, m.phones[i].base = byPerson, m.phones[i].chosen
		}
	}
	if s, _ := presence.Lookup(m.own()); !s.Activity {
		fresh.putAside = [2]uint8{}
	}
	m.past = fresh
}

// held tells whether any PC holds anything.
func (m *model) held() bool {
	for pc := range m.pcs[:m.setup.pcs] {
		if m.pcs[pc].state.Holding() {
			return true
		}
	}
	return false
}

func (m *model) anyOff() bool {
	for pc := range m.pcs[:m.setup.pcs] {
		if !m.pcs[pc].on {
			return true
		}
	}
	return false
}

func (m *model) anyPaused() bool {
	for pc := range m.pcs[:m.setup.pcs] {
		if m.pcs[pc].state.Paused || m.pcs[pc].state.Quitting {
			return true
		}
	}
	return false
}

// deferred tells whether at rest something still waits to be mirrored.
func (m *model) deferred() bool {
	if m.orphan() {
		return true
	}
	own := m.own()
	for i := range m.configs[0].Phones {
		ph, c := &m.phones[i], &m.cfg().Phones[i]
		if row := c.Mapping.Phone(own); !row.Unchanged() && row.To != m.name(ph.chosen) {
			return true
		}
		for _, s := range []uint8{ph.line, ph.base} {
			if row := c.Mapping.Teams(m.name(s)); s != 0 && !row.Unchanged() && row.To != m.shows() {
				return true
			}
		}
	}
	return own != m.shows() && m.preferrer == byPerson && m.session == (presence.Pair{})
}

// orphan tells whether something of Offhook's is in force in Teams that no PC knows of: it was written much later than
// it was begun, and its PC was killed before it heard. It runs out by itself.
func (m *model) orphan() bool {
	session := m.session != presence.Pair{} && m.now.Before(m.sessionTo)
	preferred := m.preferrer != byPerson
	for pc := range m.pcs[:m.setup.pcs] {
		t := &m.pcs[pc].state.Teams
		session = session && !t.Session.Is()
		preferred = preferred && !t.Preferred.Is()
	}
	return session || preferred
}

// runsOut tells whether a Busy that Offhook has preferred is covered by a call: it is not renewed, which would hide that
// call, and what it hides itself shows once it has run out.
func (m *model) runsOut() bool {
	state, _ := presence.Lookup(m.shows())
	return m.preferrer != byPerson && m.preferred == presence.Busy && state.Activity
}

// atRest checks the laws where nothing is under way, both sides answer, and every PC runs.
func (m *model) atRest() {
	cfg := m.cfg()
	own, shows := m.own(), m.shows()
	hidden := own != shows // by what Offhook has set
	var required, allowed []presence.Pair
	for i := range cfg.Phones {
		ph, c := &m.phones[i], &cfg.Phones[i]
		for _, s := range []uint8{ph.line, ph.base} {
			row := c.Mapping.Teams(m.name(s))
			if s == 0 || row.Unchanged() {
				continue
			}
			allowed = append(allowed, row.To)
			hidden = hidden || row.To == own
			if s == ph.line && presence.HowToWrite(row.To) == presence.Session {
				required = append(required, row.To)
			}
		}
	}
	among := func(all []presence.Pair, p presence.Pair) bool {
		for _, a := range all {
			if a == p {
				return true
			}
		}
		return false
	}
	if m.session != (presence.Pair{}) && !among(allowed, m.session) {
		m.broken(3, "at rest Offhook's session shows %s, and no phone asks for it", m.session)
	}
	for _, r := range required {
		if rank(m.session) < rank(r) && own != r {
			m.broken(1, "at rest a phone asks for %s and Offhook's session shows %s", r, m.session)
		}
	}
	if m.preferrer != byPerson && !among(allowed, m.preferred) && !m.looksSetByTeams() {
		m.broken(3, "at rest %s is preferred by Offhook, and no phone asks for it", m.preferred)
	}
	state, _ := presence.Lookup(own)
	for i := range cfg.Phones {
		ph, c := &m.phones[i], &cfg.Phones[i]
		row := c.Mapping.Phone(own)
		to := m.place(row.To)
		inUse := ph.line != 0 && (m.merged || m.happens(to) || m.happens(ph.chosen))
		if ph.setter != byPerson && !inUse {
			switch {
			case m.past.loose[i]:
			case ph.chosen != to && !hidden:
				m.broken(3, "at rest the phone shows %s by Offhook, and Teams' own %s does not ask for it", m.name(ph.chosen), own)
			case state.Activity && !hidden && m.means(ph.base) > m.means(ph.chosen):
				m.broken(4, "at rest the phone shows %s by Offhook, lower than %s which the person chose", m.name(ph.chosen), m.name(ph.base))
			case state.Activity && !hidden && m.past.putAside[i] == mustStand:
				m.broken(4, "at rest the phone shows %s by Offhook, though the person has put that aside for %s", m.name(ph.chosen), m.name(ph.base))
			}
		}
		if state.Activity && !hidden && !row.Unchanged() && c.Writes && !inUse && m.past.putAside[i] == 0 && !m.past.loose[i] &&
			m.means(ph.base) <= m.means(to) && ph.chosen != to && ph.line != to {
			m.broken(1, "at rest Teams' own %s asks for %s, and the phone shows %s", own, row.To, m.name(ph.chosen))
		}
		if ph.setter == byPerson && ph.chosen != ph.base {
			m.broken(3, "at rest the phone shows %s and should be given back as %s", m.name(ph.chosen), m.name(ph.base))
		}
	}
	m.choiceIsMirrored(own, shows, state.Activity, hidden)
}

// looksSetByTeams tells whether what the person chose on a phone is what Teams' own activity asks for there: it is not
// to be told from what another PC has set.
func (m *model) looksSetByTeams() bool {
	own := m.own()
	state, _ := presence.Lookup(own)
	for i := range m.configs[0].Phones {
		if p := &m.phones[i]; state.Activity && p.base != 0 && m.cfg().Phones[i].Mapping.Phone(own).To == m.name(p.base) {
			return true
		}
	}
	return false
}

// choiceIsMirrored checks that a choice, when nothing else has happened since the sides were at rest, is mirrored.
func (m *model) choiceIsMirrored(own, shows presence.Pair, activity, hidden bool) {
	p := &m.past
	if p.odd || p.choices != 1 || p.changedTeams+p.changedPhone[0]+p.changedPhone[1] != 1 {
		return
	}
	cfg := m.cfg()
	if p.choice == 1 {
		for i := range cfg.Phones {
			row := cfg.Phones[i].Mapping.Phone(own)
			if !row.Unchanged() && row.To != m.name(m.phones[i].chosen) && !activity && !hidden && own != presence.Available &&
				cfg.Phones[i].Writes && !(m.merged && m.phones[i].line != 0) {
				m.broken(1, "the person chose %s in Teams, and the phone shows %s", own, m.name(m.phones[i].chosen))
			}
		}
		return
	}
	i := int(p.choice - 2)
	row := cfg.Phones[i].Mapping.Teams(m.name(m.phones[i].base))
	covered, _ := presence.Lookup(shows)
	shown := m.preferred
	if presence.HowToWrite(row.To) == presence.Session {
		shown = m.session
	}
	if !row.Unchanged() && row.To != presence.Available && shows != row.To && !covered.Activity && rank(shown) < rank(row.To) && shows != presence.Offline {
		m.broken(1, "the person chose %s on the phone, and Teams shows %s", m.name(m.phones[i].base), shows)
	}
}
