// Package journal keeps on disk what the engine holds, so that it can be given back after a crash. It must
// not know what a hold means.
package journal

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/offhook/offhook/sync/engine"
	"github.com/offhook/offhook/sync/problem"
	"github.com/offhook/offhook/sync/rename"
)

// File is the journal's name in the state folder; the one before it lies beside it.
const (
	File     = "holds.json"
	previous = "holds.previous.json"
)

// Journal is the file. It is written anew each time: beside, synced, renamed, and the folder synced, so that
// a crash at any moment leaves the old one or the new one, whole. Should the disk have torn it nevertheless,
// its sum tells, and the one before it counts.
type Journal struct{ dir string }

// page is what stands in the file.
type page struct {
	Sum  string          `json:"sum"` // SHA-256 of Held as it stands here
	Held json.RawMessage `json:"held"`
}

// In is the journal of a folder.
func In(dir string) Journal { return Journal{dir} }

func (j Journal) path(name string) string { return filepath.Join(j.dir, name) }

// Load reads what the last run left. No file: nothing is held. A file that cannot be understood is put aside,
// not thrown away, and told; the one before it is answered then.
func (j Journal) Load() (engine.Journal, error) {
	held, err := read(j.path(File))
	switch {
	case err == nil:
		return held, nil
	case errors.Is(err, fs.ErrNotExist):
	default:
		aside := j.path(File) + ".broken"
		err = errors.Join(fmt.Errorf("the journal %s is put aside as %s: %w", j.path(File), aside, err),
			rename.Over(j.path(File), aside))
	}
	before, previousErr := read(j.path(previous))
	if errors.Is(err, fs.ErrNotExist) {
		err = nil // nothing has been held yet, or a crash came between two renames
	}
	if errors.Is(previousErr, fs.ErrNotExist) {
		previousErr = nil
	}
	return before, errors.Join(err, previousErr)
}

func read(path string) (held engine.Journal, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return held, err
	}
	var p page
	if err := json.Unmarshal(text, &p); err != nil {
		return held, fmt.Errorf("it cannot be understood: %w", err)
	}
	if p.Sum != sum(p.Held) {
		return held, errors.New("it is not what was written: its sum is wrong")
	}
	if err := json.Unmarshal(p.Held, &held); err != nil {
		return engine.Journal{}, fmt.Errorf("it cannot be understood: %w", err)
	}
	return held, nil
}

func sum(text []byte) string {
	s := sha256.Sum256(text)
	return hex.EncodeToString(s[:])
}

// Save writes what is held now. Its errors are *problem.Problem: without a journal nothing may be written.
func (j Journal) Save(held engine.Journal) error {
	err := j.save(held)
	if err == nil {
		return nil
	}
	return &problem.Problem{Kind: problem.Settings, Err: err,
		What: problem.Say("The journal {file} cannot be written, so nothing is set that could not be given back: {error}", "file", j.path(File), "error", err),
		Do:   problem.Say("Make room on the disk, or check who may write there")}
}

func (j Journal) save(held engine.Journal) error {
	text, err := json.Marshal(held)
	if err != nil {
		return err
	}
	if text, err = json.Marshal(page{Sum: sum(text), Held: text}); err != nil {
		return err
	}
	if err := os.MkdirAll(j.dir, 0o700); err != nil {
		return err
	}
	next, err := os.CreateTemp(j.dir, File+".*")
	if err != nil {
		return err
	}
	defer os.Remove(next.Name()) // gone already when all went well
	_, err = next.Write(text)
	err = errors.Join(err, next.Sync(), next.Close())
	if err != nil {
		return err
	}
	if err := rename.Over(j.path(File), j.path(previous)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := rename.Over(next.Name(), j.path(File)); err != nil {
		return err
	}
	return syncDir(j.dir)
}
