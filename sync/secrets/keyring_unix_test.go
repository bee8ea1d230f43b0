//go:build !windows && !darwin

package secrets

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/offhook/offhook/sync/problem"
	"github.com/offhook/offhook/sync/testreal"
)

func TestTroubleOf(t *testing.T) {
	tests := []struct {
		err  error
		want trouble
	}{
		{errNoBus, absent},
		{dbus.Error{Name: "org.freedesktop.DBus.Error.ServiceUnknown"}, absent},
		{&net.OpError{Op: "dial", Err: errors.New("connection refused")}, absent},
		{dbus.Error{Name: "org.freedesktop.Secret.Error.IsLocked"}, locked},
		{errors.New("failed to unlock correct collection '/org/freedesktop/secrets/aliases/default'"), locked},
		{dbus.Error{Name: "org.freedesktop.DBus.Error.AccessDenied"}, refusing},
		{errors.New("anything else"), refusing},
	}
	for _, test := range tests {
		if got := troubleOf(test.err); got != test.want {
			t.Errorf("%v is %d, want %d", test.err, got, test.want)
		}
	}
}

// Without a session bus nothing is started: the D-Bus library would run dbus-launch.
func TestNoSessionBusStartsNothing(t *testing.T) {
	for _, address := range []string{"", "autolaunch:"} {
		t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
		if reachable() == nil {
			t.Skip("this person has a session bus at its usual place")
		}
		bin := t.TempDir()
		marker := filepath.Join(bin, "was-run")
		if err := os.WriteFile(filepath.Join(bin, "dbus-launch"), []byte("#!/bin/sh\n: > "+marker+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
		_, err := Open(t.Context(), t.TempDir(), System("test"))
		if p := problem.Of(err); p == nil || p.Kind != problem.Keyring || !strings.Contains(p.What.String(), "no keyring") {
			t.Errorf("with the address %q: %v, want an absent keyring", address, err)
		}
		if _, err := os.Stat(marker); err == nil {
			t.Errorf("with the address %q dbus-launch was run", address)
		}
	}
}

// The real GNOME Keyring on a bus of its own: unlocked it keeps the key over a restart of the keyring
// itself, locked it is a state of its own that neither blocks nor loses anything, absent likewise.
func TestGNOMEKeyring(t *testing.T) {
	session := testreal.Program(t, "dbus-run-session", "install dbus")
	testreal.Program(t, "gnome-keyring-daemon", "install gnome-keyring")

	home := t.TempDir()
	dir := filepath.Join(home, "offhook")
	if err := os.MkdirAll(filepath.Join(home, ".local/share/keyrings"), 0o700); err != nil {
		t.Fatal(err)
	}
	const unlocked = `printf '%s' "$1" | gnome-keyring-daemon --unlock --components=secrets >/dev/null`
	const started = `gnome-keyring-daemon --start --components=secrets >/dev/null`
	steps := []struct{ name, daemon, step string }{
		{"unlocked: a value is kept", unlocked, "write"},
		{"locked: told as such, nothing lost", started, "locked"},
		{"unlocked again: the value is there", unlocked, "read"},
		{"locked, and unlocked while the program runs", started, "follow"},
	}
	for _, step := range steps {
		t.Run(step.name, func(t *testing.T) {
			script := step.daemon + ` && exec "$0" -test.run='^TestInsideSession$' -test.count=1 -test.v`
			cmd := exec.CommandContext(t.Context(), session, "--", "bash", "-c", script, os.Args[0], "secret")
			run := t.TempDir() // of its own: a daemon of the last step may live a little longer
			cmd.Env = append(os.Environ(), "HOME="+home, "XDG_RUNTIME_DIR="+run, "XDG_DATA_HOME="+filepath.Join(home, ".local/share"),
				"SECRETS_TEST_STEP="+step.step, "SECRETS_TEST_DIR="+dir)
			said, err := os.Create(filepath.Join(run, "said")) // a file: a daemon may hold it open without being waited for
			if err != nil {
				t.Fatal(err)
			}
			defer said.Close()
			cmd.Stdout, cmd.Stderr = said, said
			err = cmd.Run()
			out, _ := os.ReadFile(said.Name())
			t.Logf("%s", out)
			if err != nil || !strings.Contains(string(out), "--- PASS: TestInsideSession") {
				t.Errorf("%v", err)
			}
		})
	}
}

// unlockGNOMEKeyring types the password, by the way that its own prompt uses.
func unlockGNOMEKeyring(ctx context.Context, t *testing.T, password string) {
	t.Helper()
	bus, err := dbus.ConnectSessionBus(dbus.WithContext(ctx))
	if err != nil {
		t.Fatal(err)
	}
	defer bus.Close()
	secrets := bus.Object("org.freedesktop.secrets", "/org/freedesktop/secrets")
	var output dbus.Variant
	var session dbus.ObjectPath
	if err := secrets.CallWithContext(ctx, "org.freedesktop.Secret.Service.OpenSession", 0, "plain", dbus.MakeVariant("")).Store(&output, &session); err != nil {
		t.Fatal(err)
	}
	master := struct {
		Session     dbus.ObjectPath
		Params      []byte
		Value       []byte
		ContentType string
	}{session, []byte{}, []byte(password), "text/plain"}
	err = secrets.CallWithContext(ctx, "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface.UnlockWithMasterPassword", 0,
		dbus.ObjectPath("/org/freedesktop/secrets/collection/login"), master).Err
	if err != nil {
		t.Fatal(err)
	}
}

// TestInsideSession is the part of TestGNOMEKeyring that runs on its bus.
func TestInsideSession(t *testing.T) {
	step, dir := os.Getenv("SECRETS_TEST_STEP"), os.Getenv("SECRETS_TEST_DIR")
	if step == "" {
		t.Skip("a part of TestGNOMEKeyring")
	}
	started := time.Now()
	s, err := Open(t.Context(), dir, System("offhook-test"))
	took := time.Since(started)
	t.Logf("Open took %s: %v", took.Round(time.Millisecond), err)
	if took > answerTime+lockTime {
		t.Error("that is too long")
	}
	switch step {
	case "write":
		if err != nil {
			t.Fatal(err)
		}
		set(t, s, "a", strings.Repeat("x", 8000))
		if err := s.Kept(); err != nil {
			t.Error(err)
		}
	case "locked":
		p := problem.Of(err)
		if p == nil || p.Kind != problem.Keyring || !strings.Contains(p.What.String(), "locked") {
			t.Errorf("%v, want a locked keyring", err)
		}
		if _, ok := s.Get("a"); ok {
			t.Error("the value can be read although the keyring is locked")
		}
		if err := s.Set("b", []byte("y")); err != nil {
			t.Error(err)
		}
	case "follow":
		if p := problem.Of(err); p == nil || p.Kind != problem.Keyring {
			t.Fatalf("%v, want a locked keyring", err)
		}
		set(t, s, "meanwhile", "z")
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		news := make(chan struct{}, 1)
		done := make(chan struct{})
		go func() { defer close(done); s.Follow(ctx, func() { news <- struct{}{} }) }()
		unlockGNOMEKeyring(ctx, t, "secret")
		select {
		case <-news:
		case <-ctx.Done():
			t.Error("it is not noticed that the keyring is unlocked")
		}
		cancel()
		<-done
		if got, _ := s.Get("a"); len(got) != 8000 || get(s, "meanwhile") != "z" || s.Kept() != nil {
			t.Errorf("%d bytes, %q, %v", len(got), get(s, "meanwhile"), s.Kept())
		}
	case "read":
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := s.Get("a"); len(got) != 8000 {
			t.Errorf("%d bytes came back, want 8000", len(got))
		}
	}
}
