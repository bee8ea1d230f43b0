package tray

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/offhook/offhook/app/local"
)

// desk is a resident that shows what it is told to and remembers what it was asked.
type desk struct {
	local.Resident // the rest is not asked
	mu             sync.Mutex
	status         local.Status
	changed        chan struct{} // closed at each change
	asked          chan string
	answer         local.Result
}

func newDesk(s local.Status) *desk {
	return &desk{status: s, changed: make(chan struct{}), asked: make(chan string, 16), answer: local.Result{OK: true}}
}

func (d *desk) show(s local.Status) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.status = s
	close(d.changed)
	d.changed = make(chan struct{})
}

func (d *desk) look() (local.Status, chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.status, d.changed
}

func (d *desk) Status() local.Status { s, _ := d.look(); return s }

func (d *desk) Follow(ctx context.Context) <-chan local.Status {
	out := make(chan local.Status)
	go func() {
		defer close(out)
		for {
			s, changed := d.look()
			select {
			case out <- s:
			case <-ctx.Done():
				return
			}
			select {
			case <-changed:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

func (d *desk) ask(what string) local.Result {
	d.asked <- what
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.answer
}

func (d *desk) SignIn(context.Context, local.SignIn) local.Result { return d.ask("sign in") }
func (d *desk) SignInPhone(_ context.Context, phone string) local.Result {
	return d.ask("sign in to " + phone)
}
func (d *desk) SignOut(context.Context) local.Result  { return d.ask("sign out") }
func (d *desk) Resume(context.Context) local.Result   { return d.ask("resume") }
func (d *desk) Settings(context.Context) local.Result { return d.ask("settings") }
func (d *desk) OpenWindow(_ context.Context, o local.Open) local.Result {
	return d.ask("open " + o.Page)
}
func (d *desk) SetStatus(_ context.Context, set local.SetStatus) local.Result {
	return d.ask("set " + string(set.Choice))
}
func (d *desk) Quit(context.Context) local.Result { return d.ask("quit") }
func (d *desk) Pause(_ context.Context, until time.Time) local.Result {
	if until.IsZero() {
		return d.ask("pause")
	}
	return d.ask("pause for " + time.Until(until).Round(time.Minute).String())
}

// want waits until the resident is asked something.
func (d *desk) want(t *testing.T, what string) {
	t.Helper()
	select {
	case got := <-d.asked:
		if got != what {
			t.Fatalf("the resident was asked: %s; want: %s", got, what)
		}
	case <-time.After(10 * time.Second):
		t.Fatalf("the resident was not asked: %s", what)
	}
}
