package asterisk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/offhook/offhook/sync/phone"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

// seen is what a phone reported, in order: readings as "On a call/Available", problems by their kind.
type seen struct {
	t       *testing.T
	reports chan string
	whole   []string // the problems' full texts
}

func (s *seen) report(r presence.Reading, err error) {
	if err == nil {
		s.reports <- r.Happening + "/" + r.Chosen
		return
	}
	var p *problem.Problem
	if !errors.As(err, &p) || p.What.IsZero() {
		s.t.Errorf("reported %v, want a problem that says what happened", err)
		return
	}
	s.whole = append(s.whole, fmt.Sprintf("%v %v", p, p.Err))
	s.reports <- string(p.Kind)
}

// expect waits until all is still, and compares what was reported since the last time.
func (s *seen) expect(want ...string) {
	s.t.Helper()
	synctest.Wait()
	var got []string
	for len(s.reports) > 0 {
		got = append(got, <-s.reports)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		s.t.Errorf("reported (-want +got):\n%s", diff)
	}
}

// watch watches a phone to the end of the test.
func watch(t *testing.T, p phone.Phone) *seen {
	s := &seen{t: t, reports: make(chan string, 10000)}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); p.Watch(ctx, s.report) }()
	t.Cleanup(func() { cancel(); <-done })
	return s
}

// open makes a phone in the bubble and watches it. Whatever happens, the password is not told.
func open(t *testing.T, sim *simulated, changes ...string) (phone.Phone, *seen) {
	t.Helper()
	var log bytes.Buffer
	p, err := Open(Options{
		Fields: fields(changes...),
		HTTP:   newNetwork().serve(t, sim),
		Log:    slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	var s *seen
	t.Cleanup(func() { // runs after the watch has ended
		told := log.String() + strings.Join(s.whole, "\n")
		if log.Len() == 0 || strings.Contains(told, secret) || strings.Contains(told, "Basic ") {
			t.Errorf("the log is empty or holds the password:\n%s", told)
		}
	})
	s = watch(t, p)
	return p, s
}

// in runs a test in a bubble of its own time.
func in(t *testing.T, name string, test func(t *testing.T)) {
	t.Run(name, func(t *testing.T) { synctest.Test(t, test) })
}

// trouble demands that something went wrong, in words made for a person.
func trouble(t *testing.T, err error) *problem.Problem {
	t.Helper()
	var p *problem.Problem
	if !errors.As(err, &p) || p.What.IsZero() {
		t.Fatalf("got %v, want a problem", err)
	}
	return p
}
