package tray

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/words"
	"github.com/offhook/offhook/sync/problem"
)

// Options are what the tray needs besides the resident.
type Options struct {
	Log *slog.Logger

	// Words are the person's, asked for again with each status; nil: English.
	Words func() *words.Words

	// OpenURL shows a page in the person's browser.
	OpenURL func(url string) error

	// NoHost is called when the desktop shows no tray icons, once it has had the time to start; Host when it
	// does after all. Either may be nil. They are called from one goroutine at a time.
	NoHost func(local.Problem)
	Host   func()

	// Patience is how long a desktop that is starting may take to show icons; zero: 15 seconds.
	Patience time.Duration
}

// Run shows the tray icon and its menu until ctx ends or the person quits; nothing that it started is left
// then. Where there is no tray it says so by NoHost, and waits like otherwise.
//
// It must be called from the program's main goroutine, as macOS demands, and once in the life of a process.
// The resident's Quit must not wait for Run to return.
func Run(ctx context.Context, r local.Resident, o Options) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if o.Patience == 0 {
		o.Patience = 15 * time.Second
	}
	t := &tray{resident: r, options: o, cancel: cancel, failures: make(chan local.Problem, 1)}
	t.view.do, t.view.words = t.do, o.Words
	if o.Words == nil {
		english := words.In("en")
		t.view.words = func() *words.Words { return english }
	}
	return t.run(ctx) // of this operating system
}

type tray struct {
	resident local.Resident
	options  Options
	cancel   func()
	failures chan local.Problem // clicks that did not work, the latest
	view     view
}

var errNoFollow = errors.New("the resident no longer tells its status")

// follow shows each status until ctx ends.
func (t *tray) follow(ctx context.Context) error {
	statuses := t.resident.Follow(ctx)
	status := t.resident.Status()
	for {
		select {
		case s, ok := <-statuses:
			switch {
			case ctx.Err() != nil:
				return nil
			case !ok:
				return errNoFollow
			}
			status = s
			t.view.show(ctx, status, nil)
		case failure := <-t.failures:
			t.view.show(ctx, status, &failure) // until the status changes
		case <-ctx.Done():
			return nil
		}
	}
}

// do carries out what a click asks for.
func (t *tray) do(ctx context.Context, action Action) {
	result := t.ask(ctx, action, time.Now())
	if result.OK {
		return
	}
	failure := *local.Tell(&problem.Problem{Kind: problem.Refused, What: problem.Say("Offhook gave no reason")}, "tray")
	if result.Problem != nil {
		failure = *result.Problem
	}
	t.options.Log.Warn("a click in the tray did not work", "action", string(action), "problem", failure.What)
	select {
	case t.failures <- failure:
	case <-ctx.Done():
	}
}

func (t *tray) ask(ctx context.Context, action Action, now time.Time) local.Result {
	r := t.resident
	switch action {
	case PauseHalfHour:
		return r.Pause(ctx, now.Add(30*time.Minute))
	case PauseHour:
		return r.Pause(ctx, now.Add(time.Hour))
	case PauseTomorrow:
		return r.Pause(ctx, tomorrow(now))
	case PauseForever:
		return r.Pause(ctx, time.Time{})
	case Resume:
		return r.Resume(ctx)
	case SignIn:
		return r.SignIn(ctx, local.SignIn{})
	case SignOut:
		return r.SignOut(ctx)
	case OpenCodePage:
		return t.open(r.Status().Account.CodeURL)
	case OpenDemoPage:
		return t.open(r.Status().DemoPage)
	case Settings:
		return r.Settings(ctx)
	case Activity:
		return r.OpenWindow(ctx, local.Open{Page: "activity"})
	case Quit:
		result := r.Quit(context.WithoutCancel(ctx)) // it ends ctx itself
		if result.OK {
			t.cancel()
		}
		return result
	}
	if phone, ok := strings.CutPrefix(string(action), signInPhone); ok {
		return r.SignInPhone(ctx, phone)
	}
	if choice, ok := strings.CutPrefix(string(action), setting); ok {
		return r.SetStatus(ctx, local.SetStatus{Choice: local.Choice(choice)})
	}
	return local.Result{OK: true}
}

func (t *tray) open(url string) local.Result {
	if err := t.options.OpenURL(url); err != nil {
		t.options.Log.Warn("opening a page", "url", url, "error", err)
		return local.Result{Problem: local.Tell(&problem.Problem{Kind: problem.Refused,
			What: problem.Say("The browser cannot be opened"), Do: problem.Say("Open {address} yourself", "address", url)}, "tray")}
	}
	return local.Result{OK: true}
}

// tomorrow is the next midnight where the person is.
func tomorrow(now time.Time) time.Time {
	year, month, day := now.Date()
	return time.Date(year, month, day+1, 0, 0, 0, 0, now.Location())
}

// noTray is the problem of a desktop that shows no icon.
func noTray(what, do problem.Text) local.Problem {
	return *local.Tell(&problem.Problem{Kind: "no-tray", What: what, Do: do}, "tray")
}
