package freepbx

import (
	"context"
	"slices"
	"strings"

	"github.com/offhook/offhook/sync/phone/remote"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

// activities are what a device's state says is happening; the higher one wins where a person has several devices.
var activities = []struct {
	name   string
	states []string
}{
	{"", []string{"NOT_INUSE", "UNAVAILABLE"}}, // no phone is registered: then no call is going on
	{Ringing, []string{"RINGING"}},
	{OnHold, []string{"ONHOLD"}},
	{OnACall, []string{"INUSE", "BUSY", "RINGINUSE"}},
}

// presences are Asterisk's presence states by the statuses they are shown as.
var presences = []struct{ status, state string }{
	{Available, "available"}, {Chat, "chat"}, {Away, "away"}, {ExtendedAway, "xa"}, {Presence, "dnd"}, {Unavailable, "unavailable"},
}

const notSet = "not_set" // so reads a presence state that nobody has ever set

func (l *line) presentity() string { return "CustomPresence:" + l.extension }

// lamps are the device states that show do not disturb.
func (l *line) lamps() []string {
	all := []string{"Custom:DND" + l.extension}
	for _, d := range l.devices {
		_, name, _ := strings.Cut(d, "/")
		all = append(all, "Custom:DEVDND"+name)
	}
	return all
}

// state is all that is read of a phone.
type state struct {
	happening string
	dnd       bool
	presence  string
}

func (s state) chosen() string {
	if s.dnd {
		return DoNotDisturb
	}
	for _, p := range presences {
		if p.state == s.presence {
			return p.status
		}
	}
	return Available
}

func (s *session) read(ctx context.Context) (presence.Reading, error) {
	now, err := s.state(ctx)
	if err != nil {
		return presence.Reading{}, err
	}
	return presence.Reading{Happening: now.happening, Chosen: now.chosen()}, nil
}

func (s *session) state(ctx context.Context) (now state, err error) {
	happening := 0
	for _, device := range s.devices {
		is, err := s.get(ctx, "DEVICE_STATE("+device+")", problem.Say("the state of {device}", "device", device))
		if err != nil {
			return now, err
		}
		rank := slices.IndexFunc(activities, func(a struct {
			name   string
			states []string
		}) bool {
			return slices.Contains(a.states, is)
		})
		switch {
		case is == "INVALID":
			return now, remote.Wrong(problem.Say("Check the extension; a device is named like {device}", "device", "PJSIP/100"),
				problem.Say("{phone} has no device {device}", "phone", s.who(), "device", device))
		case rank < 0:
			return now, &problem.Problem{Kind: problem.Server, What: problem.Say("{phone} does not know the state of {device} ({state})",
				"phone", s.who(), "device", device, "state", remote.Quote(is))}
		}
		happening = max(happening, rank)
	}
	now.happening = activities[happening].name
	err = s.within(ctx, func(ctx context.Context) error {
		entry, err := s.Entry(ctx, "DND", s.extension)
		now.dnd = strings.EqualFold(entry, "YES")
		return err
	})
	if err != nil {
		return now, s.fault(err, problem.Say("do not disturb"), false)
	}
	if now.presence, err = s.get(ctx, "PRESENCE_STATE("+s.presentity()+",value)", problem.Say("the presence")); err != nil {
		return now, err
	}
	if now.presence != notSet && !slices.ContainsFunc(presences, func(p struct{ status, state string }) bool { return p.state == now.presence }) {
		return now, &problem.Problem{Kind: problem.Server, What: problem.Say("{phone} shows a presence that Offhook does not know: “{presence}”",
			"phone", s.who(), "presence", remote.Quote(now.presence))}
	}
	return now, nil
}

func (s *session) get(ctx context.Context, function string, task problem.Text) (value string, err error) {
	err = s.within(ctx, func(ctx context.Context) error {
		value, err = s.Get(ctx, function)
		return err
	})
	if err != nil {
		return "", s.fault(err, task, false)
	}
	return value, nil
}

// target is what a status asks for: do not disturb on, leaving the presence alone, or off with a presence.
type target struct {
	status   string
	dnd      bool
	presence string
}

func targetOf(status string) (target, error) {
	if strings.EqualFold(status, DoNotDisturb) {
		return target{status: DoNotDisturb, dnd: true}, nil
	}
	names := []string{DoNotDisturb}
	for _, p := range presences {
		if strings.EqualFold(status, p.status) {
			return target{status: p.status, presence: p.state}, nil
		}
		names = append(names, p.status)
	}
	return target{}, remote.NoSuchStatus(problem.Plain("FreePBX"), status, names...)
}

// write sets only what is not as asked already: a presence under do not disturb stays what it was. The database
// goes first, as with FreePBX's own feature codes: an event of the lamps then finds it changed.
func (s *session) write(ctx context.Context, t target) error {
	now, err := s.state(ctx)
	if err != nil {
		return err
	}
	if now.dnd != t.dnd {
		entry, lamp := "", "NOT_INUSE"
		if t.dnd {
			entry, lamp = "YES", "BUSY"
		}
		if err := s.set(ctx, func(ctx context.Context) error { return s.SetEntry(ctx, "DND", s.extension, entry) }); err != nil {
			return err
		}
		for _, name := range s.lamps() {
			if err := s.set(ctx, func(ctx context.Context) error { return s.Set(ctx, "DEVICE_STATE("+name+")", lamp) }); err != nil {
				return err
			}
		}
	}
	shownAlready := now.presence == t.presence || now.presence == notSet && t.presence == "available"
	if !t.dnd && !shownAlready {
		if err := s.set(ctx, func(ctx context.Context) error {
			return s.Set(ctx, "PRESENCE_STATE("+s.presentity()+")", t.presence)
		}); err != nil {
			return err
		}
	}
	reads, err := s.state(ctx)
	if err == nil && reads.chosen() != t.status {
		err = remote.StillShows(s.who(), remote.Known(reads.chosen()))
	}
	if err != nil {
		return remote.SetBut(t.status, err)
	}
	return nil
}

func (s *session) set(ctx context.Context, do func(context.Context) error) error {
	if err := s.within(ctx, do); err != nil {
		return s.fault(err, problem.Say("a change of do not disturb and presence"), true)
	}
	return nil
}
