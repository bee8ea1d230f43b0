package secrets

import (
	"context"
	"time"
)

// How often Follow looks whether the keyring can be asked.
const (
	firstLook = 2 * time.Second
	lastLook  = 30 * time.Second
)

// Follow waits until the keyring gives its key, where it has not yet, without ever showing a prompt of its
// own; then the store is up to date, news is told, and Follow ends. It ends with ctx too.
func (s *Store) Follow(ctx context.Context, news func()) {
	k, prompts := s.keyring.(interface{ quiet(context.Context) bool })
	for wait := firstLook; !s.open() && !forgetful(s.keyring); wait = min(wait*3/2, lastLook) {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		if !s.open() && (!prompts || k.quiet(ctx)) {
			_ = s.Retry(ctx) // why not stands in Kept
		}
		if s.open() {
			news()
		}
	}
}

func (s *Store) open() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.key != nil
}
