// Package problem is how anything that goes wrong is told to the person: what happened, to what, and what to
// do. It is pure: it must not know a network or a screen. It never holds a secret.
package problem

import (
	"errors"
	"time"
)

// Kind says what sort of thing went wrong. Its text is stable: it stands in `status --json`.
type Kind string

// The kinds.
const (
	SignedOut Kind = "signed-out" // nobody is signed in, or the sign-in has lapsed: the person must act
	Forbidden Kind = "forbidden"  // signed in, but not allowed
	// A phone wants the person to sign in to it, on its vendor's page. The phone itself says SignedOut: whose
	// sign-in that is, is known where its phone is.
	PhoneSignedOut Kind = "phone-signed-out"

	BadLogin    Kind = "bad-login"    // user name, password or key refused: tried once, never again unchanged
	Unreachable Kind = "unreachable"  // no answer: network, name, port, time-out
	Certificate Kind = "certificate"  // the server's certificate is not trusted
	Throttled   Kind = "throttled"    // told to wait
	Server      Kind = "server-error" // the other side failed (5xx) or answered nonsense
	Refused     Kind = "refused"      // the request was understood and turned down
	Settings    Kind = "settings"     // something in the settings or a profile is wrong
	Keyring     Kind = "keyring"      // the operating system's keyring is locked or absent
)

// Problem is an error made for the person who reads it.
type Problem struct {
	Kind       Kind
	State      string        // the stable name of just this state, such as "admin-consent-needed"; empty: it has none
	What       Text          // one plain sentence: what happened, to what. No full stop.
	Do         Text          // one plain sentence: what to do. No full stop. Empty when waiting is all there is.
	RetryAfter time.Duration // how long the other side told us to wait; 0: not told
	Unsure     bool          // a write that may have been carried out although it failed (time-out, 5xx)
	Err        error         // what lies beneath, for the log; may be nil
}

func (p *Problem) Error() string { return p.Text().String() }

// Text is all of it: what happened, and what to do.
func (p *Problem) Text() Text {
	if p.Do.IsZero() {
		return p.What
	}
	return Text{Phrase: "{what}. {do}", With: map[string]Text{"what": p.What, "do": p.Do}}
}

func (p *Problem) Unwrap() error { return p.Err }

// Of finds the problem in an error, or makes one of an error that is none.
func Of(err error) *Problem {
	if err == nil {
		return nil
	}
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	var said Text
	if !errors.As(err, &said) {
		said = Plain(err.Error())
	}
	return &Problem{Kind: Server, What: said, Unsure: true, Err: err}
}
