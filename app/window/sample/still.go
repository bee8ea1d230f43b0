package sample

import (
	"crypto/sha256"
	"encoding/hex"
	"os/exec"
	"testing"
	"time"

	"github.com/offhook/offhook/sync/testreal"
)

// How often the picture of a real window must be the same to count as at rest, and how long that may take.
const (
	same     = 4
	patience = 20 * time.Second
)

// Still waits until a real window shows something else than before and no longer changes, so that it hears what is
// typed next. It answers what it shows, as a sum; before may be empty.
func Still(t testing.TB, window, before string) (shows string) {
	t.Helper()
	program := testreal.Program(t, "import", "install it with .ci/packages desktop")
	deadline := time.After(patience)
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for n := 0; n < same; {
		picture, err := exec.Command(program, "-silent", "-window", window, "rgba:-").Output()
		sum := sha256.Sum256(picture)
		now := hex.EncodeToString(sum[:])
		switch {
		case err != nil || now == before:
			n = 0
		case now == shows:
			n++
		default:
			n, shows = 1, now
		}
		select {
		case <-again.C:
		case <-deadline:
			t.Fatal("the window does not come to rest")
		}
	}
	return shows
}
