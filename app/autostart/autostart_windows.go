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
	return err == nil, err
}

func (s Switch) on() error {
	key, _, err := registry.CreateKey(registry.CURRENT_USER, run, registry.SET_VALUE)
	if err != nil {
		return fmt.Errorf("switching the start at login on: %w", err)
	}
	defer key.Close()
	return key.SetStringValue(Name, s.text())
}

func (s Switch) off() error {
	key, err := registry.OpenKey(registry.CURRENT_USER, run, registry.SET_VALUE)
	if err != nil {
		return fmt.Errorf("switching the start at login off: %w", err)
	}
	defer key.Close()
	if err := key.DeleteValue(Name); err != nil && !errors.Is(err, registry.ErrNotExist) {
		return fmt.Errorf("switching the start at login off: %w", err)
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
