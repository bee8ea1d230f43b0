package asterisk

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/user"
	"slices"
	"strings"
	"time"

	"github.com/coder/websocket"

	"github.com/offhook/offhook/sync/phone/remote"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

const (
	pingEvery = 30 * time.Second // so long a dead connection may go unnoticed
	lookEvery = 5 * time.Minute  // a connection can be alive and deaf: look now and then without being told
	pollEvery = 5 * time.Second  // where the login may not subscribe
	steady    = time.Minute      // a connection that lasted so long was a good one
)

// errReplaced: another connection took this one's application name.
var errReplaced = errors.New("another connection took over the application name")

func (l *line) Watch(ctx context.Context, report func(presence.Reading, error)) {
	app, failures, replaced := l.appName(), 0, 0
	for {
		name := app
		if replaced > 0 {
			name = fmt.Sprintf("%s-%d", app, replaced+1)
		}
		began := time.Now()
		err := l.connection(ctx, name, report)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > steady {
			failures = 0
		}
		failures++
		wait := remote.Pause(failures, problem.Of(err))
		if errors.Is(err, errReplaced) { // a second Offhook of this person on this machine: both can be heard
			replaced++
			l.log.Info("the application name is taken; taking another", "app", name)
		} else {
			p := problem.Of(err)
			l.log.Warn("Asterisk cannot be read", "kind", p.Kind, "what", p.What.String(), "err", p.Err)
			report(presence.Reading{}, p)
			if p.Kind == problem.BadLogin {
				<-ctx.Done()
				return
			}
			l.ari.http.CloseIdleConnections() // they may be as dead as the one that was lost
		}
		if remote.Sleep(ctx, wait) != nil {
			return
		}
	}
}

// appName is unique to this person, machine and extension, and the same at each start: the application of a
// connection that died unnoticed is taken over and not left behind on the PBX.
func (l *line) appName() string {
	host, _ := os.Hostname()
	who := ""
	if u, err := user.Current(); err == nil {
		who = u.Uid
	}
	sum := sha256.Sum256([]byte(strings.Join(append([]string{host, who}, l.watched()...), "\n")))
	_, extension, _ := strings.Cut(l.devices[0], "/")
	return fmt.Sprintf("offhook-%s-%x", extension, sum[:6])
}

func (l *line) watched() []string { return append(slices.Clone(l.devices), l.dndRead...) }

// connection connects once, and reports until the connection ends; it answers why it ended.
func (l *line) connection(ctx context.Context, app string, report func(presence.Reading, error)) error {
	conn, err := l.ari.events(ctx, app)
	if err != nil {
		return err
	}
	ctx, end := context.WithCancelCause(ctx)
	changed, listened := make(chan struct{}, 1), make(chan struct{})
	go func() {
		defer close(listened)
		end(l.listen(ctx, conn, changed))
	}()
	err = l.follow(ctx, app, conn, changed, report)
	if ctx.Err() != nil {
		err = context.Cause(ctx) // what failed then failed because of this
	}
	end(nil)
	_ = conn.CloseNow()
	<-listened
	return err
}

// listen hears the events until the connection ends, and answers why.
func (l *line) listen(ctx context.Context, conn *websocket.Conn, changed chan<- struct{}) error {
	for {
		_, frame, err := conn.Read(ctx)
		if err != nil {
			return l.ari.lost(err)
		}
		var event struct{ Type string }
		if err := json.Unmarshal(frame, &event); err != nil {
			return l.ari.nonsense(err)
		}
		switch event.Type {
		case "ApplicationReplaced":
			return errReplaced
		case "DeviceStateChanged":
			select {
			case changed <- struct{}{}:
			default: // one is waiting already: one reading tells of both
			}
		}
	}
}

// follow reads and reports, at once and whenever there is cause to.
func (l *line) follow(ctx context.Context, app string, conn *websocket.Conn, changed <-chan struct{}, report func(presence.Reading, error)) error {
	look := lookEvery
	switch err := l.ari.subscribe(ctx, app, l.watched()); {
	case err == nil:
		l.log.Info("connected", "app", app)
	case problem.Of(err).Kind == problem.Forbidden: // an ARI login with read_only = yes may not subscribe
		look = pollEvery
		l.log.Info("the login may not subscribe to events; reading at an interval", "every", look)
	default:
		return err
	}
	ping, again := time.NewTicker(pingEvery), time.NewTicker(look)
	defer ping.Stop()
	defer again.Stop()
	for {
		reading, err := l.read(ctx)
		if err != nil {
			return err
		}
		report(reading, nil)
		for waiting := true; waiting; {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-changed:
				waiting = false
			case <-again.C:
				waiting = false
			case <-ping.C:
				if err := l.alive(ctx, conn); err != nil {
					return l.ari.lost(err)
				}
			}
		}
	}
}

func (l *line) alive(ctx context.Context, conn *websocket.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, l.ari.patience)
	defer cancel()
	return conn.Ping(ctx)
}
