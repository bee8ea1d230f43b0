package profile

import (
	"github.com/coder/websocket"
)

// listen hears frames.
func (w *webSocket) listen(l *listener) error {
	s, err := l.connected(func(x *exchange, session session) (*socket, error) {
		values := l.values(session, l.more())
		u, err := l.address(&w.URL, values)
		if err != nil {
			return nil, err
		}
		var protocols []string
		for _, p := range w.Protocols {
			protocols = append(protocols, p.s)
		}
		s, err := x.dial(l, u, l.headers(u, session, w.Headers, values, false), protocols)
		if err != nil {
			return nil, err
		}
		if err := w.converse(x, s, session); err != nil {
			_ = s.conn.CloseNow()
			return nil, err
		}
		return s, nil
	})
	if err != nil {
		return err
	}
	l.open()

	every, send := defaultPing, (*body)(nil)
	if w.Ping != nil {
		every, send = w.Ping.Every.d, w.Ping.Send
	}
	sending := func(b *body) func() error {
		return func() error { return s.sendFrame(l.ctx, b, l.signedInWith()) }
	}
	var beat, renew func() error
	if send != nil {
		beat = sending(send)
	}
	if w.Renew != nil && w.Renew.Send != nil {
		renew = func() error {
			// What renews shows the sign-in that is good now, which need not be the first one.
			return l.signedIn(l.ctx, func(now session) error {
				return s.sendFrame(l.ctx, w.Renew.Send, now)
			})
		}
	}
	return s.hearing(every, beat, func(data []byte) error {
		input := frameInput(data)
		for _, r := range w.Reply {
			if l.is(&r.When, input) {
				return s.sendFrame(l.ctx, &r.Send, l.signedInWith())
			}
		}
		return l.hear(input)
	}, renew)
}

// converse exchanges the opening frames, in time.
func (w *webSocket) converse(x *exchange, s *socket, session session) error {
	for _, step := range w.Open {
		if step.Send != nil {
			if err := s.sendFrame(x.ctx, step.Send, session); err != nil {
				return x.broken(s, err)
			}
		}
		for step.Await != nil {
			data, err := s.next(x.ctx)
			if err != nil {
				return x.broken(s, err)
			}
			input := frameInput(data)
			if s.lapsed(input) {
				s.expire(session)
				return errLapsed
			}
			if !s.is(step.Await, input) {
				continue
			}
			if err := s.keep(step.Keep, input); err != nil {
				return err
			}
			break
		}
	}
	return nil
}

// broken is a conversation that came to nothing: no answer in time, or the other side hung up.
func (x *exchange) broken(s *socket, err error) error {
	if websocket.CloseStatus(err) != -1 {
		return s.closed(err)
	}
	return x.noAnswer(err)
}
