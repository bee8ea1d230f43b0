// Package wire is how a page asks the resident: never on the interface's goroutine, and back on it with the
// answer. It must not know a page, nor what is asked.
package wire

import (
	"context"
	"sync"
	"time"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/words"
)

// Door is what the window asks of the resident: the methods of *local.Client.
type Door interface {
	Status(ctx context.Context) (local.Status, error)
	Follow(ctx context.Context, fn func(local.Status)) error
	SignIn(ctx context.Context, how local.SignIn) (local.Result, error)
	CancelSignIn(ctx context.Context) (local.Result, error)
	SignOut(ctx context.Context) (local.Result, error)
	Pause(ctx context.Context, until time.Time) (local.Result, error)
	Resume(ctx context.Context) (local.Result, error)
	SetStatus(ctx context.Context, choice local.Choice) (local.Result, error)
	SignInPhone(ctx context.Context, phone string) (local.Result, error)
	CancelSignInPhone(ctx context.Context, phone string) (local.Result, error)
	SignOutPhone(ctx context.Context, phone string) (local.Result, error)
	ReadSettings(ctx context.Context) (local.Settings, error)
	EditSettings(ctx context.Context, e local.Edit) (local.Result, error)
	Systems(ctx context.Context) (local.Systems, error)
	Test(ctx context.Context, t local.Test) (local.Tested, error)
	Targets(ctx context.Context, phone string) (local.Targets, error)
	Try(ctx context.Context, t local.Try) (local.Tried, error)
	Activity(ctx context.Context, q local.ActivityQuery) (local.ActivityPage, error)
	Attend(ctx context.Context, fn func(local.Show)) error
	ReadWindow(ctx context.Context) (local.Window, error)
	KeepWindow(ctx context.Context, w local.Window) (local.Result, error)
}

// Wire is what every page is made with.
type Wire struct {
	Door   Door
	Words  *words.Words
	Now    func() time.Time
	OnMain func(func())      // has the interface's goroutine do something: fyne.Do
	Copy   func(text string) // puts a text on the clipboard

	Life   context.Context             // of the window: bounds whatever it begins
	Asked  func()                      // the person asks for something
	Answer func(local.Result, error)   // something they asked for came, or went wrong
	Anew   func(local.Settings, error) // the settings have been read again

	work sync.WaitGroup
}

// Wait returns once all that was begun has ended; the window's life must have.
func (w *Wire) Wait() { w.work.Wait() }

// Go begins something that is not the interface's.
func (w *Wire) Go(f func()) { w.work.Go(f) }

// Ask has the resident asked, and then hears the answer on the interface's goroutine.
func Ask[T any](w *Wire, what func(context.Context) (T, error), then func(T, error)) {
	w.work.Go(func() {
		answer, err := what(w.Life)
		if w.Life.Err() == nil {
			w.OnMain(func() { then(answer, err) })
		}
	})
}

// Do carries out one of the person's wishes; what goes wrong is shown. then, where it is not nil, is called
// where all went well.
func (w *Wire) Do(what func(context.Context) (local.Result, error), then ...func(local.Result)) {
	w.Asked()
	Ask(w, what, func(r local.Result, err error) {
		w.Answer(r, err)
		if err == nil && r.OK {
			for _, f := range then {
				f(r)
			}
		}
	})
}

// Edit changes the settings, and shows them as they then are, also where the change was refused.
func (w *Wire) Edit(e local.Edit, then ...func(local.Result)) {
	w.Asked()
	Ask(w, func(ctx context.Context) (local.Result, error) { return w.Door.EditSettings(ctx, e) },
		func(r local.Result, err error) {
			w.Answer(r, err)
			w.Reread()
			if err == nil && r.OK {
				for _, f := range then {
					f(r)
				}
			}
		})
}

// Reread reads the settings again.
func (w *Wire) Reread() { Ask(w, w.Door.ReadSettings, w.Anew) }

// T says a text in the person's language.
func (w *Wire) T(text string, with ...string) string { return w.Words.T(text, with...) }

// Told is a problem in sentences.
func (w *Wire) Told(p *local.Problem) string {
	t := w.Words.Problem(p)
	return words.Sentences(t.What, t.Do)
}

// Latest numbers questions of which only the newest answer is wanted.
type Latest struct{ n int }

// Next begins a question; fresh tells whether no newer one has begun since.
func (l *Latest) Next() (fresh func() bool) {
	l.n++
	mine := l.n
	return func() bool { return mine == l.n }
}
