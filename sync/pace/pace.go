// Package pace decides when Teams is read next, and why then. It is pure: it must not know a clock, a network
// or a screen; it is told what happened and when, and answers with a time and a reason.
//
// Graph lets all desktops of an organisation together read 1500 times in 30 seconds. So a read is something to
// be spent where a change is likely: after hints and events, around the times when meetings begin and end, in
// an activity; and saved while the screen is locked, nobody is there or work is over. Three things follow from
// one number, the share: how many reads an hour this desktop may send.
//
//   - A budget saves reads, and nothing is read without one (Budget).
//   - What is left over by hints is spread over time by how likely a change is then (likely.go).
//   - After "too many requests" everybody comes back at another moment, within the time in which everybody has
//     one turn.
//
// Where the number of desktops is known it gives the share. Where it is not, each desktop finds its share
// alone: it begins small, grows a little with each answer and is cut by "too many requests"; but not by a storm of
// them, which says nothing of the share.
package pace

import (
	"fmt"
	"time"
)

// Shown is what Teams shows, as far as the pace cares.
type Shown int

// What Teams may show.
const (
	Unknown  Shown = iota
	Present        // available
	Chosen         // busy or do not disturb, by the person's own hand
	Away           // away, be right back, offline
	Meeting        // the calendar's meeting, joined or not
	Activity       // a call, a joined meeting, presenting: it ends by itself
)

func (s Shown) String() string {
	return [...]string{"unknown", "present", "chosen", "away", "meeting", "activity"}[s]
}

func (s Shown) activity() bool { return s == Activity || s == Meeting }

// Known is everything a decision depends on. It is a value: Decide changes nothing.
type Known struct {
	Now   time.Time // on the wall clock of the person: meetings begin by it
	Asked time.Time // when the last read was sent; zero: none was
	Dice  float64   // 0 to 1, rolled anew for each read: desktops must not march in step

	Budget Budget

	Event     string    // the last thing that happened which may change the presence; empty: nothing has
	EventAt   time.Time // when, or when its turn comes where very many have such an event at once
	Looks     []float64 // when to look after it, in seconds
	Looked    int       // how many of them are done
	Shown     Shown
	Since     time.Time // since when Teams has been seen to show it
	Before    time.Time // when it was last seen to show something else
	Speaking  bool      // the microphone is in use, and its end will be told
	Hinted    bool      // hints of the microphone come at all
	Locked    bool
	Idle      bool
	Closed    bool // outside the person's hours
	Failures  int  // reads that failed in a row
	FailedAt  time.Time
	Throttled bool          // the last of them: too many requests
	Told      time.Duration // and how long to wait, where that was said
	NotBefore time.Time     // no request at all until then
}

// What follows a failure.
const (
	firstBackoff  = 2 * time.Second
	lastBackoff   = 5 * time.Minute
	throttlePause = 10 * time.Second // after "too many requests" where no time is named
	longestTurn   = 2 * time.Hour
	beside        = 1.6
	leastGap      = 700 * time.Millisecond // between two reads, whatever happens
)

// Decide answers when to read next, and why then. It may be in the past: then now.
func Decide(k Known) (time.Time, string) {
	at, because := k.Now, "nothing has been read yet"
	switch {
	case k.Failures > 0 && (k.Throttled || k.Told > 0):
		wait := k.Told
		if wait == 0 {
			wait = throttlePause
		}
		at, because = k.FailedAt.Add(wait+k.turn()), "Microsoft asked to wait"
	case k.Failures > 0 && !k.EventAt.After(k.FailedAt):
		at, because = k.FailedAt.Add(k.backoff()), "the last read failed"
		if k.Failures > 1 {
			because = fmt.Sprintf("the last %d reads failed", k.Failures)
		}
	case !k.Asked.IsZero():
		at, because = k.background()
		if look, ok := k.look(); ok && !look.After(at) {
			at, because = look, k.Event
		}
	}
	if at.Before(k.NotBefore) {
		at, because = k.NotBefore, "Microsoft asked to wait"
	}
	return at, because
}

// turn is a random moment of the time in which every desktop can have one turn beside what goes on anyway, longer
// with each failure.
func (k *Known) turn() time.Duration {
	round := beside * float64(time.Hour) / k.Budget.Share * float64(int(1)<<min(k.Failures-1, 8))
	return time.Duration(k.Dice * min(round, float64(longestTurn)))
}

// backoff grows with each failure. Something that happens after the failure is worth one attempt.
func (k *Known) backoff() time.Duration {
	d := min(firstBackoff<<min(k.Failures-1, 16), lastBackoff)
	return d + time.Duration((k.Dice*2-1)*0.25*float64(d))
}

// look is the next of the looks that an event asks for.
func (k *Known) look() (time.Time, bool) {
	if k.Event == "" || k.Looked >= len(k.Looks) {
		return time.Time{}, false
	}
	seconds, keep := k.Looks[0], 0.0
	if k.Looked > 0 {
		seconds += (k.Looks[k.Looked] - k.Looks[0]) * k.Budget.stretch() * (0.9 + 0.2*k.Dice)
		keep = k.Budget.most() / 8 // the first look at what comes next is worth more than another at this
	}
	at := k.EventAt.Add(time.Duration(seconds * float64(time.Second)))
	for _, least := range []time.Time{k.Asked.Add(leastGap), k.Budget.affords(1 + keep)} {
		if at.Before(least) {
			at = least
		}
	}
	return at, true
}
