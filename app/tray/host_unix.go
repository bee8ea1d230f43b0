//go:build linux || freebsd || openbsd || netbsd

package tray

import (
	"context"
	"os"
	"strings"
	"sync"
	"time"

	"fyne.io/systray"
	"github.com/godbus/dbus/v5"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/sync/problem"
)

// The desktop's list of icons, on the session bus.
const (
	watcher     = "org.kde.StatusNotifierWatcher"
	watcherPath = "/StatusNotifierWatcher"
)

// setTitle names the icon. Panels show it in their settings, and some in place of the tooltip.
func setTitle(title string) { systray.SetTitle(title) }

// escape keeps an underscore from becoming a shortcut's underline.
func escape(label string) string { return strings.ReplaceAll(label, "_", "__") }

func (t *tray) run(ctx context.Context) error {
	// A connection of our own first: the library's would launch a bus where there is none, and would not say
	// that it failed.
	bus, err := sessionBus()
	if err != nil {
		t.options.Log.Info("no tray icon: the session bus cannot be reached", "error", err)
		if t.options.NoHost != nil {
			t.options.NoHost(noSession())
		}
		<-ctx.Done()
		return nil
	}
	defer bus.Close()

	t.view.show(ctx, t.resident.Status(), nil) // all is there before the desktop is told, so nothing flickers
	systray.SetTitle("offhook")                // the title of this moment is the icon's lasting id
	start, end := systray.RunWithExternalLoop(nil, nil)
	start()
	systray.SetTitle(t.view.title)

	var watching sync.WaitGroup
	watching.Go(func() { t.watchBus(ctx, bus) })
	err = t.follow(ctx)
	t.cancel()
	watching.Wait()
	t.view.clicks.Wait()
	end()
	return err
}

func sessionBus() (*dbus.Conn, error) {
	bus, err := dbus.SessionBusPrivateNoAutoStartup()
	if err != nil {
		return nil, err
	}
	if err = bus.Auth(nil); err == nil {
		err = bus.Hello()
	}
	if err != nil {
		_ = bus.Close()
		return nil, err
	}
	return bus, nil
}

// watchBus watches whether the desktop has a place for icons until ctx ends.
func (t *tray) watchBus(ctx context.Context, bus *dbus.Conn) {
	signals := make(chan *dbus.Signal, 16)
	bus.Signal(signals)
	defer bus.RemoveSignal(signals)
	for _, match := range [][]dbus.MatchOption{
		{dbus.WithMatchSender("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, watcher)},
		{dbus.WithMatchInterface(watcher), dbus.WithMatchMember("StatusNotifierHostRegistered")},
		{dbus.WithMatchInterface(watcher), dbus.WithMatchMember("StatusNotifierHostUnregistered")},
	} {
		if err := bus.AddMatchSignalContext(ctx, match...); err != nil {
			t.options.Log.Debug("watching for a tray", "error", err)
			return
		}
	}
	changed := make(chan struct{})
	var passing sync.WaitGroup
	defer passing.Wait()
	passing.Go(func() {
		for {
			select {
			case _, ok := <-signals:
				if !ok {
					return // the session has ended
				}
				select {
				case changed <- struct{}{}:
				case <-ctx.Done():
					return
				}
			case <-ctx.Done():
				return
			}
		}
	})
	t.watchHosts(ctx, func() bool { return hosted(ctx, bus) }, changed, noHost(os.Getenv("XDG_CURRENT_DESKTOP")))
}

// hosted tells whether something collects icons and something shows them.
func hosted(ctx context.Context, bus *dbus.Conn) bool {
	var owned bool
	err := bus.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.NameHasOwner", 0, watcher).Store(&owned)
	if err != nil || !owned {
		return false
	}
	var shown dbus.Variant
	err = bus.Object(watcher, watcherPath).CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", 0,
		watcher, "IsStatusNotifierHostRegistered").Store(&shown)
	if err != nil {
		return true // one that does not say
	}
	yes, ok := shown.Value().(bool)
	return yes || !ok
}

// watchHosts tells by NoHost and Host whether the desktop shows icons: present says so now, and changed is
// sent to when it may be otherwise. A desktop that is starting, or starting again, is given time.
func (t *tray) watchHosts(ctx context.Context, present func() bool, changed <-chan struct{}, problem local.Problem) {
	told := false
	var late <-chan time.Time
	for {
		switch here := present(); {
		case ctx.Err() != nil:
			return
		case here:
			late = nil
			if told && t.options.Host != nil {
				t.options.Host()
			}
			told = false
		case !told && late == nil:
			late = time.After(t.options.Patience)
		}
		select {
		case <-late:
			told, late = true, nil
			if t.options.NoHost != nil {
				t.options.NoHost(problem)
			}
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}

// noSession and noHost say what to do where no icon shows.
func noSession() local.Problem {
	return noTray(problem.Say("There is no desktop session here to show a tray icon"),
		problem.Say("Start Offhook from the desktop, or run offhook status to see how things are"))
}

func noHost(desktop string) local.Problem {
	do := problem.Say("Add a system tray (StatusNotifier) to the panel; until then start Offhook once more to open its window")
	if strings.Contains(strings.ToUpper(desktop), "GNOME") {
		do = problem.Say("Install and switch on GNOME's extension AppIndicator and KStatusNotifierItem Support; until then start Offhook once more to open its window")
	}
	return noTray(problem.Say("This desktop shows no tray icons"), do)
}

// Missing says why this desktop shows no tray icons; nil: it does.
func Missing(ctx context.Context) *local.Problem {
	bus, err := sessionBus()
	if err != nil {
		p := noSession()
		return &p
	}
	defer bus.Close()
	if hosted(ctx, bus) {
		return nil
	}
	p := noHost(os.Getenv("XDG_CURRENT_DESKTOP"))
	return &p
}
