//go:build !linux && !windows

package hints

import (
	"context"
	"time"

	"github.com/offhook/offhook/sync/pace"
)

// clock notices a sleep by the wall clock, which goes on while the other stands still.
func clock(ctx context.Context, tell func(pace.Hint)) error {
	const every, slept = 30 * time.Second, 10 * time.Second
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	last := time.Now()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case now := <-ticker.C:
			if now.Round(0).Sub(last.Round(0))-now.Sub(last) > slept {
				tell(pace.Woke)
			}
			last = now
		}
	}
}
