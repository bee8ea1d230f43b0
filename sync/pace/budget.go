package pace

import (
	"math"
	"time"
)

// The limit: 1500 requests in 30 seconds, by all desktops of an organisation together. Writes, and the clocks
// of those who count, want a little of it left.
const (
	Limit       = 1500
	LimitWindow = 30 * time.Second
	usable      = 0.91
	together    = usable * Limit * float64(time.Hour/LimitWindow) // reads an hour
)

// How a share of an unknown whole is found.
//
// The first share is a choice between two harms. All that a desktop learns of the others is its own "too many
// requests". For 50,000 who all begin on one day these are to be under 0.5 % of the 180,000 requests an hour that are
// answered: 900 an hour, no more than 8,000 in a day of nine hours, so 84 of 100 desktops meet none at all, and read
// all day as one that is alone. So one that is alone may read no more than 180,000 / (0.84 * 50,000) = 4.3 times an
// hour, and grow by a sixth a day. That is many minutes of waiting, for weeks, for everybody in a small organisation
// who has not said its size. So the first share is about that of the 10,000 for whom the goal still holds; more than
// that pay on the first day, once, for each must be told: 43,000 of 50,000, some 3 % of their requests at the least.
const (
	firstShare  = 20.0   // reads an hour: what each of 10,000 has
	leastShare  = 0.5    //
	mostShare   = 170.0  // more is never needed
	quickGrowth = 1.003  // with each answer, until the first "too many requests"
	slowGrowth  = 0.0025 // reads an hour, with each answer after it
	longCalm    = 2500   // answers in a row after which it grows quickly again: the limit is far away
	grown       = 1.25   // times the first share: it was not far too large, for it could grow
	firstCut    = 0.17   // of one that could not
	cut         = 0.5
	afterStorm  = 0.8 // of the share before it
)

// Budget is how many reads a desktop may send, and how many it has saved. The zero Budget is none.
type Budget struct {
	Share float64   // reads an hour that all may send at the same time
	Fixed bool      // the number of desktops is known
	Met   bool      // the share has met the limit, and grows slowly
	Calm  int       // answers since the last "too many requests"
	Saved float64   // reads
	At    time.Time // when that was counted
	was   Found     // the share before the last cut
}

// Found is what one run leaves to the next where the number of desktops is not known.
type Found struct {
	Share float64 `json:"share"`     // reads an hour
	Met   bool    `json:"met_limit"` // that is as much as there is; else it may grow quickly
}

// Found is what is to be kept for the next run; nothing where the number of desktops is known.
func (b Budget) Found() Found {
	if b.Fixed {
		return Found{}
	}
	return Found{b.Share, b.Met}
}

// NewBudget is the budget of one of so many desktops; none given: of an unknown number, with the share that
// was found earlier, if there is one.
func NewBudget(desktops int, found Found) Budget {
	b := Budget{Share: firstShare}
	switch {
	case desktops > 0:
		b.Share, b.Fixed = together/float64(desktops), true
	case found.Share > 0:
		b.Share, b.Met = min(max(found.Share, leastShare), mostShare), found.Met
	}
	b.Saved = b.most() / 2
	return b
}

// perHour is how many reads are sent in the long run. One who is nearly alone may look more often; a person
// among hundreds needs no more than this.
func (b Budget) perHour() float64 {
	const alone, polite = 10, 100
	if b.Share > together/(alone+1) {
		return 12 * polite
	}
	return min(0.98*b.Share, polite)
}

// most is how many reads can be saved: an hour's, and enough for one event. What keeps all together below the limit
// is how much of its share each spends in a minute (likely.go), not that everybody has spent the same by evening.
func (b Budget) most() float64 { return max(3, b.perHour()) }

// Reads is how many reads there are at a time.
func (b Budget) Reads(at time.Time) float64 {
	if b.At.IsZero() {
		return b.Saved
	}
	return min(b.most(), b.Saved+max(0, at.Sub(b.At).Hours())*b.perHour())
}

// affords tells from when on there are so many reads.
func (b Budget) affords(reads float64) time.Time {
	if missing := reads - b.Saved; missing > 0 {
		return b.At.Add(time.Duration(missing / b.perHour() * float64(time.Hour)))
	}
	return b.At
}

// stretch is how much further apart the looks after one event are where reads are scarce.
func (b Budget) stretch() float64 { return max(1, math.Sqrt(60/b.Share)) }

// crowd is in how many seconds those who have an event at the same time come one after the other: the greater
// part of a very large organisation joins its meetings within minutes.
func (b Budget) crowd() float64 {
	const natural = 430 // seconds: what fits into them needs no turns
	return max(0, together/b.Share/33-natural)
}

func (b Budget) sent(now time.Time) Budget {
	b.Saved, b.At = max(0, b.Reads(now)-1), now
	return b
}

func (b Budget) answered() Budget {
	b.Calm++
	switch {
	case b.Fixed:
	case !b.Met || b.Calm > longCalm:
		b.Share = min(b.Share*quickGrowth, mostShare)
	default:
		b.Share = min(b.Share+slowGrowth, mostShare)
	}
	return b
}

// refused cuts the share at the first refusal after an answer: deeply where it has not grown yet, and may be far too
// large. Who is refused again, in a turn of its own, meets a storm: that says nothing of the share, which comes back.
func (b Budget) refused(inARow int) Budget {
	switch {
	case b.Fixed:
	case inARow == 1:
		b.was = Found{b.Share, b.Met}
		by := cut
		if !b.Met && b.Share < grown*firstShare {
			by = firstCut
		}
		b.Share, b.Met = max(leastShare, b.Share*by), true
	case inARow == 2 && b.was.Share > 0:
		b.Share, b.Met = max(b.Share, b.was.Share*afterStorm), b.was.Met
	}
	b.Calm = 0
	return b
}
