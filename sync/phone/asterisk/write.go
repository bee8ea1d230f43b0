package asterisk

import (
	"context"
	"strings"
	"time"

	"github.com/offhook/offhook/sync/phone/remote"
	"github.com/offhook/offhook/sync/problem"
)

// settle is how long Asterisk may take until it shows what was written.
const settle = 3 * time.Second

// Write sets do not disturb on or off, and answers only once Asterisk shows it: ARI says 204 to much that it
// does not do.
func (l *line) Write(ctx context.Context, status string) error {
	var state string
	switch {
	case strings.EqualFold(status, DoNotDisturb):
		status, state = DoNotDisturb, l.on[0]
	case strings.EqualFold(status, Available):
		status, state = Available, l.off[0]
	default:
		return remote.NoSuchStatus(l.ari.who(), status, Available, DoNotDisturb)
	}
	if len(l.dndWrite) == 0 {
		return &problem.Problem{Kind: problem.Refused, What: problem.Say("This phone is set to be read only"),
			Do: problem.Say("Change read_only, or name a device state in dnd_write")}
	}
	for i, name := range l.dndWrite {
		if err := l.ari.set(ctx, name, state); err != nil {
			p := problem.Of(err)
			if i > 0 && !p.Unsure {
				half := *p
				half.Unsure = true
				p = &half
			}
			return p
		}
	}
	return l.readBack(ctx, status, state)
}

// readBack waits until everything written reads as written, and do not disturb with it.
func (l *line) readBack(ctx context.Context, status, state string) error {
	ctx, cancel := context.WithTimeout(ctx, settle)
	defer cancel()
	var last *problem.Problem
	for pause := 20 * time.Millisecond; ; pause *= 2 {
		err := l.shows(ctx, status, state)
		if err == nil {
			return nil
		}
		if last == nil || ctx.Err() == nil { // an answer cut short by the end of our patience says less
			last = problem.Of(err)
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return remote.SetBut(status, last)
		}
	}
}

// shows tells whether everything reads as written; the error says what does not.
func (l *line) shows(ctx context.Context, status, state string) error {
	still := func(names string, shown problem.Text) error {
		p := remote.StillShows(problem.Plain(names), shown)
		p.Do = problem.Say("Check dnd_read, dnd_write, dnd_on and dnd_off against the PBX's dialplan")
		return p
	}
	for _, name := range l.dndWrite {
		got, err := l.ari.state(ctx, name)
		if err != nil {
			return err
		}
		if got != state {
			return still(name, remote.Quote(got))
		}
	}
	chosen, err := l.chosen(ctx)
	if err == nil && chosen != "" && chosen != status {
		return still(strings.Join(l.dndRead, ", "), remote.Known(chosen))
	}
	return err
}
