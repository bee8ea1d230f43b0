package sip

import (
	"context"
	"errors"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/offhook/offhook/sync/phone/remote"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

func (l *line) Watch(ctx context.Context, report func(presence.Reading, error)) {
	remote.Keep(ctx, l.log, report, func(ctx context.Context) error { return l.connection(ctx, report) })
}

// connection connects once, and reports until that ends; it answers why it ended.
func (l *line) connection(ctx context.Context, report func(presence.Reading, error)) error {
	c, err := l.dial(ctx)
	if err != nil {
		return err
	}
	defer c.hangUp()
	l.mu.Lock()
	l.table, l.lamp, l.says = dialogs{}, dialogs{}, nil
	l.wake, l.conn = make(chan struct{}, 1), c
	l.mu.Unlock()
	defer func() {
		l.mu.Lock()
		l.conn, l.lamp.known = nil, false
		l.mu.Unlock()
	}()

	subs := l.subscriptions()
	defer func() {
		if ctx.Err() == nil || c.lost.Err() != nil {
			return // what is lost, or told to wait, is not asked for anything more
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), goodbye)
		defer cancel()
		for _, s := range subs {
			l.unsubscribe(ctx, c, s)
		}
	}()
	if subs, err = l.begin(ctx, c, subs); err != nil {
		return err
	}
	if l.hasCodes() && l.dndLamp == "" && l.lastDialled() == "" {
		// What cannot be seen has to begin somewhere; and what a run that crashed has left on is off again.
		l.writing.Lock()
		err := l.disturb(ctx, c, false)
		l.writing.Unlock()
		if err != nil {
			return err
		}
	}
	l.log.Info("connected", "transport", l.transport)
	return l.follow(ctx, c, subs, report)
}

// goodbye is how long Watch takes to end its subscriptions when it ends.
const goodbye = 2 * time.Second

func (l *line) lastDialled() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.dialled
}

// subscriptions are what is to be heard.
func (l *line) subscriptions() (subs []*subscription) {
	wake := func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.changed()
	}
	on := func(event, who string, task problem.Text, take func([]byte) error, forget func()) {
		locked := func(document []byte) error {
			l.mu.Lock()
			defer l.mu.Unlock()
			return take(document)
		}
		s := newSubscription(event, l.address(who), task, locked, wake)
		s.forget = forget
		subs = append(subs, s)
	}
	if l.watch != "" {
		on(dialogEvent, l.watch, problem.Say("news of {device}", "device", l.watch), l.table.update, func() { l.table.known = false })
	}
	if l.dndLamp != "" {
		on(dialogEvent, l.dndLamp, problem.Say("news of {device}", "device", l.dndLamp), l.lamp.update, func() { l.lamp.known = false })
	}
	if l.presence {
		on(presenceEvent, l.extension, problem.Say("the presence"), func(doc []byte) error {
			says, err := parsePIDF(doc)
			if err == nil {
				l.says = says
			}
			return err
		}, func() {})
	}
	return subs
}

// begin subscribes to everything and waits until each has told its state; it answers those that are there.
func (l *line) begin(ctx context.Context, c *conn, all []*subscription) (subs []*subscription, err error) {
	for _, s := range all {
		err := l.subscribe(ctx, c, s)
		if p := new(problem.Problem); errors.As(err, &p) && p.Kind == problem.Refused && s.event == dialogEvent && l.presence &&
			l.watch != "" && s == all[0] {
			l.log.Warn("the line cannot be seen; going by the presence alone", "what", p.What.String())
			c.forget(s)
			continue
		}
		if err != nil {
			return subs, err
		}
		subs = append(subs, s)
	}
	late := time.NewTimer(l.patience)
	defer late.Stop()
	for _, s := range subs {
		for told := false; !told; {
			s.mu.Lock()
			first := s.first
			s.mu.Unlock()
			select {
			case <-first:
				told = true
			case <-l.wake:
				if _, anew, err := s.look(l, time.Time{}); err != nil {
					return subs, err
				} else if anew {
					return subs, l.silent(problem.Say("{phone} agreed and then ended it at once (asked for: {task})", "phone", l.who(), "task", s.task))
				}
			case <-late.C:
				return subs, l.silent(problem.Say("{phone} agreed and then told nothing (asked for: {task})", "phone", l.who(), "task", s.task))
			case <-c.lost.Done():
				return subs, l.gone(context.Cause(c.lost))
			case <-ctx.Done():
				return subs, ctx.Err()
			}
		}
	}
	return subs, nil
}

func (l *line) silent(what problem.Text) *problem.Problem {
	return &problem.Problem{Kind: problem.Unreachable, What: what,
		Do: problem.Say("Check that what it sends comes through to this PC; a firewall may stand between, and TCP or TLS may help")}
}

// follow reports, at once and whenever there is cause to, and keeps everything alive.
func (l *line) follow(ctx context.Context, c *conn, subs []*subscription, report func(presence.Reading, error)) error {
	keep, alive, again := time.NewTicker(l.keep), time.NewTicker(l.alive), time.NewTimer(0)
	defer keep.Stop()
	defer alive.Stop()
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-c.lost.Done():
			return l.gone(context.Cause(c.lost))
		case <-keep.C:
			c.keep()
			continue
		case <-alive.C:
			err := l.isAlive(ctx, c)
			if problem.Of(err) != nil && problem.Of(err).Kind == problem.Unreachable && c.lost.Err() == nil && len(subs) > 0 {
				// There are phone systems that answer no such question; a subscription they must.
				if err = l.subscribe(ctx, c, subs[0]); errors.Is(err, errGone) {
					err = nil
					subs[0].lost()
				}
			}
			if err != nil {
				return err
			}
			continue
		case <-l.wake:
		case <-again.C:
		}
		for _, s := range subs {
			if err := l.tend(ctx, c, s); err != nil {
				return err
			}
		}
		if err := l.republish(ctx, c); err != nil {
			return err
		}
		l.mu.Lock()
		quiet := l.codes == 0 && !time.Now().Before(l.quietUntil)
		reading := l.reading()
		l.mu.Unlock()
		if quiet && whole(subs) {
			report(reading, nil)
		}
		again.Reset(l.next(subs))
	}
}

// whole tells whether no change is missing.
func whole(subs []*subscription) bool {
	for _, s := range subs {
		s.mu.Lock()
		ok := s.told && !s.askAgain && !s.ended
		s.mu.Unlock()
		if !ok {
			return false
		}
	}
	return true
}

// tend does for a subscription what it needs.
func (l *line) tend(ctx context.Context, c *conn, s *subscription) error {
	renew, anew, err := s.look(l, time.Now())
	if err != nil {
		return err
	}
	if renew && !anew {
		if err = l.subscribe(ctx, c, s); !errors.Is(err, errGone) {
			return err
		}
		anew = true
	}
	if !anew {
		return nil
	}
	l.log.Info("the phone system has ended a subscription; subscribing anew", "event", s.event)
	c.forget(s)
	s.mu.Lock()
	s.renew()
	s.mu.Unlock()
	l.mu.Lock()
	s.forget() // what a new one tells begins anew; until then the old is not told on
	l.mu.Unlock()
	_, err = l.begin(ctx, c, []*subscription{s})
	return err
}

// next is how long nothing has to be done unasked.
func (l *line) next(subs []*subscription) time.Duration {
	now := time.Now()
	at := now.Add(time.Hour)
	sooner := func(t time.Time) {
		if t.After(now) && t.Before(at) {
			at = t
		}
	}
	for _, s := range subs {
		s.mu.Lock()
		sooner(s.renewAt)
		s.mu.Unlock()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	sooner(l.quietUntil)
	if l.pub.etag != "" {
		sooner(l.pub.renewAt)
		if !l.pub.renewAt.After(now) { // a write had the turn
			sooner(now.Add(time.Second))
		}
	}
	return at.Sub(now)
}

// isAlive asks whether the phone system is still there. Any answer will do, but that it fails.
func (l *line) isAlive(ctx context.Context, c *conn) error {
	ctx, cancel := context.WithTimeout(ctx, l.patience)
	defer cancel()
	server := l.address("")
	r := sip.NewRequest(sip.OPTIONS, server)
	l.head(r, server, sip.GenerateTagN(24)+"@offhook", sip.GenerateTagN(12), 1)
	r.AppendHeader(sip.NewHeader("Accept", "application/sdp"))
	r.SetBody(nil)
	a, err := c.send(ctx, r)
	if err != nil {
		if c.lost.Err() != nil {
			return l.gone(context.Cause(c.lost))
		}
		return l.noAnswer(err, problem.Say("a sign of life"), false)
	}
	if p := l.refusal(a, problem.Say("a sign of life"), false); p != nil && (p.Kind == problem.Server || p.Kind == problem.Throttled) {
		return p
	}
	return nil
}
