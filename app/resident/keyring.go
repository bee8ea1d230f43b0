package resident

import (
	"context"

	"github.com/offhook/offhook/sync/problem"
)

// This file holds what happens with a keyring that is locked, slow or absent at the start: nothing waits for
// it, and when it is there, what lies in it counts.

// unread is why what the store has kept cannot be read; nil when it can, or when there is nothing.
func unread(s Secrets) *problem.Problem {
	if k, ok := s.(interface{ Unread() error }); ok {
		return problem.Of(k.Unread())
	}
	return nil
}

// askKeyring asks it once more: the person is here and can answer its prompt.
func (r *Resident) askKeyring(ctx context.Context) {
	k, ok := r.o.Secrets.(interface{ Retry(context.Context) error })
	if !ok || r.o.Secrets.Kept() == nil {
		return
	}
	if err := k.Retry(ctx); err != nil {
		r.o.Log.Debug("the keyring still does not give its key", "problem", err)
	}
	r.refresh()
}

// followKeyring waits until the keyring gives its key and takes up what lay behind it.
func (r *Resident) followKeyring(ctx context.Context) {
	k, ok := r.o.Secrets.(interface {
		Follow(ctx context.Context, news func())
	})
	if !ok {
		return
	}
	k.Follow(ctx, func() {
		r.o.Log.Info("the keyring gives its key now")
		r.reload() // a phone's password may have lain behind it
		if side := r.now().teams; side != nil {
			side.Nudge("the keyring was unlocked")
		}
		r.refresh()
	})
}
