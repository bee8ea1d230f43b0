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

// The sides of a problem that are none of the engine's.
const (
	whereAccount  = "account"
	whereSettings = "settings"
)

func result(err error, where string) local.Result {
	if err == nil {
		return local.Result{OK: true}
	}
	return local.Result{Problem: show(problem.Of(err), where, time.Time{})}
}

var errEnding = &problem.Problem{Kind: problem.Refused, What: problem.Say("Offhook is starting or ending"), Do: problem.Say("Try again in a moment")}

// ready waits until Run has begun, and tells whether it goes on.
func (r *Resident) ready(ctx context.Context) (life context.Context, ok bool) {
	select {
	case <-r.started:
	case <-ctx.Done():
		return nil, false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.life, r.life.Err() == nil
}

// SignIn begins a sign-in; how it goes on stands in the status. One that is under way is given up for it.
func (r *Resident) SignIn(ctx context.Context, how local.SignIn) local.Result {
	if p := r.now().problem; p != nil {
		return local.Result{Problem: p}
	}
	r.signing.Lock()
	defer r.signing.Unlock()
	life, ok := r.ready(ctx)
	side := r.now().teams
	if !ok || side == nil {
		return result(errEnding, whereAccount)
	}
	ctx, cancel := context.WithCancel(life)
	mine := &attempt{how: "browser", giveUp: cancel}
	if how.DeviceCode {
		mine.how = "device-code"
	}
	r.mu.Lock()
	last := r.attempt
	r.attempt, r.signIn = mine, nil
	r.mu.Unlock()
	r.refresh()
	r.end(last)
	r.working.Go(func() { r.askKeyring(ctx) })
	r.working.Go(func() {
		defer cancel()
		showCode := func(code teams.DeviceCode) { r.during(mine, func() { mine.code = code }) }
		_, err := side.SignIn(ctx, teams.SignIn{DeviceCode: how.DeviceCode, OpenURL: r.o.OpenURL, ShowCode: showCode, Adopt: r.adopt})
		showCode(teams.DeviceCode{})
		if err == nil {
			r.awaitTeams(ctx)
		}
		r.during(mine, func() {
			r.attempt = nil
			if err != nil && !errors.Is(err, context.Canceled) {
				r.signIn = problem.Of(err)
				r.o.Log.Warn("the sign-in failed", "problem", err)
			}
		})
	})
	return local.Result{OK: true}
}

// attempt is a sign-in under way.
type attempt struct {
	how    string
	giveUp context.CancelFunc
	code   teams.DeviceCode
}

// during changes what is known of a sign-in, unless another has taken its place.
func (r *Resident) during(a *attempt, change func()) {
	r.mu.Lock()
	if r.attempt == a {
		change()
	}
	r.mu.Unlock()
	r.refresh()
}

// end gives a sign-in up. Its caller holds r.signing.
func (r *Resident) end(a *attempt) {
	if a != nil {
		a.giveUp()
	}
	r.working.Wait()
}

// firstAnswer is how long Teams may take to answer after a sign-in before that counts as done.
const firstAnswer = 15 * time.Second

// awaitTeams waits until Teams has answered the one who has just signed in: until then the newest that is
// known of Teams is that nobody is.
func (r *Resident) awaitTeams(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, firstAnswer)
	defer cancel()
	for s := range r.Follow(ctx) {
		if s.Teams.Known || s.Teams.Problem != nil && s.Account.SignedIn {
			return
		}
	}
}

// CancelSignIn gives up the sign-in under way, if there is one.
func (r *Resident) CancelSignIn(context.Context) local.Result {
	r.signing.Lock()
	defer r.signing.Unlock()
	r.mu.Lock()
	last := r.attempt
	r.mu.Unlock()
	r.end(last)
	return local.Result{OK: true}
}

// SignOut gives back what is held and forgets the sign-in.
func (r *Resident) SignOut(ctx context.Context) local.Result {
	if p := r.now().problem; p != nil {
		return local.Result{Problem: p}
	}
	r.signing.Lock()
	defer r.signing.Unlock()
	life, ok := r.ready(ctx)
	if !ok {
		return result(errEnding, whereAccount)
	}
	r.mu.Lock()
	last := r.attempt
	r.mu.Unlock()
	r.end(last)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(life, cancel)()
	return result(r.between(ctx, func() error { return r.now().teams.SignOut(life) }), whereAccount)
}

// Pause gives back what is held and is silent; until zero: until resumed.
func (r *Resident) Pause(ctx context.Context, until time.Time) local.Result {
	if !until.IsZero() && !until.After(time.Now()) {
		return result(&problem.Problem{Kind: problem.Refused, What: problem.Say("The pause would be over already"),
			Do: problem.Say("Choose a time in the future")}, whereSettings)
	}
	return r.tell(ctx, engine.PauseUntil{Until: until})
}

// Resume ends a pause.
func (r *Resident) Resume(ctx context.Context) local.Result { return r.tell(ctx, engine.Resume{}) }

func (r *Resident) tell(ctx context.Context, e engine.Event) local.Result {
	if p := r.now().problem; p != nil {
		return local.Result{Problem: p}
	}
	r.mu.Lock()
	runner, running := r.runner, r.running
	r.mu.Unlock()
	if runner == nil {
		return result(errEnding, whereSettings)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(running, cancel)() // one that has ended hears nothing
	runner.Tell(ctx, e)
	if ctx.Err() != nil {
		return result(errEnding, whereSettings)
	}
	return local.Result{OK: true}
}

// Quit lets Run end.
func (r *Resident) Quit(context.Context) local.Result {
	r.quitOnce.Do(func() { close(r.quit) })
	return local.Result{OK: true}
}

// Done is closed once the person has asked to quit.
func (r *Resident) Done() <-chan struct{} { return r.quit }
