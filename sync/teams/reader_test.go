package teams

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/offhook/offhook/sync/pace"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

// world is what a reader reads, in virtual time.
type world struct {
	mu      sync.Mutex
	start   time.Time
	reads   []time.Duration // when each read was sent
	reports []string
	shows   presence.Pair
	fails   *problem.Problem
	out     *problem.Problem // why nobody is signed in
	takes   time.Duration
	reader  *reader
}

func (w *world) read(ctx context.Context) (presence.Presence, time.Time, error) {
	w.mu.Lock()
	asked := time.Now()
	w.reads = append(w.reads, asked.Sub(w.start))
	shows, fails, takes := w.shows, w.fails, w.takes
	w.mu.Unlock()
	select {
	case <-time.After(takes):
	case <-ctx.Done():
		return presence.Presence{}, asked, networkProblem(ctx.Err(), "graph", false)
	}
	if fails != nil {
		if fails.RetryAfter > 0 {
			w.reader.hold(time.Now().Add(fails.RetryAfter))
		}
		return presence.Presence{}, asked, fails
	}
	return presence.Presence{Pair: shows}, asked, nil
}

func (w *world) ready() *problem.Problem {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.out
}

func (w *world) set(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
}

// between counts the reads sent in a span of time.
func (w *world) between(from, to time.Duration) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, at := range w.reads {
		if at >= from && at < to {
			n++
		}
	}
	return n
}

// watching runs a reader in virtual time beside a test that plays its world.
func watching(t *testing.T, w *world, play func()) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w.start = time.Now()
		if w.shows == (presence.Pair{}) {
			w.shows = presence.Available
		}
		w.reader = newReader(w.read, w.ready, pace.Options{Desktops: 1})
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			inside := false
			w.reader.watch(ctx, func(p presence.Presence, _ time.Time, err error) {
				if inside {
					t.Error("two reports at once")
				}
				inside = true
				w.set(func() {
					if err != nil {
						w.reports = append(w.reports, string(problem.Of(err).Kind))
					} else {
						w.reports = append(w.reports, p.Pair.String())
					}
				})
				inside = false
			})
		}()
		play()
		stop()
		<-done // watch ends with its context, whatever it was doing
	})
}

func TestReadingAtRest(t *testing.T) {
	w := &world{}
	watching(t, w, func() { time.Sleep(10 * time.Minute) })
	if n := w.between(5*time.Minute, 10*time.Minute); n < 12 || n > 30 { // of the minutes after midnight, the quiet ones
		t.Errorf("%d reads in five quiet minutes, want about 20", n)
	}
	if w.reads[0] != 0 {
		t.Errorf("the first read came after %s, want at once", w.reads[0])
	}
}

func TestReadingInAnActivity(t *testing.T) {
	w := &world{shows: presence.InAMeeting}
	watching(t, w, func() { time.Sleep(time.Minute) })
	if n := w.between(0, time.Minute); n < 7 || n > 13 {
		t.Errorf("%d reads in a minute of a meeting that begins, want 7 to 13", n)
	}
}

func TestANudgeIsAnsweredAtOnce(t *testing.T) {
	w := &world{}
	watching(t, w, func() {
		time.Sleep(10 * time.Second)
		w.reader.look("the phone rang")
		synctest.Wait()
		if _, because := w.reader.upcoming(); because != "the phone rang" {
			t.Errorf("the next read comes because %q", because)
		}
		time.Sleep(2 * time.Minute)
	})
	if n := w.between(10*time.Second, 10*time.Second+800*time.Millisecond); n != 1 {
		t.Errorf("%d reads at the nudge, want one", n)
	}
	if n := w.between(10*time.Second, 31*time.Second); n < 6 || n > 13 {
		t.Errorf("%d reads in the 20 seconds after it, want 6 to 13", n)
	}
}

func TestManyNudgesDoNotFlood(t *testing.T) {
	w := &world{}
	watching(t, w, func() {
		for range 300 {
			w.reader.look("again")
			time.Sleep(100 * time.Millisecond)
		}
	})
	if n := w.between(0, 30*time.Second); n < 20 || n > 45 {
		t.Errorf("%d reads in 30 seconds of nudges, want no more than one in 0.7 s, and not to be put off by them", n)
	}
}

// Retry-After is kept to the letter, whatever happens meanwhile.
func TestRetryAfterIsKept(t *testing.T) {
	w := &world{takes: 3 * time.Second, fails: &problem.Problem{Kind: problem.Throttled, RetryAfter: time.Minute}}
	watching(t, w, func() {
		time.Sleep(4 * time.Second)
		w.set(func() { w.fails = nil })
		for range 50 {
			w.reader.event("the phone rang")
			time.Sleep(time.Second)
		}
		at, because := w.reader.upcoming()
		if at.Before(w.start.Add(63*time.Second)) || because != "Microsoft asked to wait" {
			t.Errorf("the next read comes after %s because %q", at.Sub(w.start), because)
		}
		time.Sleep(time.Minute)
	})
	if n := w.between(time.Nanosecond, 63*time.Second); n != 0 {
		t.Errorf("%d reads within the minute after the answer, want none: %v", n, w.reads)
	}
	if n := w.between(63*time.Second, 75*time.Second); n == 0 {
		t.Error("no read after the wait")
	}
}

func TestFailuresBackOffAndEnd(t *testing.T) {
	w := &world{fails: &problem.Problem{Kind: problem.Unreachable}}
	watching(t, w, func() {
		time.Sleep(30 * time.Minute)
		if n := w.between(0, 30*time.Minute); n > 16 {
			t.Errorf("%d reads in half an hour without a network, want few", n)
		}
		w.set(func() { w.fails = nil })
		w.reader.event("the network came back")
		synctest.Wait()
		time.Sleep(2 * time.Second)
		w.set(func() {
			if got := w.reports[len(w.reports)-1]; got != "Available/Available" {
				t.Errorf("two seconds after the network came back: %s", got)
			}
		})
	})
}

func TestSignedOutReadsNothing(t *testing.T) {
	w := &world{out: &problem.Problem{Kind: problem.SignedOut, What: problem.Say("Nobody is signed in")}}
	watching(t, w, func() {
		time.Sleep(time.Hour)
		w.reader.event("the phone rang")
		time.Sleep(time.Hour)
		if at, because := w.reader.upcoming(); !at.IsZero() || because != "waiting for a sign-in" {
			t.Errorf("the next read comes at %s because %q", at, because)
		}
		if n := w.between(0, 3*time.Hour); n != 0 {
			t.Errorf("%d reads while signed out", n)
		}
		w.set(func() { w.out = nil })
		w.reader.event("signed in")
		time.Sleep(time.Second)
		w.set(func() { w.out = &problem.Problem{Kind: problem.SignedOut, What: problem.Say("Nobody is signed in")} })
		w.reader.event("signed out")
		time.Sleep(time.Hour)
	})
	want := []string{"signed-out", "Available/Available", "signed-out"}
	if d := cmp.Diff(want, w.reports); d != "" {
		t.Errorf("reports (-want +got):\n%s", d)
	}
}

// A read that hangs does not keep watch from ending, and what it brings is not reported any more.
func TestWatchEndsInMidRead(t *testing.T) {
	w := &world{takes: time.Hour}
	watching(t, w, func() { time.Sleep(time.Second) })
	if len(w.reads) != 1 || len(w.reports) != 0 {
		t.Errorf("%d reads and the reports %v, want one read and no report", len(w.reads), w.reports)
	}
}

// A wait told to a write holds reads too, although no read has failed.
func TestAWaitToldToAWriteHoldsReads(t *testing.T) {
	w := &world{shows: presence.InAMeeting}
	watching(t, w, func() {
		time.Sleep(time.Second)
		w.reader.hold(time.Now().Add(time.Minute))
		w.reader.hold(time.Now().Add(time.Second)) // a shorter one changes nothing
		w.reader.event("Offhook set your presence")
		time.Sleep(2 * time.Minute)
	})
	if n := w.between(time.Second, 61*time.Second); n != 0 {
		t.Errorf("%d reads during the wait: %v", n, w.reads)
	}
	if n := w.between(61*time.Second, 62*time.Second); n != 1 {
		t.Errorf("%d reads at its end, want one", n)
	}
}

// A hint has presence read within a second, also where reads are few, and is the reason that is told.
func TestAHintIsFollowed(t *testing.T) {
	w := &world{}
	watching(t, w, func() {
		time.Sleep(10 * time.Minute)
		w.reader.hint(pace.MicrophoneOn)
		synctest.Wait()
		if _, because := w.reader.upcoming(); because != string(pace.MicrophoneOn) {
			t.Errorf("the next read comes because %q", because)
		}
		if k := w.reader.known(); !k.Speaking || k.Shown != pace.Present || !k.Budget.Fixed {
			t.Errorf("known is %+v", k)
		}
		time.Sleep(time.Second)
	})
	if n := w.between(10*time.Minute, 10*time.Minute+time.Second); n == 0 {
		t.Error("no read within a second of a microphone's coming into use")
	}
}
