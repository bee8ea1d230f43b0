//go:build linux || freebsd || openbsd || netbsd

package tray

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

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
