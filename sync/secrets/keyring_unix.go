//go:build !windows && !darwin

package secrets

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/godbus/dbus/v5"
	"github.com/zalando/go-keyring"
)

var errNoBus = errors.New("there is no D-Bus session, so there is no Secret Service")

// reachable looks for the session bus where the D-Bus library would: without one that library starts
// daemons of its own, which outlive this process and hold no keyring.
func reachable() error {
	if a := os.Getenv("DBUS_SESSION_BUS_ADDRESS"); a != "" && !strings.HasPrefix(a, "autolaunch:") {
		return nil
	}
	runtime := filepath.Join("/run/user", strconv.Itoa(os.Getuid()))
	for _, name := range []string{"bus", "dbus-session"} {
		if _, err := os.Stat(filepath.Join(runtime, name)); err == nil {
			return nil
		}
	}
	return errNoBus
}

// unlocked looks at the collection that the keyring library would use, without starting or asking anything.
func unlocked(ctx context.Context) bool {
	bus, err := dbus.ConnectSessionBus(dbus.WithContext(ctx))
	if err != nil {
		return false
	}
	defer bus.Close()
	const service, root = "org.freedesktop.secrets", dbus.ObjectPath("/org/freedesktop/secrets")
	locked := func(collection dbus.ObjectPath) (locked bool, err error) {
		var v dbus.Variant
		err = bus.Object(service, collection).CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", dbus.FlagNoAutoStart,
			"org.freedesktop.Secret.Collection", "Locked").Store(&v)
		if err == nil {
			err = v.Store(&locked)
		}
		return locked, err
	}
	if is, err := locked(root + "/collection/login"); err == nil {
		return !is
	}
	var collection dbus.ObjectPath
	err = bus.Object(service, root).CallWithContext(ctx, "org.freedesktop.Secret.Service.ReadAlias", dbus.FlagNoAutoStart, "default").Store(&collection)
	if err != nil || collection == "/" {
		return false
	}
	is, err := locked(collection)
	return err == nil && !is
}

func troubleOf(err error) trouble {
	if errors.Is(err, errNoBus) || errors.Is(err, keyring.ErrUnsupportedPlatform) {
		return absent
	}
	var remote dbus.Error
	if errors.As(err, &remote) {
		switch remote.Name {
		case "org.freedesktop.DBus.Error.ServiceUnknown", "org.freedesktop.DBus.Error.NameHasNoOwner",
			"org.freedesktop.DBus.Error.Spawn.ServiceNotFound", "org.freedesktop.DBus.Error.Spawn.ExecFailed":
			return absent
		case "org.freedesktop.Secret.Error.IsLocked":
			return locked
		}
		return refusing
	}
	// The keyring library's own words for an Unlock that unlocked nothing: dismissed, or nobody to ask.
	if strings.Contains(err.Error(), "failed to unlock") {
		return locked
	}
	// The bus that the environment names cannot be reached.
	var dial *net.OpError
	if errors.As(err, &dial) || errors.Is(err, os.ErrNotExist) || errors.Is(err, dbus.ErrClosed) {
		return absent
	}
	return refusing
}
