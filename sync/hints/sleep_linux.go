package hints

import (
	"context"

	"github.com/godbus/dbus/v5"

	"github.com/offhook/offhook/sync/pace"
)

func logindSleep(ctx context.Context, tell func(pace.Hint)) error {
	conn, err := systemBus(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return hear(ctx, conn, func() error { return nil }, func(s *dbus.Signal) {
		if len(s.Body) == 1 && s.Body[0] == false { // true: it is about to sleep
			tell(pace.Woke)
		}
	}, []dbus.MatchOption{dbus.WithMatchSender(logind), dbus.WithMatchInterface(logindManager), dbus.WithMatchMember("PrepareForSleep")})
}
