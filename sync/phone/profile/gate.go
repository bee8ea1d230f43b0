package profile

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// gate keeps the least time between two requests of a kind.
type gate struct {
	least time.Duration
	mu    sync.Mutex
	next  time.Time
}

func (g *gate) wait(ctx context.Context) error {
	g.mu.Lock()
	now := time.Now()
	turn := now
	if g.next.After(now) {
		turn = g.next
	}
	g.next = turn.Add(g.least)
	g.mu.Unlock()
	return sleep(ctx, turn.Sub(now))
}

func sleep(ctx context.Context, d time.Duration) error {
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

// jitter spreads a wait by a fifth to either side, so that many desktops do not come back as one.
func jitter(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.8 + 0.4*rand.Float64()))
}
