package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/offhook/offhook/sync/problem"
)

// openURL shows a page in the person's browser, or in the program BROWSER names.
func openURL(url string) error {
	words := []string{"xdg-open", url}
	switch runtime.GOOS {
	case "windows":
		words = []string{"rundll32", "url.dll,FileProtocolHandler", url}
	case "darwin":
		words = []string{"open", url}
	default:
		if browser := os.Getenv("BROWSER"); browser != "" {
			words[0] = browser
		}
	}
	return begin(exec.Command(words[0], words[1:]...))
}

// openWindow starts the window program, which lies beside this one or in the search path.
func openWindow(folder string) error {
	name := "offhook-window"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	path := name
	if self, err := os.Executable(); err == nil {
		if beside := filepath.Join(filepath.Dir(self), name); exists(beside) {
			path = beside
		}
	}
	if err := begin(exec.Command(path, "--config", folder)); err != nil {
		return &problem.Problem{Kind: problem.Refused, Err: err,
			What: problem.Say("The window program {file} cannot be started", "file", name),
			Do:   problem.Say("Put it beside offhook; until then offhook status, offhook why and offhook map tell the same")}
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// begin starts a program and lets it go its own way.
func begin(c *exec.Cmd) error {
	if err := c.Start(); err != nil {
		return err
	}
	go c.Wait() //nolint:errcheck // it is the person's from here on; this only buries it
	return nil
}
