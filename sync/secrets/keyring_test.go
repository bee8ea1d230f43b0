package secrets

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zalando/go-keyring"

	"github.com/offhook/offhook/sync/problem"
)

// safe is an operating system's keyring with Windows' limit.
type safe struct {
	mu      sync.Mutex
	value   *string
	hang    chan struct{} // while open, a call blocks
	calls   int
	atOnce  int
	most    int
	err     error
	forgets bool
	locked  bool // asking would show a prompt
}

func (s *safe) enter() func() {
	s.mu.Lock()
	s.calls++
	s.atOnce++
	s.most = max(s.most, s.atOnce)
	s.mu.Unlock()
	if s.hang != nil {
		<-s.hang
	}
	s.mu.Lock()
	return func() { s.atOnce--; s.mu.Unlock() }
}

func (s *safe) counts() (calls, most int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls, s.most
}

func (s *safe) get(string, string) (string, error) {
	defer s.enter()()
	if s.err != nil {
		return "", s.err
	}
	if s.value == nil {
		return "", keyring.ErrNotFound
	}
	return *s.value, nil
}

func (s *safe) set(_, _, value string) error {
	defer s.enter()()
	if len(value) > 2560 {
		return keyring.ErrSetDataTooBig
	}
	if !s.forgets {
		s.value = &value
	}
	return s.err
}

func (s *safe) isLocked() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.locked
}

func (s *safe) system() *system {
	return &system{service: "test", reachable: func() error { return nil }, unlocked: func(context.Context) bool { return !s.isLocked() }, get: s.get, set: s.set, patience: answerTime}
}

// Windows takes 2560 bytes and macOS little more; a token cache has 8000. Only the key goes in.
func TestOnlyTheKeyGoesIntoTheKeyring(t *testing.T) {
	box, dir := &safe{}, t.TempDir()
	s := open(t, dir, box.system())
	large := bytes.Repeat([]byte("token"), 20_000)
	if err := s.Set("large", large); err != nil {
		t.Fatal(err)
	}
	if got, _ := open(t, dir, box.system()).Get("large"); !bytes.Equal(got, large) {
		t.Error("the large value did not survive")
	}
	if got := len(*box.value); got != 44 {
		t.Errorf("%d bytes lie in the keyring, want 44", got)
	}
}

func TestKeyringTroubleIsToldApart(t *testing.T) {
	tests := map[string]struct {
		box  *safe
		says string
	}{
		"refusing":  {&safe{err: errors.New("no")}, "refuses"},
		"forgetful": {&safe{forgets: true}, "refuses"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if test.box.forgets {
				empty := ""
				test.box.value = &empty
			}
			_, err := Open(t.Context(), t.TempDir(), test.box.system())
			p := problem.Of(err)
			if p == nil || p.Kind != problem.Keyring || !strings.Contains(p.What.String(), test.says) || p.Do.IsZero() {
				t.Errorf("%+v, want a problem that says %q and what to do", p, test.says)
			}
		})
	}
}

// A prompt that nobody answers blocks nobody; when it is answered, the keyring is there.
func TestSlowKeyring(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box := &safe{hang: make(chan struct{})}
		k, dir := box.system(), t.TempDir()
		started := time.Now()
		s, err := Open(t.Context(), dir, k)
		if took := time.Since(started); took != answerTime {
			t.Errorf("Open took %s, want %s", took, answerTime)
		}
		if p := problem.Of(err); p == nil || p.Kind != problem.Keyring || !strings.Contains(p.What.String(), "locked") {
			t.Errorf("Open: %v, want a locked keyring", err)
		}
		if err := s.Retry(t.Context()); err == nil {
			t.Error("Retry succeeds while the prompt stands open")
		}
		if calls, _ := box.counts(); calls != 1 {
			t.Errorf("the keyring was asked %d times while the prompt stood open, want once", calls)
		}

		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := k.Get(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("Get with an ended context: %v", err)
		}

		close(box.hang)
		synctest.Wait()
		if err := s.Retry(t.Context()); err != nil {
			t.Errorf("Retry after the prompt was answered: %v", err)
		}
		if _, most := box.counts(); most != 1 {
			t.Errorf("%d calls at once, want one", most)
		}
	})
}

// The keyring is found again without a prompt that nobody asked for, and with what was set meanwhile.
func TestFollow(t *testing.T) {
	begin := func(t *testing.T, box *safe) (s *Store, told func() bool) {
		dir := t.TempDir()
		before := &safe{}
		kept := open(t, dir, before.system())
		set(t, kept, "kept", "old")
		box.value = before.value
		s, err := Open(t.Context(), dir, box.system())
		if err == nil {
			t.Fatal("nothing is wrong with the keyring")
		}
		set(t, s, "new", "meanwhile")
		news := make(chan struct{}, 1)
		go s.Follow(t.Context(), func() { news <- struct{}{} })
		return s, func() bool {
			synctest.Wait()
			select {
			case <-news:
				return true
			default:
				return false
			}
		}
	}
	both := func(t *testing.T, s *Store) {
		t.Helper()
		if got := get(s, "kept") + " " + get(s, "new"); got != "old meanwhile" {
			t.Errorf("the store holds %s", got)
		}
		if err := s.Kept(); err != nil {
			t.Error(err)
		}
	}
	t.Run("the prompt is answered late", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			box := &safe{hang: make(chan struct{}), locked: true}
			s, told := begin(t, box)
			time.Sleep(10 * time.Minute)
			if calls, _ := box.counts(); told() || calls != 1 {
				t.Errorf("asked %d times while the prompt stands open", calls)
			}
			close(box.hang)
			time.Sleep(lastLook)
			if !told() {
				t.Fatal("it is not told that the keyring is there")
			}
			both(t, s)
		})
	})
	t.Run("the prompt is sent away, and the keyring unlocked later", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			box := &safe{err: errors.New("failed to unlock"), locked: true}
			s, told := begin(t, box)
			time.Sleep(10 * time.Minute)
			if calls, _ := box.counts(); told() || calls != 1 {
				t.Errorf("asked %d times although nobody unlocked anything", calls)
			}
			box.mu.Lock()
			box.err, box.locked = nil, false
			box.mu.Unlock()
			time.Sleep(lastLook)
			if !told() {
				t.Fatal("it is not told that the keyring is there")
			}
			both(t, s)
		})
	})
}

// The limits of the real ones: 2560 bytes on Windows; on macOS 4096 for the whole command that stores, the
// value in base64. What goes in is far below both, whatever is kept; a token cache would be above.
func TestLimitsOfKeyrings(t *testing.T) {
	for name, takes := range map[string]func(service, user, value string) bool{
		"windows": func(_, _, value string) bool { return len(value) <= 2560 },
		"macos": func(service, user, value string) bool {
			encoded := "go-keyring-base64:" + base64.StdEncoding.EncodeToString([]byte(value))
			return len("add-generic-password -U -s  -a  -w \n")+len(service)+len(user)+len(encoded) <= 4096
		},
	} {
		t.Run(name, func(t *testing.T) {
			var kept string
			k := &system{service: "offhook", reachable: func() error { return nil }, patience: answerTime,
				get: func(string, string) (string, error) {
					if kept == "" {
						return "", keyring.ErrNotFound
					}
					return kept, nil
				},
				set: func(service, user, value string) error {
					if !takes(service, user, value) {
						return keyring.ErrSetDataTooBig
					}
					kept = value
					return nil
				}}
			cache := strings.Repeat("t", 8000) // a token cache's size
			if err := k.set("offhook", user, cache); err == nil {
				t.Fatal("the limit is none")
			}
			dir := t.TempDir()
			set(t, open(t, dir, k), "teams/tokens", cache)
			if get(open(t, dir, k), "teams/tokens") != cache {
				t.Error("the token cache did not survive")
			}
		})
	}
}

// A prompt that nobody answers is waited for no longer once the keyring was unlocked in another way.
func TestUnlockedBesideItsPrompt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		prompt := make(chan struct{})
		var open atomic.Bool
		s := &system{service: "offhook", patience: answerTime,
			reachable: func() error { return nil },
			unlocked:  func(context.Context) bool { return open.Load() },
			get: func(string, string) (string, error) {
				if !open.Load() {
					<-prompt
				}
				return base64.StdEncoding.EncodeToString(make([]byte, KeySize)), nil
			}}
		if _, err := s.Get(t.Context()); !errors.Is(err, errNoAnswer) {
			t.Fatalf("locked, it answers %v", err)
		}
		if s.quiet(t.Context()) {
			t.Error("it would be asked while its prompt stands open")
		}
		open.Store(true)
		if !s.quiet(t.Context()) {
			t.Error("it is not asked although it is unlocked")
		}
		if _, err := s.Get(t.Context()); err != nil {
			t.Errorf("unlocked, it answers %v", err)
		}
		close(prompt)
	})
}
