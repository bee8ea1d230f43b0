package pace

import (
	"math"
	"time"
)

// How likely a change is, next to a quiet minute at work. There are few steps: for half of all changes to be seen
// soon it matters to look often at as few minutes as can be, not to look at one of them very often.
const (
	expected = 14.0
	awaited  = 7.0
	possible = 3.0
	quiet    = 1.0
)

// begins is what the clock says of meetings: they begin at the full hour, half as often at the half, seldom at the
// quarters; the calendar shows them at once, and people come a little early or a little late.
func begins(minute int) float64 {
	switch minute {
	case 0, 1:
		return expected
	case 30, 59, 2:
		return awaited
	case 31, 29, 32, 3, 58:
		return possible
	}
	return quiet
}

// ends: they end about the full and the half hour, and many leave a little early.
func ends(minute int) float64 {
	switch m := minute % 30; {
	case m >= 26 || m <= 1:
		return expected
	case m >= 24 || m <= 3:
		return awaited
	case m >= 14 && m <= 16 || m >= 21 || m <= 6:
		return possible
	}
	return quiet
}

// How long something is young: most calls are short, most walks to the kitchen are, and whoever is in a meeting by
// the calendar joins it soon or not at all.
const (
	youngCall   = 6 * time.Minute
	shortWalk   = 9 * time.Minute
	longWalk    = 30 * time.Minute
	youngChoice = 15 * time.Minute
	beginning   = 5 * time.Minute
)

// chance is how likely a change is in a minute, next to a quiet minute at work; and how much of its share a
// desktop may spend in such a minute at most: what is true of many at the same time must fit all of them.
type chance struct {
	weight, most float64
	because      string
}

// likely tells of the minute of the hour that is so long after the last read.
func (k *Known) likely(minute int, after time.Duration) chance {
	age := k.Asked.Sub(k.Since) + after
	switch {
	case k.Closed:
		return chance{0.1, 0.3, "it is outside your hours"}
	case k.Locked:
		return chance{0.25, 0.3, "the screen is locked"}
	case k.Idle:
		return chance{0.25, 0.3, "nobody is at the PC"}
	case k.Shown.activity() && k.Speaking:
		return chance{quiet, 0.5, "Teams shows a call or a meeting, and the end of the microphone's use will be noticed"}
	case k.Shown == Meeting && age < beginning:
		return chance{expected, 3, "a meeting begins, and you may join it"}
	case k.Shown == Activity && age < youngCall && begins(k.Since.Minute()) < possible:
		return chance{expected, 6, "Teams shows a call"}
	case k.Shown.activity():
		if w := ends(minute); w >= awaited {
			return chance{w, 1.5, "Teams shows a call or a meeting, and many end about now"}
		}
		return chance{ends(minute), 1, "Teams shows a call or a meeting"}
	case k.Shown == Away && age < shortWalk:
		return chance{awaited, 3, "Teams shows you away, and you may be back soon"}
	case k.Shown == Away && age < longWalk:
		return chance{possible, 1, "Teams shows you away"}
	case k.Shown == Chosen && age < youngChoice:
		return chance{possible, 1, "you have chosen your status a short while ago"}
	}
	if w := begins(minute); w > quiet {
		if k.Hinted {
			return chance{w, 0.3, "many meetings begin about now"} // most of them will be told
		}
		return chance{w, 0.75, "many meetings begin about now"}
	}
	return chance{quiet, 0.6, "nothing is happening"}
}

// quietRate is what a quiet minute gets of the budget's reads; and more than busiest a minute are never needed.
const (
	quietRate = 0.2
	busiest   = 10
)

// background is when the likeliness gathered since the last read is worth a read. Where many reads are saved it
// comes a little earlier, where few are, later.
func (k *Known) background() (time.Time, string) {
	b := &k.Budget
	unit := min(0.8, quietRate*b.stretch()) * b.perHour() * min(1.1, 0.15+1.9*b.Reads(k.Asked)/b.most()) / 60 // reads a minute
	share := b.Share / 60
	flat := 1 / b.stretch()                             // whoever reads once in ten minutes cannot choose the minute
	missing := 1 + (k.Dice-0.5)*min(1, 0.5*b.stretch()) // where reads are few they must not gather at the same minutes
	_, minute, second := k.Asked.Clock()
	after, left := time.Duration(0), 1-float64(second)/60 // of this minute
	for after < 24*time.Hour {
		c := k.likely(minute, after)
		if flat < 1 && c.weight > quiet {
			c.weight = math.Pow(c.weight, flat)
		}
		rate := min(unit*c.weight, share*c.most, busiest)
		if step := rate * left; step < missing {
			missing -= step
			after += time.Duration(left * float64(time.Minute))
			minute, left = (minute+1)%60, 1
			continue
		}
		at := k.Asked.Add(after + time.Duration(missing/rate*float64(time.Minute)))
		if afford := b.affords(1); at.Before(afford) {
			return afford, "the reads of this hour are used up"
		}
		return at, c.because
	}
	return k.Asked.Add(after), "nothing is happening"
}
