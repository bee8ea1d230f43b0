package catalog_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/offhook/offhook/assets"
	"github.com/offhook/offhook/sync/phone/catalog"
	"github.com/offhook/offhook/sync/problem"
)

// What is shipped stands the check that a person's own file is given.
func TestShippedFilesAreChecked(t *testing.T) {
	names, err := fs.Glob(assets.Presets, "presets/*.yaml")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		data, err := assets.Presets.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), filepath.Base(name))
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		mistaken, _, err := catalog.Check(file)
		if err != nil {
			t.Error(err)
		}
		for _, m := range mistaken {
			t.Error(m)
		}
		if _, _, err := catalog.File(file); err != nil {
			t.Error(err)
		}
	}
}

func TestFilesThatCannotBeTried(t *testing.T) {
	dir := t.TempDir()
	broken := filepath.Join(dir, "broken.yaml")
	if err := os.WriteFile(broken, []byte("id: x\nbse: y\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		broken:                          `unknown key "bse"`,
		dir:                             "is no ordinary file",
		filepath.Join(dir, "none.yaml"): "is not there",
	} {
		_, _, err := catalog.File(name)
		if p := problem.Of(err); p == nil || p.Kind != problem.Settings || !strings.Contains(p.What.String(), want) || p.Do.IsZero() {
			t.Errorf("%s: %v", name, err)
		}
	}
}
