package main

import (
	"encoding/json"
	"errors"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// What the README's chapter on architecture says of imports is held here.

const module = "github.com/offhook/offhook"

// imported is one import of one file of the module.
type imported struct {
	file string // from the module's root, with slashes
	path string
}

func (i imported) room() string { return path.Dir(i.file) }
func (i imported) test() bool   { return strings.HasSuffix(i.file, "_test.go") }

// imports reads every Go file of the module, whatever system it is for.
func imports(t *testing.T) []imported {
	t.Helper()
	root := os.DirFS("..")
	var all []imported
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata"):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, i := range f.Imports {
			p, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			all = append(all, imported{name, p})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 100 {
		t.Fatalf("only %d imports found: this looks in the wrong place", len(all))
	}
	return all
}

func within(p, folder string) bool { return p == folder || strings.HasPrefix(p, folder+"/") }

// app → sync → assets, and never back; tests included.
func TestImportsRunOneWay(t *testing.T) {
	above := map[string][]string{
		"sync":   {module + "/app"},
		"assets": {module + "/app", module + "/sync"},
	}
	for _, i := range imports(t) {
		for room, forbidden := range above {
			for _, f := range forbidden {
				if within(i.file, room) && within(i.path, f) {
					t.Errorf("%s imports %s", i.file, i.path)
				}
			}
		}
	}
}

// Whatever the pure rooms import of the module reads and writes nothing either.
func TestPureRooms(t *testing.T) {
	outside := []string{"net", "os", "io/fs", "io/ioutil", "syscall", "database/sql", "log", "log/slog", "path/filepath",
		"plugin", "testing", "unsafe", "C", "embed", "crypto/rand", "math/rand", "golang.org/x/sys", "golang.org/x/net"}
	of := map[string][]imported{}
	for _, i := range imports(t) {
		if !i.test() {
			of[module+"/"+i.room()] = append(of[module+"/"+i.room()], i)
		}
	}
	for _, room := range []string{"sync/engine", "sync/presence", "sync/problem", "sync/pace"} {
		if of[module+"/"+room] == nil {
			t.Errorf("%s is not there, or imports nothing at all", room)
		}
		seen := []string{module + "/" + room}
		for n := 0; n < len(seen); n++ {
			for _, i := range of[seen[n]] {
				if within(i.path, module) && !slices.Contains(seen, i.path) {
					seen = append(seen, i.path)
				}
				if slices.ContainsFunc(outside, func(o string) bool { return within(i.path, o) }) {
					t.Errorf("%s is no longer pure: %s imports %s", room, i.file, i.path)
				}
			}
		}
	}
}

// The engine's core waits for nothing: goroutines and clocks live in its runner alone.
func TestOnlyTheRunnerWaits(t *testing.T) {
	for _, i := range imports(t) {
		if i.room() == "sync/engine" && !i.test() && i.file != "sync/engine/run.go" && (i.path == "context" || within(i.path, "sync")) {
			t.Errorf("%s imports %s", i.file, i.path)
		}
	}
}

// One program alone may open windows.
func TestOnlyTheWindowStartsFyne(t *testing.T) {
	var files []string
	for _, i := range imports(t) {
		if i.path == "fyne.io/fyne/v2/app" && !i.test() {
			files = append(files, i.file)
		}
		if within(i.path, "fyne.io/fyne/v2") && !within(i.file, "app/window") {
			t.Errorf("%s imports %s", i.file, i.path)
		}
	}
	if len(files) != 1 || path.Dir(files[0]) != "app/window" {
		t.Errorf("fyne.io/fyne/v2/app is imported by %q, want one file of app/window", files)
	}
}

// The resident needs neither Fyne nor OpenGL, nor cgo, on any of the systems it runs on without.
func TestTheResidentIsLight(t *testing.T) {
	for _, goos := range []string{"linux", "windows"} {
		cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,CgoFiles", ".")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+goos, "GOPROXY=off")
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("go list for %s: %v", goos, explain(err))
		}
		packages := json.NewDecoder(strings.NewReader(string(out)))
		n := 0
		for ; ; n++ {
			var p struct {
				ImportPath string
				CgoFiles   []string
			}
			if err := packages.Decode(&p); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			for _, heavy := range []string{"fyne.io/fyne/v2", "github.com/go-gl", module + "/app/window", "testing"} {
				if within(p.ImportPath, heavy) {
					t.Errorf("on %s the resident depends on %s", goos, p.ImportPath)
				}
			}
			if len(p.CgoFiles) > 0 {
				t.Errorf("on %s %s needs cgo", goos, p.ImportPath)
			}
		}
		if n < 50 {
			t.Errorf("only %d packages on %s: this looks at the wrong ones", n, goos)
		}
	}
}

func explain(err error) string {
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		return string(failed.Stderr)
	}
	return err.Error()
}

// A Go file in sync/ itself would make a package that shadows the standard library's name.
func TestNoPackageNamedSync(t *testing.T) {
	files, err := filepath.Glob("../sync/*.go")
	if err != nil || len(files) > 0 {
		t.Errorf("Go files directly in sync/: %q, %v", files, err)
	}
}
