package sample

import (
	"context"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/window/part"
	"github.com/offhook/offhook/app/window/wire"
	"github.com/offhook/offhook/app/words"
)

// Bench is a page on the test driver, with a resident right behind it. The interface's goroutine is the test's:
// Until lets it work.
type Bench struct {
	T        testing.TB
	Resident *Resident
	Wire     *wire.Wire
	Window   fyne.Window
	Copied   string
	Told     []string // what came of the person's wishes
	Settings func(local.Settings)
	main     chan func()
}

// NewBench makes one, in English.
func NewBench(t testing.TB, s local.Status) *Bench {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(part.NewTheme(1))
	b := &Bench{T: t, Resident: NewResident(s), main: make(chan func())}
	ctx, cancel := context.WithCancel(context.Background())
	b.Wire = &wire.Wire{Door: direct{b.Resident}, Words: words.In("en"), Now: Now, Life: ctx,
		OnMain: func(f func()) {
			select {
			case b.main <- f:
			case <-ctx.Done():
			}
		},
		Copy: func(s string) { b.Copied = s }, Asked: func() {},
		Answer: func(r local.Result, err error) {
			switch {
			case err != nil:
				b.Told = append(b.Told, err.Error())
			case r.Problem != nil:
				b.Told = append(b.Told, r.Problem.What)
			default:
				b.Told = append(b.Told, "done")
			}
		},
		Anew: func(s local.Settings, _ error) {
			if b.Settings != nil {
				b.Settings(s)
			}
		},
	}
	t.Cleanup(func() { cancel(); b.Wire.Wait() })
	return b
}

// Open shows something in a window.
func (b *Bench) Open(content fyne.CanvasObject) {
	b.Window = test.NewTempWindow(b.T, content)
	b.Window.Resize(fyne.NewSize(760, 620))
}

// Until does the interface's work until a text is to be seen.
func (b *Bench) Until(text string) {
	b.T.Helper()
	b.When(func() bool { return strings.Contains(Texts(b.Window.Canvas()), text) }, text+" is to be seen, of which there is:\n"+Texts(b.Window.Canvas()))
}

// When does the interface's work until something is so.
func (b *Bench) When(so func() bool, what string) {
	b.T.Helper()
	deadline := time.After(10 * time.Second)
	for !so() {
		select {
		case f := <-b.main:
			f()
		case <-deadline:
			b.T.Fatalf("in vain: %s", what)
		}
	}
}

// Choice finds the choice that shows a title.
func Choice(t testing.TB, c fyne.Canvas, title string) *part.Choice {
	t.Helper()
	var all []string
	for _, o := range All[*part.Choice](c) {
		if o.Selected == title {
			return o
		}
		all = append(all, o.Selected)
	}
	t.Fatalf("no choice shows %q, only %q", title, all)
	return nil
}

// Entries are the lines to type in, from top to bottom.
func Entries(c fyne.Canvas) []*part.Entry { return All[*part.Entry](c) }

// Texts answers all texts that are to be seen, a line each.
func Texts(c fyne.Canvas) string {
	var all []string
	for _, l := range All[*widget.Label](c) {
		all = append(all, l.Text)
	}
	return strings.Join(all, "\n")
}

// direct is the door without its socket.
type direct struct{ *Resident }

func (d direct) Status(context.Context) (local.Status, error) { return d.Resident.Status(), nil }
func (d direct) Follow(ctx context.Context, fn func(local.Status)) error {
	for s := range d.Resident.Follow(ctx) {
		fn(s)
	}
	return nil
}
func (d direct) SignIn(ctx context.Context, how local.SignIn) (local.Result, error) {
	return d.Resident.SignIn(ctx, how), nil
}
func (d direct) CancelSignIn(ctx context.Context) (local.Result, error) {
	return d.Resident.CancelSignIn(ctx), nil
}
func (d direct) SignOut(ctx context.Context) (local.Result, error) {
	return d.Resident.SignOut(ctx), nil
}
func (d direct) Pause(ctx context.Context, until time.Time) (local.Result, error) {
	return d.Resident.Pause(ctx, until), nil
}
func (d direct) Resume(ctx context.Context) (local.Result, error) { return d.Resident.Resume(ctx), nil }
func (d direct) SetStatus(ctx context.Context, c local.Choice) (local.Result, error) {
	return d.Resident.SetStatus(ctx, local.SetStatus{Choice: c}), nil
}
func (d direct) SignInPhone(ctx context.Context, phone string) (local.Result, error) {
	return d.Resident.SignInPhone(ctx, phone), nil
}
func (d direct) CancelSignInPhone(ctx context.Context, phone string) (local.Result, error) {
	return d.Resident.CancelSignInPhone(ctx, phone), nil
}
func (d direct) SignOutPhone(ctx context.Context, phone string) (local.Result, error) {
	return d.Resident.SignOutPhone(ctx, phone), nil
}
func (d direct) ReadSettings(ctx context.Context) (local.Settings, error) {
	return d.Resident.ReadSettings(ctx), nil
}
func (d direct) EditSettings(ctx context.Context, e local.Edit) (local.Result, error) {
	return d.Resident.EditSettings(ctx, e), nil
}
func (d direct) Systems(ctx context.Context) (local.Systems, error) {
	return d.Resident.Systems(ctx), nil
}
func (d direct) Test(ctx context.Context, t local.Test) (local.Tested, error) {
	return d.Resident.Test(ctx, t), nil
}
func (d direct) Targets(ctx context.Context, phone string) (local.Targets, error) {
	return d.Resident.Targets(ctx, phone), nil
}
func (d direct) Try(ctx context.Context, t local.Try) (local.Tried, error) {
	return d.Resident.Try(ctx, t), nil
}
func (d direct) Activity(ctx context.Context, q local.ActivityQuery) (local.ActivityPage, error) {
	return d.Resident.Activity(ctx, q), nil
}
func (d direct) Attend(ctx context.Context, fn func(local.Show)) error {
	shows, _ := d.Resident.Attend(ctx)
	for s := range shows {
		fn(s)
	}
	return nil
}
func (d direct) ReadWindow(ctx context.Context) (local.Window, error) {
	return d.Resident.ReadWindow(ctx), nil
}
func (d direct) KeepWindow(ctx context.Context, w local.Window) (local.Result, error) {
	return d.Resident.KeepWindow(ctx, w), nil
}

// Pump does what waits for the interface's goroutine, until nothing has for a moment.
func (b *Bench) Pump() {
	for {
		select {
		case f := <-b.main:
			f()
		case <-time.After(100 * time.Millisecond):
			return
		}
	}
}
