package local_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/offhook/offhook/app/local"
)

// inChild is what the test's own program does when a test starts it as another process.
func inChild() {
	switch role := os.Getenv("OFFHOOK_TEST_CHILD"); role {
	case "":
		return
	case "resident": // answers at the door until it is killed
		l, err := local.Listen(os.Args[1])
		if err == nil {
			fmt.Println("listening")
			err = local.Serve(context.Background(), l, newDesk("the first"), quiet)
		}
		fmt.Println(err)
	default:
		otherChild(role)
	}
	os.Exit(0)
}

func TestOneResidentForEachConfiguration(t *testing.T) {
	config := runtimeFolder(t)
	l, err := local.Listen(config)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := local.Listen(config); !errors.Is(err, local.ErrRunning) {
		t.Errorf("a second resident: %v, want ErrRunning", err)
	}
	other, err := local.Listen(t.TempDir())
	if err != nil {
		t.Fatalf("a resident of another configuration: %v", err)
	}
	if err := errors.Join(l.Close(), other.Close()); err != nil {
		t.Fatal(err)
	}
	if l, err = local.Listen(config); err != nil {
		t.Fatalf("after the first has ended: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if path, _ := local.SocketPath(config); exists(path) {
		t.Errorf("%s is left", path)
	}
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func TestAKilledResidentLeavesTheDoorFree(t *testing.T) {
	config := runtimeFolder(t)
	first := exec.Command(os.Args[0], config)
	first.Env = append(os.Environ(), "OFFHOOK_TEST_CHILD=resident")
	out, err := first.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "listening\n" {
		t.Fatalf("the first resident says %q, %v", line, err)
	}
	if _, err := local.Listen(config); !errors.Is(err, local.ErrRunning) {
		t.Errorf("while the first lives: %v, want ErrRunning", err)
	}
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait()

	if path, _ := local.SocketPath(config); !exists(path) {
		t.Fatal("the killed resident left no socket: nothing is tested here")
	}
	if _, err := local.Dial(config).Status(t.Context()); !errors.Is(err, local.ErrNotRunning) {
		t.Errorf("asking a killed resident: %v, want ErrNotRunning", err)
	}
	open(t, config, newDesk("the second"))
	if status, err := local.Dial(config).Status(t.Context()); err != nil || status.Sentence != "the second" {
		t.Errorf("Status = %q, %v", status.Sentence, err)
	}
}
