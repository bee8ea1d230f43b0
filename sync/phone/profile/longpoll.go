package profile

import (
	"context"
	"time"

	"github.com/offhook/offhook/sync/phone/remote"
)

const (
	defaultHold = time.Minute
	// A request that is answered at once, with nothing or time after time, is not sent again at once.
	breath = time.Second
	hasty  = 3
)

// listen asks again and again.
func (p *longPoll) listen(l *listener) error {
	cursor := p.First.plain(l.values(l.signedInWith(), l.more()))
	l.open()
	for atOnce := 0; ; {
		more := l.more()
		more["cursor"] = cursor
		began := time.Now()
		answer, err := l.fetch(l.ctx, &p.Request, more, p.Hold.or(defaultHold)+l.timeout, true)
		if err != nil {
			return err
		}
		l.alive()
		if p.Cursor != nil && answer != nil {
			next, err := p.Cursor.value(l.ctx, answer, l.visible)
			if err != nil {
				return l.odd("answered the request for events in a way its profile does not understand", "")
			}
			if next != "" {
				cursor = next
			}
		}
		events, err := p.in(l, answer)
		if err != nil {
			return err
		}
		for _, e := range events {
			if err := l.hear(e); err != nil {
				return err
			}
		}
		took := time.Since(began)
		if atOnce++; took >= breath {
			atOnce = 0
		}
		if took < breath && (len(events) == 0 || atOnce > hasty) {
			if err := remote.Sleep(l.ctx, breath-took); err != nil {
				return context.Cause(l.ctx)
			}
		}
	}
}

// in lists the events of an answer.
func (p *longPoll) in(l *listener, answer any) ([]any, error) {
	switch {
	case answer == nil:
		return nil, nil
	case p.Each == nil:
		return []any{answer}, nil
	}
	list, err := p.Each.run(l.ctx, answer, l.visible)
	if err == nil && list == nil {
		return nil, nil
	}
	events, ok := list.([]any)
	if err != nil || !ok {
		return nil, l.odd("answered the request for events in a way its profile does not understand", "")
	}
	return events, nil
}
