//go:build unix

package local

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// runtimeDir is the folder that the system made for what a logged-in person runs.
func runtimeDir() string {
	for _, dir := range []string{os.Getenv("XDG_RUNTIME_DIR"), fmt.Sprintf("/run/user/%d", os.Getuid())} {
		if info, err := os.Stat(dir); filepath.IsAbs(dir) && err == nil && info.IsDir() && ownedByMe(info) {
			return dir
		}
	}
	return ""
}

// checkFolder refuses a folder that somebody else owns, could read or write, or could replace by their own.
func checkFolder(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return fmt.Errorf("looking at %s: %w", dir, err)
	}
	switch {
	case !info.IsDir():
		return fmt.Errorf("%s is not a folder: remove it", dir)
	case !ownedByMe(info):
		return fmt.Errorf("%s belongs to somebody else: remove it or set XDG_RUNTIME_DIR to a folder of your own", dir)
	case info.Mode().Perm()&0o077 != 0:
		return fmt.Errorf("%s can be opened by others (mode %04o): run chmod 700 on it", dir, info.Mode().Perm())
	}
	above := filepath.Dir(dir)
	info, err = os.Stat(above)
	if err != nil {
		return fmt.Errorf("looking at %s: %w", above, err)
	}
	if info.Mode().Perm()&0o002 != 0 && info.Mode()&fs.ModeSticky == 0 {
		return fmt.Errorf("%s can be written by everybody: run chmod o-w on it", above)
	}
	return nil
}

func ownedByMe(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Getuid()
}
