// Command table runs the conformance suite for every phone system and prints what came of it as a table, system by
// check. (go test shows what its tests print only of packages that fail, or with -v.)
//
//	go run ./sync/phone/conformance/table [more flags of go test]
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/offhook/offhook/sync/phone/conformance/tell"
)

func main() {
	args := append([]string{"test", "-v", "-count=1", "-run", "Conforms"}, os.Args[1:]...)
	cmd := exec.Command("go", append(args, "./sync/phone/...")...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "table:", err)
		os.Exit(1)
	}
	whole := read(out)
	err = cmd.Wait()
	whole.print(os.Stdout)
	if err != nil || len(whole.systems) == 0 {
		fmt.Fprintln(os.Stderr, "table: not everything holds; go test -run Conforms ./sync/phone/... says what")
		os.Exit(1)
	}
}

// table is what came of each check of each system, in the order in which they came.
type table struct {
	systems, checks []string
	cells           map[[2]string]string
}

func read(r io.Reader) table {
	t := table{cells: map[[2]string]string{}}
	in := bufio.NewScanner(r)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		cell := strings.Split(in.Text(), "\t")
		if len(cell) != 4 || cell[0] != tell.Mark {
			continue
		}
		system, check, result := cell[1], cell[2], cell[3]
		if !slices.Contains(t.systems, system) {
			t.systems = append(t.systems, system)
		}
		if !slices.Contains(t.checks, check) {
			t.checks = append(t.checks, check)
		}
		t.cells[[2]string{system, check}] = result
	}
	return t
}

// print writes a column for each system, by number, and beneath it why something does not apply.
func (t table) print(w io.Writer) {
	slices.Sort(t.systems)
	columns := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	var reasons []string
	for i, system := range t.systems {
		fmt.Fprintf(w, "%2d  %s\n", i+1, system)
	}
	fmt.Fprint(columns, "\ncheck")
	for i := range t.systems {
		fmt.Fprintf(columns, "\t%d", i+1)
	}
	fmt.Fprintln(columns)
	for _, check := range t.checks {
		fmt.Fprint(columns, check)
		for _, system := range t.systems {
			result, told := t.cells[[2]string{system, check}]
			switch {
			case !told:
				result = tell.NotRun
			case strings.HasPrefix(result, tell.DoesNotApply):
				reasons = append(reasons, system+", "+check+": "+strings.TrimPrefix(result, tell.DoesNotApply))
				result = "–"
			}
			fmt.Fprint(columns, "\t"+result)
		}
		fmt.Fprintln(columns)
	}
	_ = columns.Flush()
	if len(reasons) > 0 {
		fmt.Fprintln(w, "\n–: the check has no meaning there")
	}
	for _, r := range reasons {
		fmt.Fprintln(w, "  "+r)
	}
}
