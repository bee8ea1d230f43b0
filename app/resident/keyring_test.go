package resident_test

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"testing"

	"github.com/offhook/offhook/app/demo"
	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/resident"
	"github.com/offhook/offhook/sync/problem"
	"github.com/offhook/offhook/sync/secrets"
	"github.com/offhook/offhook/sync/simulate"
)

// latch is a keyring that can be locked.
type latch struct {
	mu     sync.Mutex
	key    []byte
	locked bool
}

func (l *latch) lock(yes bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.locked = yes
}

func (l *latch) Get(context.Context) ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.locked:
		return nil, &problem.Problem{Kind: problem.Keyring, State: "keyring-locked", What: problem.Say("It is locked"), Do: problem.Say("Unlock it")}
	case l.key == nil:
		return nil, secrets.ErrNoKey
	}
	return l.key, nil
}

func (l *latch) Set(_ context.Context, key []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.key = key
	return nil
}

// A keyring that is locked at the start is told as that, for the sign-in and for the phone's password; once
// it is unlocked, both go on as if nothing had been, and nobody has to sign in.
func TestKeyringLockedAtTheStart(t *testing.T) {
	t.Parallel()
	outside, end := context.WithCancel(context.Background())
	world, err := simulate.Start(outside, simulate.Options{})
	if err != nil {
		end()
		t.Fatal(err)
	}
	t.Cleanup(func() {
		end()
		if err := world.Wait(); err != nil {
			t.Error(err)
		}
		http.DefaultClient.CloseIdleConnections()
	})
	dir, ring := t.TempDir(), &latch{}
	if err := demo.WriteSettings(dir, world); err != nil {
		t.Fatal(err)
	}
	run := func(do func(*desk)) {
		store, _ := secrets.Open(t.Context(), dir, ring)
		if !ring.locked {
			if err := store.Set(resident.SecretName("desk", "password"), []byte(simulate.DefaultPassword)); err != nil {
				t.Fatal(err)
			}
		}
		d := &desk{t: t, Demo: &demo.Demo{World: world, Folder: dir}}
		d.Resident = resident.New(resident.Options{Folder: dir, Version: "test", Secrets: store, Log: slog.New(slog.DiscardHandler),
			OpenURL: func(url string) error {
				go simulate.Browse(outside, http.DefaultClient, url) //nolint:errcheck // what fails, the sign-in tells
				return nil
			}})
		ctx, stop := context.WithCancel(outside)
		var running sync.WaitGroup
		running.Go(func() { d.Resident.Run(ctx) })
		defer running.Wait()
		defer stop()
		do(d)
	}
	run(func(d *desk) { d.signIn() })

	ring.lock(true)
	run(func(d *desk) {
		s := d.await("the keyring is told", func(s local.Status) bool { return s.Problem != nil })
		if s.Problem.State != "keyring-locked" || s.Account.Kept || s.Phones[0].Problem == nil || s.Phones[0].Problem.State != "keyring-locked" {
			t.Errorf("%+v, %+v, %+v", s.Problem, s.Account, s.Phones[0].Problem)
		}
		ring.lock(false)
		s = d.await("in step", synced)
		if s.Account.Name != simulate.UserName || !s.Account.Kept {
			t.Errorf("%+v", s.Account)
		}
	})
}
