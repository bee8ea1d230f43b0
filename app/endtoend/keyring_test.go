package endtoend_test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/simulate"
	"github.com/offhook/offhook/sync/testreal"
)

// A power cut in mid-call, with a real keyring: the sign-in and the phone's password have outlived the program, so nobody has to
// do anything, and neither stands readable on the disk.
func TestRealKeyringKilledAndStartedAgain(t *testing.T) {
	t.Parallel()
	bus := realKeyring(t)
	w := newWorld(t, simulate.Options{})
	folder := write(t, w, desk(w))
	keep := exec.Command(program(), "phones", "secret", "desk", "password", "--config", folder)
	keep.Env, keep.Stdin = append(os.Environ(), bus...), strings.NewReader(simulate.DefaultPassword+"\n")
	if out, err := keep.CombinedOutput(); err != nil {
		t.Fatalf("offhook phones secret: %v\n%s", err, out)
	}
	p := launch(t, folder, "", bus...)
	p.signIn()
	act(t, w.Teams.Start(simulate.Presenting))
	shows(t, w, presence.Presenting, "dnd")
	act(t, w.Phone.Dial())
	await(t, w.Follow, "a session of Offhook's", func(s simulate.State) bool { return len(s.Teams.Sessions) == 3 })
	p.kill()
	act(t, w.Phone.HangUp())
	act(t, w.Teams.End(simulate.Presenting))

	p = launch(t, folder, "", bus...)
	shows(t, w, presence.Available, "available")
	s := p.until("nothing is held", func(s local.Status) bool { return s.Synced && s.Teams.Held == nil && s.Phones[0].Held == nil })
	if !s.Account.SignedIn || !s.Account.Kept {
		t.Errorf("the account is %+v", s.Account)
	}
	files, err := os.ReadDir(folder)
	if err != nil || len(files) < 3 {
		t.Errorf("in the folder are %v (%v)", files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join(folder, file.Name()))
		if err != nil {
			t.Error(err)
		}
		for _, secret := range []string{simulate.DefaultPassword, "simulated.access", "simulated.refresh"} {
			if strings.Contains(string(text), secret) {
				t.Errorf("%s holds a secret in the open", file.Name())
			}
		}
	}
	if log := p.log.String(); strings.Contains(log, simulate.DefaultPassword) || strings.Contains(log, "simulated.") {
		t.Error("the log holds a secret")
	}
}

// realKeyring starts GNOME's keyring, unlocked, on a bus of its own, and answers what a program must know of it.
func realKeyring(t *testing.T) (env []string) {
	t.Helper()
	bus := exec.Command(testreal.Program(t, "dbus-daemon", "install dbus"), "--session", "--nofork", "--nopidfile", "--print-address")
	daemon := testreal.Program(t, "gnome-keyring-daemon", "install gnome-keyring")
	home := t.TempDir()
	at := func(folder string) string {
		path := filepath.Join(home, folder)
		if err := os.MkdirAll(path, 0o700); err != nil {
			t.Fatal(err)
		}
		return path
	}
	own := append(os.Environ(), "HOME="+home, "XDG_DATA_HOME="+at("data"), "XDG_RUNTIME_DIR="+at("run"))
	bus.Env = own
	address, err := bus.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	background(t, bus)
	line, err := bufio.NewReader(address).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	env = []string{"DBUS_SESSION_BUS_ADDRESS=" + strings.TrimSpace(line)}
	keyring := exec.Command(daemon, "--foreground", "--unlock", "--components=secrets")
	keyring.Env, keyring.Stdin = append(own, env...), strings.NewReader("the keyring's password")
	keyring.Stdout = &safeBuffer{}
	background(t, keyring)
	conn, err := dbus.Connect(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	poll(t, "the keyring is on its bus", func() (there bool) {
		err := conn.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, "org.freedesktop.secrets").Store(&there)
		_, made := os.Stat(filepath.Join(home, "data", "keyrings", "login.keyring"))
		return err == nil && there && made == nil
	})
	return env
}

// background starts a program and ends it with the test.
func background(t *testing.T, c *exec.Cmd) {
	t.Helper()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
}
