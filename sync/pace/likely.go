package pace

import "time"

// begins is what the clock says of meetings: they begin and end about the full and the half hour, seldom at
// the quarters; people come a little late, and many leave a little early.
func begins(minute int) float64 {
	switch m := minute % 30; {
	case m == 0 || m == 1:
		return 6
	case m == 29 || m == 2:
		return 4
	case m == 3 || m == 4 || m == 28:
		return 2.2
	case m >= 14 && m <= 17 || m >= 5 && m <= 7:
		return 1
	}
	return 0.6
}

func ends(minute int) float64 {
	switch m := minute % 30; {
	case m >= 28 || m <= 1:
		return 10
	case m >= 25 || m <= 4:
		return 7
	case m >= 22 || m <= 7:
		return 3
	case m >= 12 && m <= 17:
		return 2
	}
	return 1
}

// How long something is young: most calls are short, and so are most walks to the kitchen.
const (
	youngCall = 8 * time.Minute
	shortWalk = 20 * time.Minute
)

// likely tells how likely a change is in a minute, next to that of one quiet minute at work, and why.
func (k Known) likely(at time.Time, minute int) (float64, string) {
	age := at.Sub(k.Since)
	switch {
	case k.Closed:
		return 0.1, "it is outside your hours"
	case k.Locked:
		return 0.1, "the screen is locked"
	case k.Idle:
		return 0.15, "nobody is at the PC"
	case k.Shown == Activity && k.Speaking:
		return ends(minute) * 0.1, "Teams shows a call or a meeting, and the end of the microphone's use will be noticed"
	case k.Shown == Activity && age < youngCall:
		return 9, "Teams shows a call or a meeting"
	case k.Shown == Activity:
		if w := ends(minute); w >= 3 {
			return w, "Teams shows a call or a meeting, and many end about now"
		}
		return ends(minute), "Teams shows a call or a meeting"
	case k.Shown == Away && age < shortWalk:
		return 3, "Teams shows you away, and you may be back soon"
	case k.Shown == Away:
		return 1.2, "Teams shows you away"
	default:
		if w := begins(minute); w >= 2 {
			return w, "many meetings begin about now"
		}
		return begins(minute), "nothing is happening"
	}
}

// What the background gets of the budget: about so much in the long run of a working day, and never more than
// so much of the share at once, but for the few who are in an activity or have just gone.
const (
	quietRate   = 0.42
	busiestRate = 0.9
	rareRate    = 2.2
)

// background is when the likeliness gathered since the last read is worth a read. Where many reads are saved it
// comes a little earlier, where few are, later.
func (k Known) background() (time.Time, string) {
	b := k.Budget
	quiet := quietRate * b.perHour() * min(1.1, 0.15+1.9*b.saved(k.Asked)/b.most()) / 60 // reads a minute
	ceiling := busiestRate * b.Share / 60
	if k.Shown == Activity || k.Shown == Away {
		ceiling = rareRate * b.Share / 60
	}
	missing := 0.75 + 0.5*k.Dice
	at := k.Asked
	_, minute, second := at.Clock()
	left := 1 - float64(second)/60 - float64(at.Nanosecond())/60e9 // of this minute
	for range 24 * 60 {
		weight, because := k.likely(at, minute)
		rate := min(quiet*weight, ceiling)
		if step := rate * left; step < missing {
			missing -= step
			at, minute, left = at.Add(time.Duration(left*float64(time.Minute))), (minute+1)%60, 1
			continue
		}
		at = at.Add(time.Duration(missing / rate * float64(time.Minute)))
		if afford := b.affords(1); at.Before(afford) {
			at, because = afford, "the reads of this hour are used up"
		}
		return at, because
	}
	return at, "nothing is happening"
}
