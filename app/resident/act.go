package resident

import (
	"context"
	"errors"
	"time"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/sync/engine"
	"github.com/offhook/offhook/sync/problem"
	"github.com/offhook/offhook/sync/teams"
)

var _ local.Resident = (*Resident)(nil)

func result(err error, where string) local.Result {
	if err == nil {
		return local.Result{OK: true}
	}
	return local.Result{Problem: show(problem.Of(err), where, time.Time{})}
}

var errEnding = &problem.Problem{Kind: problem.Refused, What: "Offhook is starting or ending", Do: "Try again in a moment"}

// SignIn begins a sign-in; how it goes on stands in the status. One that is under way is given up for it.
func (r *Resident) SignIn(ctx context.Context, how local.SignIn) local.Result {
	if r.problem != nil {
		return local.Result{Problem: r.problem}
	}
	select {
	case <-r.started:
	case <-ctx.Done():
		return result(ctx.Err(), "account")
	}
	r.mu.Lock()
	last, life := r.cancel, r.life
	r.mu.Unlock()
	if life.Err() != nil {
		return result(errEnding, "account")
	}
	if last != nil {
		last()
		r.working.Wait()
	}
	signing, cancel := context.WithCancel(life)
	r.mu.Lock()
	r.cancel, r.signIn, r.signingIn = cancel, nil, "browser"
	if how.DeviceCode {
		r.signingIn = "device-code"
	}
	r.mu.Unlock()
	r.refresh()
	r.working.Go(func() {
		defer cancel()
		_, err := r.teams.SignIn(signing, teams.SignIn{DeviceCode: how.DeviceCode, OpenURL: r.o.OpenURL, ShowCode: r.showCode})
		r.mu.Lock()
		r.signingIn, r.code, r.cancel = "", teams.DeviceCode{}, nil
		if err != nil && !errors.Is(err, context.Canceled) {
			r.signIn = problem.Of(err)
			r.o.Log.Warn("the sign-in failed", "problem", err)
		}
		r.mu.Unlock()
		r.refresh()
	})
	return local.Result{OK: true}
}

func (r *Resident) showCode(code teams.DeviceCode) {
	r.mu.Lock()
	r.code = code
	r.mu.Unlock()
	r.refresh()
}

// SignOut gives back what is held and forgets the sign-in.
func (r *Resident) SignOut(ctx context.Context) local.Result {
	if r.problem != nil {
		return local.Result{Problem: r.problem}
	}
	answer := make(chan error, 1)
	select {
	case r.signOuts <- answer:
		return result(<-answer, "account")
	case <-ctx.Done():
		return result(ctx.Err(), "account")
	}
}

// Pause gives back what is held and is silent; until zero: until resumed.
func (r *Resident) Pause(ctx context.Context, until time.Time) local.Result {
	if !until.IsZero() && !until.After(time.Now()) {
		return result(&problem.Problem{Kind: problem.Refused, What: "The pause would be over already",
			Do: "Name a time that is to come"}, "settings")
	}
	return r.tell(ctx, engine.PauseUntil{Until: until})
}

// Resume ends a pause.
func (r *Resident) Resume(ctx context.Context) local.Result { return r.tell(ctx, engine.Resume{}) }

func (r *Resident) tell(ctx context.Context, e engine.Event) local.Result {
	r.mu.Lock()
	runner, life := r.runner, r.life
	r.mu.Unlock()
	if r.problem != nil {
		return local.Result{Problem: r.problem}
	}
	if runner == nil || life.Err() != nil {
		return result(errEnding, "settings")
	}
	runner.Tell(ctx, e)
	return result(ctx.Err(), "settings")
}

// Settings opens the window.
func (r *Resident) Settings(context.Context) local.Result {
	return result(r.o.OpenWindow(), "settings")
}

// Quit lets Run end.
func (r *Resident) Quit(context.Context) local.Result {
	r.quitOnce.Do(func() { close(r.quit) })
	return local.Result{OK: true}
}

// Done is closed once the person has asked to quit.
func (r *Resident) Done() <-chan struct{} { return r.quit }
