// Package baresip is the connector to baresip, a softphone on the person's own computer, through its module
// ctrl_tcp: it reads the calls, hears of changes, and, where the person turns it on, sets do not disturb and
// presence. It must not know the engine, Teams, a mapping or where its settings are kept.
//
// baresip serves one connection at a time: a second program at its control port would push this one out.
//
// baresip tells nobody whether do not disturb is on. So it is set only where the person leaves it to Offhook
// alone: it is then put off at the first connection and put back as it was last set at each later one, and what
// is read as chosen is what was set here. Else nothing is read as chosen, and nothing is set.
package baresip

import (
	"context"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/offhook/offhook/sync/phone"
	"github.com/offhook/offhook/sync/phone/remote"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

// The names of the statuses, as the preset has them.
const (
	Available    = "Available"
	DoNotDisturb = "Do not disturb"
	Offline      = "Offline"
	Ringing      = "Ringing"
	OnACall      = "On a call"
	OnHold       = "On hold"
)

const (
	usualPatience = 5 * time.Second
	lookEvery     = 15 * time.Second // it is on this computer, and costs nothing
)

// Options are what Open needs.
type Options struct {
	Fields map[string]string // by name as in the preset
	Log    *slog.Logger      // nil: silent
}

// Open makes a phone of a baresip. It talks to nobody yet; an error is a *problem.Problem about the fields.
func Open(o Options) (phone.Phone, error) {
	address, err := parseAddress(strings.TrimSpace(o.Fields["address"]))
	if err != nil {
		return nil, err
	}
	b := &softphone{address: address, patience: usualPatience, log: o.Log, bell: remote.NewBell(), turn: make(chan struct{}, 1)}
	if b.sets, err = remote.Yes(o.Fields, "sets_status"); err != nil {
		return nil, err
	}
	if b.sets {
		b.chosen = Available
	}
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	b.log = b.log.With("phone", "baresip", "address", address)
	return b, nil
}

// parseAddress takes this computer only: ctrl_tcp asks nobody for a password, so who reaches it can make calls.
func parseAddress(v string) (string, error) {
	if v == "" {
		v = "127.0.0.1:4444"
	}
	host, _, err := net.SplitHostPort(v)
	if err != nil {
		return "", remote.Wrong(problem.Say("Enter it as it stands after ctrl_tcp_listen in baresip's config, such as 127.0.0.1:4444"),
			problem.Say("{phone}: the address cannot be understood", "phone", "baresip"))
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return "", &problem.Problem{Kind: problem.Settings,
			What: problem.Say("{phone} is on another computer, and its control port asks for no password", "phone", remote.At("baresip", v)),
			Do:   problem.Say("Let baresip listen on this computer only, by ctrl_tcp_listen 127.0.0.1:4444 in its config, and enter that")}
	}
	return v, nil
}

// softphone is the one phone.
type softphone struct {
	address  string
	patience time.Duration
	log      *slog.Logger
	sets     bool        // the person leaves do not disturb and presence to Offhook
	bell     remote.Bell // something may have changed
	turn     chan struct{}

	mu      sync.Mutex
	chosen  string   // what was last set here; empty where nothing is set
	current *control // the connection that is watched; nil: none
}

// ReadOnly tells whether the person sets do not disturb and presence themselves.
func (b *softphone) ReadOnly() bool { return !b.sets }

func (b *softphone) who() problem.Text { return remote.At("baresip", b.address) }

// Watch keeps the one connection.
func (b *softphone) Watch(ctx context.Context, report func(presence.Reading, error)) {
	remote.Keep(ctx, b.log, report, func(ctx context.Context) error {
		c, err := b.connect(ctx)
		if err != nil {
			return err
		}
		defer c.Close()
		b.log.Info("connected")
		err = remote.Follow(ctx, b.bell, lookEvery, c.Over(), c.read, report)
		b.mu.Lock()
		b.current = nil
		b.mu.Unlock()
		if err == nil {
			return b.fault(c.Why(), false)
		}
		return err
	})
}

// connect makes the connection that is watched, and brings baresip, which may have been started anew, to what was
// last set here, off at first; to nothing where the person sets it.
func (b *softphone) connect(ctx context.Context) (*control, error) {
	if err := b.lock(ctx); err != nil {
		return nil, err
	}
	defer b.unlock()
	c, err := b.dial(ctx)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	status := b.chosen
	b.mu.Unlock()
	if status != "" {
		if err := c.set(ctx, status); err != nil {
			c.Close()
			return nil, err
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.current = c
	return c, nil
}

// lock gives baresip to one at a time: it serves the program alone that connected last.
func (b *softphone) lock(ctx context.Context) error {
	select {
	case b.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return b.fault(ctx.Err(), false)
	}
}

func (b *softphone) unlock() { <-b.turn }

// Write sets a status, on the connection that is watched where there is one.
func (b *softphone) Write(ctx context.Context, status string) error {
	for _, known := range []string{Available, DoNotDisturb, Offline} {
		if strings.EqualFold(status, known) {
			return b.write(ctx, known)
		}
	}
	return remote.NoSuchStatus(b.who(), status, Available, DoNotDisturb, Offline)
}

func (b *softphone) write(ctx context.Context, status string) error {
	if !b.sets {
		return &problem.Problem{Kind: problem.Refused, What: problem.Say("This phone is set to be read only"),
			Do: problem.Say("Set sets_status to yes if Offhook alone is to set do not disturb and presence")}
	}
	if err := b.lock(ctx); err != nil {
		return err
	}
	defer b.unlock()
	b.mu.Lock()
	c := b.current
	b.mu.Unlock()
	if c == nil {
		var err error
		if c, err = b.dial(ctx); err != nil {
			return err
		}
		defer c.Close()
	}
	return c.set(ctx, status)
}

func (b *softphone) GiveBack(ctx context.Context, before string) error {
	return b.Write(ctx, before) // baresip keeps nothing of what stood there before
}
