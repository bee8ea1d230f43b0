package teams

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/offhook/offhook/sync/problem"
)

// problem makes the error readable.
func (e *entraError) problem() *problem.Problem {
	p := e.explain()
	p.RetryAfter, p.Err = e.Wait, e
	return p
}

// lapsed is the problem of a sign-in that gives no more tokens: always one that a new sign-in answers.
func (e *entraError) lapsed() *problem.Problem {
	p := e.problem()
	p.Kind = problem.SignedOut
	if p.Do.IsZero() {
		p.Do = problem.Say("Sign in again")
	}
	return p
}

func (e *entraError) explain() *problem.Problem {
	if e.Network != nil {
		host := "Microsoft"
		var failed *url.Error
		if errors.As(e.Network, &failed) {
			if u, err := url.Parse(failed.URL); err == nil {
				host = u.Host
			}
		}
		return networkProblem(e.Network, host, false)
	}
	if e.Declined != "" {
		return in("permission-not-granted", "permissions", e.Declined)
	}
	p := e.byClass()
	if e.Status < 500 && e.Status != http.StatusTooManyRequests {
		if known, ok := e.state(); ok {
			p = known.problem()
		}
	}
	switch p.State {
	case signInFailed, signInLapsed, clockWrong: // nothing better is known
		if e.Skew != 0 {
			return wrongBy(e.Skew)
		}
	}
	return p
}

// state is what the numbers in the answer mean.
func (e *entraError) state() (State, bool) {
	for _, code := range e.Codes {
		if s, ok := stateOf(code); ok {
			return s, true
		}
	}
	return State{}, false
}

// byClass explains by the error's class, which is stable where the numbers are not.
func (e *entraError) byClass() *problem.Problem {
	switch {
	case e.Status == http.StatusTooManyRequests:
		return in("microsoft-throttles")
	case e.Status >= 500, e.Code == "temporarily_unavailable", e.Code == "server_error":
		return in("microsoft-in-trouble")
	case e.Status/100 == 3 || e.Status != 0 && e.Code == "" || e.Description == "the answer is not understood":
		return in("not-microsoft", "server", problem.Say("Microsoft's sign-in"))
	}
	switch e.Code {
	case "access_denied", "authorization_declined":
		return in("sign-in-declined")
	case "expired_token", "code_expired", "bad_verification_code":
		return in(CodeExpired)
	case "consent_required":
		return in(ConsentNeeded)
	case "invalid_grant", "interaction_required", "login_required":
		return in(signInLapsed)
	case "invalid_client", "unauthorized_client":
		return in("client-id-refused")
	}
	p := in(signInFailed)
	if said := cmp.Or(strings.TrimRight(e.firstLine(), ". "), e.Code); said != "" {
		p.What = problem.Say("Microsoft's sign-in failed: {message}", "message", redact(said))
	}
	return p
}

// wrongBy is the problem of a clock that is off by more than tokens forgive.
func wrongBy(skew time.Duration) *problem.Problem {
	p := in(clockWrong)
	p.What = problem.Say("The clock of this computer is wrong by {time}, so the sign-in is not accepted", "time", skew)
	return p
}

func (e *entraError) firstLine() string {
	line, _, _ := strings.Cut(strings.ReplaceAll(e.Description, "\r", "\n"), "\n")
	line, _, _ = strings.Cut(line, " Trace ID:")
	return line
}
