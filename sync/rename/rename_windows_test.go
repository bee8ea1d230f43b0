package rename

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A file that somebody reads just now is replaced as soon as they have closed it; one that stays open is told.
func TestFileThatIsOpen(t *testing.T) {
	dir := t.TempDir()
	path, next := filepath.Join(dir, "file"), filepath.Join(dir, "file.new")
	for name, text := range map[string]string{path: "old", next: "new"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	reader, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := over(next, path, 0); err == nil {
		t.Fatal("an open file was replaced: then there is nothing to wait for")
	}
	closed := make(chan error, 1)
	time.AfterFunc(100*time.Millisecond, func() { closed <- reader.Close() })
	if err := Over(next, path); err != nil {
		t.Error(err)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if text, err := os.ReadFile(path); string(text) != "new" {
		t.Errorf("it holds %q, %v", text, err)
	}
}

// What waiting does not mend is told at once.
func TestFolderThatIsNotThere(t *testing.T) {
	began := time.Now()
	if err := Over(filepath.Join(t.TempDir(), "next"), filepath.Join(t.TempDir(), "not there", "file")); !os.IsNotExist(err) {
		t.Error(err)
	}
	if took := time.Since(began); took > patience/2 {
		t.Errorf("it took %s", took)
	}
}
