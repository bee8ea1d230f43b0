package profile

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/tmaxmax/go-sse"

	"github.com/offhook/offhook/sync/presence"
)

const (
	defaultSilence = 2 * time.Minute
	// Even while events arrive the phone is read now and then: one may have been missed.
	recheck = 5 * time.Minute
)

var errSilent = errors.New("the stream is silent")

// follow opens the stream of events and reports what they say until it ends, fails or falls silent, and
// answers why. What it started has ended when it returns.
func (d *device) follow(ctx context.Context, s *stream, report func(presence.Reading, error)) error {
	var x *exchange
	var resp *http.Response
	err := d.signedIn(ctx, func(session session) (err error) {
		x = d.exchange(ctx, false)
		if resp, err = x.open(&s.Request, session, nil, "text/event-stream"); err != nil {
			x.end()
		}
		return err
	})
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	defer x.end()
	if kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); kind != "text/event-stream" {
		return d.nonsense("answered the request for events with something else", nil)
	}
	x.timer.Stop()

	events := make(chan sse.Event, 64)
	ended := make(chan error, 1)
	go func() {
		defer close(events)
		ended <- d.receive(x, resp.Body, s.Silence.or(defaultSilence), events)
	}()
	// The receiver ends with x.
	defer func() {
		x.end()
		for range events {
		}
	}()
	if err := d.heed(x.ctx, s, events, report); err != nil {
		return err
	}
	return <-ended
}

// receive passes events on until the stream ends, fails or sends nothing for too long.
func (d *device) receive(x *exchange, body io.Reader, silence time.Duration, events chan<- sse.Event) error {
	watchdog := time.AfterFunc(silence, func() { x.cancel(errSilent) })
	defer watchdog.Stop()
	awake := readerFunc(func(b []byte) (int, error) {
		n, err := body.Read(b)
		watchdog.Reset(silence)
		return n, err
	})
	for event, err := range sse.Read(awake, &sse.ReadConfig{MaxEventSize: mostBytes}) {
		if err != nil {
			if cause := context.Cause(x.ctx); cause != nil {
				err = cause
			}
			return d.streamEnded(err)
		}
		select {
		case events <- event:
		case <-x.ctx.Done():
			return d.streamEnded(context.Cause(x.ctx))
		}
	}
	return d.streamEnded(io.EOF)
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

// heed reports what events say until there are no more; the error is that of a reading that failed. An
// answer whose status is not known is told, and is no reason to stop.
func (d *device) heed(ctx context.Context, s *stream, events <-chan sse.Event, report func(presence.Reading, error)) error {
	first := time.NewTimer(d.timeout)
	defer first.Stop()
	if s.State == nil || !s.BeginsWithState {
		first.Stop()
		if err := d.settle(ctx, events, report); err != nil {
			return err
		}
	}
	check := time.NewTicker(recheck)
	defer check.Stop()
	for {
		var event sse.Event
		var open bool
		select {
		case <-first.C:
			return d.nonsense("opened its stream of events and then said nothing", nil)
		case <-check.C:
			if err := d.settle(ctx, events, report); err != nil {
				return err
			}
			continue
		case event, open = <-events:
		}
		if !open {
			return nil
		}
		input := inputOf(event)
		if !d.matters(ctx, s, input) {
			continue
		}
		first.Stop()
		if state, ok := d.stateIn(ctx, s, input); ok {
			report(d.reading(ctx, state))
			continue
		}
		if err := d.settle(ctx, events, report); err != nil {
			return err
		}
	}
}

// settle reads the phone until nothing has happened meanwhile: an event that came while the phone was being
// read is older than the reading or newer, and nobody can tell which.
func (d *device) settle(ctx context.Context, events <-chan sse.Event, report func(presence.Reading, error)) error {
	for {
		for drained := false; !drained; {
			select {
			case _, open := <-events:
				drained = !open
			default:
				drained = true
			}
		}
		reading, err := d.read(ctx)
		if err != nil && !errors.Is(err, errNotKnown) {
			return err
		}
		report(reading, err)
		if len(events) == 0 {
			return nil
		}
	}
}

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

// matters tells whether an event is about this phone. In doubt it is.
func (d *device) matters(ctx context.Context, s *stream, input any) bool {
	if s.When == nil {
		return true
	}
	result, err := s.When.run(ctx, input, d.visible)
	if err != nil {
		d.log.Debug("an event is not understood", "phone", d.p.System.ID, "line", s.When.line, "error", err)
		return true
	}
	return result != false && result != nil
}

// stateIn is the state that an event carries; where it carries none that can be understood, the phone is
// asked.
func (d *device) stateIn(ctx context.Context, s *stream, input any) (any, bool) {
	if s.State == nil {
		return nil, false
	}
	state, err := s.State.run(ctx, input, d.visible)
	if _, object := state.(map[string]any); err != nil || !object {
		d.log.Debug("an event holds no state", "phone", d.p.System.ID, "line", s.State.line, "error", err)
		return nil, false
	}
	return state, true
}

func (d *device) streamEnded(err error) error {
	return &streamError{who: d.who(), err: err}
}

// streamError is a stream that is no more. It is for the log: the reading that follows tells the person.
type streamError struct {
	who string
	err error
}

func (e *streamError) Error() string {
	switch {
	case errors.Is(e.err, io.EOF):
		return e.who + " closed its stream of events"
	case errors.Is(e.err, errSilent):
		return e.who + " fell silent"
	}
	return e.who + " broke its stream of events off"
}

func (e *streamError) Unwrap() error { return e.err }
