package teams

import (
	"fmt"
	"time"

	"github.com/offhook/offhook/sync/problem"
)

// Known is what the pace of reading depends on.
type Known struct {
	Event       string           // the last thing that happened which may change the presence; empty: nothing has
	EventAgo    time.Duration    // how long ago that was
	Unseen      bool             // no read has been sent since, and one at once may be spent on it
	InActivity  bool             // Teams shows something that ends by itself: a call, a meeting
	Failures    int              // reads that failed in a row
	LastFailure *problem.Problem // the last of them
	FailureAgo  time.Duration    // how long ago that was
	Dice        float64          // 0 to 1, rolled anew for each read: desktops must not march in step
}

// The intervals between two reads, before jitter.
const (
	unseenPace   = 100 * time.Millisecond  // something happened and has not been looked at; what comes together is read together
	eventPace    = 1500 * time.Millisecond // for a while after something happened
	eventWindow  = 20 * time.Second
	activityPace = 7 * time.Second
	restPace     = 30 * time.Second
	unseenEvery  = 10 * time.Second // how often such a read may be spent in the long run
	unseenSpare  = 2                // and how many of them in a row
	firstBackoff = 2 * time.Second
	lastBackoff  = 5 * time.Minute
	throttlePace = 10 * time.Second // the first wait after "too many requests" where none is named
)

// Pace decides how long after one read the next one comes, and why. It is pure.
func Pace(k Known) (time.Duration, string) {
	if k.Failures > 0 && k.LastFailure != nil {
		if d, because := afterFailure(k); d > 0 {
			return d, because
		}
	}
	switch {
	case k.Event != "" && k.Unseen:
		return unseenPace, k.Event
	case k.Event != "" && k.EventAgo <= eventWindow:
		return spread(eventPace, 0.2, k.Dice), k.Event
	case k.InActivity:
		return spread(activityPace, 0.2, k.Dice), "Teams shows a call or a meeting"
	default:
		return spread(restPace, 0.1, k.Dice), "nothing is happening"
	}
}

// afterFailure backs off. Something that happens after the failure is worth one attempt, unless we were told
// to wait.
func afterFailure(k Known) (time.Duration, string) {
	told := k.LastFailure.RetryAfter
	throttled := told > 0 || k.LastFailure.Kind == problem.Throttled
	if k.Event != "" && k.EventAgo < k.FailureAgo && !throttled {
		return 0, ""
	}
	first := firstBackoff
	if throttled {
		first = throttlePace
	}
	d := spread(min(first<<min(k.Failures-1, 16), lastBackoff), 0.25, k.Dice)
	if told > 0 {
		// Never earlier than told, and not all at the same moment.
		return told + time.Duration(k.Dice*0.1*float64(told)), "Microsoft asked to wait"
	}
	if k.Failures == 1 {
		return d, "the last read failed"
	}
	return d, fmt.Sprintf("the last %d reads failed", k.Failures)
}

// spread moves d by up to a share of itself, either way.
func spread(d time.Duration, share, dice float64) time.Duration {
	return d + time.Duration((dice*2-1)*share*float64(d))
}
