package journal

import (
	"os"
	"path/filepath"
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

// TestTorn holds that a file cut off at any byte is told and put aside, never half believed.
func TestTorn(t *testing.T) {
	dir := t.TempDir()
	j := In(dir)
	if err := j.Save(sample()); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(filepath.Join(dir, File))
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(whole) {
		if err := os.WriteFile(filepath.Join(dir, File), whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := j.Load()
		if err == nil || !got.Empty() {
			t.Fatalf("cut at byte %d: %v, %v", n, got, err)
		}
		if kept, err := os.ReadFile(filepath.Join(dir, File+".broken")); err != nil || len(kept) != n {
			t.Fatalf("cut at byte %d: not kept aside: %v", n, err)
		}
	}
}

func TestCannotSave(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := In(file).Save(sample()); err == nil || problem.Of(err).Do == "" {
		t.Errorf("a folder that is a file: %v", err)
	}
}
