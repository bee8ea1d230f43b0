package teams

import (
	"cmp"
	"context"
	"time"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/public"

	"github.com/offhook/offhook/sync/problem"
)

// freshToken asks for a token that does not come from the cache: claims that claim nothing.
const freshToken = "{}"

const (
	tokenTime    = 30 * time.Second // for getting a token without the person
	refreshPause = time.Minute      // between two attempts at a refresh that is not urgent or not welcome
	blockedPause = 5 * time.Minute  // between two that the organisation's rules may still forbid
)

// token answers an access token, from the cache or by the refresh token.
func (a *account) token(ctx context.Context, claims string) (string, error) {
	select {
	case a.gate <- struct{}{}:
		defer func() { <-a.gate }()
	case <-ctx.Done():
		return "", networkProblem(ctx.Err(), "the sign-in", false)
	}
	home, token, err := a.atHand(claims)
	if token != "" || err != nil {
		return token, err
	}

	ctx, cancel := context.WithTimeout(ctx, tokenTime)
	defer cancel()
	ctx, said := withEntraAnswer(ctx)
	options := []public.AcquireSilentOption{public.WithSilentAccount(public.Account{HomeAccountID: home})}
	if claims != "" {
		options = append(options, public.WithClaims(claims))
	}
	got, err := a.client.AcquireTokenSilent(ctx, scopes(), options...)

	a.mu.Lock()
	defer a.mu.Unlock()
	if err == nil {
		a.remember(got)
		return got.AccessToken, nil
	}
	failure := newEntraError(err, said)
	if got.AccessToken != "" {
		a.last = got // the refresh was early: the token it was to replace still lives
	}
	p := failure.problem()
	if claims == "" && a.lastLives() {
		a.log.Warn("a token could not be refreshed early; the one at hand still lives", "error", failure)
		a.pause, a.paused = time.Now().Add(max(refreshPause, p.RetryAfter)), p
		return a.last.AccessToken, nil
	}
	if failure.blocked() {
		a.log.Warn("the organisation's rules give no token", "why", p.What, "error", failure)
		a.pause, a.paused, a.last, a.blocked = time.Now().Add(max(blockedPause, p.RetryAfter)), p, public.AuthResult{}, true
		a.claims = cmp.Or(failure.Claims, realClaims(claims))
		return "", p
	}
	if failure.lapses() {
		p = failure.lapsed()
		a.lapse(p, cmp.Or(failure.Claims, realClaims(claims)))
		return "", p
	}
	a.log.Warn("no token could be had", "error", failure)
	if p.Kind == problem.Throttled || p.RetryAfter > 0 {
		p.RetryAfter = max(p.RetryAfter, firstBackoff)
		a.pause, a.paused = time.Now().Add(p.RetryAfter), p
	}
	return "", p
}

// atHand answers what can be said without asking anybody: whose token to ask for, a token that does, or why
// there is none.
func (a *account) atHand(claims string) (home, token string, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if p := a.notReady(); p != nil {
		return "", "", p
	}
	if claims == freshToken && a.lastLives() && time.Since(a.lastGot) < refreshPause {
		return "", a.last.AccessToken, nil // it could not be fresher
	}
	if wait := time.Until(a.pause); wait > 0 && (claims == "" || a.blocked) {
		if a.lastLives() {
			return "", a.last.AccessToken, nil
		}
		p := *a.paused
		if !a.blocked {
			p.RetryAfter = wait
		}
		return "", "", &p
	}
	return a.person.Home, "", nil
}

// happened says that something happened which may have changed what the rules forbid: the network, say.
func (a *account) happened() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.blocked && time.Until(a.pause) < blockedPause-refreshPause {
		a.pause = time.Time{}
	}
}

func (a *account) remember(got public.AuthResult) {
	if got.AccessToken != a.last.AccessToken && got.Metadata.TokenSource == public.TokenSourceIdentityProvider {
		a.lastGot = time.Now()
	}
	a.last, a.pause, a.blocked, a.claims = got, time.Time{}, false, ""
}

func (a *account) lastLives() bool {
	return a.last.AccessToken != "" && time.Now().Before(a.last.ExpiresOn)
}

// refused is called when Graph asks for claims that a token made for those very claims does not meet.
func (a *account) refused(claims string) *problem.Problem {
	p := in("sign-in-asked-anew")
	a.mu.Lock()
	defer a.mu.Unlock()
	a.lapse(p, claims)
	return p
}

// lapse marks the account to sign in again. It stays listed: only its person can end the matter.
func (a *account) lapse(why *problem.Problem, claims string) {
	a.log.Warn("the sign-in has lapsed", "why", why.What, "error", why.Err)
	a.lapsed, a.claims, a.last = why, claims, public.AuthResult{}
	a.changed("the sign-in has lapsed")
}

func realClaims(claims string) string {
	if claims == freshToken {
		return ""
	}
	return claims
}
