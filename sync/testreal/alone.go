package testreal

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gofrs/flock"
)

// Alone gives a test a real part for itself, until it ends: tests of several packages run at once.
func Alone(t testing.TB, part string) {
	t.Helper()
	lock := flock.New(filepath.Join(os.TempDir(), "offhook-test-"+part+".lock"))
	if err := lock.Lock(); err != nil {
		t.Fatalf("cannot have %s alone: %v", part, err)
	}
	t.Cleanup(func() { _ = lock.Unlock() })
}
