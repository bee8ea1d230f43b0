// Package journal keeps on disk what the engine holds, so that it can be given back after a crash. It must
// not know what a hold means.
package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/offhook/offhook/sync/engine"
	"github.com/offhook/offhook/sync/problem"
)

// File is the journal's name in the state folder.
const File = "holds.json"

// Journal is the file. It is written anew each time: beside, synced, renamed, and the folder synced, so that
// a crash at any moment leaves the old one or the new one, whole.
type Journal struct{ path string }

// In is the journal of a folder.
func In(dir string) Journal { return Journal{filepath.Join(dir, File)} }

// Load reads what the last run left. No file: nothing is held. A file that cannot be understood is put
// aside, not thrown away, and told: what it held ends by itself in Teams and is unknown on the phones.
func (j Journal) Load() (engine.Journal, error) {
	var held engine.Journal
	text, err := os.ReadFile(j.path)
	if errors.Is(err, fs.ErrNotExist) {
		return held, nil
	}
	if err != nil {
		return held, fmt.Errorf("the journal %s cannot be read: %w", j.path, err)
	}
	if err := json.Unmarshal(text, &held); err != nil {
		aside := j.path + ".broken"
		return engine.Journal{}, errors.Join(
			fmt.Errorf("the journal %s cannot be understood and is put aside as %s: %w", j.path, aside, err),
			os.Rename(j.path, aside))
	}
	return held, nil
}

// Save writes what is held now. Its errors are *problem.Problem: without a journal nothing may be written.
func (j Journal) Save(held engine.Journal) error {
	err := j.save(held)
	if err == nil {
		return nil
	}
	return &problem.Problem{Kind: problem.Settings, Err: err,
		What: fmt.Sprintf("the journal %s cannot be written, so nothing is set that could not be given back: %v", j.path, err),
		Do:   "Make room on the disk, or check who may write there"}
}

func (j Journal) save(held engine.Journal) error {
	text, err := json.MarshalIndent(held, "", "  ")
	if err != nil {
		return err
	}
	dir := filepath.Dir(j.path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	next, err := os.CreateTemp(dir, File+".*")
	if err != nil {
		return err
	}
	defer os.Remove(next.Name()) // gone already when all went well
	_, err = next.Write(text)
	err = errors.Join(err, next.Sync(), next.Close())
	if err != nil {
		return err
	}
	if err := os.Rename(next.Name(), j.path); err != nil {
		return err
	}
	return syncDir(dir)
}
