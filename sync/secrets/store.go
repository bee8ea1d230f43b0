// Package secrets is a sealed store: small named values (passwords, tokens) in one encrypted file whose key
// lies in the operating system's keyring. It must not know what the values are.
//
// A keyring holds too little for a token cache and can be locked, slow or absent; so it holds one random key,
// and everything else is one AES-256-GCM file. Whatever is wrong with keyring or disk, the store works in
// memory, says why (Kept) and catches up when it can (Retry); the file is never lost.
package secrets

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"github.com/offhook/offhook/sync/problem"
	"github.com/offhook/offhook/sync/rename"
)

const (
	fileName = "secrets.sealed"
	lockTime = 3 * time.Second // how long another process may hold the file
)

// Store is a sealed store. Its methods may be called from several goroutines, and several processes may
// share a folder.
type Store struct {
	dir     string
	keyring Keyring

	mu      sync.Mutex
	key     []byte            // nil while the keyring does not give it
	values  map[string][]byte // the file as last seen
	pending map[string][]byte // changes that the file does not have yet; nil: to be deleted
	why     *problem.Problem  // why what is set now would not survive a restart
}

// Open opens the store in a folder. It always answers a store that works: an error, a *problem.Problem, says
// why nothing in it survives a restart yet.
func Open(ctx context.Context, dir string, k Keyring) (*Store, error) {
	s := &Store{dir: dir, keyring: k, values: map[string][]byte{}, pending: map[string][]byte{}}
	return s, s.Retry(ctx)
}

// Retry asks the keyring again and brings the file up to date with what was set meanwhile, which wins over
// what the file says. It is for when the person has unlocked their keyring.
func (s *Store) Retry(ctx context.Context) error {
	key, err := s.obtainKey(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.key, s.why = nil, keyringProblem(err)
		return s.why
	}
	s.key, s.why = key, nil
	s.sync(ctx)
	return s.kept()
}

// Get answers a value, also one that another process has set.
func (s *Store) Get(name string) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sync(context.Background())
	value, changed := s.pending[name]
	if !changed {
		value = s.values[name]
	}
	if value == nil {
		return nil, false
	}
	return bytes.Clone(value), true
}

// Set keeps a value: in memory whatever happens, sealed if it can be. The error says why it is not sealed
// although the keyring gave its key; while the keyring does not, that is Kept's to say.
func (s *Store) Set(name string, value []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending[name] = append([]byte{}, value...)
	s.sync(context.Background())
	if s.key == nil {
		return nil
	}
	return asError(s.why)
}

// Delete forgets values. The error says why they may still lie, sealed, on the disk; they are deleted there
// as soon as that can be done.
func (s *Store) Delete(names ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range names {
		s.pending[name] = nil
	}
	s.sync(context.Background())
	if s.key == nil {
		if _, err := os.Stat(s.path()); errors.Is(err, os.ErrNotExist) {
			return nil
		}
		if err := s.forgetLater(names); err != nil {
			return s.diskProblem(err)
		}
	}
	return asError(s.why)
}

// forgetLater writes down what to delete once the file can be opened, also by a later process: what the person
// signed out of must not come back.
func (s *Store) forgetLater(names []string) error {
	f, err := os.OpenFile(s.path()+".forget", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(strings.Join(names, "\n") + "\n")
	return errors.Join(err, f.Close())
}

// Kept is nil if what is set survives a restart, else the *problem.Problem why not.
func (s *Store) Kept() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept()
}

// Unread is why what was kept before cannot be read: nil when it can, or when there is nothing.
func (s *Store) Unread() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.why == nil {
		return nil
	}
	if _, err := os.Stat(s.path()); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return s.why
}

func (s *Store) kept() error {
	if s.why == nil && forgetful(s.keyring) {
		return &problem.Problem{
			Kind: problem.Keyring,
			What: problem.Say("No keyring is used, so the sign-in and the passwords are kept only until Offhook ends"),
		}
	}
	return asError(s.why)
}

func (s *Store) path() string { return filepath.Join(s.dir, fileName) }

// obtainKey asks the keyring for the key and gives it one where it has none. Of two processes that find none,
// one gives it and the other finds it.
func (s *Store) obtainKey(ctx context.Context) ([]byte, error) {
	key, err := s.keyring.Get(ctx)
	if !errors.Is(err, ErrNoKey) {
		return key, err
	}
	unlock, err := s.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if key, err = s.keyring.Get(ctx); !errors.Is(err, ErrNoKey) {
		return key, err
	}
	key = make([]byte, KeySize)
	_, _ = rand.Read(key) // never fails
	return key, s.keyring.Set(ctx, key)
}

// sync reads the file and writes what is pending. What goes wrong stands in s.why, and the store goes on
// with what it has in memory.
func (s *Store) sync(ctx context.Context) {
	if s.key == nil {
		return
	}
	unlock, err := s.lock(ctx)
	if err != nil {
		s.why = problem.Of(err)
		return
	}
	defer unlock()
	values, err := s.load()
	if err != nil {
		s.why = problem.Of(err)
		return
	}
	forget, err := os.ReadFile(s.path() + ".forget")
	if err == nil || errors.Is(err, os.ErrNotExist) {
		err = s.save(values, strings.Split(string(forget), "\n"))
	}
	if err == nil && forget != nil {
		err = os.Remove(s.path() + ".forget")
	}
	if err != nil {
		s.why = s.diskProblem(err)
		return
	}
	s.why = nil
}

// load reads the file. One that the key does not open counts as empty, and is kept aside.
func (s *Store) load() (map[string][]byte, error) {
	sealed, err := os.ReadFile(s.path())
	if errors.Is(err, os.ErrNotExist) {
		return map[string][]byte{}, nil
	}
	if err != nil {
		return nil, s.diskProblem(err)
	}
	values, err := unseal(s.key, sealed)
	if err == nil {
		return values, nil
	}
	if forgetful(s.keyring) {
		return nil, &problem.Problem{
			Kind: problem.Keyring,
			What: problem.Say("The stored sign-in and passwords were sealed with a key that is not here, so they are left as they are"),
			Do:   problem.Say("Start Offhook with the computer's keyring"),
			Err:  err,
		}
	}
	aside := fmt.Sprintf("%s.unreadable-%s", s.path(), time.Now().UTC().Format("20060102-150405.000000000"))
	if err := rename.Over(s.path(), aside); err != nil {
		return nil, s.diskProblem(err)
	}
	return map[string][]byte{}, nil
}

// save applies what is to be forgotten, and what is pending, to the file's values and writes them if that
// changed anything.
func (s *Store) save(values map[string][]byte, forget []string) error {
	next := maps.Clone(values)
	for _, name := range forget {
		delete(next, name)
	}
	for name, value := range s.pending {
		if value == nil {
			delete(next, name)
		} else {
			next[name] = value
		}
	}
	if !maps.EqualFunc(values, next, bytes.Equal) {
		sealed, err := seal(s.key, next)
		if err != nil {
			return err
		}
		if err := replaceFile(s.path(), sealed); err != nil {
			return err
		}
	}
	s.values, s.pending = next, map[string][]byte{}
	return nil
}

// lock takes the lock that all processes using the folder share.
func (s *Store) lock(ctx context.Context) (unlock func(), err error) {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, s.diskProblem(err)
	}
	ctx, cancel := context.WithTimeout(ctx, lockTime)
	defer cancel()
	lock := flock.New(s.path()+".lock", flock.SetPermissions(0o600))
	if _, err := lock.TryLockContext(ctx, 5*time.Millisecond); err != nil {
		return nil, s.diskProblem(err)
	}
	return func() { _ = lock.Close() }, nil
}

func (s *Store) diskProblem(err error) *problem.Problem {
	return &problem.Problem{
		Kind: problem.Settings,
		What: problem.Say("The file with the sealed sign-in and passwords, {file}, cannot be used: {error}", "file", s.path(), "error", err),
		Do:   problem.Say("Check that the disk is not full and the configuration folder is yours"),
		Err:  err,
	}
}

func keyringProblem(err error) *problem.Problem {
	var p *problem.Problem
	if errors.As(err, &p) {
		return p
	}
	return explain(err)
}

// asError keeps a nil problem a nil error.
func asError(p *problem.Problem) error {
	if p == nil {
		return nil
	}
	return p
}
