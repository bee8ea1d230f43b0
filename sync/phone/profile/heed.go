package profile

import (
	"errors"
	"time"

	"github.com/offhook/offhook/sync/presence"
)

// Even while events arrive the phone is read now and then: one may have been missed.
const recheck = 5 * time.Minute

// heed reports what events say; the error is that of a reading that failed. An answer whose status is not
// known is told, and is no reason to stop.
func (l *listener) heed(report func(presence.Reading, error)) error {
	select {
	case <-l.ctx.Done():
		return nil
	case <-l.opened:
	}
	first := time.NewTimer(l.timeout)
	defer first.Stop()
	if !l.BeginsWithState {
		first.Stop()
		if err := l.settle(report); err != nil {
			return err
		}
	}
	check := time.NewTicker(recheck)
	defer check.Stop()
	for {
		var event any
		select {
		case <-l.ctx.Done():
			return nil
		case <-first.C:
			return l.odd("opened its stream of events and then said nothing", "")
		case <-check.C:
			if err := l.settle(report); err != nil {
				return err
			}
			continue
		case event = <-l.events:
		}
		if !l.matters(event) {
			continue
		}
		first.Stop()
		if state, ok := l.stateIn(event); ok && !l.missed.Load() {
			report(l.reading(l.ctx, state))
			continue
		}
		if err := l.settle(report); err != nil {
			return err
		}
	}
}

// settle reads the phone until nothing has happened meanwhile: an event that came while the phone was being
// read is older than the reading or newer, and nobody can tell which.
func (l *listener) settle(report func(presence.Reading, error)) error {
	for {
		l.missed.Store(false)
		for drained := false; !drained; {
			select {
			case <-l.events:
			default:
				drained = true
			}
		}
		reading, err := l.read(l.ctx)
		if err != nil && !errors.Is(err, errNotKnown) {
			return err
		}
		report(reading, err)
		if len(l.events) == 0 {
			return nil
		}
	}
}

// matters tells whether an event is about this phone. In doubt it is.
func (l *listener) matters(event any) bool {
	if l.When == nil {
		return true
	}
	result, err := l.When.run(l.ctx, event, l.visible)
	if err != nil {
		l.log.Debug("an event is not understood", "phone", l.p.System.ID, "line", l.When.line)
		return true
	}
	return result != false && result != nil
}

// stateIn is the state that an event carries; where it carries none that can be understood, the phone is
// asked.
func (l *listener) stateIn(event any) (any, bool) {
	if l.State == nil {
		return nil, false
	}
	state, err := l.State.run(l.ctx, event, l.visible)
	if _, object := state.(map[string]any); err != nil || !object {
		l.log.Debug("an event holds no state", "phone", l.p.System.ID, "line", l.State.line)
		return nil, false
	}
	return state, true
}
