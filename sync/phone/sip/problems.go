package sip

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/offhook/offhook/sync/problem"
)

func reader(b []byte) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }
}

// refusal is the problem in an answer, or nil when it is a good one.
func (l *line) refusal(a *sip.Response, to string, writes bool) *problem.Problem {
	code := a.StatusCode
	if code/100 == 2 {
		return nil
	}
	p := &problem.Problem{
		Kind:       problem.Refused,
		What:       problem.Plain(fmt.Sprintf("%s at %s answered %s when asked to %s", l.title, l.server, reason(a), to)),
		RetryAfter: retryAfter(a),
	}
	switch {
	case code == 403 || code == 603:
		p.Kind = problem.Forbidden
		p.Do = "Ask who runs the phone system to allow this for your extension"
	case code == 404 || code == 410 || code == 604:
		p.Kind = problem.Settings
		p.Do = "Check the extension, the domain and the codes; some phone systems know an extension only once its line may be watched"
	case code == 503 && p.RetryAfter > 0 || code == http.StatusTooManyRequests:
		p.Kind = problem.Throttled
	case code == 408:
		p.Kind, p.Unsure = problem.Unreachable, writes
	case code/100 == 5 && code != 501:
		p.Kind, p.Unsure = problem.Server, writes
	case code/100 == 3:
		p.Kind = problem.Settings
		p.Do = "Enter the server that is responsible for your extension"
	}
	return p
}

// noEvents is the problem when the phone system does not know an event.
func (l *line) noEvents(event string, a *sip.Response) *problem.Problem {
	p := &problem.Problem{Kind: problem.Refused, RetryAfter: retryAfter(a)}
	switch event {
	case dialogEvent:
		p.What = "This PBX does not offer dialog events, so Offhook cannot see the line by SIP"
		p.Do = "Ask who runs it to turn on busy lamp fields (BLF) for your extension; or set what is watched to none and turn presence on"
	default:
		p.What = "This PBX does not offer presence by SIP"
		p.Do = "Turn presence off for this phone; its line can be read without"
	}
	return p
}

// reason is the code and the phrase, on one short line.
func reason(a *sip.Response) string {
	return fmt.Sprintf("%d (%.100s)", a.StatusCode, strings.Join(strings.Fields(a.Reason), " "))
}

// retryAfter obeys nobody for longer than an hour.
func retryAfter(m headed) time.Duration { return min(seconds(m, "Retry-After"), time.Hour) }

// noAnswer is the problem when no answer came. A problem it leaves as it is.
func (l *line) noAnswer(err error, to string, writes bool) *problem.Problem {
	if p := new(problem.Problem); errors.As(err, &p) {
		return p
	}
	if cert := new(tls.CertificateVerificationError); errors.As(err, &cert) {
		return &problem.Problem{
			Kind: problem.Certificate, Err: err,
			What: problem.Plain(fmt.Sprintf("The certificate of %s is not trusted: %v", l.server, cert.Err)),
			Do:   problem.Say("Add the phone system's root certificate in the settings, or have a public one installed there"),
		}
	}
	if errors.Is(err, errNonsense) || errors.As(err, new(tls.RecordHeaderError)) {
		return &problem.Problem{
			Kind: problem.Server, Err: err, Unsure: writes,
			What: problem.Plain(fmt.Sprintf("What answers at %s does not speak SIP over %s", l.server, l.transport)),
			Do:   problem.Say("Check the server's address, its port and the transport"),
		}
	}
	p := &problem.Problem{
		Kind: problem.Unreachable, Unsure: writes, Err: err,
		What: problem.Plain(fmt.Sprintf("%s at %s does not answer when asked to %s", l.title, l.server, to)),
		Do:   problem.Say("Check the server's address, the transport and the network; it is tried again by itself"),
	}
	if errors.Is(err, context.DeadlineExceeded) {
		p.What = fmt.Sprintf("%s at %s took too long when asked to %s", l.title, l.server, to)
	}
	return p
}

// gone is the problem when the connection ends by itself.
func (l *line) gone(err error) *problem.Problem {
	if errors.Is(err, errNonsense) {
		return l.noAnswer(err, "be heard", false)
	}
	return &problem.Problem{
		Kind: problem.Unreachable, Err: err,
		What: problem.Plain(fmt.Sprintf("The connection to %s at %s was lost", l.title, l.server)),
	}
}

// badState is the problem with a document that cannot be read.
func (l *line) badState(err error) *problem.Problem {
	return &problem.Problem{
		Kind: problem.Server, Err: err,
		What: problem.Plain(fmt.Sprintf("%s at %s told the state of the phone in a form that cannot be read", l.title, l.server)),
	}
}
