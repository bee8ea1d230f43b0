package autostart

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// keepAsItWas puts back, afterwards, what the person's own registry holds under Offhook's name.
func keepAsItWas(t *testing.T, path string) {
	t.Helper()
	key, _, err := registry.CreateKey(registry.CURRENT_USER, path, registry.ALL_ACCESS)
	if err != nil {
		t.Fatal(err)
	}
	text, _, noText := key.GetStringValue(Name)
	data, _, noData := key.GetBinaryValue(Name)
	t.Cleanup(func() {
		err := key.DeleteValue(Name)
		switch {
		case noText == nil:
			err = key.SetStringValue(Name, text)
		case noData == nil:
			err = key.SetBinaryValue(Name, data)
		}
		if err := errors.Join(err, key.Close()); err != nil && !errors.Is(err, registry.ErrNotExist) {
			t.Error(err)
		}
	})
}

func is(t *testing.T, s Switch, want bool) {
	t.Helper()
	if on, err := s.Enabled(); on != want || err != nil {
		t.Errorf("on: %v, %v; want %v", on, err, want)
	}
}

// On and off, twice each, and what is started is the program with its arguments.
func TestSwitch(t *testing.T) {
	keepAsItWas(t, run)
	keepAsItWas(t, approved)
	s := Switch{Program: `C:\My Programs\offhook.exe`, Arguments: []string{"--config", `C:\Users\sam\100% "mine" & $x\`}}
	if err := s.Set(false); err != nil {
		t.Fatal(err)
	}
	is(t, s, false)
	for _, on := range []bool{true, true, false, false, true} {
		if err := s.Set(on); err != nil {
			t.Fatal(err)
		}
		is(t, s, on)
	}
	key, err := registry.OpenKey(registry.CURRENT_USER, run, registry.QUERY_VALUE)
	if err != nil {
		t.Fatal(err)
	}
	defer key.Close()
	command, _, err := key.GetStringValue(Name)
	if err != nil {
		t.Fatal(err)
	}
	words, err := windows.DecomposeCommandLine(command)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(append([]string{s.Program}, s.Arguments...), words); diff != "" {
		t.Errorf("Windows starts %s (-want +got):\n%s", command, diff)
	}
}

// What the person has switched off in the Task Manager is off, and on again when they say so here.
func TestSwitchedOffByTheTaskManager(t *testing.T) {
	keepAsItWas(t, run)
	keepAsItWas(t, approved)
	s := Switch{Program: filepath.Join(os.TempDir(), "offhook.exe")}
	if err := s.Set(true); err != nil {
		t.Fatal(err)
	}
	key, err := registry.OpenKey(registry.CURRENT_USER, approved, registry.SET_VALUE)
	if err != nil {
		t.Fatal(err)
	}
	defer key.Close()
	for _, test := range []struct {
		first byte
		on    bool
	}{{3, false}, {2, true}, {7, false}, {6, true}} {
		if err := key.SetBinaryValue(Name, []byte{test.first, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8}); err != nil {
			t.Fatal(err)
		}
		is(t, s, test.on)
	}
	if err := key.SetBinaryValue(Name, []byte{3, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8}); err != nil {
		t.Fatal(err)
	}
	if err := s.Set(true); err != nil {
		t.Fatal(err)
	}
	is(t, s, true)
}
