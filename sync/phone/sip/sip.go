// Package sip is the connector to any phone system that speaks SIP, also one without an API: it hears of the
// line by the extension's dialog events (RFC 4235), reads and sets a presence by SUBSCRIBE and PUBLISH (RFC 3856,
// 3903, 3863), and sets do not disturb by dialling the phone system's own codes. It registers nothing, so it takes
// no call away from the phone. It must not know the engine, Teams, a mapping or where its settings are kept.
//
// Messages and transactions are sipgo's. The connection is this package's own: one a phone, so that its loss is
// known at once, and what comes in finds its way back through the same address.
package sip

import (
	"context"
	"crypto/tls"
	"log/slog"
	"sync"
	"time"

	"github.com/offhook/offhook/sync/phone"
	"github.com/offhook/offhook/sync/presence"
)

// Status is one of a preset's statuses: its name there and what it is in SIP (the words below). The first value is
// the one that is set.
type Status struct {
	presence.Status
	Values []string
}

// The words for what a line does and what a presence says.
const (
	ringing = "ringing" // a dialog that is not answered yet
	inCall  = "call"    // a dialog that is
	held    = "hold"    // one that renders no media

	offline    = "offline" // PIDF: closed
	available  = "available"
	away       = "away"
	busy       = "busy"
	meeting    = "meeting"
	onThePhone = "on-the-phone"
	dnd        = "dnd" // busy, with a note that says so; or the phone system's own
)

// Options are what Open needs.
type Options struct {
	Title    string            // the phone system's, for what is told
	Fields   map[string]string // by name as in the preset: server, extension, password, …
	Statuses []Status
	TLS      *tls.Config  // carries the root certificates; nil: the system's
	Log      *slog.Logger // nil: silent
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
	if o.Title == "" {
		o.Title = "The phone system"
	}
	log := o.Log.With("phone", "sip", "server", s.server)
	l := &line{settings: s, title: o.Title, statuses: o.Statuses, log: log, pace: usualPace}
	l.account = &account{user: s.user, password: s.password, turn: make(chan struct{}, 1)}
	l.tuple = l.tupleID()
	l.dial = l.dialer(o.TLS)
	return l, nil
}

// pace is how long and how often.
type pace struct {
	patience time.Duration // for an answer
	keep     time.Duration // between two packets that keep a firewall open
	alive    time.Duration // between two questions whether the phone system is still there
	stay     time.Duration // on the line of a code at most: many a phone system answers first, and acts then
	settle   time.Duration // after dialling a code, until the line no longer shows that call
}

var usualPace = pace{patience: 10 * time.Second, keep: 25 * time.Second, alive: time.Minute, stay: 6 * time.Second, settle: time.Second}

// line is the one phone.
type line struct {
	settings
	title    string
	statuses []Status
	account  *account
	log      *slog.Logger
	tuple    string // the id of what is published here
	dial     func(context.Context) (*conn, error)
	pace

	writing sync.Mutex // one write at a time

	mu         sync.Mutex
	conn       *conn       // Watch's, while it has one
	table      dialogs     // what the line does
	lamp       dialogs     // what the lamp of do not disturb shows
	says       []statement // what is published for the person, by whomsoever
	dialled    string      // dnd or available: the code dialled last; empty: none yet
	codes      int         // how many codes are being dialled: the line shows these calls
	quietUntil time.Time   // a little longer than that
	pub        publication
	wake       chan struct{} // tells Watch that something of the above has changed
}

// ReadOnly tells whether the settings name nothing that may be set.
func (l *line) ReadOnly() bool { return !l.presence && !l.hasCodes() }

// changed tells Watch to look again. l.mu is held.
func (l *line) changed() {
	if l.wake == nil {
		return
	}
	select {
	case l.wake <- struct{}{}:
	default: // one look tells of both
	}
}
