//go:build linux || freebsd || openbsd || netbsd

package tray

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/offhook/offhook/app/local"
)

// start runs the tray until the test ends.
func start(t *testing.T, d *desk, o Options) (end func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	o.Log = slog.New(slog.DiscardHandler)
	ended := make(chan error, 1)
	go func() { ended <- Run(ctx, d, o) }()
	return func() error {
		defer cancel()
		select {
		case err := <-ended:
			return err
		default:
			cancel()
			return <-ended
		}
	}
}

func TestTheTrayOverDBus(t *testing.T) {
	if os.Getenv("OFFHOOK_TEST_ALONE") == "" {
		alone(t, startBus(t))
		return
	}
	p := newPanel(t)
	p.appear()
	leaks := goleak.IgnoreCurrent()
	first := with(func(s *local.Status) { s.Phones[0].Status = "on_a_call" })
	d := newDesk(first)
	opened := make(chan string, 1)
	end := start(t, d, Options{OpenURL: func(url string) error { opened <- url; return errors.New("no browser") }})
	i := p.icon()

	eventually(t, "the first menu", asDesktop(first), i.rows)
	eventually(t, "the title", "Offhook: In step", func() (s string) { i.property("Title", &s); return s })
	var id string
	if i.property("Id", &id); id != "offhook" {
		t.Errorf("the icon's id is %q: desktops remember where a person put an icon by it", id)
	}
	i.shows(local.LookBusy)

	t.Run("clicks reach the resident", func(t *testing.T) {
		for label, want := range map[string]string{
			"For 30 minutes": "pause for 30m0s", "For an hour": "pause for 1h0m0s", "Until I resume": "pause",
			"Settings…": "settings", "Sign out": "sign out", "Be right back": "set be-right-back", "Teams: In a call": "settings",
		} {
			i.click(label)
			d.want(t, want)
		}
	})

	t.Run("a change of status shows", func(t *testing.T) {
		paused := with(func(s *local.Status) {
			s.Look, s.Synced, s.Paused = local.LookPaused, false, &local.Pause{}
			s.DemoPage = "http://127.0.0.1:1/"
		})
		d.Set(paused)
		eventually(t, "the menu", asDesktop(paused), i.rows)
		i.shows(local.LookPaused)
		var tip struct {
			Icon    string
			Pixmaps []struct {
				W, H int32
				Pix  []byte
			}
			Title, Text string
		}
		if i.property("ToolTip", &tip); tip.Title != Tooltip(english(), paused) {
			t.Errorf("the tooltip is %q, want %q", tip.Title, Tooltip(english(), paused))
		}
		i.click("Resume")
		d.want(t, "resume")
	})

	t.Run("what did not work is said, until the status changes", func(t *testing.T) {
		i.click("Open the demo page")
		if url := <-opened; url != "http://127.0.0.1:1/" {
			t.Errorf("opened %s", url)
		}
		eventually(t, "the first row", "That did not work: The browser cannot be opened", func() string {
			row, _, _ := strings.Cut(i.rows(), "\n")
			return row
		})
		d.Set(inStep())
		eventually(t, "the menu", asDesktop(inStep()), i.rows)
	})

	t.Run("another number of phones", func(t *testing.T) {
		two := with(func(s *local.Status) {
			s.Phones = append(s.Phones, local.Phone{Title: "Mobile", Known: true, Status: "Available"})
		})
		d.Set(two)
		eventually(t, "the menu", asDesktop(two), i.rows)
		i.click("Settings…")
		d.want(t, "settings")
		d.Set(inStep())
		eventually(t, "the menu", asDesktop(inStep()), i.rows)
	})

	t.Run("nothing is sent when nothing visible changes", func(t *testing.T) {
		p.must(p.bus.AddMatchSignal(dbus.WithMatchPathNamespace("/StatusNotifierItem")))
		signals := make(chan *dbus.Signal, 100)
		p.bus.Signal(signals)
		defer p.bus.RemoveSignal(signals)
		untilNewIcon := func() (sent []string) {
			for len(sent) == 0 || !strings.HasSuffix(sent[len(sent)-1], "NewIcon") {
				select {
				case s := <-signals:
					sent = append(sent, s.Name)
				case <-time.After(10 * time.Second):
					t.Fatalf("signals: %q; want the new icon's", sent)
				}
			}
			return sent
		}
		for quiet := false; !quiet; { // the library tells of the menu's changes from goroutines of its own
			select {
			case <-signals:
			case <-time.After(500 * time.Millisecond):
				quiet = true
			}
		}
		for n := range 5 {
			d.Set(with(func(s *local.Status) { s.Teams.NextReadIn = float64(n) }))
		}
		d.Set(with(func(s *local.Status) { s.Teams.NextReadIn, s.Look = 9, local.LookAway }))
		sent := untilNewIcon()
		want := []string{"org.freedesktop.DBus.Properties.PropertiesChanged", "org.kde.StatusNotifierItem.NewIcon"}
		if diff := cmp.Diff(want, sent); diff != "" {
			t.Errorf("signals (-want +got):\n%s", diff)
		}
	})

	t.Run("quit ends it, and leaves nothing", func(t *testing.T) {
		i.click("Quit Offhook")
		d.want(t, "quit")
		if err := end(); err != nil {
			t.Errorf("Run: %v", err)
		}
		eventually(t, "the icon's name on the bus", false, func() (owned bool) {
			p.must(p.bus.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, fmt.Sprintf("org.kde.StatusNotifierItem-%d-1", os.Getpid())).Store(&owned))
			return owned
		})
		goleak.VerifyNone(t, leaks)
	})
}

func TestADesktopWithoutAPlaceForIcons(t *testing.T) {
	if os.Getenv("OFFHOOK_TEST_ALONE") == "" {
		alone(t, startBus(t), "XDG_CURRENT_DESKTOP=ubuntu:GNOME")
		return
	}
	p := newPanel(t)
	told := make(chan local.Problem, 1)
	came := make(chan struct{}, 1)
	end := start(t, newDesk(inStep()), Options{Patience: 50 * time.Millisecond,
		NoHost: func(p local.Problem) { told <- p }, Host: func() { came <- struct{}{} }})
	if problem := <-told; problem.Kind != "no-tray" || !strings.Contains(problem.Do, "AppIndicator") {
		t.Errorf("told: %+v", problem)
	}
	p.appear()
	i := p.icon()
	<-came
	eventually(t, "the menu", asDesktop(inStep()), i.rows)
	if err := end(); err != nil {
		t.Errorf("Run: %v", err)
	}
}

func TestWithoutASession(t *testing.T) {
	for _, address := range []string{"unix:path=/nonexistent/bus", "autolaunch:"} {
		t.Run(address, func(t *testing.T) {
			if address == "autolaunch:" {
				if _, err := os.Stat(fmt.Sprintf("/run/user/%d/bus", os.Getuid())); err == nil {
					t.Skip("there is a session bus here that would be found")
				}
			}
			// Whoever would launch a bus leaves a trace.
			bin := t.TempDir()
			trace := filepath.Join(bin, "launched")
			if err := os.WriteFile(filepath.Join(bin, "dbus-launch"), []byte("#!/bin/sh\ntouch "+trace+"\n"), 0o755); err != nil {
				t.Fatal(err)
			}
			t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
			t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
			told := make(chan local.Problem, 1)
			end := start(t, newDesk(inStep()), Options{NoHost: func(p local.Problem) { told <- p }})
			if problem := <-told; problem.Kind != "no-tray" || problem.Do == "" {
				t.Errorf("told: %+v", problem)
			}
			if err := end(); err != nil {
				t.Errorf("Run: %v", err)
			}
			if _, err := os.Stat(trace); err == nil {
				t.Error("a bus was launched")
			}
		})
	}
}

// A desktop that starts slowly is not reported; one that goes away for good is, once, and so is its return.
func TestPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var told []string
		note := func(what string) { told = append(told, fmt.Sprint(what, " at ", time.Since(began))) }
		var here atomic.Bool
		changed := make(chan struct{})
		tr := &tray{options: Options{Patience: 15 * time.Second,
			NoHost: func(local.Problem) { note("none") }, Host: func() { note("one") }}}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			tr.watchHosts(ctx, here.Load, changed, local.Problem{})
		}()
		for _, step := range []struct {
			after time.Duration
			here  bool
		}{
			{5 * time.Second, false}, {9 * time.Second, true}, // at 14 s: in time
			{time.Minute, false}, {10 * time.Second, true}, // restarted within 10 s
			{time.Minute, false}, {time.Minute, false}, {time.Minute, true}, // away for two minutes from 2:24
		} {
			time.Sleep(step.after)
			here.Store(step.here)
			changed <- struct{}{}
		}
		synctest.Wait()
		cancel()
		<-done
		if diff := cmp.Diff([]string{"none at 2m39s", "one at 4m24s"}, told); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}
