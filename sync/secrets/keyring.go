package secrets

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/zalando/go-keyring"

	"github.com/offhook/offhook/sync/problem"
)

// KeySize is the length of the one key that a keyring holds.
const KeySize = 32

// ErrNoKey is what a keyring answers that works but holds no key yet.
var ErrNoKey = errors.New("the keyring holds no key yet")

// Keyring holds one key. Its errors are ErrNoKey or a *problem.Problem of Kind Keyring.
type Keyring interface {
	Get(ctx context.Context) ([]byte, error)
	Set(ctx context.Context, key []byte) error
}

// user is the name under which the key stands in the operating system's keyring.
const user = "sealing key"

// answerTime is how long the operating system's keyring may take: a locked one shows a prompt that perhaps
// nobody answers.
const answerTime = 5 * time.Second

// System is the operating system's keyring: Credential Manager on Windows, Keychain on macOS, the Secret
// Service (GNOME Keyring, KWallet, …) elsewhere. Only the key goes in, as 44 letters: Windows and macOS take
// no more than two or three thousand.
func System(service string) Keyring {
	return &system{service: service, reachable: reachable, unlocked: unlocked, get: keyring.Get, set: keyring.Set, patience: answerTime}
}

type system struct {
	service   string
	reachable func() error                   // an error where asking would start daemons or wait for nothing
	unlocked  func(ctx context.Context) bool // whether asking would show no prompt, as far as can be known
	get       func(service, user string) (string, error)
	set       func(service, user, password string) error
	patience  time.Duration

	mu       sync.Mutex
	now      *asking // the call under way, if any
	answered bool    // the last call was answered, not refused
}

// asking is one call of the keyring. The calls know no context and can hang for as long as a prompt stands
// open, so each runs in a goroutine of its own, never two at a time, and outlives a caller who has lost
// patience: the next one finds it still asking, or its answer.
type asking struct {
	done  chan struct{}
	value string
	err   error
}

func (s *system) Get(ctx context.Context) ([]byte, error) {
	text, err := s.ask(ctx, func() (string, error) { return s.get(s.service, user) })
	if errors.Is(err, keyring.ErrNotFound) {
		return nil, ErrNoKey
	}
	if err != nil {
		return nil, explain(err)
	}
	key, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(key) != KeySize {
		return nil, ErrNoKey // not ours, or torn: a key that opens nothing is no key
	}
	return key, nil
}

// Set stores the key and reads it back: macOS's tool reports success whatever happened.
func (s *system) Set(ctx context.Context, key []byte) error {
	text := base64.StdEncoding.EncodeToString(key)
	got, err := s.ask(ctx, func() (string, error) {
		if err := s.set(s.service, user, text); err != nil {
			return "", err
		}
		return s.get(s.service, user)
	})
	if err != nil {
		return explain(err)
	}
	if got != text {
		return explain(errors.New("the keyring did not keep what was put into it"))
	}
	return nil
}

var errNoAnswer = errors.New("the keyring did not answer in time")

func (s *system) ask(ctx context.Context, call func() (string, error)) (string, error) {
	if err := s.reachable(); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	mine, err := s.begin(ctx, call)
	if err != nil {
		return "", err
	}
	select {
	case <-mine.done:
		return mine.value, mine.err
	case <-ctx.Done():
		return "", fmt.Errorf("%w: %w", errNoAnswer, ctx.Err())
	}
}

// begin waits for the call under way, if any, and starts the next.
func (s *system) begin(ctx context.Context, call func() (string, error)) (*asking, error) {
	for {
		s.mu.Lock()
		before := s.now
		if before == nil {
			mine := &asking{done: make(chan struct{})}
			s.now = mine
			s.mu.Unlock()
			go func() {
				mine.value, mine.err = call()
				s.mu.Lock()
				if s.now == mine { // else it was given up, see quiet
					s.now = nil
				}
				s.answered = mine.err == nil || errors.Is(mine.err, keyring.ErrNotFound)
				s.mu.Unlock()
				close(mine.done)
			}()
			return mine, nil
		}
		s.mu.Unlock()
		select {
		case <-before.done:
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", errNoAnswer, ctx.Err())
		}
	}
}

// quiet tells whether the keyring can be asked without a prompt that the person has not asked for: while one
// stands open, or was sent away, it is left at that. Where the keyring was unlocked in another way, a prompt that
// still stands open is waited for no longer.
func (s *system) quiet(ctx context.Context) bool {
	s.mu.Lock()
	asking, answered := s.now, s.answered
	s.mu.Unlock()
	if asking == nil && answered {
		return true
	}
	if s.reachable() != nil || !s.unlocked(ctx) {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.now == asking {
		s.now = nil
	}
	return true
}

// trouble tells which of four things is wrong with a keyring.
type trouble int

const (
	refusing trouble = iota // it answered and said no
	locked                  // it must be unlocked first
	absent                  // there is none
	silent                  // it does not answer, most likely because its prompt stands open
)

// explain makes a keyring's failure readable.
func explain(err error) *problem.Problem {
	p := &problem.Problem{Kind: problem.Keyring, Err: err}
	kind := troubleOf(err)
	if errors.Is(err, errNoAnswer) {
		kind = silent
	}
	switch kind {
	case silent:
		p.State = "keyring-slow"
		p.What = problem.Say("The keyring of this computer does not answer: it is probably locked and waits for its password, so the sign-in and the passwords cannot be read or kept")
		p.Do = problem.Say("Look for the window that asks for the keyring's password (it may be behind another one); Offhook goes on by itself when it is answered")
	case locked:
		p.State = "keyring-locked"
		p.What = problem.Say("The keyring of this computer is locked, so the sign-in and the passwords cannot be read or kept")
		p.Do = problem.Say("Unlock the keyring; Offhook goes on by itself then")
	case absent:
		p.State = "keyring-absent"
		p.What = problem.Say("This computer offers no keyring, so the sign-in and the passwords are kept only until Offhook ends")
		p.Do = problem.Say("Install and start one (such as GNOME Keyring or KWallet), or sign in again after each start")
	default:
		p.State = "keyring-refuses"
		p.What = problem.Say("The keyring of this computer refuses to hold Offhook's key, so the sign-in and the passwords are kept only until Offhook ends")
		p.Do = problem.Say("Allow Offhook to use the keyring, then try again")
	}
	return p
}

// InMemory is a keyring for this process only: nothing survives it.
func InMemory() Keyring { return &inMemory{} }

// forgetful tells whether a keyring ends with this process.
func forgetful(k Keyring) bool {
	_, yes := k.(*inMemory)
	return yes
}

type inMemory struct {
	mu  sync.Mutex
	key []byte
}

func (m *inMemory) Get(context.Context) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.key == nil {
		return nil, ErrNoKey
	}
	return append([]byte(nil), m.key...), nil
}

func (m *inMemory) Set(_ context.Context, key []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.key = append([]byte(nil), key...)
	return nil
}
