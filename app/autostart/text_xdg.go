//go:build !windows && !darwin

package autostart

import (
	"os"
	"path/filepath"
	"strings"
)

// place is where a desktop looks for what to start: see the Desktop Application Autostart Specification.
func place() (string, error) {
	folder, err := os.UserConfigDir()
	return filepath.Join(folder, "autostart", Name+".desktop"), err
}

func (s Switch) text() string {
	command := quote(s.Program)
	for _, a := range s.Arguments {
		command += " " + quote(a)
	}
	return "[Desktop Entry]\nType=Application\nName=Offhook\n" +
		"Comment=Keeps Microsoft Teams and your phone in step\n" +
		"Exec=" + command + "\nIcon=" + Name + "\nTerminal=false\nX-GNOME-Autostart-enabled=true\n"
}

// quote writes an argument as the Desktop Entry Specification asks: quoted, with the quoting quoted once more
// as a value of the file, and a % that begins no field code.
func quote(a string) string {
	inside := strings.NewReplacer(`\`, `\\\\`, `"`, `\\"`, "`", "\\\\`", `$`, `\\$`, `%`, `%%`).Replace(a)
	return `"` + inside + `"`
}

// enabled tells whether a desktop's own settings have switched the entry off.
func enabled(text string) bool {
	for line := range strings.Lines(text) {
		switch strings.ReplaceAll(strings.TrimSpace(line), " ", "") {
		case "Hidden=true", "X-GNOME-Autostart-enabled=false":
			return false
		}
	}
	return true
}
