package sip

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/offhook/offhook/sync/phone/remote"
	"github.com/offhook/offhook/sync/problem"
)

func reader(b []byte) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }
}

func (l *line) who() problem.Text { return remote.At(l.title, l.server) }

// refusal is the problem in an answer, or nil when it is a good one.
func (l *line) refusal(a *sip.Response, task problem.Text, writes bool) *problem.Problem {
	code := a.StatusCode
	if code/100 == 2 {
		return nil
	}
	p := &problem.Problem{
		Kind: problem.Refused,
		What: problem.Say("{phone} answered “{answer}” (asked for: {task})",
			"phone", l.who(), "answer", remote.Answer(code, a.Reason), "task", task),
		RetryAfter: retryAfter(a),
	}
	switch {
	case code == 403 || code == 603:
		p.Kind = problem.Forbidden
		p.Do = problem.Say("Ask whoever runs the phone system to allow this for your extension")
	case code == 404 || code == 410 || code == 604:
		p.Kind = problem.Settings
		p.Do = problem.Say("Check the extension, the domain and the codes; some phone systems know an extension only once its line may be watched")
	case code == 503 && p.RetryAfter > 0 || code == http.StatusTooManyRequests:
		return remote.Throttled(l.who(), p.RetryAfter, nil)
	case code == 408:
		p.Kind, p.Unsure = problem.Unreachable, writes
	case code/100 == 5 && code != 501:
		p.Kind, p.Unsure = problem.Server, writes
	case code/100 == 3:
		p.Kind = problem.Settings
		p.Do = problem.Say("Enter the server that is responsible for your extension")
	}
	return p
}

// noEvents is the problem when the phone system does not know an event.
func (l *line) noEvents(event string, a *sip.Response) *problem.Problem {
	p := &problem.Problem{Kind: problem.Refused, RetryAfter: retryAfter(a)}
	switch event {
	case dialogEvent:
		p.What = problem.Say("{phone} does not offer dialog events, so Offhook cannot see the line by SIP", "phone", l.who())
		p.Do = problem.Say("Ask whoever runs the phone system to turn on busy lamp fields (BLF) for your extension; or set what is watched to none and turn presence on")
	default:
		p.What = problem.Say("{phone} does not offer presence by SIP", "phone", l.who())
		p.Do = problem.Say("Turn presence off for this phone; its line can be read without")
	}
	return p
}

// retryAfter obeys nobody for longer than an hour.
func retryAfter(m headed) time.Duration { return min(seconds(m, "Retry-After"), time.Hour) }

// noAnswer is the problem when no answer came. A problem it leaves as it is.
func (l *line) noAnswer(err error, task problem.Text, writes bool) *problem.Problem {
	if p := new(problem.Problem); errors.As(err, &p) {
		return p
	}
	err = fmt.Errorf("%s: %w", task, err)
	if errors.Is(err, errNonsense) || errors.As(err, new(tls.RecordHeaderError)) {
		p := remote.Nonsense(l.who(), "SIP, "+l.transport, err)
		p.Unsure, p.Do = writes, problem.Say("Check the server's address, its port and the transport")
		return p
	}
	p := remote.NoAnswer(l.who(), err, writes)
	if p.Kind == problem.Unreachable {
		p.Do = problem.Say("Check the network, and the server's address and the transport in the settings")
	}
	return p
}

// gone is the problem when the connection ends by itself.
func (l *line) gone(err error) *problem.Problem {
	if errors.Is(err, errNonsense) {
		return l.noAnswer(err, problem.Say("a connection"), false)
	}
	return remote.Lost(l.who(), err)
}
