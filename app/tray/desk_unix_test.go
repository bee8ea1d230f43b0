//go:build linux || freebsd || openbsd || netbsd

package tray

import (
	"context"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/local/standin"
)

// desk is a resident that shows what it is told to and remembers what it was asked.
type desk struct {
	*standin.Resident
	wanted []string
}

func newDesk(s local.Status) *desk { return &desk{Resident: standin.New(s)} }

func (d *desk) Pause(_ context.Context, until time.Time) local.Result {
	if until.IsZero() {
		return d.Note("pause")
	}
	return d.Note("pause for " + time.Until(until).Round(time.Minute).String())
}

// want waits until the resident is asked something.
func (d *desk) want(t *testing.T, what string) {
	t.Helper()
	d.wanted = append(d.wanted, what)
	eventually(t, "the resident was asked", d.wanted, d.Asked)
}

// eventually waits until got is want.
func eventually[T any](t *testing.T, what string, want T, got func() T) {
	t.Helper()
	deadline := time.After(10 * time.Second)
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		diff := cmp.Diff(want, got())
		if diff == "" {
			return
		}
		select {
		case <-again.C:
		case <-deadline:
			t.Fatalf("%s (-want +got):\n%s", what, diff)
		}
	}
}

// alone runs the calling test in a process of its own, since a process has one tray, and with an environment
// of its own. It is true in that process; where it is false the test has been run.
func alone(t *testing.T, env ...string) bool {
	t.Helper()
	if os.Getenv("OFFHOOK_TEST_ALONE") == t.Name() {
		return true
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=60s")
	cmd.Env = append(append(os.Environ(), env...), "OFFHOOK_TEST_ALONE="+t.Name())
	if out, err := cmd.CombinedOutput(); err != nil && !onlyTheLibraryRaces(string(out)) {
		t.Errorf("%v\n%s", err, out)
	}
	return false
}

// onlyTheLibraryRaces tells whether all that the race detector found, and the only failure, is this: the tray
// library reads its menu's version without the lock under which it counts it.
func onlyTheLibraryRaces(out string) bool {
	reports := strings.Split(out, "WARNING: DATA RACE")
	for _, report := range reports[1:] {
		report, _, _ = strings.Cut(report, "==================")
		if !strings.Contains(report, "systray.(*tray).GetLayout()") || !strings.Contains(report, "systray.refresh()") {
			return false
		}
	}
	return len(reports) > 1 && !failure.MatchString(out)
}

var failure = regexp.MustCompile(`(?m)^\s+\w+_test\.go:\d+: |^panic: `)
