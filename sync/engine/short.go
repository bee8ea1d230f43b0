package engine

import (
	"slices"
	"time"

	"github.com/offhook/offhook/sync/presence"
)

// This file is the short way: a reading that tells what was known already costs nothing. The explorer takes both
// ways in every state and holds that they agree.

// nothingNew takes the short way where a reading tells what was known, and nothing waits for it or for the time.
func (c Config) nothingNew(s *State, e Event, now time.Time) bool {
	if wake := c.Wake(*s, s.at); s.at.IsZero() || !wake.IsZero() && !wake.After(now) {
		return false
	}
	switch e := e.(type) {
	case Tick:
	case TeamsRead:
		if !s.Teams.showed(e) || s.waitsForTeams(now) {
			return false
		}
		s.Teams.Asked = e.Asked
	case PhoneRead:
		if c.Phones[e.Phone].Polled || !s.Phones[e.Phone].showed(e.Reading) || s.waitsForPhone(e.Phone, now) {
			return false
		}
	default:
		return false
	}
	s.at = now
	return true
}

// showed tells whether an answer of Graph, rightly in order, tells what was known.
func (t *TeamsView) showed(r TeamsRead) bool {
	return t.Known && r.Presence == t.read && t.state.Pair == t.Shown &&
		!r.Asked.Before(t.Asked) && !r.Asked.Before(t.Written) && !t.writing.TeamsWrite()
}

// waitsForTeams tells whether something is to follow from the next answer of Graph, whatever it tells.
func (s *State) waitsForTeams(now time.Time) bool {
	t := &s.Teams
	setHere := t.Session.shows(t.Shown) || t.Preferred.shows(t.Shown)
	return t.Asked.Before(t.unread) || t.Echo && !setHere || now.Before(t.doubtUntil) || t.Session.unseen() || t.Preferred.unseen() ||
		!t.late.Asked.IsZero() || slices.ContainsFunc(s.Phones, func(p PhoneView) bool { return p.waiting })
}

func (p *PhoneView) showed(r presence.Reading) bool { return p.Known && r == p.Shown }

// waitsForPhone tells whether something is to follow from a phone's next reading, whatever it tells.
func (s *State) waitsForPhone(i int, now time.Time) bool {
	p := &s.Phones[i]
	return p.Hold.unseen() || p.unjudged || p.waiting || now.Before(p.doubtUntil) || !s.Teams.late.Asked.IsZero()
}
