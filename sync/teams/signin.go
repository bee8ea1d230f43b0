package teams

import (
	"cmp"
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
}

// DeviceCode is what a person types into a web page on any device.
type DeviceCode struct {
	Code    string
	URL     string
	Message string // both in Microsoft's words
	Until   time.Time
}

const signInTime = 10 * time.Minute // for the person to finish in the browser; a code there lives as long

var errTooLate = errors.New("the sign-in was not finished in time")

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
		return Account{}, &problem.Problem{
			Kind: problem.Refused,
			What: "A sign-in is already under way",
			Do:   "Finish it or give it up first",
		}
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
	return a.adopt(ctx, got)
}

// browser signs in by authorization code with PKCE; the answer comes as a form posted to a loopback port.
func (a *account) browser(ctx context.Context, how SignIn, hint, claims string) (public.AuthResult, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, signInTime, errTooLate)
	defer cancel()
	listener, err := listenLoopback(a.log)
	if err != nil {
		return public.AuthResult{}, &problem.Problem{
			Kind: problem.Unreachable,
			What: "Offhook cannot listen on this computer for the browser's answer",
			Do:   "Sign in with a code instead",
			Err:  err,
		}
	}
	defer listener.close()

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
		return public.AuthResult{}, &problem.Problem{
			Kind: problem.Unreachable,
			What: "The browser cannot be opened",
			Do:   "Sign in with a code instead",
			Err:  err,
		}
	}
	code, err := listener.wait(ctx)
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
		return public.AuthResult{}, signInProblem(ctx, err, said)
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
	ctx, cancel := context.WithDeadlineCause(ctx, until, errTooLate)
	defer cancel()
	for {
		got, err := code.AuthenticationResult(ctx)
		if err == nil {
			return got, nil
		}
		// The library gives up at the first failure of any kind; a lost network is no reason to.
		if ctx.Err() != nil || !newEntraError(err, said).passing() {
			return got, signInProblem(ctx, err, said)
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
	if errors.Is(context.Cause(ctx), errTooLate) {
		return &problem.Problem{
			Kind: problem.SignedOut,
			What: "The sign-in was not finished in time",
			Do:   "Sign in again",
			Err:  errTooLate,
		}
	}
	if ctx.Err() != nil {
		return &problem.Problem{Kind: problem.SignedOut, What: "The sign-in was given up", Err: ctx.Err()}
	}
	var p *problem.Problem
	if !errors.As(err, &p) {
		p = newEntraError(err, said).problem()
	}
	p.Do = cmp.Or(p.Do, "Try again in a while")
	return p
}
