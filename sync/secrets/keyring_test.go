package secrets

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
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

func (s *safe) system() *system {
	return &system{service: "test", reachable: func() error { return nil }, get: s.get, set: s.set, patience: answerTime}
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
			if p == nil || p.Kind != problem.Keyring || !strings.Contains(p.What, test.says) || p.Do == "" {
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
		if p := problem.Of(err); p == nil || p.Kind != problem.Keyring || !strings.Contains(p.What, "locked") {
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
