package resident

import (
	"context"

	"github.com/offhook/offhook/sync/phone/catalog"
	"github.com/offhook/offhook/sync/problem"
	"github.com/offhook/offhook/sync/settings"
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
		err := r.between(ctx, r.reopen)
		if err != nil {
			r.o.Log.Warn("not every phone could be set up again", "problem", err)
		}
		r.teams.Nudge("the keyring was unlocked")
		r.refresh()
	})
}

// reopen makes the phones anew whose password lay behind the keyring.
func (r *Resident) reopen() error {
	set, err := settings.Load(r.o.Folder)
	if err != nil {
		return err
	}
	client, err := httpClient(set.Account.RootCertificate)
	if err != nil {
		return err
	}
	systems, bad := catalog.Load(r.o.Folder)
	for _, p := range set.Phones {
		for i, l := range r.phones {
			if l.id != p.ID || l.problem == nil || l.problem.Kind != problem.Keyring {
				continue
			}
			again := r.openPhone(systems, bad, p, client)
			r.mu.Lock()
			r.phones[i] = again
			r.mu.Unlock()
		}
	}
	r.mu.Lock()
	r.config.Phones = opened(r.phones)
	r.mu.Unlock()
	return nil
}
