package bria

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"

	"github.com/coder/websocket"

	"github.com/offhook/offhook/sync/phone/remote"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

// connection is a connection to Bria.
type connection struct {
	*remote.Exchange[frame]
	*softphone
	conn *websocket.Conn
	id   atomic.Int64
}

// dial connects. Every event rings the bell.
func (b *softphone) dial(ctx context.Context, bell remote.Bell) (*connection, error) {
	ctx, cancel := context.WithTimeout(ctx, b.patience)
	defer cancel()
	conn, resp, err := websocket.Dial(ctx, b.address, &websocket.DialOptions{HTTPClient: b.http})
	if err != nil {
		return nil, b.notOpened(resp, err)
	}
	conn.SetReadLimit(1 << 20)
	return &connection{Exchange: remote.NewExchange(
		func() (frame, error) {
			_, text, err := conn.Read(context.Background()) // hanging up ends it
			if err != nil {
				return frame{}, err
			}
			return parse(text)
		},
		func() { _ = conn.CloseNow() },
		func(f frame) bool { return f.code != 0 },
		func(frame) { bell.Ring() }), softphone: b, conn: conn}, nil
}

// notOpened is the problem when no WebSocket was opened.
func (b *softphone) notOpened(resp *http.Response, err error) *problem.Problem {
	if resp == nil {
		return b.lost(err, false)
	}
	switch code := resp.StatusCode; {
	case code == http.StatusTooManyRequests:
		return remote.Throttled(b.who(), remote.RetryAfter(resp.Header.Get("Retry-After")), err)
	case code == http.StatusUnauthorized, code == http.StatusForbidden:
		return b.denied(err)
	case code >= 500:
		return b.failed(code, err)
	}
	return remote.Nonsense(b.who(), language, err)
}

// language is what Bria speaks.
const language = "Bria Desktop API"

func (b *softphone) failed(code int, err error) *problem.Problem {
	return &problem.Problem{Kind: problem.Server, Err: err,
		What: problem.Say("{phone} failed with {answer}", "phone", b.who(), "answer", remote.Answer(code, http.StatusText(code))), Do: runs()}
}

func runs() problem.Text {
	return problem.Say("Check that {phone} runs and is signed in; it is tried again by itself", "phone", "Bria")
}

func (b *softphone) denied(err error) *problem.Problem {
	return &problem.Problem{Kind: problem.Forbidden, Err: err, What: problem.Say("{phone} does not let Offhook in", "phone", b.who()),
		Do: problem.Say("Allow access for Offhook in Bria, where its preferences list the applications that may use it")}
}

// lost is the problem of a connection that is not there, or no more.
func (b *softphone) lost(err error, writes bool) *problem.Problem {
	if errors.Is(err, errNotBria) {
		return remote.Nonsense(b.who(), language, err)
	}
	p := remote.NoAnswer(b.who(), err, writes)
	if p.Kind == problem.Unreachable && !p.Do.IsZero() {
		p.Do = runs()
	}
	return p
}

// ask does one request.
func (c *connection) ask(ctx context.Context, path string, body any, writes bool) (frame, error) {
	within, cancel := context.WithTimeout(ctx, c.patience)
	defer cancel()
	f, err := c.Ask(within, func() error {
		text, err := request(path, int(c.id.Add(1)), body)
		if err != nil {
			return err
		}
		return c.conn.Write(within, websocket.MessageText, text)
	})
	switch {
	case err != nil && ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded):
		// So it looks too while Bria asks the person whether Offhook may.
		return f, &problem.Problem{Kind: problem.Unreachable, Unsure: writes, Err: err, What: problem.Say("{phone} took the request and does not answer", "phone", c.who()),
			Do: problem.Say("If Bria asks whether Offhook may use it, click Allow Access; it is tried again by itself")}
	case err != nil:
		return f, c.lost(err, writes)
	case f.code == http.StatusUnauthorized, f.code == http.StatusForbidden:
		return f, c.denied(nil)
	case f.code == http.StatusTooManyRequests:
		return f, remote.Throttled(c.who(), 0, nil)
	case f.code >= 500:
		p := c.failed(f.code, nil)
		p.Unsure = writes
		return f, p
	case f.code/100 != 2:
		return f, &problem.Problem{Kind: problem.Refused, What: problem.Say("{phone} turned the request down ({answer})",
			"phone", c.who(), "answer", remote.Answer(f.code, http.StatusText(f.code)))}
	}
	return f, nil
}

func (c *connection) status(ctx context.Context, kind string) (s status, err error) {
	f, err := c.ask(ctx, "status", statusRequest{Type: kind}, false)
	if err != nil {
		return s, err
	}
	if err := xml.Unmarshal(f.body, &s); err != nil || s.Type != kind {
		return s, remote.Nonsense(c.who(), language, fmt.Errorf("%w: no status of type %s: %w", errNotBria, kind, err))
	}
	return s, nil
}

func (c *connection) read(ctx context.Context) (r presence.Reading, err error) {
	calls, err := c.status(ctx, "call")
	if err != nil {
		return r, err
	}
	if r.Happening, err = happening(calls); err != nil {
		return r, remote.NotKnown(c.who(), err)
	}
	shown, err := c.status(ctx, "presence")
	if err != nil {
		return presence.Reading{}, err
	}
	if shown.Presence == onThePhone { // it shows instead of what the person chose
		if r.Happening == "" {
			r.Happening = OnACall
		}
		return r, nil
	}
	for _, p := range presences {
		if p.value == shown.Presence {
			r.Chosen = p.status
			return r, nil
		}
	}
	return presence.Reading{}, &problem.Problem{Kind: problem.Server,
		What: problem.Say("{phone} shows a presence that Offhook does not know: “{presence}”", "phone", c.who(), "presence", remote.Quote(shown.Presence))}
}

// happening is what the calls amount to: who talks, talks, whatever else rings.
func happening(s status) (string, error) {
	ranks := map[string]int{"": 0, Ringing: 1, OnHold: 2, OnACall: 3}
	is := ""
	for _, call := range s.Calls {
		for _, state := range call.States {
			now := ""
			switch state {
			case "ringing":
				now = Ringing
			case "connecting", "connected":
				if now = OnACall; call.Hold == "localHold" || call.Hold == "remoteHold" {
					now = OnHold
				}
			case "failed", "ended":
			default:
				return "", fmt.Errorf("%w: a call is %.40q", errNotBria, state)
			}
			if ranks[now] > ranks[is] {
				is = now
			}
		}
	}
	return is, nil
}

// write sets the presence and reads it back.
func (c *connection) write(ctx context.Context, name, value string) error {
	before, err := c.status(ctx, "presence")
	if err != nil {
		return err
	}
	if _, err := c.ask(ctx, "setPresence", presenceRequest{Status: value, Text: before.Text}, true); err != nil {
		return err
	}
	after, err := c.status(ctx, "presence")
	if err == nil && after.Presence != value && after.Presence != onThePhone {
		err = remote.StillShows(c.who(), remote.Quote(after.Presence))
	}
	if err != nil {
		return remote.SetBut(name, err)
	}
	return nil
}
