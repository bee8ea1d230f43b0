package teams

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

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
	if p.Do == "" {
		p.Do = "Sign in again"
	}
	return p
}

func (e *entraError) explain() *problem.Problem {
	if e.Network != nil {
		host := "Microsoft's sign-in"
		var failed *url.Error
		if errors.As(e.Network, &failed) {
			if u, err := url.Parse(failed.URL); err == nil {
				host = u.Host
			}
		}
		return networkProblem(e.Network, host, false)
	}
	if e.Declined != "" {
		return &problem.Problem{
			Kind: problem.Forbidden,
			What: "Not every permission that Offhook needs was granted: " + e.Declined + " is missing",
			Do:   "Sign in again and accept all of them, or ask your administrator to",
		}
	}
	if e.Status < 500 && e.Status != http.StatusTooManyRequests {
		for _, code := range e.Codes {
			if known, ok := aadstsProblem(code); ok {
				return known
			}
		}
	}
	return e.byClass()
}

// byClass explains by the error's class, which is stable where the numbers are not.
func (e *entraError) byClass() *problem.Problem {
	said := "Microsoft's sign-in failed"
	switch {
	case e.Status == http.StatusTooManyRequests:
		return &problem.Problem{Kind: problem.Throttled, What: "Microsoft's sign-in has had too many requests and asked to wait"}
	case e.Status >= 500, e.Code == "temporarily_unavailable", e.Code == "server_error":
		return &problem.Problem{Kind: problem.Server, What: "Microsoft's sign-in has trouble of its own"}
	case e.Status/100 == 3 || e.Status != 0 && e.Code == "" || e.Description == "the answer is not understood":
		return &problem.Problem{
			Kind: problem.Server,
			What: "Something answered in the place of Microsoft's sign-in",
			Do:   "Check the network (a proxy or a sign-on page may be in between) and the authority in the settings",
		}
	}
	switch e.Code {
	case "access_denied", "authorization_declined":
		return &problem.Problem{Kind: problem.SignedOut, What: "The sign-in was declined", Do: "Sign in again and accept the permissions"}
	case "expired_token", "code_expired", "bad_verification_code":
		return &problem.Problem{Kind: problem.SignedOut, What: "The code is no longer good", Do: "Sign in again with a new one"}
	case "consent_required":
		return &problem.Problem{Kind: problem.SignedOut, What: "Offhook's permissions have not been accepted yet", Do: "Sign in again and accept them"}
	case "invalid_grant", "interaction_required", "login_required":
		return &problem.Problem{Kind: problem.SignedOut, What: "The sign-in has lapsed", Do: "Sign in again"}
	case "invalid_client", "unauthorized_client":
		return &problem.Problem{
			Kind: problem.Settings,
			What: "Microsoft does not accept this client id for signing in",
			Do:   "Check client_id and tenant in the settings, and the app registration",
		}
	}
	if e.Description != "" {
		said += ": " + redact(strings.TrimRight(e.firstLine(), ". "))
	} else if e.Code != "" {
		said += " (" + redact(e.Code) + ")"
	}
	return &problem.Problem{Kind: problem.SignedOut, What: said, Do: "Sign in again"}
}

func (e *entraError) firstLine() string {
	line, _, _ := strings.Cut(strings.ReplaceAll(e.Description, "\r", "\n"), "\n")
	return line
}
