// Package bria is the connector to Bria, a softphone on the person's own computer, through its Desktop API: frames
// like HTTP's over a WebSocket. There are no credentials: the person allows access once, in Bria's own window. It
// must not know the engine, Teams, a mapping or where its settings are kept.
//
// An event only ever means "read now": a reading is what Bria answers.
package bria

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/offhook/offhook/sync/phone"
	"github.com/offhook/offhook/sync/phone/remote"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

// The names of the activities, as the preset has them; the statuses that are chosen are in presences.
const (
	Ringing = "Ringing"
	OnACall = "On a call"
	OnHold  = "On hold"
)

// presences are what a person chooses in Bria, by the preset's names. Bria's onThePhone is none of them: it sets
// that by itself.
var presences = []struct{ status, value string }{
	{"Available", "available"}, {"Busy", "busy"}, {"Away", "away"}, {"Not available for calls", "notAvailableForCalls"},
	{"Do not disturb", "doNotDisturb"}, {"Offline", "offline"},
}

const onThePhone = "onThePhone"

const (
	usual         = "wss://cpclientapi.softphone.com:9002/counterpath/socketapi/v1/" // this computer, by a name that has a certificate
	usualPatience = 10 * time.Second
	lookEvery     = 30 * time.Second
)

// Options are what Open needs.
type Options struct {
	Fields map[string]string // by name as in the preset
	HTTP   *http.Client      // carries the root certificates; nil: Go's default
	Log    *slog.Logger      // nil: silent
}

// Open makes a phone of a Bria. It talks to nobody yet; an error is a *problem.Problem about the fields.
func Open(o Options) (phone.Phone, error) {
	address := strings.TrimSpace(o.Fields["address"])
	if address == "" {
		address = usual
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "ws" && u.Scheme != "wss" || u.Hostname() == "" || u.User != nil {
		return nil, remote.Wrong(problem.Say("Leave it empty, or enter it like {example}", "example", usual),
			problem.Say("{phone}: the address cannot be understood", "phone", "Bria"))
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	// A client that gives up after a while would end the connection that is to stay.
	client := &http.Client{}
	if o.HTTP != nil {
		client.Transport = o.HTTP.Transport
	}
	return &softphone{address: address, host: u.Host, http: client, patience: usualPatience, log: o.Log.With("phone", "bria")}, nil
}

// softphone is the one phone.
type softphone struct {
	address  string
	host     string
	http     *http.Client
	patience time.Duration
	log      *slog.Logger
}

func (b *softphone) who() problem.Text { return remote.At("Bria", b.host) }

// Watch keeps one connection for events and readings.
func (b *softphone) Watch(ctx context.Context, report func(presence.Reading, error)) {
	remote.Keep(ctx, b.log, report, func(ctx context.Context) error {
		bell := remote.NewBell()
		c, err := b.dial(ctx, bell)
		if err != nil {
			return err
		}
		defer c.Close()
		b.log.Info("connected")
		err = remote.Follow(ctx, bell, lookEvery, c.Over(), c.read, report)
		if err == nil {
			return b.lost(c.Why(), false)
		}
		return err
	})
}

// Write sets a presence, with the text that stands beside it left as it is, and answers once Bria shows it.
func (b *softphone) Write(ctx context.Context, status string) error {
	names := make([]string, len(presences))
	for i, p := range presences {
		if !strings.EqualFold(p.status, status) {
			names[i] = p.status
			continue
		}
		c, err := b.dial(ctx, remote.NewBell())
		if err != nil {
			return err
		}
		defer c.Close()
		return c.write(ctx, p.status, p.value)
	}
	return remote.NoSuchStatus(b.who(), status, names...)
}

func (b *softphone) GiveBack(ctx context.Context, before string) error {
	return b.Write(ctx, before) // Bria keeps nothing of what stood there before
}
