// Package frame is the window itself: how things are in one line, the list of pages, the page that is open,
// and the wire to the resident. It holds no rule and no secret: what it shows is the resident's status.
package frame

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/window/account"
	"github.com/offhook/offhook/app/window/activity"
	"github.com/offhook/offhook/app/window/mapping"
	"github.com/offhook/offhook/app/window/part"
	"github.com/offhook/offhook/app/window/phone"
)

// Resident is what the window needs of the resident's client.
type Resident interface {
	account.Actions
	Status(ctx context.Context) (local.Status, error)
	Follow(ctx context.Context, fn func(local.Status)) error
}

// Names lists the pages' names as the command line takes them, in the order in which they are listed.
func Names() []string { return []string{"account", "phone", "mapping", "activity"} }

// Page is one page.
type Page interface {
	Content() fyne.CanvasObject
	Show(s local.Status, now time.Time)
}

// Needs is what a window is made with.
type Needs struct {
	Window   fyne.Window
	Resident Resident
	Now      func() time.Time
	OnMain   func(func())      // has the interface's goroutine do something: fyne.Do
	Copy     func(text string) // puts a text on the clipboard
	Closed   func()            // the person closes the window
}

// Frame is the window. But for Follow and Wait its methods belong to the interface's goroutine.
type Frame struct {
	needs Needs
	life  context.Context
	work  sync.WaitGroup // what the window has begun and has not ended

	names   []string
	pages   []Page
	buttons []*part.Button
	account *account.Page
	open    int
	ticking bool // something changes with time alone

	head   *header
	notice *notice
	body   *fyne.Container
	main   fyne.CanvasObject
	absent *absent
}

// New fills a window. life bounds what it begins by itself or for the person.
func New(life context.Context, needs Needs) *Frame {
	w := needs.Window
	f := &Frame{needs: needs, life: life, names: Names(), head: newHeader(), notice: newNotice(), absent: newAbsent()}
	f.account = account.New(needs.Resident, f.do, needs.Now, needs.Copy)
	f.pages = []Page{f.account, phone.New(), mapping.New(), activity.New()}
	titles := []string{"Overview", "Phone", "Mapping", "Activity"}
	icons := []fyne.Resource{theme.HomeIcon(), part.Phone(), part.Swap(), theme.HistoryIcon()}

	list := container.NewVBox()
	f.body = container.NewStack()
	for i, page := range f.pages {
		b := part.NewButton(titles[i], icons[i], func() { f.turn(i) })
		b.Alignment = widget.ButtonAlignLeading
		f.buttons = append(f.buttons, b)
		list.Add(b)
		f.body.Add(page.Content())
		key := fyne.KeyName('1' + rune(i))
		w.Canvas().AddShortcut(&desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault},
			func(fyne.Shortcut) { f.turn(i) })
	}
	w.SetCloseIntercept(needs.Closed)
	for _, key := range []fyne.KeyName{fyne.KeyW, fyne.KeyQ} {
		w.Canvas().AddShortcut(&desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault},
			func(fyne.Shortcut) { needs.Closed() })
	}
	side := container.NewHBox(container.NewPadded(list), widget.NewSeparator())
	page := container.New(layout.NewCustomPaddedLayout(6, 6, 8, 8), f.body)
	top := container.NewVBox(f.head.content, f.notice.content, widget.NewSeparator())
	f.main = container.NewBorder(top, nil, side, nil, page)
	f.turn(0)
	f.NotRunning(local.ErrNotRunning)
	return f
}

// Open turns to a page by its name and tells whether there is one.
func (f *Frame) Open(name string) bool {
	i := slices.Index(f.names, name)
	if i < 0 {
		return false
	}
	f.turn(i)
	return true
}

func (f *Frame) turn(to int) {
	f.open = to
	for i, b := range f.buttons {
		b.Importance = widget.LowImportance
		if i == to {
			b.Importance = widget.HighImportance
		}
		b.Refresh()
		if i == to {
			f.body.Objects[i].Show()
		} else {
			f.body.Objects[i].Hide()
		}
	}
}

// Show shows a status on every page.
func (f *Frame) Show(s local.Status) {
	now := f.needs.Now()
	f.head.show(s)
	for _, p := range f.pages {
		p.Show(s, now)
	}
	if f.needs.Window.Content() != f.main {
		f.needs.Window.SetContent(f.main)
	}
	f.tick()
}

// NotRunning says that there is no resident to show.
func (f *Frame) NotRunning(err error) {
	f.absent.show(err)
	if f.needs.Window.Content() != f.absent.content {
		f.needs.Window.SetContent(f.absent.content)
	}
}

// tick counts down by the second what counts down.
func (f *Frame) tick() {
	if !f.account.Tick(f.needs.Now()) || f.ticking {
		return
	}
	f.ticking = true
	f.work.Go(func() {
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

// First fetches and shows the status once, before the window is shown, so that it opens right.
func (f *Frame) First(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if s, err := f.needs.Resident.Status(ctx); err != nil {
		f.NotRunning(err)
	} else {
		f.Show(s)
	}
}

// Follow shows each status of the resident until ctx ends, and looks for the resident again when it is gone.
func (f *Frame) Follow(ctx context.Context) {
	const again = time.Second
	for ctx.Err() == nil {
		err := f.needs.Resident.Follow(ctx, func(s local.Status) { f.needs.OnMain(func() { f.Show(s) }) })
		if ctx.Err() != nil {
			return
		}
		f.needs.OnMain(func() { f.NotRunning(err) })
		select {
		case <-ctx.Done():
		case <-time.After(again):
		}
	}
}

// Wait returns once all that the window has begun has ended; its life must have.
func (f *Frame) Wait() { f.work.Wait() }

// do carries out one of the person's wishes.
func (f *Frame) do(what func(context.Context) (local.Result, error)) {
	f.notice.hide()
	f.work.Go(func() {
		result, err := what(f.life)
		if f.life.Err() == nil {
			f.needs.OnMain(func() { f.answered(result, err) })
		}
	})
}

func (f *Frame) answered(result local.Result, err error) {
	switch {
	case errors.Is(err, local.ErrNotRunning):
		f.NotRunning(err)
	case err != nil:
		f.notice.show(part.Sentence(err.Error()))
	case result.Problem != nil:
		f.notice.show(part.Sentences(result.Problem.What, result.Problem.Do))
	case !result.OK:
		f.notice.show("That did not work.")
	}
}
