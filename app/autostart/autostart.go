// Package autostart has the desktop start Offhook when the person logs in: a file or a value of the person's
// own, that any of the desktop's own tools shows and removes too. It must not know what it starts.
package autostart

import (
	"fmt"
	"os"
	"path/filepath"
)

// Name is how the desktop knows what is started.
const Name = "offhook"

// Switch turns the start at login on and off.
type Switch struct {
	Program   string   // the program's path
	Arguments []string // what it is given
}

// This is the switch for the running program.
func This(arguments ...string) (Switch, error) {
	path, err := os.Executable()
	if err == nil {
		path, err = filepath.EvalSymlinks(path)
	}
	if err != nil {
		return Switch{}, fmt.Errorf("finding this program: %w", err)
	}
	return Switch{Program: path, Arguments: arguments}, nil
}

// Set turns it on or off. Both may be asked for again and again.
func (s Switch) Set(on bool) error {
	if on {
		return s.on()
	}
	return s.off()
}
