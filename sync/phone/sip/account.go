package sip

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"

	"github.com/offhook/offhook/sync/phone/remote"
	"github.com/offhook/offhook/sync/problem"
)

// account signs requests in. It lets one request through at a time, so that a password that is wrong is tried once,
// whoever asks first, and never again: a second try may lock the account or ban the address.
type account struct {
	user, password string
	turn           chan struct{}

	// whoever has the turn may touch these
	wrong  *problem.Problem // the password was refused
	proven bool             // it was accepted once
	nonces map[int]*nonce   // by the code that asked: the phone system's own and a proxy's before it
}

// nonce is a challenge, which may be answered many times.
type nonce struct {
	*digest.Challenge
	used int
}

// challenges are the headers of the codes that ask for credentials.
var challenges = map[int]struct{ asks, answers string }{
	401: {"WWW-Authenticate", "Authorization"},
	407: {"Proxy-Authenticate", "Proxy-Authorization"},
}

// mostStale is how many nonces in a row may be too old when they are used.
const mostStale = 3

// ask sends a request, signed in where the phone system wants it, and answers what came back. task says in words
// what it asks for: "news of 100".
func (l *line) ask(ctx context.Context, c *conn, r *sip.Request, task problem.Text, writes bool) (*sip.Response, error) {
	a := l.account
	ctx, cancel := context.WithTimeout(ctx, l.patience)
	defer cancel()
	select {
	case a.turn <- struct{}{}:
		defer func() { <-a.turn }()
	case <-ctx.Done():
		return nil, l.noAnswer(ctx.Err(), task, false)
	}
	fresh := map[int]int{} // how many nonces given during this request have been answered
	for {
		if a.wrong != nil {
			return nil, a.wrong
		}
		if err := a.sign(r); err != nil {
			return nil, l.noAnswer(err, task, false)
		}
		answer, err := c.send(ctx, r)
		if err != nil {
			if !a.proven {
				a.nonces = nil // whether the credentials arrived is not known: they are not sent unasked
			}
			return nil, l.noAnswer(err, task, writes)
		}
		headers, asks := challenges[answer.StatusCode]
		signed := len(a.nonces) > 0
		switch {
		case !asks && answer.StatusCode == 403 && signed && !a.proven: // so say some when the password is wrong
			a.refuse(l, answer)
			continue
		case !asks:
			a.proven = a.proven || signed
			return answer, nil
		}
		chal, err := strongest(answer.GetHeaders(headers.asks))
		if err != nil {
			return nil, &problem.Problem{Kind: problem.Refused, Err: err,
				What: problem.Say("{phone} wants a kind of sign-in that Offhook does not know", "phone", l.who()),
				Do:   problem.Say("Ask whoever runs the phone system to offer digest sign-in with MD5 or SHA-256")}
		}
		if n := fresh[answer.StatusCode]; n > 0 && !chal.Stale || n > mostStale {
			a.refuse(l, answer)
			continue
		}
		fresh[answer.StatusCode]++
		if a.nonces == nil {
			a.nonces = map[int]*nonce{}
		}
		a.nonces[answer.StatusCode] = &nonce{Challenge: chal}
		r.CSeq().SeqNo++
	}
}

// refuse remembers that the password is wrong.
func (a *account) refuse(l *line, answer *sip.Response) {
	a.wrong = remote.BadLogin(l.who(),
		problem.Say("Correct the SIP user and password, those of the phone itself; they are not tried again until then"),
		fmt.Errorf("answered %d", answer.StatusCode))
}

// strongest picks the challenge to answer.
func strongest(headers []sip.Header) (best *digest.Challenge, err error) {
	rank := func(c *digest.Challenge) int {
		switch strings.ToUpper(c.Algorithm) {
		case "SHA-512-256":
			return 3
		case "SHA-256":
			return 2
		}
		return 1
	}
	for _, h := range headers {
		var c *digest.Challenge
		if c, err = digest.ParseChallenge(h.Value()); err != nil || !digest.CanDigest(c) {
			continue
		}
		if best == nil || rank(c) > rank(best) {
			best = c
		}
	}
	if best == nil {
		return nil, fmt.Errorf("no challenge that can be answered among %d: %w", len(headers), err)
	}
	return best, nil
}

// sign puts the answers to the challenges known into a request.
func (a *account) sign(r *sip.Request) error {
	for code, header := range challenges {
		r.RemoveHeader(header.answers)
		n := a.nonces[code]
		if n == nil {
			continue
		}
		n.used++
		cred, err := digest.Digest(n.Challenge, digest.Options{Method: r.Method.String(), URI: r.Recipient.String(),
			Username: a.user, Password: a.password, Count: n.used, GetBody: reader(r.Body())})
		if err != nil {
			return err
		}
		r.AppendHeader(sip.NewHeader(header.answers, cred.String()))
	}
	return nil
}

// headed is a request or an answer.
type headed interface{ GetHeader(name string) sip.Header }

// seconds reads a header such as Expires or Retry-After ("18 (in a meeting);duration=3600").
func seconds(m headed, name string) time.Duration {
	h := m.GetHeader(name)
	if h == nil {
		return 0
	}
	n := 0
	for _, d := range strings.TrimSpace(h.Value()) {
		if d < '0' || d > '9' || n > 1<<24 {
			break
		}
		n = n*10 + int(d-'0')
	}
	return time.Duration(n) * time.Second
}
