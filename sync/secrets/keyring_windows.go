package secrets

import (
	"context"
	"errors"
	"syscall"

	"github.com/zalando/go-keyring"
)

// reachable: Credential Manager is always there.
func reachable() error { return nil }

// unlocked: it never asks the person.
func unlocked(context.Context) bool { return true }

// errNoLogonSession is ERROR_NO_SUCH_LOGON_SESSION: a process without a person's session has no credentials.
const errNoLogonSession = syscall.Errno(1312)

func troubleOf(err error) trouble {
	if errors.Is(err, errNoLogonSession) || errors.Is(err, keyring.ErrUnsupportedPlatform) {
		return absent
	}
	return refusing
}
