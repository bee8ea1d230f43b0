//go:build !windows

package rename

import (
	"os"
	"time"
)

func over(next, path string, _ time.Duration) error { return os.Rename(next, path) }
