package local

import (
	"os"
	"syscall"
)

// samePerson tells whether the program at the other end runs as the same user, by what the kernel noted when
// the connection was made.
func samePerson(fd uintptr) (bool, error) {
	cred, err := syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	if err != nil {
		return false, err
	}
	return int(cred.Uid) == os.Getuid(), nil
}
