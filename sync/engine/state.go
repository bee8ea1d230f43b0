package engine

import (
	"slices"
	"time"

	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

// Cause is why something is held: what stood on which side.
type Cause struct {
	Side     string    `json:"side"`
	State    string    `json:"state"` // a pair, or a status
	Activity bool      `json:"activity,omitempty"`
	At       time.Time `json:"at"` // when it was seen
}

// Hold is what Offhook itself has set on a side. Shows is empty when nothing is held.
type Hold[T comparable] struct {
	Shows  T         `json:"shows"`
	Before T         `json:"before"`
	Was    T         `json:"was,omitzero"` // what this hold showed before the write under way
	Cause  Cause     `json:"cause"`
	Since  time.Time `json:"since"`
	Until  time.Time `json:"until,omitzero"`   // when it ends by itself; zero: it does not
	Set    bool      `json:"set,omitempty"`    // a write of it has succeeded
	Unsure bool      `json:"unsure,omitempty"` // a write of it has failed and may have been carried out nevertheless
	Seen   bool      `json:"-"`                // a reading has shown it
}

// Is tells whether anything is held.
func (h Hold[T]) Is() bool {
	var none T
	return h.Shows != none
}

// unseen tells whether no reading has shown yet what is held.
func (h Hold[T]) unseen() bool { return h.Is() && !h.Seen }

// begins tells whether it is not known yet that this hold has ever shown: what stood before may stand still.
func (h Hold[T]) begins() bool {
	var none T
	return h.Is() && !h.Set && h.Was == none
}

// restored tells whether this hold stands in the last run's journal only: nobody knows whether it was ever written.
func (h Hold[T]) restored() bool { return h.Is() && !h.Set && !h.Unsure && !h.Seen }

// left tells whether the last run was giving this hold back when it ended.
func (h Hold[T]) left() bool { return h.Is() && !h.Set && h.Unsure && !h.Seen }

// shows tells whether a status may stand there because of this hold.
func (h Hold[T]) shows(status T) bool {
	var none T
	return status != none && (status == h.Shows || status == h.Was)
}

// mayShow is what may still be answered once this hold is over, where shown is what was answered last: what was held,
// also where that has not been seen yet.
func (h Hold[T]) mayShow(shown T) T {
	if h.Is() && !h.Seen {
		return h.Shows
	}
	return shown
}

// written notes that the write under way has succeeded.
func (h *Hold[T]) written() {
	var none T
	h.Was, h.Set, h.Unsure = none, true, false
}

// refused notes that the write under way has changed nothing.
func (h *Hold[T]) refused() {
	switch last := h.Was; {
	case h.Set, h.Unsure:
	case (Hold[T]{Shows: last}).Is():
		h.Shows = last
		h.written()
	default:
		*h = Hold[T]{}
	}
}

// mayBeGone notes that giving back was reported failed: whether it was carried out nevertheless is not known.
func (h *Hold[T]) mayBeGone() { h.Set, h.Unsure = false, true }

// stood is what stood there before the write under way.
func (h Hold[T]) stood() T {
	if last := h.Was; (Hold[T]{Shows: last}).Is() {
		return last
	}
	return h.Before
}

// next makes the hold that a write is to bring about: before is what stands there if nothing is held yet.
func (h Hold[T]) next(shows, before T, c Cause, now time.Time) Hold[T] {
	n := Hold[T]{Shows: shows, Before: before, Cause: c, Since: now}
	switch {
	case h.Is() && h.Shows == shows: // once more
		n.Before, n.Was, n.Unsure = h.Before, h.Was, h.Unsure
	case h.Is():
		n.Before, n.Was = h.Before, h.Shows
	}
	return n
}

// same compares what the journal keeps.
func (h Hold[T]) same(o Hold[T]) bool {
	return h.Shows == o.Shows && h.Before == o.Before && h.Was == o.Was && h.Cause == o.Cause &&
		h.Since.Equal(o.Since) && h.Until.Equal(o.Until) && h.Set == o.Set && h.Unsure == o.Unsure
}

// want is what a side is to show, and why. To is empty when nothing is wanted.
type want[T comparable] struct {
	to    T
	cause Cause
}

func (w want[T]) is() bool {
	var none T
	return w.to != none
}

// anchored is one direction's choices: the one both sides last agreed on, and what is to be shown since.
type anchored[From, To comparable] struct {
	anchor From
	want   want[To]
}

// TeamsView is the Teams side as the engine knows it. Shown is what Graph answers; Happening and Chosen are the
// person's own share of it, without what Offhook set.
type TeamsView struct {
	Known     bool
	LostAt    time.Time
	Problem   *problem.Problem
	Shown     presence.Pair
	Echo      bool // Shown is explained by what Offhook, here or on another PC, has set
	Happening presence.Pair
	Chosen    presence.Pair
	SeenAt    time.Time
	Asked     time.Time // when the newest answer believed was asked for
	Written   time.Time // when the newest write ended

	Session   Hold[presence.Pair]
	Preferred Hold[presence.Pair]
	Message   string       // the status message as last read
	Note      Hold[string] // the status message that Offhook has set
	NoteOff   bool         // the person has their own message during this call
	Override  bool         // the person put aside what an activity had made preferred, until that activity ends

	read       presence.Presence // the newest answer, and the state that it is
	state      presence.TeamsState
	writing    Command
	began      time.Time     // when that write began: what it sets lives from then on at the earliest
	doubt      presence.Pair // what Graph may still answer until doubtUntil although it is over
	doubtUntil time.Time
	unread     time.Time // since then it is not known what Teams shows: it is to be read before it is written
	late       TeamsRead // waits for a look at a polled phone, of which it may be an echo
	retryAt    time.Time
	failures   int
	told       Kind // the newest reason for leaving this side alone, told once
}

// PhoneView is one phone as the engine knows it.
type PhoneView struct {
	Known     bool
	LostAt    time.Time
	Problem   *problem.Problem
	Shown     presence.Reading
	Happening string
	Chosen    string
	SeenAt    time.Time
	ToldAt    time.Time // when Shown was first told
	Read      time.Time

	Hold     Hold[string]
	Override bool // the person put aside what the present activity in Teams had set, until it ends

	down       anchored[presence.Pair, string] // what was chosen in Teams
	up         anchored[string, presence.Pair] // what was chosen on this phone
	writing    Command
	obeyed     bool             // what is being written has been read already
	echoed     presence.Reading // the part of Shown that is explained by what Offhook on another PC has set
	doubt      string
	doubtUntil time.Time
	waitsSince time.Time
	waiting    bool   // Shown waits for a fresh look at Teams, of which it may be an echo
	over       string // a choice told while a write was under way, which may have gone over it
	unjudged   bool   // Shown may tell of the time before a write: the next reading, or the end of doubt, decides
	retryAt    time.Time
	failures   int
	told       Kind
}

// State is everything the engine knows. Its zero value, with as many phones as the Config, is the start.
type State struct {
	Teams    TeamsView
	Phones   []PhoneView
	Paused   bool
	Until    time.Time // of the pause; zero: until resumed
	Closed   bool      // outside the hours in which Offhook is to be at work
	Quitting bool
	saved    Journal
	at       time.Time // of the newest step
}

// Journal is what must survive a crash: what is held and what the person put aside.
type Journal struct {
	Session   Hold[presence.Pair]     `json:"session,omitzero"`
	Preferred Hold[presence.Pair]     `json:"preferred,omitzero"`
	Message   Hold[string]            `json:"message,omitzero"`
	Phones    map[string]Hold[string] `json:"phones,omitempty"`
	Overrides []string                `json:"overrides,omitempty"` // sides

	// Account is whose Teams this is: who keeps the journal says it, the engine does not look at it.
	Account string `json:"account,omitempty"`
}

// WithoutTeams is the journal of somebody who has nothing to do with that account.
func (j Journal) WithoutTeams() Journal {
	return Journal{Phones: j.Phones,
		Overrides: slices.DeleteFunc(slices.Clone(j.Overrides), func(side string) bool { return side == TeamsSide })}
}

// Empty tells whether nothing is held.
func (j Journal) Empty() bool {
	return !j.Session.Is() && !j.Preferred.Is() && !j.Message.Is() && len(j.Phones) == 0 && len(j.Overrides) == 0
}

func (j Journal) equal(o Journal) bool {
	if !j.Session.same(o.Session) || !j.Preferred.same(o.Preferred) || !j.Message.same(o.Message) || len(j.Phones) != len(o.Phones) {
		return false
	}
	for id, h := range j.Phones {
		if !h.same(o.Phones[id]) {
			return false
		}
	}
	return slices.Equal(j.Overrides, o.Overrides)
}

// Holding tells whether anything is held anywhere.
func (s State) Holding() bool {
	return s.Teams.Session.Is() || s.Teams.Preferred.Is() || s.Teams.Note.Is() ||
		slices.ContainsFunc(s.Phones, func(p PhoneView) bool { return p.Hold.Is() })
}

// Busy tells whether a write is under way.
func (s State) Busy() bool {
	return s.Teams.writing.Do != Nothing ||
		slices.ContainsFunc(s.Phones, func(p PhoneView) bool { return p.writing.Do != Nothing })
}

func (c Config) journal(s State) Journal {
	j := Journal{Session: s.Teams.Session, Preferred: s.Teams.Preferred, Message: s.Teams.Note}
	if s.Teams.writing.Do == ClearPreferred && j.Preferred.Is() {
		j.Preferred.mayBeGone() // killed now, the next run does not take that for the person's doing
	}
	if s.Teams.Override {
		j.Overrides = append(j.Overrides, TeamsSide)
	}
	for i, p := range s.Phones {
		if p.Hold.Is() {
			if j.Phones == nil {
				j.Phones = map[string]Hold[string]{}
			}
			j.Phones[c.Phones[i].ID] = p.Hold
		}
		if p.Override {
			j.Overrides = append(j.Overrides, c.Phones[i].ID)
		}
	}
	return j
}

// Start makes the first state of the journal that the last run left: what it held is held still, and is
// kept or given back, as the mapping now says, once both sides have been read.
func (c Config) Start(j Journal) State {
	s := State{Phones: make([]PhoneView, len(c.Phones)), saved: j}
	s.Teams.Session, s.Teams.Preferred, s.Teams.Note = j.Session, j.Preferred, j.Message
	if j.Preferred.Is() {
		s.Teams.doubtUntil = j.Preferred.Since.Add(c.Settle)
	}
	s.Teams.Session.Set = false // it may have been cleared since: it is written once more while its call lasts
	s.Teams.Override = slices.Contains(j.Overrides, TeamsSide)
	for i := range s.Phones {
		p, id := &s.Phones[i], c.Phones[i].ID
		p.Hold = j.Phones[id]
		p.Override = slices.Contains(j.Overrides, id)
		if p.Hold.Is() {
			p.Chosen, p.up.anchor = p.Hold.Before, c.Phones[i].agreed(p.Hold.Before)
			if cause := p.Hold.Cause; !cause.Activity {
				p.up.anchor = p.Hold.Shows
				from := pairOf(cause)
				p.down = anchored[presence.Pair, string]{from, want[string]{c.Phones[i].Mapping.Phone(from).To, cause}}
			} else {
				s.Teams.Happening = pairOf(cause)
			}
		}
		for _, h := range []Hold[presence.Pair]{j.Session, j.Preferred} {
			if h.Is() && h.Cause.Side == id && !h.Cause.Activity {
				to := c.Phones[i].Mapping.Teams(h.Cause.State).To
				p.up = anchored[string, presence.Pair]{h.Cause.State, want[presence.Pair]{to, h.Cause}}
			}
		}
	}
	return s
}

// pairOf is the pair that a cause on the Teams side names.
func pairOf(c Cause) presence.Pair {
	p, _ := presence.ParsePair(c.State)
	return p
}

// Wake tells when, after now, the engine wants a Tick; zero: never. What is due already has been seen to
// by the last Step, or waits for something other than time.
func (c Config) Wake(s State, now time.Time) time.Time {
	var wake time.Time
	at := func(t time.Time) {
		if t.After(now) && (wake.IsZero() || t.Before(wake)) {
			wake = t
		}
	}
	if s.Paused {
		at(s.Until)
	}
	if c.Hours != nil {
		_, until := c.Hours(now)
		at(until)
	}
	t := s.Teams
	if t.Note.Is() {
		at(t.Note.Until.Add(-renewWhen(c.MessageFor)))
	}
	if t.Session.Is() {
		at(t.Session.Since.Add(c.SessionFor - renewWhen(c.SessionFor)))
		at(t.Session.Until)
	}
	if t.Preferred.Is() {
		at(t.Preferred.Since.Add(c.PreferredFor - renewWhen(c.PreferredFor)))
		at(t.Preferred.Until)
	}
	at(t.retryAt)
	if t.Echo || t.Preferred.unseen() {
		at(t.doubtUntil)
	}
	for _, p := range s.Phones {
		at(p.retryAt)
		if p.unjudged {
			at(p.doubtUntil)
		}
		if p.Hold.Is() && !t.Known && !t.LostAt.IsZero() {
			at(t.LostAt.Add(c.Blind))
		}
	}
	return wake
}
