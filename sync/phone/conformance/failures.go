package conformance

import (
	"context"
	"testing"
	"time"

	"github.com/offhook/offhook/sync/problem"
)

// broken brings a fault about while the phone is watched, demands the problem, and then that the phone is
// read again as it is.
func broken(t *testing.T, b *bench, f fault, within time.Duration, kinds ...problem.Kind) {
	t.Helper()
	p, w := b.watched(t)
	b.set(f)
	err := w.failure(t, within)
	// Where the fault comes with the connection lost, that may be told first.
	for problem.Of(err).Kind == problem.Unreachable && kinds[0] != problem.Unreachable {
		err = w.failure(t, within)
	}
	sentence(t, err, kinds...)
	if b.Capabilities.Writes {
		ctx, cancel := context.WithTimeout(context.Background(), within)
		defer cancel()
		if err := p.Write(ctx, b.Other); err == nil {
			t.Error("a write that cannot have arrived was said to have been carried out")
		} else {
			sentence(t, err, append(kinds, problem.Unreachable)...)
		}
	}
	before := b.Shown(t)
	w.forget()
	b.mend()
	w.recovered(t, 4*Bound, before)
}

func wrongPassword(t *testing.T, b *bench) {
	p := b.Open(t, b.address(), true)
	w := watch(t, p)
	if told := sentence(t, w.failure(t, Bound), problem.BadLogin, problem.SignedOut); told.Do.IsZero() {
		t.Error("nothing is said of what to do")
	}
	if b.Capabilities.Writes {
		err := p.Write(context.Background(), b.Other)
		if err == nil {
			t.Fatal("a write with a wrong password was said to have been carried out")
		}
		sentence(t, err, problem.BadLogin, problem.SignedOut)
	}
	asked := len(b.requests())
	select {
	case <-w.done:
		t.Fatal("Watch ended by itself")
	case r := <-w.reports:
		t.Errorf("something more is reported: %+v", r)
	case <-time.After(Bound / 2): // longer than the first waits before another attempt
	}
	if more := len(b.requests()) - asked; more != 0 {
		t.Errorf("%d more requests after the refusal", more)
	}
	refusals := b.refusals
	if b.Refusals != nil {
		refusals = b.Refusals
	}
	if n := refusals(); n != 1 {
		t.Errorf("the wrong password was tried %d times", n)
	}
}

func toldToWait(t *testing.T, b *bench) {
	const told = 2 * time.Second
	_, w := b.watched(t)
	b.set(throttled)
	err := w.failure(t, Bound)
	for problem.Of(err).Kind == problem.Unreachable {
		err = w.failure(t, Bound)
	}
	p := sentence(t, err, problem.Throttled)
	if p.RetryAfter <= 0 || p.RetryAfter > told {
		t.Errorf("told to wait %s, passed on as %s", told, p.RetryAfter)
	}
	asked := b.requests()
	refusedAt := asked[len(asked)-1]
	b.mend()
	w.recovered(t, 4*Bound, b.Shown(t))
	next := b.requests()[len(asked)]
	if early := told - next.Sub(refusedAt); early > 0 {
		t.Errorf("asked again %s too early", early)
	}
}

func serverError(t *testing.T, b *bench) {
	broken(t, b, failing, Bound, problem.Server)
}

func garbage(t *testing.T, b *bench) {
	broken(t, b, nonsense, Bound, problem.Server)
}

func halfAnswer(t *testing.T, b *bench) {
	_, w := b.watched(t)
	b.set(half)
	sentence(t, w.failure(t, Bound), problem.Server, problem.Unreachable)
	w.forget()
	b.mend()
	w.recovered(t, 4*Bound, b.Shown(t))
}

func neverAnswers(t *testing.T, b *bench) {
	broken(t, b, hang, 2*b.patience+Bound, problem.Unreachable)
}

func slowAnswer(t *testing.T, b *bench) {
	b.slow(300 * time.Millisecond)
	b.watched(t)
}

func unknownCertificate(t *testing.T, b *bench) {
	secure := b.secure(t)
	w := watch(t, b.Open(t, secure.address(), false))
	err := w.failure(t, Bound)
	if p := sentence(t, err, problem.Certificate); p.Do.IsZero() {
		t.Error("nothing is said of what to do")
	}
	if n := len(secure.requests()); n != 0 {
		t.Errorf("%d requests were made of a server that is not trusted", n)
	}
}
