package frame_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/offhook/offhook/app/window/part"
	"github.com/offhook/offhook/app/window/sample"
	"github.com/offhook/offhook/sync/testreal"
)

// program is the real window, as it was built, on a real display.
type program struct {
	t       *testing.T
	command *exec.Cmd
	id      string // of its window
	ended   chan error
	stderr  bytes.Buffer
}

func start(t *testing.T, configDir string, args ...string) *program {
	t.Helper()
	if os.Getenv("DISPLAY") == "" {
		testreal.Missing(t, "a display", "run the tests by .ci/desktop/desktop")
	}
	xdotool := testreal.Program(t, "xdotool", "install it with .ci/packages desktop")
	binary := filepath.Join("..", "..", "..", "bin", "offhook-window")
	if _, err := os.Stat(binary); err != nil {
		testreal.Missing(t, "bin/offhook-window", "build it")
	}
	testreal.Alone(t, "desktop")
	p := &program{t: t, ended: make(chan error, 1)}
	p.command = exec.Command(binary, append([]string{"--config", configDir}, args...)...)
	p.command.Stderr = &p.stderr
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.ended <- p.command.Wait() }()
	t.Cleanup(func() { _ = p.command.Process.Kill() })

	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	found, err := exec.CommandContext(ctx, xdotool, "search", "--sync", "--onlyvisible", "--name", "^Offhook$").Output()
	if err != nil {
		t.Fatalf("no window: %v\n%s", err, &p.stderr)
	}
	p.id = strings.Fields(string(found))[0]
	p.do("windowfocus", "--sync", p.id)
	sample.Still(t, p.id, "")
	return p
}

func (p *program) do(args ...string) {
	p.t.Helper()
	if out, err := exec.Command("xdotool", args...).CombinedOutput(); err != nil {
		p.t.Fatalf("xdotool %s: %v: %s", strings.Join(args, " "), err, out)
	}
}

// gone waits for the process's end.
func (p *program) gone() error {
	p.t.Helper()
	select {
	case err := <-p.ended:
		return err
	case <-time.After(10 * time.Second):
		p.t.Fatal("the window is closed, and its process goes on")
		return nil
	}
}

// tabsTo counts how often Tab must be pressed to come to a button.
func (w *world) tabsTo(text string) (n int) {
	c := w.window.Canvas()
	for c.Unfocus(); n < 50; {
		c.FocusNext()
		n++
		if b, ok := c.Focused().(*part.Button); ok && b.Text == text {
			return n
		}
	}
	w.t.Fatalf("Tab does not come to %q", text)
	return 0
}

func TestRealWindowByKeyboardAlone(t *testing.T) {
	runtimeDir := os.Getenv("XDG_RUNTIME_DIR") // where the display's own things are
	w := open(t, sample.Statuses()["in-call"])
	t.Setenv("XDG_RUNTIME_DIR", runtimeDir)
	w.serve()
	w.begin()
	p := start(t, w.dir)
	for range w.tabsTo("1 hour") {
		p.do("key", "--clearmodifiers", "Tab")
	}
	p.do("key", "--clearmodifiers", "Return")
	deadline := time.After(10 * time.Second)
	for len(w.resident.Asked()) == 0 {
		select {
		case <-deadline:
			t.Fatal("the resident was not asked to pause")
		case <-time.After(20 * time.Millisecond):
		}
	}
	if asked := w.resident.Asked()[0]; !strings.HasPrefix(asked, "pause until ") {
		t.Errorf("the resident was asked to %s", asked)
	}
	p.do("key", "--clearmodifiers", "ctrl+w")
	if err := p.gone(); err != nil {
		t.Errorf("closed by key: %v\n%s", err, &p.stderr)
	}
	if p.stderr.Len() > 0 {
		t.Error(&p.stderr)
	}
}

func TestRealWindowEndsWhenClosed(t *testing.T) {
	for name, end := range map[string]func(*program){
		"closed":   func(p *program) { p.do("key", "--clearmodifiers", "alt+F4") },
		"asked to": func(p *program) { _ = p.command.Process.Signal(os.Interrupt) },
	} {
		t.Run(name, func(t *testing.T) {
			p := start(t, t.TempDir(), "--page", "mapping")
			end(p)
			if err := p.gone(); err != nil {
				t.Errorf("%v\n%s", err, &p.stderr)
			}
		})
	}
}

func TestRealWindowWithoutDisplay(t *testing.T) {
	binary := filepath.Join("..", "..", "..", "bin", "offhook-window")
	if _, err := os.Stat(binary); err != nil {
		testreal.Missing(t, "bin/offhook-window", "build it")
	}
	c := exec.Command(binary, "--config", t.TempDir())
	c.Env = []string{"DISPLAY=:123", "HOME=" + t.TempDir()}
	out, err := c.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 || !strings.Contains(string(out), "no window could be opened") {
		t.Errorf("%v:\n%s", err, out)
	}
}
