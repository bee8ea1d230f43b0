// Package frame is the window itself: how things are in one line, the list of pages, the page that is open, the
// first run in place of them, and the wire to the resident. It holds no rule and no secret.
package frame

import (
	"context"
	"errors"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/window/general"
	"github.com/offhook/offhook/app/window/welcome"
	"github.com/offhook/offhook/app/window/wire"
	"github.com/offhook/offhook/app/words"
)

// Names lists the pages' names as the command line takes them, in the order in which they are listed.
func Names() []string { return []string{"account", "phones", "mapping", "activity", "general"} }

// Needs is what a window is made with.
type Needs struct {
	Window fyne.Window
	Door   wire.Door
	Locale string // the person's, where the settings name no language
	Now    func() time.Time
	OnMain func(func())        // has the interface's goroutine do something: fyne.Do
	Copy   func(text string)   // puts a text on the clipboard
	Size   func(scale float32) // makes texts larger
	Closed func()              // the window is done
}

// Frame is the window. But for Follow, Attend and Wait its methods belong to the interface's goroutine.
type Frame struct {
	needs Needs
	life  context.Context
	wire  *wire.Wire // of the pages as they are; its goroutines outlast them
	wires []*wire.Wire

	view    *view
	welcome *welcome.Welcome
	left    bool // the person has left the first run for now

	open     int
	ticking  bool // something changes with time alone
	status   *local.Status
	settings *local.Settings
	window   local.Window // as remembered
	scale    float32
}

// New fills a window. life bounds what it begins by itself or for the person. Until Begin it says that it is
// on its way.
func New(life context.Context, needs Needs) *Frame {
	f := &Frame{needs: needs, life: life, scale: 1}
	w := needs.Window
	w.SetCloseIntercept(f.Close)
	on := func(key fyne.KeyName, do func()) {
		w.Canvas().AddShortcut(&desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault},
			func(fyne.Shortcut) { do() })
	}
	for i := range Names() {
		on(fyne.KeyName('1'+rune(i)), func() { f.turn(i) })
	}
	on(fyne.KeyS, func() { f.view.mapping.Save() })
	on(fyne.KeyW, f.Close)
	on(fyne.KeyQ, f.Close)
	on(fyne.KeyPlus, func() { f.Larger(1) })
	on(fyne.KeyEqual, func() { f.Larger(1) })
	on(fyne.KeyMinus, func() { f.Larger(-1) })
	on(fyne.Key0, func() { f.resize(1) })
	f.build(words.In(needs.Locale))
	w.SetContent(f.view.waiting)
	return f
}

// build makes everything that is read, in a language.
func (f *Frame) build(w *words.Words) {
	f.wire = &wire.Wire{Door: f.needs.Door, Words: w, Now: f.needs.Now, OnMain: f.needs.OnMain, Copy: f.needs.Copy,
		Life: f.life, Anew: f.reread}
	f.wires = append(f.wires, f.wire)
	f.view, f.welcome = newView(f.wire, f), nil
	f.wire.Asked = func() { f.view.notice.hide() }
	f.wire.Answer = f.answered
	f.view.general.Sized(f.scale)
	f.turn(f.open)
}

// First is what a window begins with.
type First struct {
	Status   local.Status
	Settings local.Settings
	Window   local.Window
	Err      error // of the status; without the rest a window does well enough
}

// Fetch asks for what a window begins with, all at once.
func Fetch(ctx context.Context, door wire.Door) First {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	var first First
	done := make(chan struct{}, 2)
	go func() { first.Settings, _ = door.ReadSettings(ctx); done <- struct{}{} }()
	go func() { first.Window, _ = door.ReadWindow(ctx); done <- struct{}{} }()
	first.Status, first.Err = door.Status(ctx)
	<-done
	<-done
	return first
}

// Begin shows the window as it begins, on the page named or, where none is, the one it was left on.
func (f *Frame) Begin(first First, page string) {
	f.window = first.Window
	if first.Window.Text > 0 {
		f.resize(first.Window.Text)
	}
	if page == "" {
		page = first.Window.Page
	}
	f.Open(page)
	if first.Err != nil {
		f.NotRunning(first.Err)
		return
	}
	f.set(first.Settings)
	f.Show(first.Status)
}

// Open turns to a page by its name and tells whether there is one.
func (f *Frame) Open(name string) bool {
	i := slices.Index(Names(), name)
	if i < 0 {
		return false
	}
	f.turn(i)
	return true
}

func (f *Frame) turn(to int) {
	f.open = to
	f.view.turn(to)
	if f.status != nil {
		f.tick()
	}
}

// Show shows a status on every page.
func (f *Frame) Show(s local.Status) {
	f.status = &s
	now := f.needs.Now()
	if welcome.Wanted(s) && !f.left {
		if f.welcome == nil {
			f.welcome = welcome.New(f.wire, f.finish, f.leave)
		}
		f.welcome.Show(s, now)
		f.view.around(f.welcome.Content())
		f.put(f.view.outside)
		f.welcome.Follow()
	} else {
		f.welcome = nil
		f.view.show(s, now)
		f.view.around(f.view.main)
		f.put(f.view.outside)
	}
	f.tick()
}

func (f *Frame) put(content fyne.CanvasObject) {
	if f.needs.Window.Content() != content {
		f.needs.Window.SetContent(content)
	}
}

// finish ends the first run.
func (f *Frame) finish() {
	f.window.Looked, f.left = true, true
	f.turn(0)
	keep := f.remembered()
	f.wire.Do(func(ctx context.Context) (local.Result, error) { return f.needs.Door.KeepWindow(ctx, keep) })
	if f.status != nil {
		f.Show(*f.status)
	}
}

// leave leaves the first run; the next window goes on with it.
func (f *Frame) leave() {
	f.left = true
	if f.status != nil {
		f.Show(*f.status)
	}
}

// NotRunning says that there is no resident to show.
func (f *Frame) NotRunning(err error) {
	f.status = nil
	f.view.absent.show(err)
	f.put(f.view.absent.content)
}

// set shows the settings on every page, in the language that they name.
func (f *Frame) set(s local.Settings) {
	f.settings = &s
	tag := s.General.Language
	if tag == "" {
		tag = f.needs.Locale
	}
	if w := words.In(tag); w.Tag() != f.wire.Words.Tag() {
		f.build(w)
		if f.status != nil {
			f.Show(*f.status)
		}
	}
	f.view.settle(s)
}

func (f *Frame) reread(s local.Settings, err error) {
	if err == nil {
		f.set(s)
	}
}

// Larger makes texts a step larger, or smaller.
func (f *Frame) Larger(by int) {
	scales := general.Scales()
	i := slices.IndexFunc(scales, func(s float32) bool { return s >= f.scale })
	f.resize(scales[min(max(i+by, 0), len(scales)-1)])
}

func (f *Frame) resize(scale float32) {
	scales := general.Scales()
	f.scale = min(max(scale, scales[0]), scales[len(scales)-1])
	f.needs.Size(f.scale)
	f.view.general.Sized(f.scale)
}

// tick counts down by the second what counts down.
func (f *Frame) tick() {
	now := f.needs.Now()
	counts := f.view.account.Tick(now)
	if f.welcome != nil {
		counts = f.welcome.Tick(now)
	}
	if !counts || f.ticking {
		return
	}
	f.ticking = true
	f.wire.Go(func() {
		select {
		case <-f.life.Done():
		case <-time.After(time.Second):
			f.needs.OnMain(func() {
				f.ticking = false
				f.tick()
			})
		}
	})
}

// remembered is what the next window is to know.
func (f *Frame) remembered() local.Window {
	w := f.window
	size := f.needs.Window.Canvas().Size()
	w.Width, w.Height, w.Page, w.Text = size.Width, size.Height, Names()[f.open], f.scale
	return w
}

// Close lets the resident remember how the window was, as far as it answers, and is done.
func (f *Frame) Close() {
	if f.status == nil { // there is nobody to remember
		f.needs.Closed()
		return
	}
	keep := f.remembered()
	wire.Ask(f.wire, func(ctx context.Context) (local.Result, error) {
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		return f.needs.Door.KeepWindow(ctx, keep)
	}, func(local.Result, error) { f.needs.Closed() })
}

const again = time.Second

// Follow shows each status of the resident until ctx ends, and looks for the resident again when it is gone.
// The settings are read again with it: they may have been changed by hand.
func (f *Frame) Follow(ctx context.Context) {
	for ctx.Err() == nil {
		err := f.needs.Door.Follow(ctx, func(s local.Status) {
			settings, err := f.needs.Door.ReadSettings(ctx)
			f.needs.OnMain(func() {
				f.reread(settings, err)
				f.Show(s)
			})
		})
		if ctx.Err() != nil {
			return
		}
		f.needs.OnMain(func() { f.NotRunning(err) })
		f.wait(ctx)
	}
}

// Attend brings the window to the front each time the person asks for it again, until ctx ends. Where there is
// a window already it answers ErrWindowOpen.
func (f *Frame) Attend(ctx context.Context) error {
	for ctx.Err() == nil {
		err := f.needs.Door.Attend(ctx, func(s local.Show) {
			f.needs.OnMain(func() {
				f.Open(s.Page)
				f.needs.Window.RequestFocus()
			})
		})
		if errors.Is(err, local.ErrWindowOpen) {
			return err
		}
		f.wait(ctx)
	}
	return nil
}

func (f *Frame) wait(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(again):
	}
}

// Wait returns once all that the window has begun has ended; its life must have.
func (f *Frame) Wait() {
	for _, w := range f.wires {
		w.Wait()
	}
}

func (f *Frame) answered(r local.Result, err error) {
	switch {
	case errors.Is(err, local.ErrNotRunning):
		f.NotRunning(err)
	case err != nil:
		f.view.notice.show(words.Sentence(err.Error()), true)
	case r.Problem != nil:
		f.view.notice.show(f.wire.Told(r.Problem), true)
	case !r.OK:
		f.view.notice.show(f.wire.T("That did not work."), true)
	case r.Note != "":
		f.view.notice.show(f.wire.Words.Notes(r), false)
	}
}
