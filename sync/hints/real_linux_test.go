package hints

import (
	"bufio"
	"context"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"golang.org/x/sys/unix"

	"github.com/offhook/offhook/sync/pace"
	"github.com/offhook/offhook/sync/testreal"
)

const install = "run .ci/packages hints"

// start starts a part until the end of the test.
func start(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	cmd.Stderr = t.Output()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(unix.SIGTERM)
		_ = cmd.Wait()
	})
}

// listening listens to one source for the time of a test.
func listening(t *testing.T, s named) (heard <-chan pace.Hint) {
	t.Helper()
	ch := make(chan pace.Hint, 16)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		run(ctx, []named{s}, none, slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug})),
			func(h pace.Hint) { ch <- h })
	}()
	t.Cleanup(func() {
		stop()
		<-done
	})
	return ch
}

// until does something again and again until a hint comes of it: nobody tells when a source has begun to listen.
func until(t *testing.T, heard <-chan pace.Hint, want pace.Hint, do func()) {
	t.Helper()
	late := time.After(15 * time.Second)
	for {
		do()
		select {
		case got := <-heard:
			if got != want {
				t.Fatalf("heard %q, want %q", got, want)
			}
			return
		case <-time.After(100 * time.Millisecond):
		case <-late:
			t.Fatalf("%q was not heard", want)
		}
	}
}

func TestMicrophoneOfARealSoundServer(t *testing.T) {
	testreal.Program(t, "pulseaudio", install)
	testreal.Program(t, "parec", install)
	folder := t.TempDir()
	socket := filepath.Join(folder, "native")
	for name, value := range map[string]string{"HOME": folder, "XDG_RUNTIME_DIR": folder, "XDG_CONFIG_HOME": folder,
		"PULSE_RUNTIME_PATH": folder, "PULSE_SERVER": "unix:" + socket, "DBUS_SESSION_BUS_ADDRESS": "disabled:"} {
		t.Setenv(name, value)
	}
	start(t, exec.Command("pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1", "--disable-shm=yes",
		"-L", "module-null-sink sink_name=speaker", "-L", "module-null-source source_name=microphone",
		"-L", "module-native-protocol-unix auth-anonymous=1 socket="+socket))
	for late := time.Now().Add(15 * time.Second); exec.Command("pactl", "info").Run() != nil; {
		if time.Now().After(late) {
			t.Fatal("the sound server does not answer")
		}
	}
	heard := listening(t, named{Microphone, "test", listen(pulseMicrophone)})

	record := func(args ...string) *exec.Cmd {
		cmd := exec.Command("parec", args...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		return cmd
	}
	end := func(cmd *exec.Cmd) {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	expect := func(want pace.Hint) {
		t.Helper()
		select {
		case got := <-heard:
			if got != want {
				t.Errorf("heard %q, want %q", got, want)
			}
		case <-time.After(15 * time.Second):
			t.Errorf("%q was not heard", want)
		}
	}
	echo := record("--device=speaker.monitor") // what the loudspeaker plays is no microphone
	defer end(echo)
	first := record("--device=microphone")
	expect(pace.MicrophoneOn)
	second := record("--device=microphone")
	awaitRecorders(t, 3)
	end(first)
	awaitRecorders(t, 2)
	end(second)
	expect(pace.MicrophoneOff) // and not when the first of the two ended
}

// awaitRecorders waits until the sound server has so many.
func awaitRecorders(t *testing.T, want int) {
	t.Helper()
	for late := time.Now().Add(15 * time.Second); ; {
		out, err := exec.Command("pactl", "list", "short", "source-outputs").Output()
		if n := strings.Count(string(out), "\n"); err == nil && n == want {
			return
		} else if time.Now().After(late) {
			t.Fatalf("%d programs record, want %d: %v", n, want, err)
		}
	}
}

// bus is a bus of the test's own, with one of python-dbusmock's services on it.
func bus(t *testing.T, kind, template string) *dbus.Conn {
	t.Helper()
	testreal.Program(t, "dbus-daemon", install)
	const python = "/usr/bin/python3" // the one that has Debian's modules
	if exec.Command(python, "-c", "import dbusmock").Run() != nil {
		testreal.Missing(t, "python3-dbusmock", install)
	}
	config := filepath.Join(t.TempDir(), "bus.conf")
	socket := filepath.Join(filepath.Dir(config), "bus")
	if err := os.WriteFile(config, []byte(`<busconfig><type>`+kind+`</type><listen>unix:path=`+socket+`</listen>
		<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`), 0o600); err != nil {
		t.Fatal(err)
	}
	daemon := exec.Command("dbus-daemon", "--nofork", "--print-address", "--config-file="+config)
	out, err := daemon.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	start(t, daemon)
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	address = strings.TrimSpace(address)
	variable, flag := "DBUS_SESSION_BUS_ADDRESS", "--session"
	if kind == "system" {
		variable, flag = "DBUS_SYSTEM_BUS_ADDRESS", "--system"
	}
	t.Setenv(variable, address)
	start(t, exec.Command(python, "-m", "dbusmock", flag, "--template", template))
	conn, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func call(t *testing.T, o dbus.BusObject, method string, args ...any) {
	t.Helper()
	var err error
	for late := time.Now().Add(15 * time.Second); time.Now().Before(late); time.Sleep(20 * time.Millisecond) {
		if err = o.Call(method, 0, args...).Err; err == nil {
			return
		}
	}
	t.Fatal(err)
}

func TestLogind(t *testing.T) {
	conn := bus(t, "system", "logind")
	manager := conn.Object(logind, logindPath)
	call(t, manager, "org.freedesktop.DBus.Mock.AddSession", "c1", "seat0", uint32(os.Getuid()), "sam", true)
	t.Setenv("XDG_SESSION_ID", "c1")
	session := conn.Object(logind, logindPath+"/session/c1")
	set := func(property string, is bool) func() {
		return func() {
			call(t, session, "org.freedesktop.DBus.Mock.UpdateProperties", logindSession,
				map[string]dbus.Variant{property: dbus.MakeVariant(is)})
		}
	}
	t.Run("lock", func(t *testing.T) {
		heard := listening(t, named{Lock, "test", listen(logindLock)})
		until(t, heard, pace.Locked, set("LockedHint", true))
		until(t, heard, pace.Unlocked, set("LockedHint", false))
	})
	t.Run("idle", func(t *testing.T) {
		heard := listening(t, named{Idle, "test", listen(logindIdle)})
		until(t, heard, pace.Idle, set("IdleHint", true))
		until(t, heard, pace.Back, set("IdleHint", false))
	})
	t.Run("it was locked before", func(t *testing.T) {
		set("LockedHint", true)()
		until(t, listening(t, named{Lock, "test", listen(logindLock)}), pace.Locked, func() {})
	})
	t.Run("sleep", func(t *testing.T) {
		heard := listening(t, named{Sleep, "test", listen(logindSleep)})
		until(t, heard, pace.Woke, func() {
			for _, asleep := range []bool{true, false} {
				call(t, manager, "org.freedesktop.DBus.Mock.EmitSignal", logindManager, "PrepareForSleep", "b", []any{asleep})
			}
		})
	})
}

func TestScreenSaver(t *testing.T) {
	conn := bus(t, "session", "gnome_screensaver")
	saver := conn.Object("org.gnome.ScreenSaver", "/org/gnome/ScreenSaver")
	heard := listening(t, named{Lock, "test", listen(screenSaver)})
	until(t, heard, pace.Locked, func() { call(t, saver, "org.gnome.ScreenSaver.SetActive", true) })
	until(t, heard, pace.Unlocked, func() { call(t, saver, "org.gnome.ScreenSaver.SetActive", false) })
}

// Without a bus, a login session or a sound server each source says so, and no more.
func TestNothingThere(t *testing.T) {
	nowhere := t.TempDir()
	for _, name := range []string{"DBUS_SESSION_BUS_ADDRESS", "DBUS_SYSTEM_BUS_ADDRESS"} {
		t.Setenv(name, "unix:path="+nowhere+"/none")
	}
	t.Setenv("PULSE_SERVER", "unix:"+nowhere+"/none")
	for _, s := range sources() {
		if s.name == Network { // a kernel there is
			continue
		}
		if err := s.source.Listen(t.Context(), func(h pace.Hint) { t.Errorf("%s told %q", s.name, h) }); err == nil {
			t.Errorf("%s of %s ended without a word", s.name, s.from)
		}
	}
}
