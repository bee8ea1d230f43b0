package settings

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/offhook/offhook/sync/problem"
	"github.com/offhook/offhook/sync/rename"
)

// Save changes the settings file of a configuration folder. Where the outcome would not be right, and nothing
// was saved, the error says what is not.
func Save(dir, policy string, changes ...Change) error {
	path := filepath.Join(dir, File)
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // the link stays
	}
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return broken(problem.Say("The settings file {file} cannot be read", "file", path), problem.Say("Check who may read it"), err)
	}
	rules, err := loadPolicy(policy)
	if err != nil {
		return err
	}
	if _, err := rules.over(text); err != nil {
		return broken(problem.Say("The settings file {file} is not right: {error}", "file", path, "error", err), problem.Say("Correct it by hand first"), err)
	}
	next, err := Edit(text, changes...)
	if err == nil {
		_, err = rules.over(next)
	}
	if err != nil {
		return broken(problem.Of(err).What, problem.Say("Correct it; nothing has been changed"), err)
	}
	if err := replaceFile(path, next); err != nil {
		return broken(problem.Say("The settings file {file} cannot be written", "file", path), problem.Say("Check who may write there"), err)
	}
	return nil
}

// replaceFile puts a file in another's place, whole or not at all.
func replaceFile(path string, text []byte) error {
	mode := fs.FileMode(0o600)
	if info, err := os.Stat(path); err == nil {
		mode = info.Mode().Perm()
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".settings-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) //nolint:errcheck // it is gone where all went well
	_, err = f.Write(text)
	err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close())
	if err != nil {
		return err
	}
	return rename.Over(f.Name(), path)
}
