// Package simulate is the outside world for trying and testing: a simulated Entra authority, a simulated
// Microsoft Graph with one person in it, and a simulated phone, on loopback, with one page on which both
// sides are played by hand. It behaves as the real ones are documented to; nothing here is real, and nothing
// here needs a network. It must not know Offhook's engine, its Graph client or its phones: they meet over
// HTTP only.
//
// Inside, each world is a room of its own: entra, graph, phone, and the page.
package simulate

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/offhook/offhook/sync/simulate/internal/entra"
	"github.com/offhook/offhook/sync/simulate/internal/graph"
	"github.com/offhook/offhook/sync/simulate/internal/phone"
)

// What the worlds are made of where Options say nothing else. All of it is made up.
const (
	DefaultClientID = "0ff00000-c0de-4000-8000-00000000c11e"
	DefaultTenant   = "7e4a4700-c0de-4000-8000-000000007e4a"
	DefaultUser     = "100"        // the phone's
	DefaultPassword = "secret-100" // the phone's

	UserID      = "5a400000-c0de-4000-8000-000000005a4e" // the person's object id
	UserName    = "sam@example.test"                     // the person's, in Entra
	DisplayName = "Sam Example"
)

// Options say what the worlds are like. The zero Options will do.
type Options struct {
	HTTPAddr, TLSAddr string // default 127.0.0.1:0
	ClientID          string
	Tenant            string
	User, Password    string // of the phone
	// StaleReads is how many reads of the presence, after each write, still answer what stood before it:
	// 1 where not set, none where negative.
	StaleReads    int
	Now           func() time.Time
	Log           *slog.Logger
	TokenLifetime time.Duration // of access tokens; default 1 h
	WriteStatus   int           // what Graph answers to a write: 204, the default, or 200
	NoSequence    bool          // Graph sends no sequenceNumber
}

// World is a running simulated world. Teams and Phone play the person in it.
type World struct {
	Teams Teams
	Phone Phone

	o         Options
	plain     string // host:port
	secure    string // host:port
	root      []byte
	authority *entra.Authority
	graph     *graph.Server
	phone     *phone.Server
	diary     *diary
	clock     clock
	done      chan struct{}
	err       error // why it ended, once done is closed
}

// Start serves the worlds until ctx ends.
func Start(ctx context.Context, o Options) (*World, error) {
	o = o.withDefaults()
	certificate, root, err := newCertificate()
	if err != nil {
		return nil, fmt.Errorf("cannot make a certificate for the simulated worlds: %w", err)
	}
	plain, err := net.Listen("tcp", o.HTTPAddr)
	if err != nil {
		return nil, fmt.Errorf("cannot serve the simulated worlds: %w", err)
	}
	secure, err := net.Listen("tcp", o.TLSAddr)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("cannot serve the simulated worlds: %w", err), plain.Close())
	}
	w := &World{
		o: o, plain: plain.Addr().String(), secure: secure.Addr().String(), root: root,
		clock: clock{now: o.Now}, done: make(chan struct{}),
	}
	w.diary = newDiary(w.clock.Now)
	w.build()
	secure = tls.NewListener(secure, &tls.Config{
		Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"},
	})
	go w.run(ctx, plain, secure)
	return w, nil
}

func (o Options) withDefaults() Options {
	o.HTTPAddr = cmp.Or(o.HTTPAddr, "127.0.0.1:0")
	o.TLSAddr = cmp.Or(o.TLSAddr, "127.0.0.1:0")
	o.ClientID = cmp.Or(o.ClientID, DefaultClientID)
	o.Tenant = cmp.Or(o.Tenant, DefaultTenant)
	o.User = cmp.Or(o.User, DefaultUser)
	o.Password = cmp.Or(o.Password, DefaultPassword)
	o.TokenLifetime = cmp.Or(o.TokenLifetime, time.Hour)
	o.WriteStatus = cmp.Or(o.WriteStatus, http.StatusNoContent)
	switch {
	case o.StaleReads == 0:
		o.StaleReads = 1
	case o.StaleReads < 0:
		o.StaleReads = 0
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// build makes the rooms and the few threads between them.
func (w *World) build() {
	report := func(side string) func(by, what string) {
		return func(by, what string) { w.diary.note(side, by, what) }
	}
	w.authority = entra.New(entra.Config{
		Tenant: w.o.Tenant, ClientID: w.o.ClientID, AppName: "Offhook",
		UserID: UserID, UserName: UserName, DisplayName: DisplayName,
		Secure:        func() string { return "https://" + w.secure },
		Pages:         func() string { return "http://" + w.plain },
		TokenLifetime: w.o.TokenLifetime, Now: w.clock.Now, Report: report(sideSignIn),
	})
	w.graph = graph.New(graph.Config{
		UserID: UserID, UserName: UserName, DisplayName: DisplayName,
		Base: func() string { return "https://" + w.secure },
		Check: func(bearer string) (graph.Grant, error) {
			a, err := w.authority.Check(bearer)
			return graph.Grant{ClientID: w.o.ClientID, Scopes: a.Scopes, Issued: a.Issued}, err
		},
		StaleReads: w.o.StaleReads, NoSequence: w.o.NoSequence, WriteStatus: w.o.WriteStatus,
		Now: w.clock.Now, Report: report(sideTeams),
	})
	w.phone = phone.New(phone.Config{
		User: w.o.User, Password: w.o.Password, Now: w.clock.Now, Report: report(sidePhone),
	})
	w.Teams, w.Phone = Teams{w.graph}, Phone{w.phone}
}

// run serves until ctx ends or a listener fails.
func (w *World) run(ctx context.Context, listeners ...net.Listener) {
	ctx, cancel := context.WithCancel(ctx)
	failed := make(chan error, len(listeners))
	server := &http.Server{
		Handler:           w.handler(),
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ErrorLog:          slog.NewLogLogger(w.o.Log.Handler(), slog.LevelDebug),
	}
	var running sync.WaitGroup
	for _, l := range listeners {
		running.Go(func() {
			if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
				failed <- fmt.Errorf("the simulated worlds ended: %w", err)
				cancel()
			}
		})
	}
	running.Go(func() { w.keepTime(ctx) })
	w.o.Log.Info("simulated worlds started", "page", w.PageURL(), "graph", w.GraphURL(), "authority", w.AuthorityURL())

	<-ctx.Done()
	cancel()
	end, stop := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer stop()
	if server.Shutdown(end) != nil { // somebody holds on to a request: cut it off
		_ = server.Close()
	}
	running.Wait()
	select {
	case w.err = <-failed:
	default:
	}
	close(w.done)
}

// Wait waits for the end: nil when it was asked for.
func (w *World) Wait() error {
	<-w.done
	return w.err
}

// PageURL is the page on which both outside worlds are played.
func (w *World) PageURL() string { return "http://" + w.plain + "/" }

// AuthorityURL is the authority, for MSAL. Instance discovery has to be off.
func (w *World) AuthorityURL() string { return "https://" + w.secure + "/" + w.o.Tenant }

// GraphURL is the address of Graph, its version included.
func (w *World) GraphURL() string { return "https://" + w.secure + "/v1.0" }

// PhoneURL is the base address of the phone's API.
func (w *World) PhoneURL() string { return "http://" + w.plain + "/phone/v1" }

// RootPEM is the root certificate to trust: made at the start, in memory only.
func (w *World) RootPEM() []byte { return w.root }

// ClientID is the application's id in the simulated tenant.
func (w *World) ClientID() string { return w.o.ClientID }
