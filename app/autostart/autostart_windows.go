package autostart

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// run is where Windows looks for what to start for a person.
const run = `Software\Microsoft\Windows\CurrentVersion\Run`

// approved is where the Task Manager and the system's settings note what of that the person has switched off.
const approved = `Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run`

// Enabled tells whether it is on.
func (s Switch) Enabled() (bool, error) {
	key, err := registry.OpenKey(registry.CURRENT_USER, run, registry.QUERY_VALUE)
	if errors.Is(err, registry.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("reading the start at login: %w", err)
	}
	defer key.Close()
	_, _, err = key.GetStringValue(Name)
	if errors.Is(err, registry.ErrNotExist) {
		return false, nil
	}
	return err == nil && !switchedOff(), err
}

// switchedOff tells whether the person has done so in the Task Manager: the first byte is odd then.
func switchedOff() bool {
	key, err := registry.OpenKey(registry.CURRENT_USER, approved, registry.QUERY_VALUE)
	if err != nil {
		return false
	}
	defer key.Close()
	value, _, err := key.GetBinaryValue(Name)
	return err == nil && len(value) > 0 && value[0]%2 == 1
}

func (s Switch) on() error {
	key, _, err := registry.CreateKey(registry.CURRENT_USER, run, registry.SET_VALUE)
	if err != nil {
		return fmt.Errorf("switching the start at login on: %w", err)
	}
	defer key.Close()
	if err := key.SetStringValue(Name, s.text()); err != nil {
		return fmt.Errorf("switching the start at login on: %w", err)
	}
	return remove(approved) // what is not noted there is on
}

func (s Switch) off() error { return errors.Join(remove(run), remove(approved)) }

func remove(path string) error {
	key, err := registry.OpenKey(registry.CURRENT_USER, path, registry.SET_VALUE)
	if err == nil {
		defer key.Close()
		err = key.DeleteValue(Name)
	}
	if err != nil && !errors.Is(err, registry.ErrNotExist) {
		return fmt.Errorf("switching the start at login: %w", err)
	}
	return nil
}

// text is the command as Windows starts it.
func (s Switch) text() string {
	words := []string{windows.EscapeArg(s.Program)}
	for _, a := range s.Arguments {
		words = append(words, windows.EscapeArg(a))
	}
	return strings.Join(words, " ")
}
