package secrets

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/offhook/offhook/sync/problem"
)

// box is a keyring that works, or says what is wrong with it.
type box struct {
	mu  sync.Mutex
	key []byte
	err error
}

func (b *box) Get(context.Context) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err != nil {
		return nil, b.err
	}
	if b.key == nil {
		return nil, ErrNoKey
	}
	return b.key, nil
}

func (b *box) Set(_ context.Context, key []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.key = key
	return b.err
}

func open(t *testing.T, dir string, k Keyring) *Store {
	t.Helper()
	s, err := Open(t.Context(), dir, k)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	return s
}

func set(t *testing.T, s *Store, name, value string) {
	t.Helper()
	if err := s.Set(name, []byte(value)); err != nil {
		t.Fatalf("Set(%q): %v", name, err)
	}
}

func get(s *Store, name string) string {
	value, ok := s.Get(name)
	if !ok {
		return "(none)"
	}
	return string(value)
}

func TestSurvivesARestart(t *testing.T) {
	dir, k := filepath.Join(t.TempDir(), "new"), &box{}
	s := open(t, dir, k)
	set(t, s, "a", "the password")
	set(t, s, "b", "")
	set(t, s, "c", "gone")
	if err := s.Delete("c", "never there"); err != nil {
		t.Fatal(err)
	}
	if err := s.Kept(); err != nil {
		t.Errorf("Kept: %v", err)
	}

	s = open(t, dir, k)
	for name, want := range map[string]string{"a": "the password", "b": "", "c": "(none)"} {
		if got := get(s, name); got != want {
			t.Errorf("after the restart %s is %q, want %q", name, got, want)
		}
	}
	sealed, err := os.ReadFile(s.path())
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, []byte("password")) || bytes.Contains(sealed, []byte(`"a"`)) {
		t.Error("the file can be read without the key")
	}
	if runtime.GOOS != "windows" {
		info, _ := os.Stat(s.path())
		if got := info.Mode().Perm(); got != 0o600 {
			t.Errorf("the file's mode is %o, want 600", got)
		}
	}
	if leftovers, _ := filepath.Glob(filepath.Join(dir, "*.new")); leftovers != nil {
		t.Errorf("left over: %v", leftovers)
	}
}

// A file that the key does not open counts as empty and is kept aside, byte for byte.
func TestUnreadableFileIsKeptAside(t *testing.T) {
	sealed := func(t *testing.T, key []byte) []byte {
		b, err := seal(key, map[string][]byte{"a": []byte("1")})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	key, other := bytes.Repeat([]byte{1}, KeySize), bytes.Repeat([]byte{2}, KeySize)
	tests := map[string]func(good []byte) []byte{
		"empty":          func([]byte) []byte { return nil },
		"torn":           func(good []byte) []byte { return good[:len(good)/2] },
		"only a header":  func([]byte) []byte { return header },
		"altered":        func(good []byte) []byte { good[len(good)-1] ^= 1; return good },
		"altered header": func(good []byte) []byte { good[0] ^= 1; return good },
		"something else": func([]byte) []byte { return []byte("hello") },
		"another key":    func([]byte) []byte { return sealed(t, other) },
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			bad := spoil(sealed(t, key))
			if err := os.WriteFile(filepath.Join(dir, fileName), bad, 0o600); err != nil {
				t.Fatal(err)
			}
			s := open(t, dir, &box{key: key})
			if got := get(s, "a"); got != "(none)" {
				t.Errorf("a is %q", got)
			}
			set(t, s, "a", "2")
			if got := get(open(t, dir, &box{key: key}), "a"); got != "2" {
				t.Errorf("after the restart a is %q", got)
			}
			aside, _ := filepath.Glob(filepath.Join(dir, fileName+".unreadable-*"))
			if len(aside) != 1 {
				t.Fatalf("kept aside: %v, want one file", aside)
			}
			got, err := os.ReadFile(aside[0])
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, bad) {
				t.Error("the file kept aside is not the one that was there")
			}
		})
	}
}

// With a locked keyring the store works in memory, the file is left alone, and both come together when the
// keyring is unlocked: what was set meanwhile wins.
func TestLockedKeyring(t *testing.T) {
	dir, k := t.TempDir(), &box{}
	s := open(t, dir, k)
	set(t, s, "kept", "old")
	set(t, s, "changed", "old")
	set(t, s, "deleted", "old")
	before, _ := os.ReadFile(s.path())

	k.err = explain(errNoAnswer)
	s, err := Open(t.Context(), dir, k)
	var p *problem.Problem
	if !errors.As(err, &p) || p.Kind != problem.Keyring || p.Do.IsZero() {
		t.Fatalf("Open: %#v, want a problem of the keyring with something to do", err)
	}
	if s.Kept() == nil {
		t.Error("Kept says that what is set survives")
	}
	if s.Unread() == nil {
		t.Error("Unread says that what was kept can be read")
	}
	if empty, _ := Open(t.Context(), t.TempDir(), k); empty.Kept() == nil || empty.Unread() != nil {
		t.Error("where nothing was kept, Unread must be nil and Kept must not")
	}
	set(t, s, "changed", "new")
	if got := get(s, "changed"); got != "new" {
		t.Errorf("in memory it is %q", got)
	}
	if err := s.Delete("deleted"); err == nil {
		t.Error("Delete does not say that the value still lies on the disk")
	}
	if after, _ := os.ReadFile(s.path()); !bytes.Equal(before, after) {
		t.Error("the file was touched")
	}

	k.err = nil
	if err := s.Retry(t.Context()); err != nil {
		t.Fatalf("Retry: %v", err)
	}
	want := map[string]string{"kept": "old", "changed": "new", "deleted": "(none)"}
	got := map[string]string{}
	for name := range want {
		got[name] = get(open(t, dir, k), name)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// A keyring for this process only never spoils a file sealed with the computer's.
func TestInMemoryLeavesASealedFileAlone(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, &box{})
	set(t, s, "a", "1")
	before, _ := os.ReadFile(s.path())

	s, err := Open(t.Context(), dir, InMemory())
	if err == nil {
		t.Error("Open does not say that nothing is kept")
	}
	_ = s.Set("a", []byte("2"))
	if got := get(s, "a"); got != "2" {
		t.Errorf("in memory it is %q", got)
	}
	if after, _ := os.ReadFile(s.path()); !bytes.Equal(before, after) {
		t.Error("the file was touched")
	}

	s, _ = Open(t.Context(), t.TempDir(), InMemory())
	if p := problem.Of(s.Kept()); p == nil || p.Kind != problem.Keyring {
		t.Errorf("Kept: %v, want a problem of the keyring", p)
	}
}

func TestFolderThatCannotBeUsed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), file, &box{})
	if p := problem.Of(err); p == nil || p.Kind != problem.Settings || !strings.Contains(p.What.String(), file) {
		t.Errorf("Open: %v, want a problem that names the folder", err)
	}
	_ = s.Set("a", []byte("1"))
	if got := get(s, "a"); got != "1" {
		t.Errorf("in memory it is %q", got)
	}
}

func TestManyStoresAtOnce(t *testing.T) {
	dir, k := t.TempDir(), &box{}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			s, err := Open(t.Context(), dir, k)
			if err != nil {
				t.Error(err)
				return
			}
			for j := range 5 {
				if err := s.Set(fmt.Sprintf("%d.%d", i, j), []byte("x")); err != nil {
					t.Error(err)
				}
				s.Get("0.0")
			}
		})
	}
	wg.Wait()
	checkAll(t, open(t, dir, k), 8, 5)
}

func checkAll(t *testing.T, s *Store, writers, each int) {
	t.Helper()
	for i := range writers {
		for j := range each {
			if name := fmt.Sprintf("%d.%d", i, j); get(s, name) != "x" {
				t.Errorf("%s was lost", name)
			}
		}
	}
	if aside, _ := filepath.Glob(filepath.Join(s.dir, "*.unreadable-*")); aside != nil {
		t.Errorf("found unreadable: %v", aside)
	}
}

// Processes that write at the same time lose nothing of each other.
func TestManyProcessesAtOnce(t *testing.T) {
	const writers, each = 3, 15
	dir := t.TempDir()
	key := bytes.Repeat([]byte{7}, KeySize)
	if os.Getenv("SECRETS_TEST_WRITER") != "" { // one of the processes
		s := open(t, os.Getenv("SECRETS_TEST_DIR"), &box{key: key})
		for j := range each {
			set(t, s, fmt.Sprintf("%s.%d", os.Getenv("SECRETS_TEST_WRITER"), j), "x")
		}
		return
	}
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestManyProcessesAtOnce$", "-test.count=1")
			cmd.Env = append(os.Environ(), fmt.Sprintf("SECRETS_TEST_WRITER=%d", i), "SECRETS_TEST_DIR="+dir)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("writer %d: %v\n%s", i, err, out)
			}
		})
	}
	wg.Wait()
	checkAll(t, open(t, dir, &box{key: key}), writers, each)
}

// A process that is killed in the middle of whatever it does takes nothing with it that it had kept, nor
// anything of another's, and leaves no lock.
func TestKilledProcessesCorruptNothing(t *testing.T) {
	dir := t.TempDir()
	key := bytes.Repeat([]byte{7}, KeySize)
	if name := os.Getenv("SECRETS_TEST_KILLED"); name != "" { // one of the processes
		s := open(t, os.Getenv("SECRETS_TEST_DIR"), &box{key: key})
		for j := 0; ; j++ {
			set(t, s, fmt.Sprintf("%s.%d", name, j), strings.Repeat("x", 500))
			fmt.Printf("kept %s.%d\n", name, j)
		}
	}
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex
		kept []string
	)
	for i := range 3 {
		wg.Go(func() {
			for again := range 2 {
				cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilledProcessesCorruptNothing$", "-test.count=1")
				cmd.Env = append(os.Environ(), fmt.Sprintf("SECRETS_TEST_KILLED=%d.%d", i, again), "SECRETS_TEST_DIR="+dir)
				out, err := cmd.StdoutPipe()
				if err == nil {
					err = cmd.Start()
				}
				if err != nil {
					t.Error(err)
					return
				}
				lines := bufio.NewScanner(out)
				for n := 0; n < 4+3*i && lines.Scan(); {
					if name, ok := strings.CutPrefix(lines.Text(), "kept "); ok {
						n++
						mu.Lock()
						kept = append(kept, name)
						mu.Unlock()
					}
				}
				if err := cmd.Process.Kill(); err != nil {
					t.Error(err)
				}
				_ = cmd.Wait() // killed
			}
		})
	}
	wg.Wait()
	s := open(t, dir, &box{key: key})
	if len(kept) < 6*4 {
		t.Errorf("only %d values were kept", len(kept))
	}
	for _, name := range kept {
		if len(get(s, name)) != 500 {
			t.Errorf("%s was lost", name)
		}
	}
	if aside, _ := filepath.Glob(filepath.Join(dir, "*.unreadable-*")); aside != nil {
		t.Errorf("found unreadable: %v", aside)
	}
}

// What was deleted while the keyring was locked is gone when it is unlocked, although the program has ended in
// between; what was set anew since stays.
func TestDeletedBehindALockedKeyring(t *testing.T) {
	dir, k := t.TempDir(), &box{}
	s := open(t, dir, k)
	for _, name := range []string{"teams/tokens", "teams/account", "phone/desk/password"} {
		set(t, s, name, "old")
	}
	k.err = explain(errNoAnswer)
	s, _ = Open(t.Context(), dir, k)
	if err := s.Delete("teams/tokens", "teams/account"); err == nil {
		t.Error("Delete does not say that the values still lie on the disk")
	}
	set(t, s, "teams/account", "lost with the process")

	k.err = nil
	s = open(t, dir, k) // a new start
	if got := get(s, "teams/tokens") + get(s, "teams/account") + get(s, "phone/desk/password"); got != "(none)(none)old" {
		t.Errorf("after it the store holds %s", got)
	}
	set(t, s, "teams/account", "new")
	if got := get(open(t, dir, k), "teams/account"); got != "new" {
		t.Errorf("forgotten twice: %s", got)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.forget")); left != nil {
		t.Errorf("left over: %v", left)
	}
}
