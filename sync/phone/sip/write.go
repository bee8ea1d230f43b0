package sip

import (
	"context"
	"strings"

	"github.com/offhook/offhook/sync/phone/remote"
	"github.com/offhook/offhook/sync/problem"
)

// Write makes the phone show a status: do not disturb by its code where there is one, all else by publishing it.
func (l *line) Write(ctx context.Context, name string) error {
	word, err := l.word(name)
	if err != nil {
		return err
	}
	return l.set(ctx, word, word == available)
}

// GiveBack takes back what Write set. Where that is a publication, what others publish shows again by itself; only
// where that is not what stood there before, it is said in their place.
func (l *line) GiveBack(ctx context.Context, before string) error {
	if before == "" {
		return l.set(ctx, "", true)
	}
	word, err := l.word(before)
	if s, known := l.named(before); known && !s.Writable {
		word, err = "", nil // nobody can set it, so it comes by itself
	}
	if err != nil {
		return err
	}
	return l.set(ctx, word, true)
}

func (l *line) named(name string) (Status, bool) {
	for _, s := range l.statuses {
		if strings.EqualFold(s.Name, name) {
			return s, true
		}
	}
	return Status{}, false
}

// writable names the statuses that can be set.
func (l *line) writable() problem.Text {
	var names []string
	for _, s := range l.statuses {
		if s.Writable {
			names = append(names, s.Name)
		}
	}
	return remote.List(names...)
}

// word is what a status is in SIP, where it can be set.
func (l *line) word(name string) (string, error) {
	s, known := l.named(name)
	switch {
	case l.ReadOnly():
		return "", &problem.Problem{Kind: problem.Refused, What: problem.Say("This phone is set to be read only"),
			Do: problem.Say("Turn presence on, or name the codes for do not disturb, in this phone's settings")}
	case !known:
		return "", remote.Wrong(problem.Say("Correct the mapping; there are: {statuses}", "statuses", l.writable()),
			problem.Say("{phone} has no status “{status}”", "phone", remote.Known(l.title), "status", name))
	case !s.Writable || len(s.Values) == 0:
		return "", &problem.Problem{Kind: problem.Refused, What: problem.Say("{phone} does not let “{status}” be set", "phone", remote.Known(l.title), "status", remote.Known(s.Name)),
			Do: problem.Say("Choose another target in the mapping; there are: {statuses}", "statuses", l.writable())}
	case !l.presence && s.Values[0] != dnd && s.Values[0] != available:
		return "", &problem.Problem{Kind: problem.Refused,
			What: problem.Say("“{status}” can be set only where the phone system takes a presence", "status", remote.Known(s.Name)),
			Do:   problem.Say("Turn presence on for this phone, or choose Do not disturb in the mapping")}
	}
	return s.Values[0], nil
}

// set brings the phone to a word, "" to what it is by itself. yields tells that nothing need be published where
// others say the word already.
func (l *line) set(ctx context.Context, word string, yields bool) error {
	l.writing.Lock()
	defer l.writing.Unlock()
	c, done, err := l.borrow(ctx)
	if err != nil {
		return err
	}
	defer done()

	dialled := false
	if l.hasCodes() {
		l.mu.Lock()
		on, known := l.isDND()
		l.mu.Unlock()
		if want := word == dnd; want != on || !known {
			if err := l.disturb(ctx, c, want); err != nil {
				return err
			}
			dialled = true
		}
		if word == dnd {
			word = ""
		}
	}
	if !l.presence {
		return nil
	}
	if yields {
		l.mu.Lock()
		if shown(l.others()) == word {
			word = ""
		}
		l.mu.Unlock()
	}
	if err := l.publish(ctx, c, word); err != nil {
		p := problem.Of(err)
		if dialled && !p.Unsure {
			half := *p
			half.Unsure = true
			p = &half
		}
		return p
	}
	return nil
}

// borrow answers Watch's connection, or where there is none, one for the moment.
func (l *line) borrow(ctx context.Context) (c *conn, done func(), err error) {
	l.mu.Lock()
	c = l.conn
	l.mu.Unlock()
	if c != nil && c.lost.Err() == nil {
		return c, func() {}, nil
	}
	if c, err = l.dial(ctx); err != nil {
		return nil, nil, err
	}
	return c, c.hangUp, nil
}
