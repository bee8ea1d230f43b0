//go:build unix

package local_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/sync/testreal"
)

// otherChild is what the test's own program does in a role that only these tests give it.
func otherChild(role string) {
	switch role {
	case "impostor": // waits at the person's path for their requests, until it is killed
		l, err := net.Listen("unix", os.Args[1])
		if err == nil {
			fmt.Println("listening")
			_, err = l.Accept()
		}
		if err == nil {
			select {}
		}
		fmt.Println(err)
	case "stranger": // says how far it comes
		conn, err := net.Dial("unix", os.Args[1])
		if err != nil {
			fmt.Println("turned away:", errors.Is(err, fs.ErrPermission))
			break
		}
		_, _ = fmt.Fprint(conn, "GET /v1/status HTTP/1.1\r\nHost: offhook\r\nConnection: close\r\n\r\n")
		answer, _ := io.ReadAll(conn)
		fmt.Printf("heard %d bytes\n", len(answer))
	}
}

func TestOnlyThePersonCanOpenTheDoor(t *testing.T) {
	config := runtimeFolder(t)
	open(t, config, newDesk(""))
	path, err := local.SocketPath(config)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]fs.FileMode{
		filepath.Dir(path): fs.ModeDir | 0o700,
		path:               fs.ModeSocket | 0o600,
		strings.TrimSuffix(path, ".sock") + ".lock": 0o600,
	} {
		info, err := os.Lstat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != want {
			t.Errorf("%s is %v, want %v", name, info.Mode(), want)
		}
	}
}

// A stranger is kept out by the folder, and where somebody has opened folder and socket to the world, by who
// they are; and a stranger's door is not taken for the person's own.
func TestStrangers(t *testing.T) {
	if os.Getuid() != 0 {
		testreal.Missing(t, "a second user", "run this test as root, who can be anybody")
	}
	openUp := func(path string, mode fs.FileMode) {
		t.Helper()
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	base, err := os.MkdirTemp("", "offhook")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(base) })
	openUp(base, 0o755)
	program := filepath.Join(base, "test")
	copyFile(t, os.Args[0], program)
	t.Setenv("XDG_RUNTIME_DIR", base)
	config := t.TempDir()
	closeDoor := open(t, config, newDesk(""))
	path, err := local.SocketPath(config)
	if err != nil {
		t.Fatal(err)
	}
	const nobody = 65534
	as := func(uid uint32, role string) *exec.Cmd {
		cmd := exec.Command(program, path)
		cmd.Dir = base
		cmd.Env = append(os.Environ(), "OFFHOOK_TEST_CHILD="+role)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
		return cmd
	}
	stranger := func(uid uint32) string {
		t.Helper()
		out, err := as(uid, "stranger").CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return strings.TrimSpace(string(out))
	}
	if got := stranger(nobody); got != "turned away: true" {
		t.Errorf("a stranger at the closed door: %s", got)
	}
	openUp(filepath.Dir(path), 0o777)
	openUp(path, 0o666)
	if got := stranger(nobody); got != "heard 0 bytes" {
		t.Errorf("a stranger at the opened door: %s", got)
	}
	if got := stranger(0); !strings.HasPrefix(got, "heard ") || got == "heard 0 bytes" {
		t.Errorf("the person, in the same way: %s", got)
	}

	closeDoor()
	impostor := as(nobody, "impostor")
	out, err := impostor.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := impostor.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = impostor.Process.Kill(), impostor.Wait() }()
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "listening\n" {
		t.Fatalf("the impostor says %q, %v", line, err)
	}
	_, err = local.Dial(config).Status(t.Context())
	if err == nil || !strings.Contains(err.Error(), "belongs to another user") {
		t.Errorf("asking an impostor: %v", err)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, data, 0o755); err != nil {
		t.Fatal(err)
	}
}

func TestAFolderThatIsNotSafe(t *testing.T) {
	for _, test := range []struct {
		name string
		make func(dir string) error
		want string
	}{
		{"others can write", func(dir string) error { return errors.Join(os.Mkdir(dir, 0o700), os.Chmod(dir, 0o770)) }, "can be opened by others"},
		{"others can read", func(dir string) error { return errors.Join(os.Mkdir(dir, 0o700), os.Chmod(dir, 0o705)) }, "can be opened by others"},
		{"a link", func(dir string) error { return os.Symlink(filepath.Dir(dir), dir) }, "is not a folder"},
		{"others can replace it", func(dir string) error { return os.Chmod(filepath.Dir(dir), 0o777) }, "can be written by everybody"},
		{"somebody else's", func(dir string) error {
			if os.Getuid() != 0 {
				testreal.Missing(t, "a second user", "run this test as root, who can be anybody")
			}
			return errors.Join(os.Mkdir(dir, 0o700), os.Chown(dir, 65534, 65534))
		}, "belongs to somebody else"},
	} {
		t.Run(test.name, func(t *testing.T) {
			config := runtimeFolder(t)
			path, err := local.SocketPath(config)
			if err != nil {
				t.Fatal(err)
			}
			if err := test.make(filepath.Dir(path)); err != nil {
				t.Fatal(err)
			}
			l, err := local.Listen(config)
			if err == nil {
				_ = l.Close()
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Listen: %v, want an error that says %q", err, test.want)
			}
			if exists(path) {
				t.Error("a socket is left")
			}
		})
	}
}
