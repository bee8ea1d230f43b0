package profile

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

// errNotKnown marks an answer that is well-formed, but whose status the profile does not know.
var errNotKnown = errors.New("unknown status")

// read asks the phone how things are.
func (c *client) read(ctx context.Context) (presence.Reading, error) {
	if err := c.reads.wait(ctx); err != nil {
		return presence.Reading{}, c.stopped(err)
	}
	in := c.p.file.Read
	var whole any
	err := c.signedIn(ctx, func(s session) (err error) {
		if in.Request != nil {
			whole, err = c.ask(ctx, in.Request, s)
			return err
		}
		answers := map[string]any{}
		for i := range in.Requests {
			r := &in.Requests[i]
			if r.Value.When != nil {
				if take, err := r.Value.When.truth(ctx, nil, c.visible); err != nil {
					return c.cannot("when", r.Value.When.line, err)
				} else if !take {
					answers[r.name] = nil
					continue
				}
			}
			if answers[r.name], err = c.ask(ctx, &r.Value, s); err != nil {
				return err
			}
		}
		whole = answers
		return nil
	})
	if err != nil {
		return presence.Reading{}, err
	}
	return c.reading(ctx, whole)
}

// reading makes a reading of what the phone answered. A value that no status has is an error and never a
// state.
func (c *client) reading(ctx context.Context, answer any) (r presence.Reading, err error) {
	in := c.p.file.Read
	if r.Happening, err = c.status(ctx, in.Happening, answer, true); err != nil {
		return presence.Reading{}, err
	}
	if r.Chosen, err = c.status(ctx, in.Chosen, answer, false); err != nil {
		return presence.Reading{}, err
	}
	return r, nil
}

func (c *client) status(ctx context.Context, e *expr, answer any, activity bool) (string, error) {
	if e == nil {
		return "", nil
	}
	value, err := e.value(ctx, answer, c.visible)
	if err != nil {
		return "", c.misunderstood(fmt.Errorf("line %d: %w", e.line, err))
	}
	if value == "" {
		return "", nil
	}
	for _, s := range c.p.file.Statuses {
		if s.Activity == activity && slices.ContainsFunc(s.Value, func(v text) bool { return v.s == value }) {
			return s.Name.s, nil
		}
	}
	return "", &problem.Problem{Kind: problem.Settings,
		What: problem.Say("{phone} says “{value}”, which its profile does not know", "phone", c.who(), "value", c.blanked(value)),
		Do:   problem.Say("Update Offhook, or add the value to one of the statuses in a profile of your own"), Err: errNotKnown}
}
