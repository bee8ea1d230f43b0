package engine

import (
	"strings"
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

	SettingsChanged Kind = "settings-changed" // the engine starts anew with others
	SignInChanged   Kind = "sign-in-changed"  // somebody signs in or out: what is held is given back first
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
	phrase := r.Phrase()
	if phrase == "" {
		return string(r.Kind)
	}
	until := r.Until.Format("15:04")
	if r.Kind == Closed {
		until = r.Until.Format("Monday 15:04")
	}
	told := ""
	if r.Problem != nil {
		told = r.Problem.Error()
	}
	return strings.NewReplacer("{side}", name(r.Side), "{source}", name(r.Source), "{shows}", word(r.Side, r.Shows),
		"{state}", word(r.Source, r.State), "{why}", r.Why, "{problem}", told, "{until}", until).Replace(phrase)
}

// Phrase is the sentence with its parts named in braces, as the translations know it; empty for a kind that
// has none.
func (r Reason) Phrase() string {
	switch r.Kind {
	case GaveBack:
		if r.Shows == "" {
			return "{side} is as before again, without {source}'s {state}"
		}
	case Failed:
		if r.Shows == "" {
			return "{side} could not be given back: {problem}"
		}
	case Paused:
		if r.Until.IsZero() {
			return "Paused until you resume"
		}
	}
	return phrases[r.Kind]
}

// phrases are the sentences, a kind each.
var phrases = map[Kind]string{
	Mirrored:      "{source}: {state}, so {side} now shows {shows}",
	GaveBack:      "{side} is as before again: {shows}",
	Unchanged:     "{source}: {state}; {side} unchanged: {why}",
	OwnHandWins:   "{source}: {state}; {side} unchanged: your own {shows} there wins",
	PersonChanged: "{side}: you changed it to {shows}, and that stands",
	InUse:         "{source}: {state}; {side} waits until its own call is over",
	Adopted:       "{side} still shows {shows} from before the restart, and {state} still stands",
	Expired:       "{side}: {shows} ended by itself",
	Lost:          "{side} cannot be read, so nothing is mirrored from it: {problem}",
	Found:         "{side} is read again",
	Failed:        "{side} could not be set to {shows}: {problem}",
	Paused:        "Paused until {until}",
	Resumed:       "Resumed",
	Closed:        "Outside your hours until {until}: what was held is given back, and nothing is written",
	Opened:        "Your hours have begun",
	Noted:         "{source}: {state}, so {side}'s status message says so",
	Unnoted:       "{side}'s status message is empty again",
	Quits:         "Offhook ends and gives back what it held",

	SettingsChanged: "Your settings changed: Offhook gives back what it held and starts anew",
	SignInChanged:   "The sign-in changed: Offhook gives back what it held and starts anew",
}

// Phrases are all of them, for whoever translates.
func Phrases() map[string]bool {
	all := map[string]bool{}
	for kind, phrase := range phrases {
		all[phrase] = true
		all[Reason{Kind: kind}.Phrase()] = true // with nothing shown
	}
	return all
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
