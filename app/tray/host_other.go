//go:build windows || darwin

package tray

import (
	"context"
	"runtime"
	"strings"
	"time"

	"fyne.io/systray"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/sync/problem"
)

// setTitle does nothing: on macOS the title would stand beside the icon in the menu bar.
func setTitle(string) {}

// escape keeps an ampersand from becoming a shortcut's underline on Windows.
func escape(label string) string {
	if runtime.GOOS == "windows" {
		return strings.ReplaceAll(label, "&", "&&")
	}
	return label
}

func (t *tray) run(ctx context.Context) error {
	var followed error
	ready, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		defer systray.Quit()
		if t.await(ctx, ready) {
			t.view.show(ctx, t.resident.Status(), nil)
			followed = t.follow(ctx)
		}
	}()
	systray.Run(func() { close(ready) }, func() {
		if ctx.Err() == nil { // the person logs off: the last moment to give back what is held
			t.ask(ctx, Quit, time.Now())
		}
	})
	t.cancel()
	<-done
	t.view.clicks.Wait()
	return followed
}

// await waits for the notification area, and says so once where it takes too long.
func (t *tray) await(ctx context.Context, ready <-chan struct{}) bool {
	late := time.After(t.options.Patience)
	for {
		select {
		case <-ready:
			return true
		case <-late:
			if t.options.NoHost != nil {
				t.options.NoHost(noTray(problem.Say("The desktop's notification area does not answer"),
					problem.Say("Start Offhook once more to open its window")))
			}
		case <-ctx.Done():
			return false
		}
	}
}

// Missing says why this desktop shows no tray icons; nil: it does.
func Missing(context.Context) *local.Problem { return nil }
