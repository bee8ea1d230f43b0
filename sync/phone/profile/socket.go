package profile

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/coder/websocket"
)

// This file is what both kinds of events over a WebSocket have in common.

const defaultPing = 30 * time.Second

// socket is one connection.
type socket struct {
	*listener
	conn *websocket.Conn
}

// address fills in where to connect. A path stands on the base address.
func (l *listener) address(t *template, values map[string]string) (*url.URL, error) {
	fits := true
	whole := t.fill(values, func(before, value string) string {
		_, rest, hasScheme := strings.Cut(before, "://")
		switch {
		case before == "":
			return value
		case strings.Contains(before, "?"):
			return url.QueryEscape(value)
		case hasScheme && !strings.Contains(rest, "/"):
			fits = fits && !strings.ContainsAny(value, "/?#@ ")
			return value
		}
		return url.PathEscape(value)
	})
	if strings.HasPrefix(whole, "/") {
		whole = strings.TrimRight(l.base.String(), "/") + whole
	}
	u, err := url.Parse(whole)
	if err != nil || !fits || u.Host == "" || u.User != nil {
		return nil, l.odd("names no address for its events that can be used", "")
	}
	switch u.Scheme {
	case "ws", "wss", "http", "https":
	default:
		return nil, l.odd("names no address for its events that can be used", "")
	}
	if plain := u.Scheme == "ws" || u.Scheme == "http"; plain && l.base.Scheme == "https" && !saysPlain(t) {
		return nil, l.odd("wants its events to be fetched without encryption", "")
	}
	return u, nil
}

// saysPlain tells whether a profile itself asks for a connection without encryption.
func saysPlain(t *template) bool {
	return len(t.parts) > 0 && (strings.HasPrefix(t.parts[0].text, "ws://") || strings.HasPrefix(t.parts[0].text, "http://"))
}

// headers are sent when connecting, and what of a sign-in stands in the address is added there. The sign-in is shown to the server at the base address alone, unless the
// profile says that it belongs to another one, too.
func (l *listener) headers(u *url.URL, s session, own map[string]template, values map[string]string, trusted bool) http.Header {
	req := &http.Request{Header: http.Header{"User-Agent": {"Offhook"}}}
	sets := []map[string]template{own}
	if trusted || u.Hostname() == l.base.Hostname() {
		sets = []map[string]template{l.p.file.Headers, l.p.file.SignIn.shown(s).Headers, own}
		l.p.file.SignIn.credentials(req, values)
		if shown := l.p.file.SignIn.shown(s).Query; len(shown) > 0 {
			query := u.Query()
			for name, t := range shown {
				query.Set(name, t.plain(values))
			}
			u.RawQuery = query.Encode()
		}
	}
	for _, headers := range sets {
		for name, t := range headers {
			req.Header.Set(name, t.plain(values))
		}
	}
	return req.Header
}

// dial connects; x bounds the time of that.
func (x *exchange) dial(l *listener, u *url.URL, header http.Header, protocols []string) (*socket, error) {
	if err := x.mayTry(); err != nil {
		return nil, err
	}
	own := *x.http
	if x.jar != nil {
		own.Jar = x.jar
	}
	conn, resp, err := websocket.Dial(x.ctx, u.String(), &websocket.DialOptions{HTTPClient: &own, HTTPHeader: header, Subprotocols: protocols})
	switch {
	case err == nil:
		conn.SetReadLimit(mostBytes)
		return &socket{l, conn}, nil
	case resp == nil:
		var outer *url.Error // it would name the address with all that stands in it
		if errors.As(err, &outer) {
			err = outer.Err
		}
		return nil, x.noAnswer(err)
	case resp.StatusCode >= 200 && resp.StatusCode < 300 || resp.StatusCode == http.StatusSwitchingProtocols:
		return nil, x.odd("answered the request for a WebSocket with something else", "")
	}
	return nil, x.turnedDown(resp)
}

// connected opens a connection signed in: connect makes it and does all that must be done in time. The
// connection lives as long as the listener.
func (l *listener) connected(connect func(*exchange, session) (*socket, error)) (*socket, error) {
	var s *socket
	err := l.asSubscribed(l.ctx, func(session session) (err error) {
		x := l.exchange(l.ctx, false)
		defer x.end()
		x.jar = session.jar
		s, err = connect(x, session)
		return err
	})
	return s, err
}

// hearing reads to the end of the connection and keeps it alive meanwhile.
func (s *socket) hearing(ping time.Duration, beat func() error, each func(data []byte) error, renew func() error) error {
	defer s.conn.CloseNow()
	ctx, end := context.WithCancelCause(s.ctx)
	defer end(nil)
	done := make(chan struct{})
	go func() {
		defer close(done)
		end(s.beat(ctx, ping, beat, renew))
	}()
	defer func() { <-done }()
	defer end(nil)
	for {
		data, err := s.next(ctx)
		if err == nil {
			s.alive()
			err = each(data)
		} else if ctx.Err() != nil {
			err = context.Cause(ctx)
		} else {
			err = s.closed(err)
		}
		if err != nil {
			return err
		}
	}
}

// beat pings and renews until that fails or ctx ends.
func (s *socket) beat(ctx context.Context, ping time.Duration, beat, renew func() error) error {
	pings := time.NewTicker(ping)
	defer pings.Stop()
	var renewals <-chan time.Time
	if renew != nil {
		t := time.NewTicker(s.Renew.Every.d)
		defer t.Stop()
		renewals = t.C
	}
	for {
		var err error
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-renewals:
			err = renew()
		case <-pings.C:
			if beat != nil {
				err = beat()
			}
			if err == nil {
				err = s.ping(ctx)
			}
		}
		if err != nil {
			return err
		}
	}
}

func (s *socket) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	if err := s.conn.Ping(ctx); err != nil {
		return errSilent
	}
	return nil
}

// closed judges the end of a connection: a code may say that the sign-in has lapsed.
func (s *socket) closed(err error) error {
	var c websocket.CloseError
	if !errors.As(err, &c) {
		return err
	}
	code := int(c.Code)
	s.log.Debug("the phone's events were closed", "phone", s.p.System.ID, "code", code, "said", s.blanked(c.Reason))
	if in := s.SignInAgain; in != nil {
		for _, v := range in.Codes {
			if v.s == strconv.Itoa(code) {
				return s.lapse()
			}
		}
	}
	return net.ErrClosed
}

// sendFrame sends a frame: a text as it is, anything else as JSON.
func (s *socket) sendFrame(ctx context.Context, b *body, as session) error {
	data, err := frameOf(b, s.values(as, s.more()))
	if err != nil {
		return err
	}
	return s.sendText(ctx, data)
}

func (s *socket) sendText(ctx context.Context, data []byte) error {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	s.frame(true, data)
	return s.conn.Write(ctx, websocket.MessageText, data)
}

// next reads the next frame.
func (s *socket) next(ctx context.Context) ([]byte, error) {
	_, data, err := s.conn.Read(ctx)
	if err == nil {
		s.frame(false, data)
	}
	return data, err
}

func frameOf(b *body, values map[string]string) ([]byte, error) {
	if t, ok := b.tree.(*template); ok {
		return []byte(t.plain(values)), nil
	}
	return json.Marshal(b.fill(values))
}

// frameInput is what expressions see of a frame.
func frameInput(data []byte) any {
	if v, err := decodeJSON(data); err == nil {
		return v
	}
	return string(data)
}
