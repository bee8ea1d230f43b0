package simulate

import (
	"context"
	"sync"
	"time"

	"github.com/offhook/offhook/sync/simulate/internal/graph"
)

// clock is the worlds' time: the real one, or one that was put forward.
type clock struct {
	now func() time.Time

	mu    sync.Mutex
	ahead time.Duration
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now().Add(c.ahead)
}

func (c *clock) forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

// Forward puts the worlds' clock forward, so that what runs out there can be seen to. Offhook's own clock
// knows nothing of it.
func (w *World) Forward(d time.Duration) {
	w.clock.forward(d)
	w.diary.note(sideWorld, graph.ByClock, "The clock was put forward by "+d.String())
	w.graph.Tick()
}

// keepTime notices what time alone changes, at the moment it does, until ctx ends.
func (w *World) keepTime(ctx context.Context) {
	for {
		_, changed := w.diary.read()
		wait := time.Hour
		if next := w.graph.Tick(); !next.IsZero() {
			wait = min(wait, max(next.Sub(w.clock.Now()), time.Millisecond))
		}
		timer := time.NewTimer(wait)
		select {
		case <-changed:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
		if ctx.Err() != nil {
			return
		}
	}
}
