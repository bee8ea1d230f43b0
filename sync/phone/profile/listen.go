package profile

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

const (
	defaultSilence = 2 * time.Minute
	// Whoever has stopped listening waits no longer for the good-bye to be taken.
	goodbye = 2 * time.Second
)

var (
	errSilent = errors.New("it is silent")
	errLapsed = errors.New("the sign-in has lapsed")
)

// source is one way in which a phone system tells of changes.
type source interface {
	common() *telling
	silence() time.Duration // for how long it may say nothing; 0: for ever
	// listen opens the way, says when it is open, passes on what is heard, and answers why it ended. All it
	// started has ended then.
	listen(l *listener) error
}

func (t *telling) common() *telling { return t }

func (t *telling) silence() time.Duration { return t.Silence.or(0) }

// listener is one time of listening to a source. It ends with its context, whose cause says why.
type listener struct {
	*device
	*telling
	ctx      context.Context
	end      context.CancelCauseFunc
	watchdog *time.Timer
	silent   time.Duration

	opened chan struct{}
	events chan any
	missed atomic.Bool // an event was heard that nobody took

	lock    sync.Mutex
	kept    map[string]string
	session session // the one that was subscribed with
}

// follow listens to a source and reports what it says until it ends, fails or falls silent, and answers why.
// What it started has ended when it returns.
func (d *device) follow(ctx context.Context, src source, report func(presence.Reading, error)) error {
	ctx, end := context.WithCancelCause(ctx)
	l := &listener{device: d, telling: src.common(), ctx: ctx, end: end, silent: src.silence(),
		kept: map[string]string{}, opened: make(chan struct{}), events: make(chan any, 64)}
	var running sync.WaitGroup
	defer running.Wait()
	defer end(nil)
	if err := l.subscribe(); err != nil {
		return err
	}
	defer l.unsubscribe()
	running.Go(func() { end(d.ended(src.listen(l))) })
	if l.Renew != nil && l.Renew.Request != nil {
		running.Go(func() { end(d.ended(l.every(l.Renew.Every.d, l.renew))) })
	}
	err := l.heed(report)
	end(err)
	running.Wait()
	if l.watchdog != nil {
		l.watchdog.Stop()
	}
	return context.Cause(ctx) // what failed last failed because of this
}

// subscribe asks to be told and keeps what the answer holds.
func (l *listener) subscribe() error {
	if l.Subscribe == nil {
		return nil
	}
	answer, err := l.fetch(l.ctx, l.Subscribe, nil, l.timeout, len(l.Keep) > 0)
	if err != nil {
		return err
	}
	return l.keep(l.Keep, answer)
}

// keep remembers parts of what the phone system said. Somebody else could use them: they are kept secret.
func (l *listener) keep(what map[string]expr, from any) error {
	for name, e := range what {
		value, err := e.value(l.ctx, from, l.visible)
		if err != nil || value == "" {
			// What lies beneath may show a token: it is left out.
			return l.odd("answered in a way its profile does not understand: there is no "+name+" in it", "")
		}
		l.hide(value)
		l.lock.Lock()
		l.kept[name] = value
		l.lock.Unlock()
	}
	return nil
}

// more answers what placeholders stand for besides what was entered.
func (l *listener) more() map[string]string {
	l.lock.Lock()
	defer l.lock.Unlock()
	more := make(map[string]string, len(l.kept)+1)
	for name, value := range l.kept {
		more[name] = value
	}
	more["unique"] = unique()
	return more
}

func (l *listener) renew() error {
	_, err := l.fetch(l.ctx, l.Renew.Request, l.more(), l.timeout, false)
	return err
}

func (l *listener) unsubscribe() {
	if l.Unsubscribe == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(l.ctx), goodbye)
	defer cancel()
	if _, err := l.fetch(ctx, l.Unsubscribe, l.more(), goodbye, false); err != nil {
		l.log.Debug("the subscription is left to run out", "phone", l.p.System.ID, "because", err)
	}
}

// every does something at an interval until it fails or nobody listens.
func (l *listener) every(interval time.Duration, do func() error) error {
	t := time.NewTicker(interval)
	defer t.Stop()
	for {
		select {
		case <-l.ctx.Done():
			return context.Cause(l.ctx)
		case <-t.C:
			if err := do(); err != nil {
				return err
			}
		}
	}
}

// open says that from now on nothing is missed, and begins to watch for silence.
func (l *listener) open() {
	if l.silent > 0 {
		l.watchdog = time.AfterFunc(l.silent, func() { l.end(l.ended(errSilent)) })
	}
	close(l.opened)
}

// alive says that the other side has said something.
func (l *listener) alive() {
	if l.watchdog != nil {
		l.watchdog.Reset(l.silent)
	}
}

// hear passes an event on. One that nobody takes in time is not waited for: the phone is read instead.
func (l *listener) hear(event any) error {
	if l.lapsed(event) {
		return l.lapse()
	}
	select {
	case l.events <- event:
	default:
		l.missed.Store(true)
	}
	return nil
}

func (l *listener) lapsed(event any) bool {
	return l.SignInAgain != nil && l.SignInAgain.When != nil && l.is(l.SignInAgain.When, event)
}

func (l *listener) signedInWith() session {
	l.lock.Lock()
	defer l.lock.Unlock()
	return l.session
}

// lapse gives up the sign-in that was subscribed with: the next request gets a new one.
func (l *listener) lapse() error {
	l.expire(l.signedInWith())
	return errLapsed
}

// is tells whether an expression is true of an event; in doubt it is not.
func (l *listener) is(e *expr, event any) bool {
	result, err := e.run(l.ctx, event, l.visible)
	return err == nil && result != false && result != nil
}

// fetch sends a request of the events, signed in as the subscription was, and answers what came back: nil
// where that was nothing, or nobody wants to know.
func (l *listener) fetch(ctx context.Context, r *request, more map[string]string, within time.Duration, wanted bool) (answer any, err error) {
	err = l.asSubscribed(ctx, func(s session) error {
		x := l.exchange(ctx, false)
		defer x.end()
		x.within = within
		x.timer.Reset(within)
		resp, err := x.open(r, s, more, accepts(l.form(r)))
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		data, err := x.all(resp.Body)
		if err != nil || !wanted || len(bytes.TrimSpace(data)) == 0 {
			return err
		}
		answer, err = x.decoded(resp, data)
		return err
	})
	return answer, err
}

// asSubscribed does something signed in. What was subscribed to belongs to the sign-in of that time: where a
// new one was needed since, everything begins anew.
func (l *listener) asSubscribed(ctx context.Context, do func(session) error) error {
	return l.signedIn(ctx, func(s session) error {
		if was := l.signedInWith(); was.n > 0 && was.n != s.n {
			return errLapsed
		}
		err := do(s)
		if err == nil {
			l.lock.Lock()
			defer l.lock.Unlock()
			l.session = s
		}
		return err
	})
}

// ended is how a way of hearing of changes came to its end.
func (d *device) ended(err error) error {
	var told *problem.Problem
	var stream *streamError
	switch {
	case err == nil:
		err = io.EOF
	case errors.As(err, &told):
		return told
	case errors.As(err, &stream):
		return stream
	}
	return &streamError{who: d.who().String(), err: err}
}

// odd is the end of a way of hearing of changes on which something else is said than the profile has; said is the
// vendor's own message.
func (c *client) odd(how, said string) error {
	if said != "" {
		how += ": " + said
	}
	return &streamError{who: c.who().String(), how: how}
}

// unique is a text that was never sent before.
func unique() string { return rand.Text() }

// streamError is a stream that is no more. It is for the log: the reading that follows tells the person.
type streamError struct {
	who string
	how string // what is odd, or
	err error  // how it ended
}

func (e *streamError) Error() string {
	switch {
	case e.how != "":
		return e.who + " " + e.how
	case errors.Is(e.err, io.EOF):
		return e.who + " closed its stream of events"
	case errors.Is(e.err, errSilent):
		return e.who + " fell silent"
	case errors.Is(e.err, errLapsed):
		return e.who + " wants a new sign-in"
	}
	return e.who + " broke its stream of events off"
}

func (e *streamError) Unwrap() error { return e.err }
