package resident

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/sync/engine"
	"github.com/offhook/offhook/sync/phone"
	"github.com/offhook/offhook/sync/phone/profile"
	"github.com/offhook/offhook/sync/problem"
)

// This file holds the sign-in to a phone whose system has its own page for that, in the person's browser.

// phonePatience is how long the person may take on the sign-in page, as long as at Microsoft's.
const phonePatience = 10 * time.Minute

// phoneAttempt is a sign-in to a phone: under way, or how the last one went wrong.
type phoneAttempt struct {
	giveUp  context.CancelFunc
	ended   chan struct{}
	over    bool
	problem *problem.Problem // why it failed
}

// browse shows a page of a phone's in the browser; nil where there is none.
func (o Options) browse() func(context.Context, string) error {
	if o.OpenURL == nil {
		return nil
	}
	return func(_ context.Context, address string) error { return o.OpenURL(address) }
}

// SignInPhone begins a sign-in to a phone. One that is under way is given up for it.
func (r *Resident) SignInPhone(ctx context.Context, id string) local.Result {
	r.signing.Lock()
	defer r.signing.Unlock()
	side, life, refused := r.beginPhone(ctx, id)
	if side == nil {
		return refused
	}
	ctx, cancel := context.WithTimeout(life, phonePatience)
	mine := &phoneAttempt{giveUp: cancel, ended: make(chan struct{})}
	r.mu.Lock()
	r.byPhone[id] = mine
	r.mu.Unlock()
	r.refresh()
	go func() { // ends with mine.giveUp, which endPhone waits for
		defer close(mine.ended)
		defer cancel()
		err := side.SignIn(ctx)
		if err == nil {
			r.awaitPhone(ctx, id)
		}
		r.mu.Lock()
		mine.over = true
		if err != nil && !errors.Is(err, context.Canceled) {
			mine.problem = problem.Of(err)
			r.o.Log.Warn("the sign-in to a phone failed", "phone", id, "problem", err)
		}
		r.mu.Unlock()
		r.refresh()
	}()
	return local.Result{OK: true}
}

// CancelSignInPhone gives up the sign-in to a phone that is under way, if there is one.
func (r *Resident) CancelSignInPhone(_ context.Context, id string) local.Result {
	r.signing.Lock()
	defer r.signing.Unlock()
	if _, wrong := r.now().signsIn(id); wrong != nil {
		return local.Result{Problem: wrong}
	}
	r.endPhone(id)
	return local.Result{OK: true}
}

// SignOutPhone forgets the sign-in to a phone. What is held on it is given back first.
func (r *Resident) SignOutPhone(ctx context.Context, id string) local.Result {
	r.signing.Lock()
	defer r.signing.Unlock()
	side, life, refused := r.beginPhone(ctx, id)
	if side == nil {
		return refused
	}
	if r.now().problem != nil { // nothing runs
		return result(side.SignOut(), id)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(life, cancel)()
	return result(r.between(ctx, side.SignOut), id)
}

// beginPhone finds a phone that is signed in to with the browser, and gives up what is under way there. life ends
// with the resident. Its caller holds r.signing; where side is nil, refused says why.
func (r *Resident) beginPhone(ctx context.Context, id string) (side phone.SignsIn, life context.Context, refused local.Result) {
	life, ok := r.ready(ctx)
	if !ok {
		return nil, nil, result(errEnding, id)
	}
	side, wrong := r.now().signsIn(id)
	if wrong != nil {
		return nil, nil, local.Result{Problem: wrong}
	}
	r.endPhone(id)
	return side, life, local.Result{}
}

// signsIn finds a phone that is signed in to with the browser.
func (s *setup) signsIn(id string) (phone.SignsIn, *local.Problem) {
	_, l, missing := s.phone(id)
	if missing != nil {
		return nil, missing
	}
	side, ok := l.open.(phone.SignsIn)
	switch {
	case l.open == nil:
		return nil, show(l.problem, id, time.Time{})
	case !ok || !l.system.ByBrowser:
		return nil, local.Tell(&problem.Problem{Kind: problem.Refused,
			What: problem.Say("You sign in to {phone} with what is entered for it, not in the browser", "phone", l.title),
			Do:   problem.Say("Change what is entered for this phone in the settings")}, id)
	}
	return side, nil
}

// endPhone gives up a sign-in to a phone and forgets how the last one went. Its caller holds r.signing.
func (r *Resident) endPhone(id string) {
	r.mu.Lock()
	last := r.byPhone[id]
	delete(r.byPhone, id)
	r.mu.Unlock()
	if last != nil {
		last.giveUp()
		<-last.ended
		r.refresh()
	}
}

// endPhones gives up all of them. Its caller holds r.signing.
func (r *Resident) endPhones() {
	r.mu.Lock()
	var ids []string
	for id := range r.byPhone {
		ids = append(ids, id)
	}
	r.mu.Unlock()
	for _, id := range ids {
		r.endPhone(id)
	}
}

// awaitPhone waits until a phone has answered the one who has just signed in.
func (r *Resident) awaitPhone(ctx context.Context, id string) {
	ctx, cancel := context.WithTimeout(ctx, firstAnswer)
	defer cancel()
	for s := range r.Follow(ctx) {
		for _, p := range s.Phones {
			if p.ID == id && (p.Known || p.Problem != nil && p.Problem.Kind != string(problem.PhoneSignedOut)) {
				return
			}
		}
	}
}

// phoneSignIn is how it stands with the sign-in to a phone, and its problem in that light. Its caller holds r.mu.
func (r *Resident) phoneSignIn(l line, p engine.PhoneView, shown *local.Problem) (local.PhoneSignIn, *local.Problem) {
	if !l.system.ByBrowser || l.open == nil {
		return "", shown
	}
	last := r.byPhone[l.id]
	if last != nil && last.problem != nil && !p.Known {
		shown = show(last.problem, l.id, time.Time{})
	}
	if shown == nil {
		if last != nil && !last.over {
			return local.PhoneSignInUnderWay, nil
		}
		return local.PhoneSignedIn, nil
	}
	needed := false
	switch problem.Kind(shown.Kind) {
	case problem.SignedOut:
		own := *shown
		own.Kind, shown = string(problem.PhoneSignedOut), &own
		needed = true
	case problem.BadLogin, problem.Forbidden: // a new sign-in may mend it
		needed = true
	}
	switch {
	case last != nil && !last.over:
		return local.PhoneSignInUnderWay, shown
	case needed, last != nil && last.problem != nil && !p.Known:
		return local.PhoneSignInNeeded, shown
	}
	return local.PhoneSignedIn, shown
}

// forgetGone leaves no sign-in of phones that the settings no longer have. It is called when what was held on
// them has been given back, as far as they answered.
func (r *Resident) forgetGone(now *setup) {
	if now.problem != nil { // what it has may not be known
		return
	}
	for _, l := range r.ran {
		if slices.ContainsFunc(now.phones, func(n line) bool { return n.id == l.id && n.system.ID == l.system.ID }) {
			continue
		}
		if err := profile.Forget(r.o.Secrets, l.id); err != nil {
			r.o.Log.Warn("the sign-in to a phone that was removed is not forgotten", "phone", l.id, "problem", err)
		}
	}
	r.ran = now.phones
}
