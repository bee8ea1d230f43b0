package settings

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/offhook/offhook/sync/problem"
)

// quiet is how long the files must rest before a change counts: an editor saves in several steps.
const quiet = 150 * time.Millisecond

// Watch calls changed whenever the settings, the person's own phone systems or the policy may have changed,
// until ctx ends. The operating system tells it; nothing is polled.
func Watch(ctx context.Context, dir, policy string, log *slog.Logger, changed func()) error {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return broken(problem.Say("Changes of the settings file are not noticed by themselves"),
			problem.Say("Start Offhook again after you have changed it by hand"), err)
	}
	defer w.Close()
	look := func() {
		for _, folder := range folders(dir, policy) {
			if err := w.Add(folder); err != nil && !os.IsNotExist(err) {
				log.Debug("a folder is not watched", "folder", folder, "error", err)
			}
		}
	}
	look()
	var rest <-chan time.Time
	for {
		select {
		case e := <-w.Events:
			if !e.Has(fsnotify.Chmod) && concerns(e.Name, dir, policy) {
				rest = time.After(quiet)
			}
		case err := <-w.Errors:
			log.Debug("watching the settings", "error", err)
			rest = time.After(quiet) // something may have been missed
		case <-rest:
			rest = nil
			look() // folders that have come since
			changed()
		case <-ctx.Done():
			return nil
		}
	}
}

// folders are those in which a change may be seen. Of one that is not there yet, the nearest above is.
func folders(dir, policy string) []string {
	list := []string{dir, filepath.Join(dir, "phones")}
	if real, err := filepath.EvalSymlinks(filepath.Join(dir, File)); err == nil {
		list = append(list, filepath.Dir(real))
	}
	if policy == "" {
		return list
	}
	for above := filepath.Dir(policy); ; above = filepath.Dir(above) {
		if _, err := os.Stat(above); err == nil || above == filepath.Dir(above) {
			return append(list, above)
		}
	}
}

// concerns tells whether a file's change may change the settings: others lie in the same folder.
func concerns(name, dir, policy string) bool {
	switch {
	case policy != "" && (name == policy || strings.HasPrefix(policy, name+string(filepath.Separator))):
		return true
	case filepath.Dir(name) == filepath.Join(dir, "phones"):
		ext := filepath.Ext(name)
		return ext == ".yaml" || ext == ".yml"
	case filepath.Base(name) == File, name == filepath.Join(dir, "phones"):
		return true
	}
	real, err := filepath.EvalSymlinks(filepath.Join(dir, File))
	return err == nil && name == real
}
