package conformance

import (
	"context"
	"testing"
	"time"

	"github.com/offhook/offhook/sync/phone"
	"github.com/offhook/offhook/sync/presence"
)

// report is what Watch told once.
type report struct {
	presence.Reading
	err error
}

// watching is a phone being watched.
type watching struct {
	reports chan report
	cancel  context.CancelFunc
	done    chan struct{}
}

// watch watches a phone until the test ends, and demands that it stops then.
func watch(t *testing.T, p phone.Phone) *watching {
	ctx, cancel := context.WithCancel(context.Background())
	w := &watching{reports: make(chan report, 10_000), cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(w.done)
		p.Watch(ctx, func(r presence.Reading, err error) { w.reports <- report{r, err} })
	}()
	t.Cleanup(func() { w.stop(t) })
	return w
}

func (w *watching) stop(t *testing.T) {
	t.Helper()
	w.cancel()
	select {
	case <-w.done:
	case <-time.After(Bound):
		t.Error("Watch goes on after its context has ended")
	}
}

// next waits for a report that fits, and answers it with all that came before.
func (w *watching) next(t *testing.T, within time.Duration, what string, fits func(report) bool) (report, []report) {
	t.Helper()
	var before []report
	late := time.After(within)
	for {
		select {
		case r := <-w.reports:
			if fits(r) {
				return r, before
			}
			before = append(before, r)
		case <-w.done:
			t.Fatalf("Watch ended while %s was awaited", what)
		case <-late:
			t.Fatalf("no %s within %s; reported were %+v", what, within, before)
		}
	}
}

// reading waits for a reading; errors on the way are failures.
func (w *watching) reading(t *testing.T, want presence.Reading) {
	t.Helper()
	_, before := w.next(t, Bound, "reading "+show(want), func(r report) bool { return r.err == nil && r.Reading == want })
	for _, r := range before {
		if r.err != nil {
			t.Errorf("an error on the way: %v", r.err)
		}
	}
}

// change waits for a reading that is not the one from before; where nothing changes nothing need be told.
func (w *watching) change(t *testing.T, was, now presence.Reading) {
	t.Helper()
	if was != now {
		w.reading(t, now)
	}
}

// failure waits for an error.
func (w *watching) failure(t *testing.T, within time.Duration) error {
	t.Helper()
	r, _ := w.next(t, within, "error", func(r report) bool { return r.err != nil })
	if r.Reading != (presence.Reading{}) {
		t.Errorf("an error came with a reading: %s", show(r.Reading))
	}
	return r.err
}

// recovered waits for the first reading after errors, which must be right.
func (w *watching) recovered(t *testing.T, within time.Duration, want presence.Reading) {
	t.Helper()
	r, _ := w.next(t, within, "reading again", func(r report) bool { return r.err == nil })
	same(t, want, r.Reading)
}

// forget drops what was reported so far.
func (w *watching) forget() {
	for {
		select {
		case <-w.reports:
		default:
			return
		}
	}
}

// quiet demands that nothing at all is reported but the same reading.
func (w *watching) quiet(t *testing.T, during time.Duration, want presence.Reading) {
	t.Helper()
	over := time.After(during)
	for {
		select {
		case r := <-w.reports:
			if r.err != nil {
				t.Errorf("an error: %v", r.err)
			} else {
				same(t, want, r.Reading)
			}
		case <-over:
			return
		}
	}
}

func show(r presence.Reading) string {
	return "{happening: " + r.Happening + ", chosen: " + r.Chosen + "}"
}
