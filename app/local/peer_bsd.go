//go:build darwin || freebsd

package local

import (
	"os"

	"golang.org/x/sys/unix"
)

// samePerson tells whether the program at the other end runs as the same user, by what the kernel noted when
// the connection was made.
func samePerson(fd uintptr) (bool, error) {
	cred, err := unix.GetsockoptXucred(int(fd), unix.SOL_LOCAL, unix.LOCAL_PEERCRED)
	if err != nil {
		return false, err
	}
	return int(cred.Uid) == os.Getuid(), nil
}
