package conformance

import (
	"context"
	"slices"
	"testing"

	"go.uber.org/goleak"

	"github.com/offhook/offhook/sync/problem"
)

func firstReading(t *testing.T, b *bench) {
	b.watched(t)
}

func eachStatusRead(t *testing.T, b *bench) {
	_, w := b.watched(t)
	for _, s := range b.Statuses {
		was := b.Shown(t)
		if !slices.Contains(b.Plays, s.Name) {
			continue
		}
		if s.Activity {
			b.Happen(t, s.Name)
		} else {
			b.Choose(t, s.Name)
		}
		want := b.Shown(t)
		if s.Activity && want.Happening != s.Name || !s.Activity && want.Chosen != s.Name {
			t.Fatalf("the harness shows %s where %q was to be played", show(want), s.Name)
		}
		w.change(t, was, want)
		if s.Activity {
			b.Happen(t, "")
			w.reading(t, b.Shown(t))
		}
	}
}

func eachStatusWritten(t *testing.T, b *bench) {
	p, w := b.watched(t)
	rest := b.Shown(t)
	for _, s := range b.Statuses {
		if !s.Writable {
			if err := p.Write(context.Background(), s.Name); err == nil {
				t.Errorf("%q was written and is not writable", s.Name)
			} else {
				sentence(t, err, problem.Refused, problem.Settings)
			}
			continue
		}
		if err := p.Write(context.Background(), s.Name); err != nil {
			t.Fatalf("%q: %v", s.Name, err)
		}
		shown := b.Shown(t)
		if shown.Chosen != s.Name && shown.Happening != s.Name {
			t.Errorf("%q was written, and the phone shows %s", s.Name, show(shown))
		}
		w.change(t, rest, shown)
		if err := p.GiveBack(context.Background(), rest.Chosen); err != nil {
			t.Fatalf("giving back %q: %v", rest.Chosen, err)
		}
		same(t, rest, b.Shown(t))
		w.change(t, shown, rest)
	}
}

func eventBecomesReading(t *testing.T, b *bench) {
	_, w := b.watched(t)
	rest := b.Shown(t).Chosen
	for range 3 {
		b.Choose(t, b.Other)
		w.reading(t, b.Shown(t))
		b.Choose(t, rest)
		w.reading(t, b.Shown(t))
	}
}

// lostAndBack demands that what changed while nobody could hear it is known afterwards, and that nothing
// else is told on the way.
func lostAndBack(t *testing.T, b *bench) {
	_, w := b.watched(t)
	for range 2 {
		before := b.Shown(t)
		b.set(gone)
		err := w.failure(t, Bound)
		sentence(t, err, problem.Unreachable)
		b.Choose(t, b.Other)
		now := b.Shown(t)
		w.forget()
		b.mend()
		w.recovered(t, 4*Bound, now)
		w.quiet(t, Bound/5, now)
		b.Choose(t, before.Chosen)
		w.next(t, 4*Bound, "reading after the connection came back", func(r report) bool { return r.err == nil && r.Reading == b.Shown(t) })
	}
}

// signInExpired demands that a sign-in that lapses while the phone is watched is made good without the person.
func signInExpired(t *testing.T, b *bench) {
	_, w := b.watched(t)
	b.Expire(t)
	b.Choose(t, b.Other)
	now := b.Shown(t)
	w.next(t, 4*Bound, "reading after the sign-in had lapsed", func(r report) bool {
		if r.err != nil && (problem.Of(r.err).Kind == problem.BadLogin || problem.Of(r.err).Kind == problem.SignedOut) {
			t.Fatalf("the person is told that they are signed out: %v", r.err)
		}
		return r.err == nil && r.Reading == now
	})
	w.quiet(t, Bound/5, now)
}

func noSuchStatus(t *testing.T, b *bench) {
	p := b.open(t)
	for name, err := range map[string]error{
		"Write":    p.Write(context.Background(), "No such status"),
		"GiveBack": p.GiveBack(context.Background(), "No such status"),
	} {
		if err == nil {
			t.Errorf("%s did what cannot be done", name)
			continue
		}
		sentence(t, err, problem.Settings, problem.Refused)
	}
	if n := len(b.requests()); n != 0 {
		t.Errorf("%d requests for what cannot be done", n)
	}
}

func (h Harness) leak(t *testing.T) {
	b := newBench(t, h)
	p := b.open(t)
	first := watch(t, p)
	first.reading(t, b.Shown(t))
	first.stop(t)
	before := goleak.IgnoreCurrent()
	for _, f := range []fault{none, hang, nonsense, gone} {
		b.set(f)
		w := watch(t, p)
		if f == none {
			w.reading(t, b.Shown(t))
		}
		w.stop(t)
	}
	goleak.VerifyNone(t, before,
		// Connections kept for later belong to the HTTP client, not to the phone, and those at the other end
		// to the test's own servers.
		goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"),
		goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"),
		goleak.IgnoreAnyFunction("net/http.(*conn).serve"),
		goleak.IgnoreAnyFunction("net/http.(*connReader).backgroundRead"),
	)
}
