package profile

import (
	"context"
	"sync"
	"time"

	"github.com/offhook/offhook/sync/phone/remote"
)

// gate lets so many through in a time, those first that have waited longest or near to it.
type gate struct {
	pace *pace // no limit when nil
	mu   sync.Mutex
	past []time.Time // when the last ones went through, at most as many as may go in the time
}

// notYet is a wait that is longer than the caller has time.
type notYet time.Duration

func (n notYet) Error() string {
	return "the turn comes in " + time.Duration(n).Round(time.Second).String()
}

func (g *gate) wait(ctx context.Context) error {
	for {
		d := g.enter()
		if end, ok := ctx.Deadline(); ok && time.Until(end) < d {
			return notYet(d)
		}
		if err := remote.Sleep(ctx, d); err != nil || d <= 0 {
			return err
		}
	}
}

// enter goes through, or answers how long to wait before trying again.
func (g *gate) enter() time.Duration {
	if g.pace == nil {
		return 0
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.past) == g.pace.n {
		if wait := time.Until(g.past[0].Add(g.pace.every)); wait > 0 {
			return wait
		}
		g.past = g.past[1:]
	}
	g.past = append(g.past, time.Now())
	return 0
}
