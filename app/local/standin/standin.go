// Package standin is a resident that stands in for the real one, in the tests of what talks to it: it shows the
// status that it is given and notes what it is asked. No program imports it.
package standin

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/offhook/offhook/app/local"
)

// Resident stands in. A test that needs an answer of its own embeds it and gives that.
type Resident struct {
	local.Resident // nil: who asks anything but what follows is told so by a panic

	mu      sync.Mutex
	status  local.Status
	changed chan struct{} // closed at the next change
	answer  local.Result
	asked   []string
}

// New makes one with a status.
func New(s local.Status) *Resident {
	return &Resident{status: s, changed: make(chan struct{}), answer: local.Result{OK: true}}
}

// Set changes the status.
func (r *Resident) Set(s local.Status) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = s
	close(r.changed)
	r.changed = make(chan struct{})
}

// Says has every action answered so.
func (r *Resident) Says(a local.Result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = a
}

// Answer is what an action is answered.
func (r *Resident) Answer() local.Result {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.answer
}

// Note notes an action, and answers it.
func (r *Resident) Note(what string) local.Result {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = append(r.asked, what)
	return r.answer
}

// Asked are the actions that were asked for, in a word or two.
func (r *Resident) Asked() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.asked)
}

func (r *Resident) now() (local.Status, <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.status, r.changed
}

// Status and what follows are the door's.
func (r *Resident) Status() local.Status {
	s, _ := r.now()
	return s
}

func (r *Resident) Follow(ctx context.Context) <-chan local.Status {
	out := make(chan local.Status)
	go func() {
		defer close(out)
		for {
			s, changed := r.now()
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

func (r *Resident) SignIn(_ context.Context, how local.SignIn) local.Result {
	if how.DeviceCode {
		return r.Note("sign in with a code")
	}
	return r.Note("sign in")
}
func (r *Resident) CancelSignIn(context.Context) local.Result { return r.Note("cancel sign-in") }
func (r *Resident) SignOut(context.Context) local.Result      { return r.Note("sign out") }
func (r *Resident) SignInPhone(_ context.Context, phone string) local.Result {
	return r.Note("sign in to " + phone)
}
func (r *Resident) CancelSignInPhone(_ context.Context, phone string) local.Result {
	return r.Note("cancel sign-in to " + phone)
}
func (r *Resident) SignOutPhone(_ context.Context, phone string) local.Result {
	return r.Note("sign out of " + phone)
}
func (r *Resident) SetStatus(_ context.Context, s local.SetStatus) local.Result {
	return r.Note("set " + string(s.Choice))
}
func (r *Resident) Pause(_ context.Context, until time.Time) local.Result {
	return r.Note("pause until " + until.Format(time.RFC3339))
}
func (r *Resident) Resume(context.Context) local.Result   { return r.Note("resume") }
func (r *Resident) Settings(context.Context) local.Result { return r.Note("settings") }
func (r *Resident) OpenWindow(_ context.Context, o local.Open) local.Result {
	return r.Note("open " + o.Page)
}
func (r *Resident) Quit(context.Context) local.Result { return r.Note("quit") }
