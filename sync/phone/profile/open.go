package profile

import (
	"context"
	"log/slog"
	"net/http"
	"strings"

	"github.com/offhook/offhook/sync/phone"
	"github.com/offhook/offhook/sync/phone/remote"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

// Options is what a phone needs besides its profile.
type Options struct {
	ID     string            // the phone's, by which its sign-in is kept
	Fields map[string]string // what the person entered, secrets included
	HTTP   *http.Client      // carries the trusted certificates; a plain one when nil
	Log    *slog.Logger      // nowhere when nil

	// Secrets keeps the sign-in; where nil it is lost when the program ends.
	Secrets Secrets
	// Browse shows the person a sign-in page in their browser; where nil nobody can sign in by one.
	Browse func(ctx context.Context, address string) error
	// Frame is told of each frame of a WebSocket that was sent or heard; nobody is when nil.
	Frame func(sent bool, frame []byte)
}

// Open makes the phone that a profile describes. It talks to nobody yet.
func Open(p *Profile, o Options) (phone.Phone, error) {
	if p.Connector != ByProfile {
		return nil, &problem.Problem{Kind: problem.Settings,
			What: problem.Say("{phone} is not run by a profile alone but by a connector: {connector}", "phone", remote.Known(p.System.Title), "connector", p.Connector),
			Do:   problem.Say("Open it through the list of phone systems")}
	}
	filled, err := Fill(p.System, o.Fields)
	if err != nil {
		return nil, err
	}
	c, err := newClient(p, filled, o)
	if err != nil {
		return nil, err
	}
	return &device{client: c}, nil
}

// Secrets is a sealed store.
type Secrets interface {
	Get(name string) ([]byte, bool)
	Set(name string, value []byte) error
	Delete(names ...string) error
}

// device is one person's phone.
type device struct{ *client }

var (
	_ phone.Phone   = (*device)(nil)
	_ phone.SignsIn = (*device)(nil)
)

// Write makes the phone show a status.
func (d *device) Write(ctx context.Context, name string) error {
	s, err := d.writable(name)
	if err != nil {
		return err
	}
	return d.set(ctx, d.p.file.Write, s)
}

// GiveBack makes the phone show what it showed before.
func (d *device) GiveBack(ctx context.Context, before string) error {
	if d.p.file.GiveBack == nil {
		return d.Write(ctx, before)
	}
	s := d.p.byName[strings.ToLower(before)]
	switch {
	case s == nil && before != "":
		return &problem.Problem{Kind: problem.Settings, What: problem.Say("{phone} has no status “{status}”", "phone", d.title(), "status", before),
			Do: problem.Say("Correct the mapping; there are: {statuses}", "statuses", remote.List(writables(d.p.System.Mapping)...))}
	case s == nil:
		s = new(status) // the system keeps by itself what it showed before
	}
	return d.set(ctx, d.p.file.GiveBack, s)
}

func (d *device) writable(name string) (*status, error) {
	s, known := d.p.byName[strings.ToLower(name)]
	switch {
	case !d.p.System.Capabilities.Writes:
		return nil, &problem.Problem{Kind: problem.Refused, What: problem.Say("{phone} does not let a status be set", "phone", d.title())}
	case !known:
		return nil, &problem.Problem{Kind: problem.Settings,
			What: problem.Say("{phone} has no status “{status}”", "phone", d.title(), "status", name),
			Do:   problem.Say("Correct the mapping; there are: {statuses}", "statuses", remote.List(writables(d.p.System.Mapping)...))}
	case !s.Writable:
		return nil, &problem.Problem{Kind: problem.Refused,
			What: problem.Say("{phone} does not let “{status}” be set", "phone", d.title(), "status", remote.Known(name)),
			Do:   problem.Say("Choose another target in the mapping; there are: {statuses}", "statuses", remote.List(writables(d.p.System.Mapping)...))}
	}
	return s, nil
}

func writables(m presence.Mapping) (names []string) {
	for _, s := range m.Statuses {
		if s.Writable {
			names = append(names, s.Name)
		}
	}
	return names
}
