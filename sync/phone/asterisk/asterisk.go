// Package asterisk is the connector to Asterisk's REST interface (ARI): it reads an extension's line and its do
// not disturb, hears of changes over ARI's WebSocket, and sets do not disturb. It must not know the engine,
// Teams, a mapping or where its settings are kept.
//
// What do not disturb is on a PBX is a matter of its dialplan; here it is a device state whose name and values
// are settings. An event only ever means "read now": a reading is always what Asterisk answers, never what a
// chain of events adds up to, so a missed event is made good by the next one or by the next connection.
package asterisk

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/offhook/offhook/sync/phone"
)

// The names of the statuses, as the preset has them.
const (
	Available    = "Available"
	DoNotDisturb = "Do not disturb"
	Ringing      = "Ringing"
	OnACall      = "On a call"
	OnHold       = "On hold"
)

// Options are what Open needs.
type Options struct {
	Fields map[string]string // by name as in the preset: server, user, password, extension, …
	HTTP   *http.Client      // carries the root certificates and the proxy; nil: Go's default
	Log    *slog.Logger      // nil: silent
}

// Open makes a phone of an extension of an Asterisk. It talks to nobody yet; an error is a *problem.Problem
// about the fields.
func Open(o Options) (phone.Phone, error) {
	s, err := parse(o.Fields)
	if err != nil {
		return nil, err
	}
	if o.HTTP == nil {
		o.HTTP = &http.Client{}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &line{settings: s, ari: newARI(s, o.HTTP), log: o.Log.With("phone", "asterisk", "devices", s.devices)}, nil
}

// line is the one phone.
type line struct {
	settings
	ari *ari
	log *slog.Logger
}

// ReadOnly tells whether the settings name nothing that may be set.
func (l *line) ReadOnly() bool { return len(l.dndWrite) == 0 }

func (l *line) GiveBack(ctx context.Context, before string) error {
	return l.Write(ctx, before) // Asterisk keeps nothing of what stood there before
}
