package profile

import (
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/tmaxmax/go-sse"
)

func (s *stream) silence() time.Duration { return s.Silence.or(defaultSilence) }

// listen hears server-sent events.
func (s *stream) listen(l *listener) error {
	var x *exchange
	var resp *http.Response
	err := l.asSubscribed(l.ctx, func(session session) (err error) {
		x = l.exchange(l.ctx, false)
		if resp, err = x.open(&s.Request, session, l.more(), "text/event-stream"); err != nil {
			x.end()
		}
		return err
	})
	if err != nil {
		return err
	}
	defer x.end()
	defer resp.Body.Close()
	if kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); kind != "text/event-stream" {
		return l.odd("answered the request for events with something else", "")
	}
	x.timer.Stop()
	l.open()
	awake := readerFunc(func(b []byte) (int, error) {
		n, err := resp.Body.Read(b)
		l.alive()
		return n, err
	})
	for event, err := range sse.Read(awake, &sse.ReadConfig{MaxEventSize: mostBytes}) {
		if err != nil {
			return err
		}
		if err := l.hear(inputOf(event)); err != nil {
			return err
		}
	}
	return io.EOF
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

// inputOf is what expressions see of an event.
func inputOf(e sse.Event) map[string]any {
	input := map[string]any{"event": e.Type, "id": e.LastEventID, "data": e.Data}
	if e.Type == "" {
		input["event"] = "message"
	}
	if data, err := decodeJSON([]byte(strings.TrimSpace(e.Data))); err == nil {
		input["data"] = data
	}
	return input
}
