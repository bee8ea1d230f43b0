package main

import (
	"os"
	"os/exec"
	"syscall"
	"testing"

	"golang.org/x/sys/windows"
)

// A console of the program's own is left; one with a shell in it, or none, is not.
func TestLeaveConsole(t *testing.T) {
	const asked, left, stayed = "OFFHOOK_TEST_LEAVES_CONSOLE", 42, 43
	if os.Getenv(asked) != "" {
		if leaveConsole() {
			os.Exit(left)
		}
		os.Exit(stayed)
	}
	for flags, want := range map[uint32]int{windows.CREATE_NEW_CONSOLE: left, windows.DETACHED_PROCESS: stayed} {
		child := exec.Command(os.Args[0], "-test.run=^TestLeaveConsole$")
		child.Env = append(os.Environ(), asked+"=yes")
		child.SysProcAttr = &syscall.SysProcAttr{CreationFlags: flags}
		if err := child.Run(); child.ProcessState == nil || child.ProcessState.ExitCode() != want {
			t.Errorf("with the flags %#x it ends with %v, want %d", flags, err, want)
		}
	}
}
