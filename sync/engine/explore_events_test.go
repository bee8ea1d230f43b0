package engine

import (
	"fmt"
	"time"

	"github.com/offhook/offhook/sync/presence"
)

// This file is what may happen in the explorer's world, and what each event is called in words.

type deed uint8

const (
	settles deed = iota
	teamsChooses
	teamsBegins
	teamsEnds
	teamsClient
	phoneDoes
	phoneChooses
	teamsAnswers
	phoneAnswers
	hearTeams
	hearPhone
	askTeams
	hearOldTeams
	askPhone
	hearOldPhone
	lands
	landsWithOldAnswers
	endsWell
	endsRefused
	endsUnsure
	killed
	started
	startedEdited
	paused
	pausedAWhile
	resumed
	quits
	clock
	sleeps
)

// disturbs tells whether somebody or something interferes; else things take their course.
func (d deed) disturbs() bool {
	switch d {
	case settles, hearTeams, hearPhone, hearOldTeams, hearOldPhone, lands, endsWell:
		return false
	}
	return true
}

// event is one transition: a is a PC, a phone, or a thing in Teams; b a status, or a place of a write.
type event struct {
	deed deed
	a, b uint8
}

// events lists what may happen next.
func (m *model) events(all []event) []event {
	add := func(d deed, a, b int) { all = append(all, event{d, uint8(a), uint8(b)}) }
	phones := len(m.configs[0].Phones)
	add(settles, 0, 0)
	for i, p := range m.choices {
		if p != m.preferred && !m.preferredByOffhook(p) {
			add(teamsChooses, i, 0)
		}
	}
	for i := range m.activities {
		if m.happening&(1<<i) == 0 {
			add(teamsBegins, i, 0)
		} else {
			add(teamsEnds, i, 0)
		}
	}
	for c := range uint8(clientOutOfOffice + 1) {
		if c != m.client {
			add(teamsClient, int(c), 0)
		}
	}
	for i := range phones {
		p := &m.phones[i]
		for _, s := range m.lines {
			if s != p.line {
				add(phoneDoes, i, int(s))
			}
		}
		for _, s := range m.statuses {
			if s != p.chosen && (s != p.base || !m.beside(i)) && !m.heldByOffhook(i, m.name(s)) {
				add(phoneChooses, i, int(s))
			}
		}
		for a := range unknown + 1 {
			if a != int(p.answers) && a != signedOut {
				add(phoneAnswers, i, a)
			}
		}
	}
	for a := range unknown + 1 {
		if a != int(m.teams) {
			add(teamsAnswers, a, 0)
		}
	}
	for pc := range m.pcs[:m.setup.pcs] {
		all = m.pcEvents(all, pc, phones)
	}
	if m.next() > 0 {
		add(clock, 0, 0)
	}
	add(sleeps, 0, 0)
	return all
}

func (m *model) pcEvents(all []event, pc, phones int) []event {
	add := func(d deed, b int) { all = append(all, event{d, uint8(pc), uint8(b)}) }
	p := &m.pcs[pc]
	if !p.on {
		add(started, 0)
		if len(m.configs) > 1 && m.setup.pcs == 1 {
			add(startedEdited, 0)
		}
		return all
	}
	add(hearTeams, 0)
	if p.answer.asked.IsZero() {
		if m.teams == answers {
			add(askTeams, 0)
		}
	} else {
		add(hearOldTeams, 0)
	}
	for i := range phones {
		if p.late[i].there { // a phone's readings come in their order
			add(hearOldPhone, i)
			continue
		}
		add(hearPhone, i)
		if pc == 0 && m.phones[i].answers == answers {
			add(askPhone, i)
		}
	}
	for where := range p.writes {
		w := &p.writes[where]
		if w.command == nil {
			continue
		}
		reachable := (m.teams == answers || m.teams == unknown) && (m.setup.pcs == 1 || m.heardByAll())
		if where > 0 {
			reachable = m.phones[where-1].answers != unreachable
		}
		switch {
		case w.applied:
			add(endsWell, where)
			add(endsUnsure, where)
		case reachable:
			add(lands, where)
			if where == 0 {
				add(landsWithOldAnswers, where)
			}
			add(endsRefused, where)
			add(endsUnsure, where)
		default:
			add(endsRefused, where)
			add(endsUnsure, where)
		}
	}
	add(killed, 0)
	if p.state.Quitting {
		return all
	}
	if p.state.Paused {
		add(resumed, 0)
	} else {
		add(paused, 0)
		add(pausedAWhile, 0)
	}
	add(quits, 0)
	return all
}

// heldByOffhook tells whether a status on a phone is what Offhook has set there or is setting: that the person
// chooses the very same cannot be told from it, and is no event.
func (m *model) heldByOffhook(phone int, status string) bool {
	for pc := range m.pcs[:m.setup.pcs] {
		p := &m.pcs[pc]
		id := m.configs[0].Phones[phone].ID
		if p.state.Phones[phone].Hold.shows(status) || p.disk.Phones[id].shows(status) {
			return true
		}
		if w := p.writes[phone+1].command; w != nil && w.Status == status {
			return true
		}
	}
	return false
}

func (m *model) preferredByOffhook(pair presence.Pair) bool {
	for pc := range m.pcs[:m.setup.pcs] {
		p := &m.pcs[pc]
		if p.state.Teams.Preferred.shows(pair) || p.disk.Preferred.shows(pair) {
			return true
		}
		if w := p.writes[0].command; w != nil && w.Do == SetPreferred && w.Pair == pair {
			return true
		}
	}
	return false
}

// happen makes one event happen.
func (m *model) happen(e event) {
	a := int(e.a)
	switch e.deed {
	case settles:
		m.settleAndCheck()
	case teamsChooses:
		m.preferred, m.prefersTo, m.preferrer, m.newer = m.choices[a], time.Time{}, byPerson, 0
		m.choseInTeams()
	case teamsBegins:
		m.happening |= 1 << a
		m.newer |= 1 << a
		if m.client == clientClosed && m.activities[a] != presence.InAMeeting {
			m.client = clientAvailable
		}
		m.crossesChoices()
		m.changedTeams()
	case teamsEnds:
		m.happening &^= 1 << a
		m.changedTeams()
	case teamsClient:
		if m.client = e.a; m.client == clientClosed { // which ends the calls in it
			for i, p := range m.activities {
				if p != presence.InAMeeting {
					m.happening &^= 1 << i
				}
			}
		}
		m.choseInTeams()
	case phoneDoes:
		m.phones[a].line = e.b
		m.changedPhone(a)
	case phoneChooses:
		m.chooses(a, e.b)
	case teamsAnswers:
		m.teams = e.a
	case phoneAnswers:
		m.phones[a].answers = e.b
		m.past.parted = m.past.parted || m.setup.pcs > 1 && m.past.unseenPhone[a] != 0
	case hearTeams:
		m.readTeams(a)
	case hearPhone:
		m.readPhone(a, int(e.b))
	case askTeams:
		m.now = m.now.Add(1)
		m.pcs[a].answer = modelAnswer{m.graph(), m.now}
		m.now = m.now.Add(1)
	case hearOldTeams:
		answer := m.pcs[a].answer
		m.pcs[a].answer = modelAnswer{}
		m.step(a, TeamsRead{presence.Presence{Pair: answer.shows}, answer.asked})
	case askPhone:
		m.pcs[a].late[e.b] = modelReading{m.reading(int(e.b)), true}
	case hearOldPhone:
		r := m.pcs[a].late[e.b].Reading
		m.pcs[a].late[e.b] = modelReading{}
		m.step(a, PhoneRead{int(e.b), r})
	case lands:
		m.land(a, int(e.b), 0)
	case landsWithOldAnswers:
		m.land(a, int(e.b), 2)
	case endsWell:
		m.end(a, int(e.b), nil)
	case endsRefused:
		m.past.odd = true
		m.end(a, int(e.b), turnedDown)
	case endsUnsure:
		m.past.odd = true
		m.failing(a, int(e.b))
		m.end(a, int(e.b), noAnswer)
	default:
		m.ownEvent(e)
	}
}

// ownEvent is what the person does with Offhook itself, or time.
func (m *model) ownEvent(e event) {
	p := &m.pcs[e.a]
	m.past.odd = true
	m.past.parted = m.past.parted || m.setup.pcs > 1 && e.deed != clock
	m.loosen()
	switch e.deed {
	case killed:
		for i := range m.configs[0].Phones {
			if w := &p.writes[i+1]; w.command != nil && w.applied && w.command.Do == GiveBack {
				m.past.putAside[i] = mayStand // the journal holds still what is given back: as if by hand
			}
		}
		disk, state := p.disk, p.state
		*p = modelPC{disk: disk, state: state}
	case started, startedEdited:
		if e.deed == startedEdited {
			m.config = 1 - m.config
		}
		m.start(int(e.a))
	case paused:
		m.step(int(e.a), PauseUntil{})
	case pausedAWhile:
		m.step(int(e.a), PauseUntil{m.now.Add(5 * unit)})
	case resumed:
		m.step(int(e.a), Resume{})
	case quits:
		m.step(int(e.a), Quit{})
	case clock:
		m.pass(m.next())
	case sleeps: // what a phone had told is lost with its connection
		for pc := range m.pcs {
			m.pcs[pc].late = [2]modelReading{}
		}
		m.pass(61 * unit)
	}
}

// words tells an event as a person would.
func (m *model) words(e event) string {
	side := func(i uint8) string {
		if len(m.configs[0].Phones) > 1 {
			return fmt.Sprintf("phone %d", i+1)
		}
		return "the phone"
	}
	who := "Offhook"
	if m.setup.pcs > 1 {
		who = fmt.Sprintf("Offhook on PC %d", e.a+1)
	}
	write := func() string {
		if e.b == 0 {
			return who + "'s write to Teams"
		}
		return who + "'s write to " + side(e.b-1)
	}
	how := []string{"answers again", "is out of reach", "is signed out of", "answers nonsense"}
	status := func(s uint8) string {
		if s == 0 {
			return "nothing"
		}
		return m.name(s)
	}
	switch e.deed {
	case settles:
		return "all is well and settles"
	case teamsChooses:
		if e.a == 0 {
			return "the person resets their status in Teams"
		}
		return "the person chooses " + m.choices[e.a].String() + " in Teams"
	case teamsBegins:
		return m.activities[e.a].String() + " begins in Teams"
	case teamsEnds:
		return m.activities[e.a].String() + " ends in Teams"
	case teamsClient:
		return []string{"the Teams client is active", "the Teams client is idle", "Teams is closed everywhere", "out of office begins"}[e.a]
	case phoneDoes:
		return side(e.a) + ": " + status(e.b) + " happens"
	case phoneChooses:
		return "the person chooses " + status(e.b) + " on " + side(e.a)
	case teamsAnswers:
		return "Teams " + how[e.a]
	case phoneAnswers:
		return side(e.a) + " " + how[e.b]
	case hearTeams:
		return who + " reads Teams"
	case hearPhone:
		return who + " reads " + side(e.b)
	case askTeams:
		return "Graph answers " + who + ", and the answer takes its time"
	case hearOldTeams:
		return "Graph's late answer reaches " + who
	case askPhone:
		return side(e.b) + " tells " + who + ", and that takes its time"
	case hearOldPhone:
		return "what " + side(e.b) + " told reaches " + who + " late"
	case lands:
		return write() + " is carried out"
	case landsWithOldAnswers:
		return write() + " is carried out, and Graph will answer twice what stood before"
	case endsWell:
		return write() + " has succeeded"
	case endsRefused:
		return write() + " is refused"
	case endsUnsure:
		return write() + " is reported failed"
	case killed:
		return who + " is killed"
	case started:
		return who + " starts"
	case startedEdited:
		return who + " starts with the mapping edited"
	case paused:
		return who + " is paused"
	case pausedAWhile:
		return who + " is paused for five minutes"
	case resumed:
		return who + " is resumed"
	case quits:
		return who + " is told to quit"
	case clock:
		return "time passes until something is due"
	}
	return "the PC sleeps for an hour"
}
