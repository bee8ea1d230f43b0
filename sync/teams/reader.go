package teams

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/offhook/offhook/sync/pace"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

// reader reads presence at the pace that package pace gives.
type reader struct {
	read  func(context.Context) (presence.Presence, time.Time, error)
	ready func() *problem.Problem // nil when somebody is signed in, else why reading makes no sense
	one   sync.Mutex              // one watch at a time
	wake  chan struct{}           // holds one wake-up

	mu        sync.Mutex
	pace      *pace.Pacer
	notBefore time.Time // told to wait until then
	next      time.Time
	because   string
}

func newReader(
	read func(context.Context) (presence.Presence, time.Time, error),
	ready func() *problem.Problem,
	o pace.Options,
) *reader {
	if o.Dice == nil {
		o.Dice = rand.Float64
	}
	return &reader{read: read, ready: ready, pace: pace.New(o), wake: make(chan struct{}, 1)}
}

// tell tells the pace something, and has the next read planned anew.
func (r *reader) tell(what func(p *pace.Pacer, now time.Time)) {
	r.mu.Lock()
	what(r.pace, time.Now())
	r.mu.Unlock()
	r.rouse()
}

// event says that something happened that will show before long.
func (r *reader) event(what string) {
	r.tell(func(p *pace.Pacer, now time.Time) { p.Wrote(now, what) })
}

// look says that something happened that wants a read at once.
func (r *reader) look(what string) {
	r.tell(func(p *pace.Pacer, now time.Time) { p.Look(now, what) })
}

func (r *reader) hint(h pace.Hint) {
	r.tell(func(p *pace.Pacer, now time.Time) { p.Hint(now, h) })
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
		r.pace.Hold(until)
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

func (r *reader) known() pace.Known {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.pace.Known(time.Now())
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
			if said := why.What.String(); said != told {
				told = said
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
			told = why.What.String()
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
	r.next, r.because = r.pace.Next(now)
	if r.next.Before(now) {
		r.next = now
	}
	return r.next
}

func (r *reader) succeeded(p presence.Presence, asked time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pace.Asked(asked)
	r.pace.Saw(asked, shown(p), p.Pair.String())
}

// firstBackoff is how long is waited at least where somebody asks to wait and does not say how long.
const firstBackoff = 2 * time.Second

func (r *reader) failed(why *problem.Problem, asked time.Time) {
	var answer *graphError
	tooMany := errors.As(why.Err, &answer) && answer.Status == http.StatusTooManyRequests
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pace.Asked(asked)
	r.pace.Failed(time.Now(), tooMany, why.RetryAfter)
}

// shown is what the pace cares about in a presence.
func shown(p presence.Presence) pace.Shown {
	state, known := presence.State(p)
	switch {
	case !known:
		return pace.Unknown
	case state.Pair == presence.InAMeeting:
		return pace.Meeting
	case state.Activity:
		return pace.Activity
	}
	switch state.Means {
	case presence.MeansAway:
		return pace.Away
	case presence.MeansAvailable:
		return pace.Present
	}
	return pace.Chosen
}
