package asterisk

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/offhook/offhook/sync/phone/remote"
	"github.com/offhook/offhook/sync/problem"
)

func (a *ari) who() problem.Text { return remote.At("Asterisk", a.server) }

// refusal is the problem in an answer, or nil when it is a good one.
func (a *ari) refusal(resp *http.Response, body []byte, task problem.Text, writes bool) *problem.Problem {
	code := resp.StatusCode
	if code/100 == 2 || code == http.StatusSwitchingProtocols {
		return nil
	}
	p := &problem.Problem{
		Kind: problem.Refused,
		What: problem.Say("{phone} answered “{answer}” (asked for: {task})",
			"phone", a.who(), "answer", remote.Answer(code, reason(code, body)), "task", task),
		RetryAfter: remote.RetryAfter(resp.Header.Get("Retry-After")),
	}
	switch {
	case code == http.StatusUnauthorized:
		return remote.BadLogin(a.who(),
			problem.Say("Correct the ARI login, which stands in ari.conf on the PBX; it is not tried again until then"), nil)
	case code == http.StatusForbidden:
		p.Kind = problem.Forbidden
		p.Do = problem.Say("Ask the owner of the PBX for an ARI login with read_only = no, or set this phone to read only")
	case code == http.StatusNotFound && strings.Contains(string(body), "Application"):
		p.Kind = problem.Server // the connection went while it was being set up: the next one does it
	case code == http.StatusNotFound:
		p.Kind = problem.Settings
		p.Do = problem.Say("Check the server's address, and that ARI is enabled in ari.conf and http.conf on the PBX")
	case code == http.StatusUnprocessableEntity:
		p.Kind = problem.Settings
		p.Do = problem.Say("Check the extension and the names for do not disturb")
	case code == http.StatusTooManyRequests:
		return remote.Throttled(a.who(), p.RetryAfter, nil)
	case code >= 500 || code/100 == 3:
		p.Kind = problem.Server
		p.Unsure = writes
	}
	return p
}

// reason is what ARI says of an answer.
func reason(code int, body []byte) string {
	var answer struct{ Message string }
	_ = json.Unmarshal(body, &answer) // anything but ARI's own error has no message
	if answer.Message == "" {
		return http.StatusText(code)
	}
	return answer.Message
}

// noAnswer is the problem when no whole answer came.
func (a *ari) noAnswer(err error, task problem.Text, writes bool) *problem.Problem {
	return remote.NoAnswer(a.who(), fmt.Errorf("%s: %w", task, err), writes)
}

// lost is the problem when the stream of events ends.
func (a *ari) lost(err error) *problem.Problem { return remote.Lost(a.who(), err) }

// nonsense is the problem when something answers that does not speak ARI.
func (a *ari) nonsense(err error) *problem.Problem {
	p := remote.Nonsense(a.who(), "Asterisk REST Interface", err)
	p.Do = problem.Say("Check the server's address, and whether a proxy stands in between")
	return p
}
