//go:build !windows

package autostart

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// On and off, twice each, and what is started is the program with its arguments.
func TestSwitch(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	s := Switch{Program: "/opt/My Programs/offhook", Arguments: []string{"--config", `/home/sam/100% "mine" $HOME\x`}}
	is := func(want bool) {
		t.Helper()
		if on, err := s.Enabled(); on != want || err != nil {
			t.Errorf("on: %v, %v; want %v", on, err, want)
		}
	}
	is(false)
	for _, on := range []bool{true, true, false, false, true} {
		if err := s.Set(on); err != nil {
			t.Fatal(err)
		}
		is(on)
	}
	if runtime.GOOS != "linux" {
		return
	}
	path, _ := place()
	text, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(text), "Type=Application\n") {
		t.Errorf("%s: %v", text, err)
	}
	// A desktop undoes the file's quoting, then the command's; a shell undoes the same of the command.
	_, command, _ := strings.Cut(string(text), "\nExec=")
	command, _, _ = strings.Cut(command, "\n")
	command = strings.ReplaceAll(strings.ReplaceAll(command, `\\`, `\`), "%%", "%")
	out, err := exec.Command("sh", "-c", "printf '%s\n' "+command).Output()
	if want := s.Program + "\n" + strings.Join(s.Arguments, "\n") + "\n"; err != nil || string(out) != want {
		t.Errorf("started as %q, %v, want %q", out, err, want)
	}
	hidden := strings.Replace(string(text), "X-GNOME-Autostart-enabled=true", "Hidden=true", 1)
	if err := os.WriteFile(path, []byte(hidden), 0o600); err != nil {
		t.Fatal(err)
	}
	is(false)
	if _, err := exec.LookPath("desktop-file-validate"); err == nil {
		_ = s.Set(true)
		if out, err := exec.Command("desktop-file-validate", filepath.Clean(path)).CombinedOutput(); err != nil {
			t.Errorf("desktop-file-validate: %s", out)
		}
	}
}
