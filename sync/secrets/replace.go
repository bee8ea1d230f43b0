package secrets

import (
	"os"
	"path/filepath"

	"github.com/offhook/offhook/sync/rename"
)

// replaceFile puts data in the place of a file so that a reader, or a power cut, finds the old or the new, whole.
// Only one process may do it at a time.
func replaceFile(path string, data []byte) error {
	next := path + ".new"
	if err := os.Remove(next); err != nil && !os.IsNotExist(err) {
		return err
	}
	f, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err = f.Write(data); err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = rename.Over(next, path)
	}
	if err != nil {
		_ = os.Remove(next)
		return err
	}
	// The rename itself reaches the disk with the folder; where folders cannot be synced, it does so anyway.
	if dir, err := os.Open(filepath.Dir(path)); err == nil {
		_ = dir.Sync()
		_ = dir.Close()
	}
	return nil
}
