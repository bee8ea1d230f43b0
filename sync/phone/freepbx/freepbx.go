// Package freepbx is the connector to FreePBX and what keeps do not disturb and presence as it does, through
// Asterisk's manager interface: do not disturb is an entry DND/<extension> of Asterisk's database, which turns
// calls away, with device states Custom:DND<extension> and Custom:DEVDND<device>, which light lamps; presence is
// the state CustomPresence:<extension>. It must not know the engine, Teams, a mapping or where its settings are
// kept.
//
// An event only ever means "read now": a reading is what Asterisk answers.
package freepbx

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/offhook/offhook/sync/phone"
	"github.com/offhook/offhook/sync/phone/remote"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

// The names of the statuses, as the preset has them.
const (
	Available    = "Available"
	Chat         = "Chat"
	Away         = "Away"
	ExtendedAway = "Extended away"
	Unavailable  = "Unavailable"
	Presence     = "Presence: do not disturb" // shown to others; calls are not turned away
	DoNotDisturb = "Do not disturb"
	Ringing      = "Ringing"
	OnACall      = "On a call"
	OnHold       = "On hold"
)

const (
	usualPatience = 10 * time.Second
	lookEvery     = 30 * time.Second // proves that the connection lives, and finds what no event told
)

// Options are what Open needs.
type Options struct {
	Fields map[string]string // by name as in the preset
	HTTP   *http.Client      // what it trusts is trusted here; nil: what the system trusts
	Log    *slog.Logger      // nil: silent
}

// Open makes a phone of an extension. It talks to nobody yet; an error is a *problem.Problem about the fields.
func Open(o Options) (phone.Phone, error) {
	s, err := parse(o.Fields)
	if err != nil {
		return nil, err
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &line{settings: s, tls: remote.TLS(o.HTTP), patience: usualPatience, turn: make(chan struct{}, 1),
		log: o.Log.With("phone", "freepbx", "extension", s.extension)}, nil
}

// ReadOnly tells whether the person wants nothing to be set.
func (l *line) ReadOnly() bool { return l.readOnly }

// Watch keeps one connection for events and readings.
func (l *line) Watch(ctx context.Context, report func(presence.Reading, error)) {
	remote.Keep(ctx, l.log, report, func(ctx context.Context) error {
		bell := remote.NewBell()
		s, err := l.signIn(ctx, l.hears(bell))
		if err != nil {
			return err
		}
		defer s.Close()
		if err := s.filter(ctx); err != nil {
			return err
		}
		l.log.Info("connected")
		err = remote.Follow(ctx, bell, lookEvery, s.Over(), s.read, report)
		if err == nil {
			return l.fault(s.Why(), problem.Say("a connection"), false)
		}
		return err
	})
}

// Write sets a status on a connection of its own, and answers only once Asterisk shows it.
func (l *line) Write(ctx context.Context, status string) error {
	target, err := targetOf(status)
	if err != nil {
		return err
	}
	if l.readOnly {
		return &problem.Problem{Kind: problem.Refused, What: problem.Say("This phone is set to be read only"),
			Do: problem.Say("Change read_only if it should follow Teams")}
	}
	s, err := l.signIn(ctx, nil)
	if err != nil {
		return err
	}
	defer s.Close()
	return s.write(ctx, target)
}

func (l *line) GiveBack(ctx context.Context, before string) error {
	return l.Write(ctx, before) // FreePBX keeps nothing of what stood there before
}
