package testreal

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// Play lets sipp play the phones 100 and 200 of the Asterisk that .ci/asterisk starts; what it can play its script
// says. It is for the connectors, which all lie three folders deep.
func Play(t testing.TB, what ...string) {
	t.Helper()
	Program(t, "sipp", "install it: Debian's package is sip-tester")
	script := filepath.Join("..", "..", "..", ".ci", "asterisk", "asterisk")
	if out, err := exec.Command(script, what...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", what, err, out)
	}
}
