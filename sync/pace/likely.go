package pace

import "time"

// How likely a change is, next to a quiet minute at work. Half of all changes fall into a seventh of the time, so
// there are two speeds: for half of all changes to be seen soon one must look equally often at just those minutes.
const (
	often  = 10.0
	quiet  = 1.0
	told   = 0.65 // what is likely without having been told by a hint
	seldom = 0.25
	hardly = 0.1
)

// begins is what the clock says of meetings: they begin at the full hour, fewer at the half, and the calendar shows
// them at once.
func begins(minute int) bool { return minute == 59 || minute == 0 || minute == 30 }

// ends: they end about the full and the half hour, and many leave a little early.
func ends(minute int) bool { return minute%30 >= 23 || minute%30 <= 3 }

// What is known of how long things last: most calls are short; a meeting lasts a while; most walks are short, and a
// lunch has its length; whoever is in a meeting by the calendar joins it soon or leaves it when the calendar does.
const (
	callLasts    = 20 * time.Minute
	meetingLasts = 18 * time.Minute
	joinedWithin = 8 * time.Minute
	walkLasts    = 9 * time.Minute
	lunchFrom    = 33 * time.Minute
	lunchTo      = 65 * time.Minute
	choiceLasts  = time.Hour
)

// crowded is when so many have hints at the same time that little is left for anything else.
func crowded(minute int) bool { return minute%30 >= 28 || minute%30 <= 2 }

// chance is how likely a change is in a minute, next to a quiet minute at work; and how much of its share a
// desktop may spend in such a minute at most: what is true of many at the same time must fit all of them. Where
// desktops are many the second is all that counts: at each minute the shares of everybody add up to about one, so
// nothing is left unused, and who is more likely to see a change has more of it.
type chance struct {
	weight, most float64
	because      string
}

// likely tells of the minute of the hour that is so long after the last read.
func (k *Known) likely(minute int, after time.Duration) chance {
	age := k.Asked.Sub(k.Since) + after
	switch {
	case k.Closed:
		return chance{hardly, 0.3, "it is outside your hours"}
	case k.Locked:
		return chance{seldom, 0.3, "the screen is locked"}
	case k.Idle:
		return chance{seldom, 0.3, "nobody is at the PC"}
	case k.Shown.activity() && k.Speaking:
		return chance{quiet, 0.5, "Teams shows a call or a meeting, and the end of the microphone's use will be noticed"}
	case k.Shown == Meeting && age < joinedWithin:
		return chance{often, 3, "a meeting begins, and you may join it"}
	case k.Shown == Activity && age < callLasts && !k.scheduled():
		return chance{often, 3, "Teams shows a call"}
	case k.Shown.activity() && age > meetingLasts && ends(minute):
		return chance{often, 1.3, "Teams shows a call or a meeting, and many end about now"}
	case k.Shown.activity():
		return chance{quiet, 0.6, "Teams shows a call or a meeting"}
	case k.Shown == Away && age < walkLasts:
		return chance{often, 2.3, "Teams shows you away, and you may be back soon"}
	case k.Shown == Away && age > lunchFrom && age < lunchTo: // which many have at the same time
		return chance{often, 1, "Teams shows you away, and you may be back soon"}
	case k.Shown == Away:
		return chance{quiet, 0.8, "Teams shows you away"}
	case k.Shown == Chosen && age < choiceLasts:
		return chance{often, 2, "you have chosen your status a short while ago"}
	case begins(minute) && k.Hinted:
		return chance{often, 0.2, "many meetings begin about now"} // most of them will be told
	case crowded(minute) && k.Hinted:
		return chance{told, 0.2, "nothing is happening"}
	case k.Hinted:
		return chance{told, 0.6, "nothing is happening"}
	case begins(minute):
		return chance{often, 0.66, "many meetings begin about now"}
	case ends(minute): // those in meetings come first
		return chance{quiet, 0.66, "nothing is happening"}
	}
	return chance{quiet, 0.88, "nothing is happening"}
}

// scheduled tells whether what is shown may have begun when meetings begin: some time between the last two reads.
func (k *Known) scheduled() bool {
	const early, late = 2, 3 // minutes
	unsure := time.Duration(0)
	if !k.Before.IsZero() {
		unsure = k.Since.Sub(k.Before)
	}
	return time.Duration((k.Since.Minute()+early)%30)*time.Minute <= (early+late)*time.Minute+unsure
}

// What a quiet minute gets at most: so many reads an hour, or such a part of the budget of one who is nearly alone; and
// twice that where many are saved. More than busiest a minute are never needed.
const (
	quietRate = 12.0
	quietPart = 0.12
	busiest   = 10
)

// background is when the likeliness gathered since the last read is worth a read. Where many reads are saved it
// comes a little earlier, where few are, later.
func (k *Known) background() (time.Time, string) {
	b := &k.Budget
	rich := max(0.5, min(2, 2*b.Reads(k.Asked)/b.most()))
	unit := min(b.perHour(), max(quietRate, quietPart*b.perHour())) * rich / 60 // reads a minute
	share := b.Share / 60
	missing := 1 + (k.Dice-0.5)*min(1, 0.2*b.stretch()) // they must not gather at the same minutes
	_, minute, second := k.Asked.Clock()
	after, left := time.Duration(0), 1-float64(second)/60 // of this minute
	for after < 24*time.Hour {
		c := k.likely(minute, after)
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
