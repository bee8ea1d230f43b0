package rename

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/windows"
)

// over tries again for a while: Windows replaces no file that somebody has open, be it Offhook's other program
// that reads it just now, a virus scanner or a backup.
func over(next, path string, patience time.Duration) error {
	const pause = 10 * time.Millisecond
	for end := time.Now().Add(patience); ; time.Sleep(pause) {
		err := os.Rename(next, path)
		open := errors.Is(err, windows.ERROR_ACCESS_DENIED) || errors.Is(err, windows.ERROR_SHARING_VIOLATION)
		if !open || time.Now().After(end) {
			return err
		}
	}
}
