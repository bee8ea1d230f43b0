package conformance

import (
	"fmt"
	"testing"
)

// Mark begins each line of a test's output that is a cell of the table: system, check and result follow, each
// behind a tab.
const Mark = "conformance:"

// The results besides "does not apply: …".
const (
	Holds = "holds"
	Fails = "FAILS"
)

const doesNotApply = "does not apply: "

// pointless ends a check that has no meaning for the system.
func pointless(t *testing.T, why string) {
	t.Helper()
	t.Skip(doesNotApply + why)
}

// tell prints how a check ended. Why one does not apply stands before it, in the test's own log.
func (h Harness) tell(t *testing.T, name string) {
	result := Holds
	switch {
	case t.Failed():
		result = Fails
	case t.Skipped():
		result = "does not apply"
	}
	fmt.Printf("\n%s\t%s\t%s\t%s\n", Mark, h.System, name, result)
}
