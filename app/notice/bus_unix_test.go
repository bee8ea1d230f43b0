//go:build linux || freebsd || openbsd || netbsd

package notice

import (
	"bufio"
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/google/go-cmp/cmp"

	"github.com/offhook/offhook/sync/testreal"
)

// desktop is a notification server on a bus of the test's own.
type desktop struct {
	conn   *dbus.Conn
	shown  chan shown
	closed chan uint32
}

type shown struct {
	Title, Body string
	Actions     []string
}

func (d *desktop) Notify(_ string, _ uint32, _, title, body string, actions []string, _ map[string]dbus.Variant, _ int32) (uint32, *dbus.Error) {
	d.shown <- shown{title, body, actions}
	return 7, nil
}

func (d *desktop) CloseNotification(id uint32) *dbus.Error {
	d.closed <- id
	return nil
}

func (d *desktop) GetServerInformation() (name, vendor, version, spec string, _ *dbus.Error) {
	return "board", "offhook", "1", "1.2", nil
}

func newDesktop(t *testing.T) *desktop {
	t.Helper()
	daemon := exec.Command(testreal.Program(t, "dbus-daemon", "install the package dbus"),
		"--session", "--nofork", "--print-address", "--address=unix:path="+filepath.Join(t.TempDir(), "bus"))
	out, err := daemon.StdoutPipe()
	if err == nil {
		err = daemon.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = daemon.Process.Kill(), daemon.Wait() })
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", strings.TrimSpace(address))
	d := &desktop{shown: make(chan shown, 10), closed: make(chan uint32, 10)}
	if d.conn, err = dbus.ConnectSessionBus(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.conn.Close() })
	if err := d.conn.Export(d, path, server); err != nil {
		t.Fatal(err)
	}
	if _, err := d.conn.RequestName(server, dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	return d
}

func next[T any](t *testing.T, ch <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-ch:
	case <-time.After(10 * time.Second):
		t.Fatal("nothing came within 10 seconds")
	}
	return v
}

// On a real bus the notification carries its action, the action is done, and what is mended is taken back.
func TestOnARealBus(t *testing.T) {
	d := newDesktop(t)
	bus, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	if name, err := bus.Name(); name != "board" || err != nil {
		t.Errorf("the server is %q, %v", name, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	r := newDesk()
	ended := make(chan struct{})
	go func() { defer close(ended); Run(ctx, r, bus, quiet) }()

	r.statuses <- signedIn(lapsed)
	want := shown{"The sign-in has lapsed", "Sign in again", []string{"default", "Sign in", "do", "Sign in"}}
	if diff := cmp.Diff(want, next(t, d.shown)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := d.conn.Emit(path, server+".ActionInvoked", uint32(7), "do"); err != nil {
		t.Fatal(err)
	}
	if got := next(t, r.asked); got != "sign in" {
		t.Errorf("the action: %s", got)
	}
	r.statuses <- signedIn(nil)
	if id := next(t, d.closed); id != 7 {
		t.Errorf("taken back: %d", id)
	}
	r.statuses <- signedIn(phone("bad-login"))
	next(t, d.shown)
	_ = d.conn.Emit(path, server+".ActionInvoked", uint32(99), "do") // another program's
	_ = d.conn.Emit(path, server+".ActionInvoked", uint32(7), "default")
	if got := next(t, r.asked); got != "open phones" {
		t.Errorf("a click: %s", got)
	}
	cancel()
	<-ended
	if err := bus.Close(); err != nil {
		t.Error(err)
	}
}
