package hints

import (
	"context"

	"github.com/offhook/offhook/sync/pace"
)

func logindIdle(ctx context.Context, tell func(pace.Hint)) error {
	return sessionProperty(ctx, "IdleHint", func(is bool) {
		if is {
			tell(pace.Idle)
		} else {
			tell(pace.Back)
		}
	})
}
