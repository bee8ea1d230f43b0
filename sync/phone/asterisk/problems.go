package asterisk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/offhook/offhook/sync/phone/remote"
	"github.com/offhook/offhook/sync/problem"
)

// refusal is the problem in an answer, or nil when it is a good one.
func (a *ari) refusal(resp *http.Response, body []byte, to string, writes bool) *problem.Problem {
	code := resp.StatusCode
	if code/100 == 2 || code == http.StatusSwitchingProtocols {
		return nil
	}
	p := &problem.Problem{
		Kind:       problem.Refused,
		What:       problem.Plain(fmt.Sprintf("Asterisk at %s answered %s when asked to %s", a.server, reason(resp, body), to)),
		RetryAfter: remote.RetryAfter(resp.Header.Get("Retry-After")),
	}
	switch {
	case code == http.StatusUnauthorized:
		p.Kind = problem.BadLogin
		p.What = fmt.Sprintf("Asterisk at %s refuses the user or the password", a.server)
		p.Do = "Correct the ARI login, which stands in ari.conf on the PBX; it is not tried again until then"
	case code == http.StatusForbidden:
		p.Kind = problem.Forbidden
		p.Do = "Ask the owner of the PBX for an ARI login with read_only = no, or set this phone to read only"
	case code == http.StatusNotFound && strings.Contains(string(body), "Application"):
		p.Kind = problem.Server // the connection went while it was being set up: the next one does it
	case code == http.StatusNotFound:
		p.Kind = problem.Settings
		p.Do = "Check the server's address, and that ARI is enabled in ari.conf and http.conf on the PBX"
	case code == http.StatusUnprocessableEntity:
		p.Kind = problem.Settings
		p.Do = "Check the extension and the names for do not disturb"
	case code == http.StatusTooManyRequests:
		p.Kind = problem.Throttled
	case code >= 500 || code/100 == 3:
		p.Kind = problem.Server
		p.Unsure = writes
	}
	return p
}

// reason is the status and what ARI says of it, on one short line.
func reason(resp *http.Response, body []byte) string {
	var answer struct{ Message string }
	_ = json.Unmarshal(body, &answer) // anything but ARI's own error has no message
	text := strings.Join(strings.Fields(answer.Message), " ")
	if text == "" {
		text = http.StatusText(resp.StatusCode)
	}
	return fmt.Sprintf("%d (%.100s)", resp.StatusCode, text)
}

// noAnswer is the problem when no whole answer came.
func (a *ari) noAnswer(err error, to string, writes bool) *problem.Problem {
	if p := remote.Certificate("Asterisk at "+a.server, err); p != nil {
		return p
	}
	p := &problem.Problem{
		Kind: problem.Unreachable, Unsure: writes, Err: err,
		What: problem.Plain(fmt.Sprintf("Asterisk at %s does not answer when asked to %s", a.server, to)),
		Do:   problem.Say("Check the server's address and the network; it is tried again by itself"),
	}
	if errors.Is(err, context.DeadlineExceeded) {
		p.What = fmt.Sprintf("Asterisk at %s took too long when asked to %s", a.server, to)
	}
	return p
}

// lost is the problem when the stream of events ends.
func (a *ari) lost(err error) *problem.Problem {
	return &problem.Problem{
		Kind: problem.Unreachable, Err: err,
		What: problem.Plain(fmt.Sprintf("The connection to Asterisk at %s was lost", a.server)),
	}
}

// nonsense is the problem when something answers that does not speak ARI.
func (a *ari) nonsense(err error) *problem.Problem {
	return &problem.Problem{
		Kind: problem.Server, Err: err,
		What: problem.Plain(fmt.Sprintf("What answers at %s does not speak Asterisk's REST interface", a.server)),
		Do:   problem.Say("Check the server's address, and whether a proxy stands in between"),
	}
}
