package remote

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for header, want := range map[string]time.Duration{
			"":      0,
			"7":     7 * time.Second,
			" 7 ":   7 * time.Second,
			"-5":    0,
			"99999": time.Hour,
			"soon":  0,
			time.Now().Add(90 * time.Second).UTC().Format(http.TimeFormat): 90 * time.Second,
			time.Now().Add(-time.Minute).UTC().Format(http.TimeFormat):     0,
		} {
			if got := RetryAfter(header); got != want {
				t.Errorf("%q: %s, want %s", header, got, want)
			}
		}
	})
}

// Slower and slower, as long as told at least, and a refused login never again.
func TestKeep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outcomes := []error{
			&problem.Problem{Kind: problem.Unreachable}, &problem.Problem{Kind: problem.Unreachable},
			&problem.Problem{Kind: problem.Throttled, RetryAfter: time.Minute}, errors.New("odd"), &problem.Problem{Kind: problem.BadLogin},
		}
		var at []time.Duration
		var told []problem.Kind
		ctx, cancel := context.WithCancel(t.Context())
		began := time.Now()
		go Keep(ctx, slog.New(slog.DiscardHandler), func(_ presence.Reading, err error) { told = append(told, problem.Of(err).Kind) },
			func(context.Context) error {
				at = append(at, time.Since(began))
				return outcomes[len(at)-1]
			})
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		if want := []problem.Kind{problem.Unreachable, problem.Unreachable, problem.Throttled, problem.Server, problem.BadLogin}; !slices.Equal(told, want) {
			t.Errorf("told %q, want %q", told, want)
		}
		for i, least := range []time.Duration{800 * time.Millisecond, 1600 * time.Millisecond, time.Minute, 6 * time.Second} {
			if wait := at[i+1] - at[i]; wait < least || wait > 2*least {
				t.Errorf("after failure %d: waited %s", i+1, wait)
			}
		}
		cancel()
	})
}

// What went wrong is said in the person's language to its last part; the words of others stay as they are.
func TestSaidInAnotherLanguage(t *testing.T) {
	german := map[string]string{
		"“{status}” was set, but: {problem}":                       "„{status}“ wurde gesetzt, aber: {problem}",
		"{phone} cannot be set to “{status}”, only to: {statuses}": "{phone} lässt sich nicht auf „{status}“ setzen, nur auf: {statuses}",
		"{phone} asks to wait {time}":                              "{phone} bittet um eine Wartezeit von {time}",
		"{what} still shows “{state}”":                             "{what} zeigt noch „{state}“",
		"{system} at {server}":                                     "{system} auf {server}",
		"Available":                                                "Verfügbar",
		"Away":                                                     "Abwesend",
	}
	say := func(phrase string) string {
		if s := german[phrase]; s != "" {
			return s
		}
		return phrase
	}
	pbx := At("PBX", "pbx.test")
	for want, p := range map[string]*problem.Problem{
		"PBX auf pbx.test lässt sich nicht auf „Busy“ setzen, nur auf: Verfügbar, Abwesend, DND": NoSuchStatus(pbx, "Busy", "Available", "Away", "DND"),
		"PBX auf pbx.test bittet um eine Wartezeit von 1 min 30 s":                               Throttled(pbx, 90*time.Second, nil),
		"„Abwesend“ wurde gesetzt, aber: PBX auf pbx.test zeigt noch „Available {state}“":        SetBut("Away", StillShows(pbx, Quote("Available\r\n\t{state}\x00"))),
	} {
		if got := p.What.In(say); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// An exchange made of channels.
func exchange(t *testing.T) (e *Exchange[string], in chan string, events chan string) {
	in, events = make(chan string), make(chan string, 10)
	ctx, end := context.WithCancel(context.Background())
	e = NewExchange(func() (string, error) {
		select {
		case m := <-in:
			return m, nil
		case <-ctx.Done():
			return "", errors.New("cut")
		}
	}, end, func(m string) bool { return m[0] == 'a' }, func(m string) { events <- m })
	t.Cleanup(e.Close)
	return e, in, events
}

func TestExchange(t *testing.T) {
	e, in, events := exchange(t)
	in <- "a stray"
	in <- "e"
	<-events // so the stray has been received
	for _, want := range []string{"a1", "a2"} {
		got, err := e.Ask(t.Context(), func() error {
			go func() { in <- "e" + want; in <- want }()
			return nil
		})
		if err != nil || got != want || <-events != "e"+want {
			t.Errorf("%q, %v", got, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err := e.Ask(ctx, func() error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("a question that was given up: %v", err)
	}
	<-e.Over()
	if _, err = e.Ask(t.Context(), func() error { return nil }); err == nil || err.Error() != "cut" {
		t.Errorf("a connection whose answers would be mixed up is used on: %v", err)
	}
}
