// Package tell is how the conformance suite tells the table what came of a check: one line of a test's output.
package tell

import (
	"fmt"
	"io"
)

// Mark begins each such line; system, check and result follow, each behind a tab.
const Mark = "conformance:"

// The results; a reason follows the last.
const (
	Holds        = "holds"
	Fails        = "FAILS"
	NotRun       = "not run" // what it needs is not here
	DoesNotApply = "does not apply: "
)

// Line writes what came of a check.
func Line(w io.Writer, system, check, result string) {
	// The empty line ends whatever a test has printed without ending it.
	_, _ = fmt.Fprintf(w, "\n%s\t%s\t%s\t%s\n", Mark, system, check, result)
}
