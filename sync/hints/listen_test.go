package hints

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/offhook/offhook/sync/pace"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func none(Name) bool { return false }

// A source that ends is asked again, at growing intervals; one that is switched off is not asked at all; and
// what is told twice, or is as it is without any hint, is no news.
func TestListen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked []time.Duration
		began := time.Now()
		broken := listen(func(context.Context, func(pace.Hint)) error {
			asked = append(asked, time.Since(began))
			return errors.New("there is none")
		})
		locks := listen(func(ctx context.Context, tell func(pace.Hint)) error {
			for _, h := range []pace.Hint{pace.Unlocked, pace.Locked, pace.Locked, pace.Unlocked, pace.Unlocked} {
				tell(h)
			}
			<-ctx.Done()
			tell(pace.Locked) // after the end
			return ctx.Err()
		})
		wakes := listen(func(ctx context.Context, tell func(pace.Hint)) error {
			time.Sleep(time.Second)
			tell(pace.Woke)
			tell(pace.Woke)
			<-ctx.Done()
			return ctx.Err()
		})
		off := listen(func(context.Context, func(pace.Hint)) error {
			t.Error("a source that is switched off was asked")
			return nil
		})
		var told []pace.Hint
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		run(ctx, []named{{Network, "a", broken}, {Lock, "b", locks}, {Sleep, "c", wakes}, {Microphone, "d", off}},
			func(n Name) bool { return n == Microphone }, slog.New(slog.DiscardHandler), func(h pace.Hint) { told = append(told, h) })
		if d := cmp.Diff([]pace.Hint{pace.Locked, pace.Unlocked, pace.Woke, pace.Woke}, told); d != "" {
			t.Errorf("told (-want +got):\n%s", d)
		}
		if d := cmp.Diff([]time.Duration{0, 5 * time.Second, 15 * time.Second, 35 * time.Second}, asked); d != "" {
			t.Errorf("asked (-want +got):\n%s", d)
		}
	})
}
