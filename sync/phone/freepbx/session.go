package freepbx

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/offhook/offhook/sync/phone/asterisk/ami"
	"github.com/offhook/offhook/sync/phone/remote"
	"github.com/offhook/offhook/sync/problem"
)

// line is the one phone.
type line struct {
	settings
	tls      *tls.Config
	patience time.Duration
	log      *slog.Logger
	turn     chan struct{}    // held by the one who signs in: a wrong login is tried once, whoever is first
	wrong    *problem.Problem // the login was refused; whoever has the turn may touch it
}

// session is a signed-in connection.
type session struct {
	*ami.Conn
	*line
}

// signIn connects and signs in, unless the login is known to be wrong.
func (l *line) signIn(ctx context.Context, event func(ami.Message)) (*session, error) {
	task := problem.Say("the sign-in")
	if event == nil {
		event = func(ami.Message) {}
	}
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-ctx.Done():
		return nil, l.fault(ctx.Err(), task, false)
	}
	if l.wrong != nil {
		return nil, l.wrong
	}
	ctx, cancel := context.WithTimeout(ctx, l.patience)
	defer cancel()
	var config *tls.Config
	if l.secured {
		config = l.tls
	}
	conn, err := ami.Dial(ctx, l.address, config, event)
	if err != nil {
		return nil, l.fault(err, task, false)
	}
	if err := conn.Login(ctx, l.user, l.password); err != nil {
		conn.Close()
		p := l.fault(err, task, false)
		if p.Kind == problem.BadLogin {
			l.wrong = p
		}
		return nil, p
	}
	return &session{conn, l}, nil
}

// hears rings the bell for events that are about this phone.
func (l *line) hears(bell remote.Bell) func(ami.Message) {
	states := append(slices.Clone(l.devices), l.lamps()...)
	return func(m ami.Message) {
		switch m["Event"] {
		case "DeviceStateChange":
			if slices.Contains(states, m["Device"]) {
				bell.Ring()
			}
		case "PresenceStateChange":
			if m["Presentity"] == l.presentity() {
				bell.Ring()
			}
		case "ExtensionStatus":
			if m["Exten"] == l.extension {
				bell.Ring()
			}
		}
	}
}

// filter keeps the PBX from telling of everybody's calls. A login that may not filter hears them all.
func (s *session) filter(ctx context.Context) error {
	for _, event := range []string{"DeviceStateChange", "PresenceStateChange", "ExtensionStatus"} {
		err := s.within(ctx, func(ctx context.Context) error {
			_, err := s.Do(ctx, "Filter", ami.Line{Name: "Operation", Value: "Add"}, ami.Line{Name: "Filter", Value: "Event: " + event})
			return err
		})
		refused := new(ami.Refused)
		if errors.Is(err, ami.ErrForbidden) || errors.As(err, &refused) {
			s.log.Debug("the login may not filter its events", "err", err)
			return nil
		}
		if err != nil {
			return s.fault(err, problem.Say("news of {device}", "device", s.extension), false)
		}
	}
	return nil
}

// within bounds one question.
func (l *line) within(ctx context.Context, ask func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, l.patience)
	defer cancel()
	return ask(ctx)
}

func (l *line) who() problem.Text { return remote.At("FreePBX", l.address) }

// fault makes a problem of what went wrong when Asterisk was asked for something.
func (l *line) fault(err error, task problem.Text, writes bool) *problem.Problem {
	refused := new(ami.Refused)
	switch {
	case errors.Is(err, ami.ErrLogin):
		return remote.BadLogin(l.who(),
			problem.Say("Correct the manager login, and check on the PBX that this computer's address is permitted; it is not tried again until then"), err)
	case errors.Is(err, ami.ErrForbidden):
		return &problem.Problem{Kind: problem.Forbidden, Err: err,
			What: problem.Say("{phone} does not allow this to the manager user {user} (asked for: {task})", "phone", l.who(), "user", l.user, "task", task),
			Do:   problem.Say("Have call, reporting and system ticked for it under Asterisk Manager Users, to read and to write; or set this phone to read only")}
	case errors.Is(err, ami.ErrNotAMI):
		return remote.Nonsense(l.who(), "Asterisk Manager Interface", err)
	case errors.As(err, &refused):
		return &problem.Problem{Kind: problem.Refused, Err: err,
			What: problem.Say("{phone} answered “{answer}” (asked for: {task})", "phone", l.who(), "answer", remote.Quote(refused.Message), "task", task)}
	}
	return remote.NoAnswer(l.who(), fmt.Errorf("%s: %w", task, err), writes)
}
