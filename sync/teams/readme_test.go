package teams

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"
)

// The README's table names states that there are, with the numbers that mean them.
func TestReadmeNamesStates(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile("`([a-z-]+)` \\((\\d{4,})\\)").FindAllStringSubmatch(string(text), -1)
	if len(rows) < 5 {
		t.Fatalf("only %d states with a number are in the README", len(rows))
	}
	for _, row := range rows {
		if !slices.ContainsFunc(States(), func(s State) bool {
			return s.Name == row[1] && slices.ContainsFunc(s.codes, func(code int) bool { return row[2] == strconv.Itoa(code) })
		}) {
			t.Errorf("the README says AADSTS%s is %s", row[2], row[1])
		}
	}
}
