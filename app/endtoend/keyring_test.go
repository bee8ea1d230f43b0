package endtoend_test

import (
	"bufio"
	"io/fs"
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
	w := newWorld(t)
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
	files := 0
	err := fs.WalkDir(os.DirFS(folder), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		text, err := os.ReadFile(filepath.Join(folder, name))
		for _, secret := range []string{simulate.DefaultPassword, "simulated.access", "simulated.refresh"} {
			if strings.Contains(string(text), secret) {
				t.Errorf("%s holds a secret in the open", name)
			}
		}
		return err
	})
	if err != nil || files < 3 {
		t.Errorf("in the folder are %d files (%v)", files, err)
	}
	if log := p.log.String(); strings.Contains(log, simulate.DefaultPassword) || strings.Contains(log, "simulated.") {
		t.Error("the log holds a secret")
	}
}

// A keyring that is locked when Offhook starts is told as that, holds up nothing, and when it is unlocked
// Offhook goes on as whoever was signed in, with the phone's password that lay in it.
func TestRealKeyringLockedAtTheStart(t *testing.T) {
	t.Parallel()
	r := newRing(t)
	locked := r.start(true)
	w := newWorld(t)
	folder := write(t, w, desk(w))
	keep := exec.Command(program(), "phones", "secret", "desk", "password", "--config", folder)
	keep.Env, keep.Stdin = append(os.Environ(), r.env...), strings.NewReader(simulate.DefaultPassword+"\n")
	if out, err := keep.CombinedOutput(); err != nil {
		t.Fatalf("offhook phones secret: %v\n%s", err, out)
	}
	p := launch(t, folder, "", r.env...)
	p.signIn()
	p.kill()
	locked()

	r.start(false)
	p = launch(t, folder, "", r.env...)
	s := p.until("the keyring is told", func(s local.Status) bool { return s.Problem != nil })
	if !strings.HasPrefix(s.Problem.State, "keyring-") || s.Account.Kept || s.Phones[0].Problem == nil {
		t.Errorf("told %+v, %+v", s.Problem, s.Account)
	}
	r.unlock()
	s = p.until("both sides are read", func(s local.Status) bool { return s.Synced })
	if s.Account.Name != simulate.UserName || !s.Account.Kept {
		t.Errorf("the account is %+v", s.Account)
	}
}

const ringPassword = "the keyring's password"

// ring is GNOME's keyring on a bus of its own.
type ring struct {
	t      *testing.T
	daemon string
	home   string
	own    []string // its environment
	env    []string // what a program must know of it
	bus    *dbus.Conn
}

// realKeyring starts GNOME's keyring, unlocked, on a bus of its own, and answers what a program must know of it.
func realKeyring(t *testing.T) (env []string) {
	t.Helper()
	r := newRing(t)
	r.start(true)
	return r.env
}

func newRing(t *testing.T) *ring {
	t.Helper()
	bus := exec.Command(testreal.Program(t, "dbus-daemon", "install dbus"), "--session", "--nofork", "--nopidfile", "--print-address")
	r := &ring{t: t, daemon: testreal.Program(t, "gnome-keyring-daemon", "install gnome-keyring"), home: t.TempDir()}
	at := func(folder string) string {
		path := filepath.Join(r.home, folder)
		if err := os.MkdirAll(path, 0o700); err != nil {
			t.Fatal(err)
		}
		return path
	}
	r.own = append(os.Environ(), "HOME="+r.home, "XDG_DATA_HOME="+at("data"), "XDG_RUNTIME_DIR="+at("run"))
	bus.Env = r.own
	address, err := bus.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	background(t, bus)
	line, err := bufio.NewReader(address).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	r.env = []string{"DBUS_SESSION_BUS_ADDRESS=" + strings.TrimSpace(line)}
	if r.bus, err = dbus.Connect(strings.TrimSpace(line)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.bus.Close() })
	return r
}

// start starts the keyring; end ends it again.
func (r *ring) start(unlocked bool) (end func()) {
	r.t.Helper()
	keyring := exec.Command(r.daemon, "--foreground", "--components=secrets")
	if unlocked {
		keyring.Args = append(keyring.Args, "--unlock")
		keyring.Stdin = strings.NewReader(ringPassword)
	}
	keyring.Env = append(r.own, r.env...)
	background(r.t, keyring)
	there := func() (owned bool) {
		err := r.bus.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, "org.freedesktop.secrets").Store(&owned)
		return err == nil && owned
	}
	poll(r.t, "the keyring is on its bus", func() bool {
		_, made := os.Stat(filepath.Join(r.home, "data", "keyrings", "login.keyring"))
		return there() && made == nil
	})
	return func() {
		_ = keyring.Process.Kill()
		poll(r.t, "the keyring is gone", func() bool { return !there() })
	}
}

// unlock types the password, by the way that the keyring's own prompt uses.
func (r *ring) unlock() {
	r.t.Helper()
	secrets := r.bus.Object("org.freedesktop.secrets", "/org/freedesktop/secrets")
	var output dbus.Variant
	var session dbus.ObjectPath
	if err := secrets.Call("org.freedesktop.Secret.Service.OpenSession", 0, "plain", dbus.MakeVariant("")).Store(&output, &session); err != nil {
		r.t.Fatal(err)
	}
	master := struct {
		Session       dbus.ObjectPath
		Params, Value []byte
		ContentType   string
	}{session, []byte{}, []byte(ringPassword), "text/plain"}
	if err := secrets.Call("org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface.UnlockWithMasterPassword", 0,
		dbus.ObjectPath("/org/freedesktop/secrets/collection/login"), master).Err; err != nil {
		r.t.Fatal(err)
	}
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
