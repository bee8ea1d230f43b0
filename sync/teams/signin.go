package teams

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/url"
	"slices"
	"time"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/public"

	"github.com/offhook/offhook/sync/problem"
)

// SignIn is how a person signs in: in the browser, or with a code on any device.
type SignIn struct {
	DeviceCode bool
	OpenURL    func(url string) error // opens the browser
	ShowCode   func(DeviceCode)       // shows what to type where

	// Adopt is told who has signed in and lets them in by calling take. Until then whoever was signed in
	// before still is: what is held in their Teams can be given back first. Nil: they are let in at once.
	Adopt func(ctx context.Context, who Account, take func() error) error
}

// DeviceCode is what a person types into a web page on any device.
type DeviceCode struct {
	Code    string
	URL     string
	Message string // both in Microsoft's words
	Until   time.Time
}

const (
	signInTime    = 10 * time.Minute // for the person to finish in the browser; a code there lives as long
	preflightTime = 5 * time.Second
)

var (
	errTooLate     = errors.New("the sign-in was not finished in time")
	errCodeTooLate = errors.New("the code was not used in time")
)

func (a *account) signIn(ctx context.Context, how SignIn) (Account, error) {
	a.mu.Lock()
	busy := a.signing
	a.signing = true
	hint, claims := "", a.claims
	if a.lapsed != nil && a.person != nil {
		hint = a.person.Name // the same person again, most likely
	}
	a.mu.Unlock()
	if busy {
		return Account{}, in("sign-in-busy")
	}
	defer func() {
		a.mu.Lock()
		a.signing = false
		a.mu.Unlock()
	}()

	flow := a.browser
	if how.DeviceCode {
		flow = a.deviceCode
	}
	got, err := flow(ctx, how, hint, claims)
	if err != nil {
		return Account{}, err
	}
	if p := unsuitable(got); p != nil {
		_ = a.client.RemoveAccount(ctx, got.Account)
		return Account{}, p
	}
	who := Account{ID: got.Account.LocalAccountID, Name: got.Account.PreferredUsername}
	take := func() error { return a.take(ctx, got, who) }
	if how.Adopt != nil {
		err = how.Adopt(ctx, who, take)
	} else {
		err = take()
	}
	if err != nil {
		return Account{}, err
	}
	return who, nil
}

// browser signs in by authorization code with PKCE; the answer comes as a form posted to a loopback port.
func (a *account) browser(ctx context.Context, how SignIn, hint, claims string) (public.AuthResult, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, a.signInTime, errTooLate)
	defer cancel()
	if p := a.preflight(ctx); p != nil {
		return public.AuthResult{}, p
	}
	listener, err := a.listen(a.log)
	if err != nil {
		return public.AuthResult{}, because(in("loopback-closed"), err)
	}
	defer listener.close()
	if listener.taken(ctx) {
		return public.AuthResult{}, in("loopback-taken")
	}

	verifier := rand.Text() + rand.Text()
	ctx, said := withEntraAnswer(ctx)
	address, err := a.authorizeURL(ctx, listener, verifier, hint, claims)
	if err != nil {
		return public.AuthResult{}, newEntraError(err, said).problem()
	}
	if how.OpenURL == nil {
		err = errors.New("no browser to open")
	} else {
		err = how.OpenURL(address)
	}
	if err != nil {
		return public.AuthResult{}, because(in("browser-not-opened"), err)
	}
	code, err := listener.wait(ctx)
	if err != nil && listener.foreign.Load() && errors.Is(context.Cause(ctx), errTooLate) {
		return public.AuthResult{}, because(in("answer-of-another-sign-in"), errTooLate)
	}
	if err != nil {
		return public.AuthResult{}, signInProblem(ctx, err, nil)
	}
	options := []public.AcquireByAuthCodeOption{public.WithChallenge(verifier)}
	if claims != "" {
		options = append(options, public.WithClaims(claims))
	}
	got, err := a.client.AcquireTokenByAuthCode(ctx, code, listener.redirect, scopes(), options...)
	if err != nil {
		return got, signInProblem(ctx, err, said)
	}
	return got, nil
}

// preflight asks for a device code that nobody will use, to learn what is wrong with the registration: the
// sign-in page tells that to whoever looks at it, and never comes back. What it cannot tell is left to the page.
func (a *account) preflight(ctx context.Context) *problem.Problem {
	ctx, cancel := context.WithTimeout(ctx, preflightTime)
	defer cancel()
	ctx, said := withEntraAnswer(ctx)
	_, err := a.client.AcquireTokenByDeviceCode(ctx, scopes())
	if err == nil {
		return nil
	}
	p := newEntraError(err, said).problem()
	switch p.State {
	case clientUnknown, clientDisabled, singleTenant, tenantUnknown:
		return p
	}
	return nil
}

// authorizeURL is the address of the sign-in page. The library leaves out what its own listener would need,
// so that is added: its listener gives up at the first stray request.
func (a *account) authorizeURL(ctx context.Context, l *loopback, verifier, hint, claims string) (string, error) {
	var options []public.AuthCodeURLOption
	if hint != "" {
		options = append(options, public.WithLoginHint(hint))
	}
	if claims != "" {
		options = append(options, public.WithClaims(claims))
	}
	asked := slices.Concat(scopes(), []string{"openid", "offline_access", "profile"})
	text, err := a.client.AuthCodeURL(ctx, a.clientID, l.redirect, asked, options...)
	if err != nil {
		return "", err
	}
	u, err := url.Parse(text)
	if err != nil {
		return "", err
	}
	hash := sha256.Sum256([]byte(verifier))
	q := u.Query()
	q.Set("response_mode", "form_post")
	q.Set("state", l.state)
	q.Set("code_challenge", base64.RawURLEncoding.EncodeToString(hash[:]))
	q.Set("code_challenge_method", "S256")
	if hint == "" {
		q.Set("prompt", "select_account")
	}
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// deviceCode signs in with a code typed on any device.
func (a *account) deviceCode(ctx context.Context, how SignIn, _, claims string) (public.AuthResult, error) {
	ctx, said := withEntraAnswer(ctx)
	var options []public.AcquireByDeviceCodeOption
	if claims != "" {
		options = append(options, public.WithClaims(claims))
	}
	code, err := a.client.AcquireTokenByDeviceCode(ctx, scopes(), options...)
	if err != nil {
		return public.AuthResult{}, codeProblem(ctx, err, said)
	}
	until := code.Result.ExpiresOn
	if how.ShowCode != nil {
		how.ShowCode(DeviceCode{
			Code:    code.Result.UserCode,
			URL:     code.Result.VerificationURL,
			Message: code.Result.Message,
			Until:   until,
		})
	}
	ctx, cancel := context.WithDeadlineCause(ctx, until, errCodeTooLate)
	defer cancel()
	for {
		got, err := code.AuthenticationResult(ctx)
		if err == nil {
			return got, nil
		}
		// The library gives up at the first failure of any kind; a lost network is no reason to.
		if ctx.Err() != nil || !newEntraError(err, said).passing() {
			return got, codeProblem(ctx, err, said)
		}
		a.log.Debug("waiting for a device code goes on after a failure", "error", newEntraError(err, said))
		select {
		case <-ctx.Done():
		case <-time.After(a.deviceWait):
		}
	}
}

// signInProblem makes a failed sign-in readable.
func signInProblem(ctx context.Context, err error, said *entraAnswer) *problem.Problem {
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, errTooLate):
		return because(in(BrowserSilent), cause)
	case errors.Is(cause, errCodeTooLate):
		return because(in(CodeExpired), cause)
	case ctx.Err() != nil:
		return because(in("sign-in-given-up"), ctx.Err())
	}
	var p *problem.Problem
	if !errors.As(err, &p) {
		p = newEntraError(err, said).problem()
	}
	if p.Do.IsZero() {
		p.Do = problem.Say("Wait a while, then try again")
	}
	return p
}

// codeProblem makes one with a code readable: rules that forbid it may allow the browser.
func codeProblem(ctx context.Context, err error, said *entraAnswer) *problem.Problem {
	p := signInProblem(ctx, err, said)
	if p.State == conditionalAccess || p.State == deviceNotManaged {
		return because(in(deviceCodeBlocked), p.Err)
	}
	return p
}

func because(p *problem.Problem, err error) *problem.Problem {
	p.Err = err
	return p
}
