package resident

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/sync/problem"
)

// attendance is what is known of the window program.
type attendance struct {
	shows  chan local.Show // of the window that is open; nil: none is
	begun  time.Time       // when one was started that has not come yet
	awaits local.Show      // what it is to show then
}

// startingUp is how long a window may take to come before another is started in its place.
const startingUp = 10 * time.Second

// Settings opens the window where it was.
func (r *Resident) Settings(ctx context.Context) local.Result { return r.OpenWindow(ctx, local.Open{}) }

// OpenWindow opens the window on a page, or brings the open one to the front.
func (r *Resident) OpenWindow(_ context.Context, o local.Open) local.Result {
	now := time.Now()
	show := local.Show{Page: o.Page, At: now}
	r.mu.Lock()
	w := &r.window
	if w.shows != nil {
		w.send(show)
		r.mu.Unlock()
		return local.Result{OK: true}
	}
	w.awaits = show
	if now.Sub(w.begun) < startingUp {
		r.mu.Unlock()
		return local.Result{OK: true}
	}
	w.begun = now
	r.mu.Unlock()
	err := r.o.OpenWindow()
	if err != nil {
		r.mu.Lock()
		r.window.begun = time.Time{}
		r.mu.Unlock()
	}
	return result(err, whereSettings)
}

// send has the open window come to the front; the newest wish counts.
func (w *attendance) send(show local.Show) {
	select {
	case <-w.shows:
	default:
	}
	w.shows <- show
}

// Attend is how the open window hears that it is to come to the front.
func (r *Resident) Attend(ctx context.Context) (<-chan local.Show, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	w := &r.window
	if w.shows != nil {
		w.send(local.Show{At: time.Now()})
		return nil, false
	}
	ch := make(chan local.Show, 1)
	*w = attendance{shows: ch, awaits: w.awaits}
	if w.awaits.Page != "" {
		ch <- w.awaits
	}
	w.awaits = local.Show{}
	context.AfterFunc(ctx, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.window = attendance{}
		close(ch)
	})
	return ch, true
}

// windowFile is what the window remembers, in the configuration folder.
const windowFile = "window.json"

// ReadWindow is what the window remembers.
func (r *Resident) ReadWindow(context.Context) local.Window {
	var w local.Window
	text, err := os.ReadFile(filepath.Join(r.o.Folder, windowFile))
	if err == nil {
		err = json.Unmarshal(text, &w)
	}
	if err != nil {
		return local.Window{} // as the first time
	}
	return w
}

// KeepWindow remembers it.
func (r *Resident) KeepWindow(_ context.Context, w local.Window) local.Result {
	text, err := json.Marshal(w)
	if err == nil {
		err = os.WriteFile(filepath.Join(r.o.Folder, windowFile), append(text, '\n'), 0o600)
	}
	if err != nil {
		return result(&problem.Problem{Kind: problem.Refused, What: problem.Say("What the window looks like cannot be kept"),
			Do: problem.Say("Check who may write in {folder}", "folder", r.o.Folder), Err: err}, whereSettings)
	}
	r.mu.Lock()
	r.looked = w.Looked
	r.mu.Unlock()
	r.refresh()
	return local.Result{OK: true}
}
