package graph

import (
	"cmp"
	"slices"
	"time"

	"github.com/offhook/offhook/sync/presence"
)

// Person is one person's presence as Graph keeps it: sessions, a preferred presence, a calendar. It is pure:
// every method that depends on the time is told it.
//
// What it shows follows Microsoft's rules: the preferred presence comes before all sessions and counts only
// while there is one; among sessions do not disturb comes before busy, available and away; without any the
// person is offline. One refinement is as Teams was observed: a call that begins after the person chose
// Available or Busy shows as a call.
type Person struct {
	order       int // counts what was done, to tell which of two things came first
	sessions    map[string]session
	calendar    bool // the calendar says that there is a meeting now
	preferred   *Preferred
	outOfOffice bool
	note        Note
}

type session struct {
	Session
	order int // when what it shows began; a renewal keeps it
}

// Session is what one program reports of the person.
type Session struct {
	ID          string
	Application bool // set by setPresence; else it is the Teams client's own
	Pair        presence.Pair
	Set         time.Time
	Expires     time.Time // zero: as long as the Teams client runs
}

// Preferred is the presence the person, or an application for them, chose.
type Preferred struct {
	Pair        presence.Pair
	Application bool
	Set         time.Time
	Expires     time.Time

	order int
}

// Note is the status message.
type Note struct {
	Content   string
	Published time.Time
	Expires   time.Time // zero: never
}

// View is what anybody sees of a person.
type View struct {
	Pair        presence.Pair
	OutOfOffice bool
	Note        Note
}

// Kind is something that happens in Teams itself.
type Kind string

// The kinds. All but Calendar are sessions of the Teams client.
const (
	Call       Kind = "call"
	Conference Kind = "conference"
	Presenting Kind = "presenting"
	Calendar   Kind = "calendar"
)

// Kinds lists the kinds.
func Kinds() []Kind { return []Kind{Call, Conference, Presenting, Calendar} }

func (k Kind) pair() presence.Pair {
	switch k {
	case Call:
		return presence.InACall
	case Conference:
		return presence.InAConferenceCall
	case Presenting:
		return presence.Presenting
	}
	return presence.InAMeeting
}

const (
	client  = "Teams"         // the id of the Teams client's own session
	staging = 5 * time.Minute // how long each stage of an application's Available session lasts
)

var availableInactive = presence.Pair{Availability: "Available", Activity: "AvailableInactive"}

// NewPerson makes a person whose Teams runs and reports Available.
func NewPerson() *Person {
	p := &Person{sessions: map[string]session{}}
	p.put(Session{ID: client, Pair: presence.Available})
	return p
}

// put opens or renews a session. What a live session shows already did not begin anew.
func (p *Person) put(s Session) {
	p.order++
	order := p.order
	if old, ok := p.sessions[s.ID]; ok && old.Pair == s.Pair && !over(old.Expires, s.Set) {
		order = old.order
	}
	p.sessions[s.ID] = session{s, order}
}

func over(end, now time.Time) bool { return !end.IsZero() && !now.Before(end) }

// Sessions lists the live sessions as they show now, the Teams client's first.
func (p *Person) Sessions(now time.Time) []Session {
	var live []Session
	for _, s := range p.live(now) {
		live = append(live, s.Session)
	}
	return live
}

func (p *Person) live(now time.Time) []session {
	var live []session
	for _, s := range p.sessions {
		if over(s.Expires, now) {
			continue
		}
		if s.Application && s.Pair == presence.Available {
			switch age := now.Sub(s.Set); {
			case age >= 2*staging:
				s.Pair = presence.Away
			case age >= staging:
				s.Pair = availableInactive
			}
		}
		live = append(live, s)
	}
	slices.SortFunc(live, func(a, b session) int {
		if a.Application != b.Application {
			if b.Application {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.ID, b.ID))
	})
	return live
}

// Preferred answers the preferred presence, if there is one now.
func (p *Person) Preferred(now time.Time) (Preferred, bool) {
	if p.preferred == nil || over(p.preferred.Expires, now) {
		return Preferred{}, false
	}
	return *p.preferred, true
}

// Shows answers what is seen of the person now.
func (p *Person) Shows(now time.Time) View {
	v := View{Pair: p.pair(now), OutOfOffice: p.outOfOffice, Note: p.note}
	if over(v.Note.Expires, now) {
		v.Note = Note{}
	}
	if v.OutOfOffice && v.Pair == presence.Available {
		v.Pair = presence.OutOfOffice
	}
	return v
}

func (p *Person) pair(now time.Time) presence.Pair {
	live := p.live(now)
	if len(live) == 0 {
		return presence.Offline
	}
	pairs := make([]presence.Pair, 0, len(live)+1)
	for _, s := range live {
		pairs = append(pairs, s.Pair)
	}
	if p.calendar {
		pairs = append(pairs, presence.InAMeeting)
	}
	chosen, ok := p.Preferred(now)
	if !ok {
		return highest(pairs)
	}
	if chosen.Pair != presence.Available && chosen.Pair != presence.Busy {
		return chosen.Pair
	}
	pairs = []presence.Pair{chosen.Pair}
	for _, s := range live {
		if s.order > chosen.order && rank(s.Pair) >= rank(presence.InACall) {
			pairs = append(pairs, s.Pair)
		}
	}
	return highest(pairs)
}

func highest(pairs []presence.Pair) presence.Pair {
	return slices.MaxFunc(pairs, func(a, b presence.Pair) int { return cmp.Compare(rank(a), rank(b)) })
}

// rank orders what sessions show: do not disturb, busy, available, away; and within busy a call before the
// calendar's meeting. From InACall on it is a call.
func rank(p presence.Pair) int {
	return slices.Index([]presence.Pair{presence.Away, availableInactive, presence.Available, presence.Busy,
		presence.InAMeeting, presence.InACall, presence.InAConferenceCall, presence.Presenting}, p)
}

// Next answers when time alone may next change something; zero: never.
func (p *Person) Next(now time.Time) time.Time {
	var next time.Time
	at := func(t time.Time) {
		if t.After(now) && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	for _, s := range p.sessions {
		at(s.Expires)
		if s.Application && s.Pair == presence.Available {
			at(s.Set.Add(staging))
			at(s.Set.Add(2 * staging))
		}
	}
	if p.preferred != nil {
		at(p.preferred.Expires)
	}
	at(p.note.Expires)
	return next
}
