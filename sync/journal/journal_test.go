package journal

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/offhook/offhook/sync/engine"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

func sample() engine.Journal {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	return engine.Journal{
		Session: engine.Hold[presence.Pair]{Shows: presence.InACall, Before: presence.Available,
			Cause: engine.Cause{Side: "desk", State: "On a call", Activity: true, At: now}, Since: now, Until: now.Add(time.Minute)},
		Phones:    map[string]engine.Hold[string]{"desk": {Shows: "Do not disturb", Before: "Available", Since: now}},
		Overrides: []string{"desk"},
	}
}

func TestRoundTrip(t *testing.T) {
	j := In(filepath.Join(t.TempDir(), "state"))
	if got, err := j.Load(); err != nil || !got.Empty() {
		t.Fatalf("no file holds nothing: %v, %v", got, err)
	}
	for _, want := range []engine.Journal{sample(), {}} {
		if err := j.Save(want); err != nil {
			t.Fatal(err)
		}
		got, err := j.Load()
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); err != nil || diff != "" {
			t.Errorf("%v\n%s", err, diff)
		}
	}
}

// TestTorn holds that a file cut off, or altered, at any byte is told and put aside, never half believed, and
// that the one before it counts.
func TestTorn(t *testing.T) {
	dir := t.TempDir()
	j := In(dir)
	for _, held := range []engine.Journal{sample(), {Overrides: []string{"mobile"}}} {
		if err := j.Save(held); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(dir, File)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	altered := func(n int) []byte {
		text := slices.Clone(whole)
		text[n] ^= 0x01
		return text
	}
	for n := range len(whole) {
		for _, text := range [][]byte{whole[:n], altered(n)} {
			if err := os.WriteFile(file, text, 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := j.Load()
			if err == nil || !cmp.Equal(got, sample()) {
				t.Fatalf("spoiled at byte %d: %v\n%s", n, err, cmp.Diff(sample(), got))
			}
			if kept, err := os.ReadFile(file + ".broken"); err != nil || !bytes.Equal(kept, text) {
				t.Fatalf("spoiled at byte %d: not kept aside: %v", n, err)
			}
		}
	}
}

// TestCrashBetweenTwoRenames holds that then the one before counts, and nothing is told.
func TestCrashBetweenTwoRenames(t *testing.T) {
	dir := t.TempDir()
	j := In(dir)
	for _, held := range []engine.Journal{sample(), {}} {
		if err := j.Save(held); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(filepath.Join(dir, File)); err != nil {
		t.Fatal(err)
	}
	if got, err := j.Load(); err != nil || !cmp.Equal(got, sample()) {
		t.Errorf("%v\n%s", err, cmp.Diff(sample(), got))
	}
}

func TestCannotSave(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := In(file).Save(sample()); err == nil || problem.Of(err).Do.IsZero() {
		t.Errorf("a folder that is a file: %v", err)
	}
}
