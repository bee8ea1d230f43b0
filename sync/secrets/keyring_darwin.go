package secrets

import (
	"context"
	"errors"
	"os/exec"
)

// reachable: every account has a login keychain.
func reachable() error { return nil }

// unlocked: the tool that would tell asks the person itself, so nobody is asked until they act.
func unlocked(context.Context) bool { return false }

// The exit codes of macOS's security tool are the low byte of its status codes.
const (
	interactionNotAllowed = 36  // errSecInteractionNotAllowed: locked, and nobody can be asked
	authFailed            = 51  // errSecAuthFailed: a wrong keychain password
	userCancelled         = 128 // errSecUserCanceled: the prompt was closed
	noDefaultKeychain     = 37  // errSecNoDefaultKeychain
)

func troubleOf(err error) trouble {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		switch exit.ExitCode() {
		case interactionNotAllowed, authFailed, userCancelled:
			return locked
		case noDefaultKeychain:
			return absent
		}
	}
	return refusing
}
