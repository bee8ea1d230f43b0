//go:build unix

package journal

import (
	"errors"
	"os"
)

// syncDir makes a rename in the folder last over a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
