// Package testreal lets tests of real parts (an Asterisk, a keyring, a tray host, a browser, a display) run
// where the part is present, skip with a word where it is not, and fail where it was promised: with
// OFFHOOK_REAL=required, as in CI.
package testreal

import (
	"os"
	"os/exec"
	"testing"
)

// Missing ends a test whose real part is not there.
func Missing(t testing.TB, part, how string) {
	t.Helper()
	if os.Getenv("OFFHOOK_REAL") == "required" {
		t.Fatalf("%s is missing and OFFHOOK_REAL=required: %s", part, how)
	}
	t.Skipf("%s is not here, so this is not tested: %s", part, how)
}

// Program finds a program or ends the test as Missing does.
func Program(t testing.TB, name, how string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		Missing(t, name, how)
	}
	return path
}
