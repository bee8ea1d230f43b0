package local

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// maxPath is the longest socket path that every system takes (macOS is the narrowest: 104 bytes with the
// closing zero).
const maxPath = 103

// SocketPath tells where the door of a configuration folder's resident is: in the person's own runtime
// folder, under a name made of the folder's absolute path, so that each configuration has its own resident.
// It creates nothing.
func SocketPath(configDir string) (string, error) {
	abs, err := filepath.Abs(configDir)
	if err != nil {
		return "", fmt.Errorf("finding the socket of %s: %w", configDir, err)
	}
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		abs = real
	}
	sum := sha256.Sum256([]byte(abs))
	name := hex.EncodeToString(sum[:6]) + ".sock"
	for _, folder := range folders() {
		if path := filepath.Join(folder, name); len(path) <= maxPath {
			return path, nil
		}
	}
	return "", errors.New("no folder for the socket has a path short enough: set XDG_RUNTIME_DIR to a short one of your own")
}

// folders lists where the socket may lie, best first. A program started from a login shell and one started
// from the desktop must come to the same answer, so little is taken from the environment.
func folders() []string {
	var list []string
	if dir := runtimeDir(); dir != "" {
		list = append(list, filepath.Join(dir, "offhook"))
	}
	// The cache folder before the temporary one, which is swept now and then, lock files first.
	if dir, err := os.UserCacheDir(); err == nil && filepath.IsAbs(dir) {
		list = append(list, filepath.Join(dir, "offhook", "run"))
	}
	return append(list, filepath.Join(os.TempDir(), fmt.Sprintf("offhook-%d", os.Getuid())))
}
