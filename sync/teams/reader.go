package teams

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

// reader reads presence at the pace that Pace gives.
type reader struct {
	read  func(context.Context) (presence.Presence, time.Time, error)
	ready func() *problem.Problem // nil when somebody is signed in, else why reading makes no sense
	pace  func(Known) (time.Duration, string)
	one   sync.Mutex    // one watch at a time
	wake  chan struct{} // holds one wake-up

	mu         sync.Mutex
	asked      time.Time // when the last read was sent
	dice       float64
	lastEvent  string
	eventAt    time.Time
	lookAt     time.Time
	inActivity bool
	failures   int
	failure    *problem.Problem
	failedAt   time.Time
	notBefore  time.Time // told to wait until then
	spent      time.Time // until when the reads at once are used up, one after the other
	next       time.Time
	because    string
}

func newReader(
	read func(context.Context) (presence.Presence, time.Time, error),
	ready func() *problem.Problem,
	pace func(Known) (time.Duration, string),
) *reader {
	return &reader{read: read, ready: ready, pace: pace, dice: rand.Float64(), wake: make(chan struct{}, 1)}
}

// event says that something happened, and has the next read planned anew.
func (r *reader) event(what string) {
	r.mu.Lock()
	r.lastEvent, r.eventAt = what, time.Now()
	r.mu.Unlock()
	r.rouse()
}

// look says that something happened that wants a read at once.
func (r *reader) look(what string) {
	r.mu.Lock()
	r.lookAt = time.Now()
	r.mu.Unlock()
	r.event(what)
}

func (r *reader) rouse() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// hold forbids requests until a time. It never shortens.
func (r *reader) hold(until time.Time) {
	r.mu.Lock()
	if until.After(r.notBefore) {
		r.notBefore = until
	}
	r.mu.Unlock()
	r.rouse()
}

// held tells how long requests are still forbidden.
func (r *reader) held() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return max(0, time.Until(r.notBefore))
}

func (r *reader) upcoming() (time.Time, string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.next, r.because
}

func (r *reader) watch(ctx context.Context, report func(presence.Presence, time.Time, error)) {
	r.one.Lock()
	defer r.one.Unlock()
	defer r.plan(time.Time{}, "nobody is watching")
	timer := time.NewTimer(0)
	defer timer.Stop()
	told := "" // what was last said about not being signed in
	for ctx.Err() == nil {
		if why := r.ready(); why != nil {
			r.plan(time.Time{}, "waiting for a sign-in")
			if why.What != told {
				told = why.What
				report(presence.Presence{}, time.Now(), why)
			}
			select {
			case <-ctx.Done():
			case <-r.wake:
			}
			continue
		}
		at := r.planNext(time.Now())
		timer.Reset(time.Until(at))
		select {
		case <-ctx.Done():
			return
		case <-r.wake:
			continue // something changed: plan anew
		case <-timer.C:
		}
		told = ""
		p, asked, err := r.read(ctx)
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			r.succeeded(p, asked)
			report(p, asked, nil)
			continue
		}
		why := problem.Of(err)
		r.failed(why, asked)
		if why.Kind == problem.SignedOut {
			told = why.What
		}
		report(presence.Presence{}, asked, err)
	}
}

func (r *reader) plan(at time.Time, because string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.next, r.because = at, because
}

// planNext decides when to read next.
func (r *reader) planNext(now time.Time) time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	at, because := now, "nothing has been read yet"
	if !r.asked.IsZero() {
		var wait time.Duration
		wait, because = r.pace(Known{
			Event:       r.lastEvent,
			EventAgo:    now.Sub(r.eventAt),
			Unseen:      r.unseen(now),
			InActivity:  r.inActivity,
			Failures:    r.failures,
			LastFailure: r.failure,
			FailureAgo:  now.Sub(r.failedAt),
			Dice:        r.dice,
		})
		from := r.asked
		if r.failures > 0 {
			from = r.failedAt // a wait that we were told begins with the telling
		}
		at = from.Add(wait)
	}
	if at.Before(now) {
		at = now
	}
	if at.Before(r.notBefore) {
		at, because = r.notBefore, "Microsoft asked to wait"
	}
	r.next, r.because = at, because
	return at
}

// unseen tells whether a read at once has been asked for since the last one, and may be spent.
func (r *reader) unseen(now time.Time) bool {
	return r.lookAt.After(r.asked) && r.spent.Before(now.Add((unseenSpare-1)*unseenEvery))
}

// spend notes that a read is sent; r.mu is held.
func (r *reader) spend(asked time.Time) {
	if r.unseen(asked) {
		if r.spent.Before(asked) {
			r.spent = asked
		}
		r.spent = r.spent.Add(unseenEvery)
	}
	r.asked, r.dice = asked, rand.Float64()
}

func (r *reader) succeeded(p presence.Presence, asked time.Time) {
	state, known := presence.State(p)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.spend(asked)
	r.inActivity = known && state.Activity
	r.failures, r.failure = 0, nil
}

func (r *reader) failed(why *problem.Problem, asked time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.spend(asked)
	r.failures++
	r.failure, r.failedAt = why, time.Now()
}
