//go:build linux || freebsd || openbsd || netbsd

package notice

import (
	"fmt"
	"html"
	"sync"

	"github.com/godbus/dbus/v5"
)

const (
	server = "org.freedesktop.Notifications"
	path   = "/org/freedesktop/Notifications"
)

// Bus is the desktop's notification service on the session bus.
type Bus struct {
	conn    *dbus.Conn
	ended   sync.WaitGroup
	mu      sync.Mutex
	pending map[uint32]func()
}

// Open connects to the desktop's notification service. The connection is kept until Close.
func Open() (*Bus, error) {
	conn, err := dbus.SessionBusPrivateNoAutoStartup()
	if err != nil {
		return nil, fmt.Errorf("the session bus: %w", err)
	}
	if err = conn.Auth(nil); err == nil {
		err = conn.Hello()
	}
	if err == nil {
		err = conn.AddMatchSignal(dbus.WithMatchInterface(server), dbus.WithMatchObjectPath(path))
	}
	if err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("the session bus: %w", err)
	}
	b := &Bus{conn: conn, pending: map[uint32]func(){}}
	signals := make(chan *dbus.Signal, 16)
	conn.Signal(signals) // closed with the connection
	b.ended.Go(func() {
		for s := range signals {
			b.hear(s)
		}
	})
	return b, nil
}

func (b *Bus) hear(s *dbus.Signal) {
	if len(s.Body) == 0 {
		return
	}
	id, _ := s.Body[0].(uint32)
	b.mu.Lock()
	acted := b.pending[id]
	delete(b.pending, id)
	b.mu.Unlock()
	if s.Name == server+".ActionInvoked" && acted != nil {
		b.ended.Go(acted) // a sign-in may take its time
	}
}

// Name tells which notification service answers.
func (b *Bus) Name() (string, error) {
	var name, vendor, version, spec string
	err := b.conn.Object(server, path).Call(server+".GetServerInformation", 0).Store(&name, &vendor, &version, &spec)
	return name, err
}

// Show shows a notification with its action, also on a click anywhere on it.
func (b *Bus) Show(n Need, acted func()) (takeBack func(), err error) {
	b.mu.Lock() // a signal of it waits until it is noted
	defer b.mu.Unlock()
	var id uint32
	hints := map[string]dbus.Variant{"desktop-entry": dbus.MakeVariant("offhook"), "urgency": dbus.MakeVariant(byte(1)),
		"category": dbus.MakeVariant("presence")}
	err = b.conn.Object(server, path).Call(server+".Notify", 0, "Offhook", uint32(0), "offhook", n.Title, html.EscapeString(n.Body),
		[]string{"default", n.Label, "do", n.Label}, hints, int32(-1)).Store(&id)
	if err != nil {
		return nil, fmt.Errorf("the desktop's notifications: %w", err)
	}
	b.pending[id] = acted
	return func() {
		b.mu.Lock()
		delete(b.pending, id)
		b.mu.Unlock()
		b.conn.Object(server, path).Call(server+".CloseNotification", dbus.FlagNoReplyExpected, id)
	}, nil
}

// Close ends the connection, and returns with every action ended.
func (b *Bus) Close() error {
	err := b.conn.Close()
	b.ended.Wait()
	return err
}
