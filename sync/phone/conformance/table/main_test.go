package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/offhook/offhook/sync/phone/conformance/tell"
)

func TestTable(t *testing.T) {
	var in, out strings.Builder
	in.WriteString("=== RUN   Test")
	tell.Line(&in, "B", "garbage", tell.Fails)
	tell.Line(&in, "A", "first reading", tell.Holds)
	tell.Line(&in, "A", "garbage", tell.DoesNotApply+"it never talks")
	in.WriteString("--- FAIL: Test\n")
	read(strings.NewReader(in.String())).print(&out)
	want := ` 1  A
 2  B

check          1      2
garbage        –      FAILS
first reading  holds  not run

–: the check has no meaning there
  A, garbage: it never talks
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}
