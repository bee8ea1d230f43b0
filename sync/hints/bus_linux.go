package hints

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/godbus/dbus/v5"
)

const (
	logind        = "org.freedesktop.login1"
	logindPath    = "/org/freedesktop/login1"
	logindManager = logind + ".Manager"
	logindSession = logind + ".Session"
)

var errBusGone = errors.New("the bus has gone")

// hear passes on the signals of a bus that match, until ctx ends or the bus goes. ready runs once they are being
// listened to.
func hear(ctx context.Context, conn *dbus.Conn, ready func() error, on func(*dbus.Signal), matches ...[]dbus.MatchOption) error {
	signals := make(chan *dbus.Signal, 16)
	conn.Signal(signals)
	for _, match := range matches {
		if err := conn.AddMatchSignalContext(ctx, match...); err != nil {
			return fmt.Errorf("listening on the bus: %w", err)
		}
	}
	if err := ready(); err != nil {
		return err
	}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case s, ok := <-signals:
			if !ok {
				return errBusGone
			}
			on(s)
		}
	}
}

func systemBus(ctx context.Context) (*dbus.Conn, error) {
	conn, err := dbus.ConnectSystemBus(dbus.WithContext(ctx))
	if err != nil {
		return nil, fmt.Errorf("the system bus: %w", err)
	}
	return conn, nil
}

// sessionProperty passes on a property of the person's login session, now and whenever it changes.
func sessionProperty(ctx context.Context, name string, on func(bool)) error {
	conn, err := systemBus(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	session, err := loginSession(ctx, conn)
	if err != nil {
		return err
	}
	now := func() error {
		var v dbus.Variant
		err := conn.Object(logind, session).CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", 0, logindSession, name).Store(&v)
		if is, ok := v.Value().(bool); err == nil && ok {
			on(is)
		}
		return nil // one that has no such property yet may have it later
	}
	return hear(ctx, conn, now, func(s *dbus.Signal) {
		if s.Path != session || len(s.Body) < 2 {
			return
		}
		changed, _ := s.Body[1].(map[string]dbus.Variant)
		if is, ok := changed[name].Value().(bool); ok {
			on(is)
		}
	}, []dbus.MatchOption{dbus.WithMatchSender(logind), dbus.WithMatchObjectPath(session),
		dbus.WithMatchInterface("org.freedesktop.DBus.Properties"), dbus.WithMatchMember("PropertiesChanged")})
}

// loginSession finds the session of this process; a process started by the user's service manager has none of its
// own, and is told by the environment.
func loginSession(ctx context.Context, conn *dbus.Conn) (path dbus.ObjectPath, err error) {
	manager := conn.Object(logind, logindPath)
	if id := os.Getenv("XDG_SESSION_ID"); id != "" {
		err = manager.CallWithContext(ctx, logindManager+".GetSession", 0, id).Store(&path)
	} else {
		err = manager.CallWithContext(ctx, logindManager+".GetSessionByPID", 0, uint32(os.Getpid())).Store(&path)
	}
	if err != nil {
		return "", fmt.Errorf("the login session: %w", err)
	}
	return path, nil
}
