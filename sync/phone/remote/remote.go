// Package remote is what every connector has in common that reaches a phone over a network: how its settings are
// read, how long to wait before asking again, what goes wrong on the way and how that is said, and a connection on
// which answers and events come mixed. It must not know any one phone system.
package remote

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/offhook/offhook/sync/phone"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

// steady is how long a connection must have lasted to have been a good one: the next attempt is the first again.
const steady = time.Minute

// longestWait is how long a phone system that asks to wait is obeyed at most.
const longestWait = time.Hour

// RetryAfter reads the header of that name: seconds or a date.
func RetryAfter(header string) time.Duration {
	var wait time.Duration
	if seconds, err := strconv.Atoi(strings.TrimSpace(header)); err == nil {
		wait = time.Duration(min(seconds, int(longestWait/time.Second))) * time.Second
	} else if at, err := http.ParseTime(header); err == nil {
		wait = time.Until(at)
	}
	return min(max(wait, 0), longestWait)
}

// Jitter spreads a wait by a fifth to either side, so that many desktops do not come back as one.
func Jitter(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.8 + 0.4*rand.Float64()))
}

// Pause is how long to wait after the nth failure in a row: what the phone asks for, or slower and slower.
func Pause(nth int, p *problem.Problem) time.Duration {
	wait := Jitter(phone.Backoff(nth))
	if p != nil && p.RetryAfter > 0 {
		wait = max(wait, p.RetryAfter+Jitter(time.Second))
	}
	return wait
}

// Sleep waits, and answers why it was cut short.
func Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// Keep connects again and again until ctx ends, slower and slower, and reports each failure. A login that was
// refused is not tried again.
func Keep(ctx context.Context, log *slog.Logger, report func(presence.Reading, error), connect func(context.Context) error) {
	for failures := 1; ; failures++ {
		began := time.Now()
		err := connect(ctx)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > steady {
			failures = 1
		}
		p := problem.Of(err)
		log.Warn("the phone cannot be read", "kind", p.Kind, "what", p.What.String(), "err", p.Err)
		report(presence.Reading{}, p)
		if p.Kind == problem.BadLogin {
			<-ctx.Done()
			return
		}
		if Sleep(ctx, Pause(failures, p)) != nil {
			return
		}
	}
}

// Bell tells that something may have changed. One ring is as good as many.
type Bell chan struct{}

// NewBell makes a bell.
func NewBell() Bell { return make(Bell, 1) }

// Ring never waits: where a ring is waiting to be heard already, one reading tells of both.
func (b Bell) Ring() {
	select {
	case b <- struct{}{}:
	default:
	}
}

// Follow reads and reports at once, whenever the bell rings, and now and then without being told: a connection
// can be alive and deaf. It ends with the first error, or when over is closed or ctx ends.
func Follow(ctx context.Context, bell Bell, every time.Duration, over <-chan struct{},
	read func(context.Context) (presence.Reading, error), report func(presence.Reading, error)) error {
	again := time.NewTicker(every)
	defer again.Stop()
	for {
		reading, err := read(ctx)
		if err != nil {
			return err
		}
		report(reading, nil)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-over:
			return nil
		case <-bell:
		case <-again.C:
		}
	}
}
