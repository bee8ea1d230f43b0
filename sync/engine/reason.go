package engine

import (
	"fmt"
	"time"

	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

// Kind is what was decided. Its text is stable: it stands in `why --json`.
type Kind string

// The kinds.
const (
	Mirrored      Kind = "mirrored"       // a side now shows what its row says
	GaveBack      Kind = "gave-back"      // a side is again as it was before
	Unchanged     Kind = "unchanged"      // the row leaves the other side as it is
	OwnHandWins   Kind = "own-hand-wins"  // what the person chose outranks the activity
	PersonChanged Kind = "person-changed" // the person changed what Offhook had set: theirs stands
	InUse         Kind = "in-use"         // the phone is in a call of its own: written when that is over
	Adopted       Kind = "adopted"        // what an earlier run held is held on
	Expired       Kind = "expired"        // a hold ended by itself
	Lost          Kind = "lost"           // a side cannot be read
	Found         Kind = "found"          // and is read again
	Failed        Kind = "failed"         // a write was not carried out
	Paused        Kind = "paused"
	Resumed       Kind = "resumed"
	Closed        Kind = "closed" // outside the hours in which Offhook is to be at work
	Opened        Kind = "opened"
	Noted         Kind = "noted"   // the status message tells of the call
	Unnoted       Kind = "unnoted" // and does so no more
	Quits         Kind = "quit"
)

// Reason is one decision, and why. Sentence puts it into words; nothing else does.
type Reason struct {
	At      time.Time
	Kind    Kind
	Side    string // the side written, or left alone: "teams" or a phone's id
	Shows   string // what was written there: a pair, or a status
	Source  string // the side it came from
	State   string // what stood there: a pair, or a status
	Why     string // of Unchanged: the row's own words
	Took    time.Duration
	Until   time.Time // of Paused and Closed
	Problem *problem.Problem
}

// Names gives the sides their names: "Teams", "Desk phone".
type Names func(side string) string

// Sentence tells the decision in one plain sentence without a full stop.
func (r Reason) Sentence(name Names) string {
	side, source := name(r.Side), name(r.Source)
	shows, state := word(r.Side, r.Shows), word(r.Source, r.State)
	switch r.Kind {
	case Mirrored:
		return fmt.Sprintf("%s: %s, so %s now shows %s", source, state, side, shows)
	case GaveBack:
		if r.Shows == "" {
			return fmt.Sprintf("%s is as before again, without %s's %s", side, source, state)
		}
		return fmt.Sprintf("%s is as before again: %s", side, shows)
	case Unchanged:
		return fmt.Sprintf("%s: %s; %s unchanged: %s", source, state, side, r.Why)
	case OwnHandWins:
		return fmt.Sprintf("%s: %s; %s unchanged: your own %s there wins", source, state, side, shows)
	case PersonChanged:
		return fmt.Sprintf("%s: you changed it to %s, and that stands", side, shows)
	case InUse:
		return fmt.Sprintf("%s: %s; %s waits until its own call is over", source, state, side)
	case Adopted:
		return fmt.Sprintf("%s still shows %s from before the restart, and %s still stands", side, shows, state)
	case Expired:
		return fmt.Sprintf("%s: %s ended by itself", side, shows)
	case Lost:
		return fmt.Sprintf("%s cannot be read, so nothing is mirrored from it: %s", side, r.Problem.Error())
	case Found:
		return fmt.Sprintf("%s is read again", side)
	case Failed:
		if r.Shows == "" {
			return fmt.Sprintf("%s could not be given back: %s", side, r.Problem.Error())
		}
		return fmt.Sprintf("%s could not be set to %s: %s", side, shows, r.Problem.Error())
	case Paused:
		if r.Until.IsZero() {
			return "Paused until you resume"
		}
		return "Paused until " + r.Until.Format("15:04")
	case Resumed:
		return "Resumed"
	case Closed:
		return "Outside your hours until " + r.Until.Format("Monday 15:04") + ": what was held is given back, and nothing is written"
	case Opened:
		return "Your hours have begun"
	case Noted:
		return fmt.Sprintf("%s: %s, so %s's status message says so", source, state, side)
	case Unnoted:
		return fmt.Sprintf("%s's status message is empty again", side)
	case Quits:
		return "Offhook ends and gives back what it held"
	}
	return string(r.Kind)
}

// word is how the person knows a state: Teams' states by their titles, a phone's by their own names.
func word(side, state string) string {
	if side != TeamsSide {
		return state
	}
	pair, err := presence.ParsePair(state)
	if err != nil {
		return state
	}
	if s, ok := presence.Lookup(pair); ok {
		return s.Title
	}
	return state
}
