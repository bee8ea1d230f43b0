package hints

import (
	"context"
	"fmt"

	"github.com/godbus/dbus/v5"

	"github.com/offhook/offhook/sync/pace"
)

func locked(is bool) pace.Hint {
	if is {
		return pace.Locked
	}
	return pace.Unlocked
}

func logindLock(ctx context.Context, tell func(pace.Hint)) error {
	return sessionProperty(ctx, "LockedHint", func(is bool) { tell(locked(is)) })
}

// screenSaver listens to the desktop's screen saver, which covers the screen when it is locked.
func screenSaver(ctx context.Context, tell func(pace.Hint)) error {
	conn, err := dbus.ConnectSessionBus(dbus.WithContext(ctx))
	if err != nil {
		return fmt.Errorf("the session bus: %w", err)
	}
	defer conn.Close()
	var matches [][]dbus.MatchOption
	for _, of := range []string{"org.freedesktop.ScreenSaver", "org.gnome.ScreenSaver"} {
		matches = append(matches, []dbus.MatchOption{dbus.WithMatchInterface(of), dbus.WithMatchMember("ActiveChanged")})
	}
	return hear(ctx, conn, func() error { return nil }, func(s *dbus.Signal) {
		if len(s.Body) == 1 {
			if is, ok := s.Body[0].(bool); ok {
				tell(locked(is))
			}
		}
	}, matches...)
}
