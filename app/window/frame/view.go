package frame

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/window/account"
	"github.com/offhook/offhook/app/window/activity"
	"github.com/offhook/offhook/app/window/general"
	"github.com/offhook/offhook/app/window/mapping"
	"github.com/offhook/offhook/app/window/part"
	"github.com/offhook/offhook/app/window/phones"
	"github.com/offhook/offhook/app/window/wire"
	"github.com/offhook/offhook/app/words"
)

// page is one page.
type page interface {
	Content() fyne.CanvasObject
	Show(s local.Status, now time.Time)
}

// view is all that there is to see, in one language.
type view struct {
	account *account.Page
	phones  *phones.Page
	general *general.Page
	mapping *mapping.Page
	pages   []page // but general
	open    int

	// A page that is not open is not kept up to date: it is brought there when it opens.
	status   *local.Status
	settings *local.Settings
	now      time.Time
	old      [5]bool // a page has not the newest status
	unset    [5]bool // or settings
	buttons  []*part.Button

	head    *header
	notice  *notice
	body    *fyne.Container
	main    fyne.CanvasObject // the pages with all around them
	inside  *fyne.Container   // main, or the first run
	outside fyne.CanvasObject // that and the notice
	waiting fyne.CanvasObject
	absent  *absent
	name    func(string) string
}

func newView(w *wire.Wire, f *Frame) *view {
	v := &view{head: newHeader(w), notice: newNotice(w), absent: newAbsent(w), name: words.Names(nil)}
	v.account, v.phones, v.general = account.New(w), phones.New(w), general.New(w, f.resize)
	v.mapping = mapping.New(w)
	v.pages = []page{v.account, v.phones, v.mapping, activity.New(w)}
	titles := []string{w.T("Account"), w.T("Phones"), w.T("Mapping"), w.T("Activity"), w.T("General")}
	icons := []fyne.Resource{theme.AccountIcon(), part.Phone(), part.Swap(), theme.HistoryIcon(), theme.SettingsIcon()}

	list := container.NewVBox()
	v.body = container.NewStack()
	for i, title := range titles {
		b := part.NewQuiet(title, icons[i], func() { f.turn(i) })
		b.Alignment = widget.ButtonAlignLeading
		v.buttons = append(v.buttons, b)
		list.Add(b)
	}
	for _, p := range v.pages {
		v.body.Add(p.Content())
	}
	v.body.Add(v.general.Content())
	side := container.NewHBox(container.NewPadded(list), widget.NewSeparator())
	room := container.New(layout.NewCustomPaddedLayout(6, 6, 8, 8), v.body)
	v.main = part.Around(container.NewVBox(v.head.content, widget.NewSeparator()), side, room, nil)
	v.inside = container.NewStack()
	v.outside = part.Around(v.notice.content, nil, v.inside, nil)
	v.waiting = container.NewCenter(part.Fixed(part.Quiet(w.T("One moment…"))))
	return v
}

// around puts something into the window, under the notice.
func (v *view) around(o fyne.CanvasObject) {
	if len(v.inside.Objects) != 1 || v.inside.Objects[0] != o {
		v.inside.Objects = []fyne.CanvasObject{o}
		v.inside.Refresh()
	}
}

func (v *view) turn(to int) {
	for i, b := range v.buttons {
		importance := widget.LowImportance
		if i == to {
			importance = widget.HighImportance
		}
		if b.Importance != importance {
			b.Importance = importance
			b.Refresh()
		}
		part.Shown(v.body.Objects[i], i == to)
	}
	v.open = to
	v.update()
}

func (v *view) show(s local.Status, now time.Time) {
	s = v.head.w.Words.Named(s)
	v.name = words.Names(s.Phones)
	v.head.show(s, now)
	v.status, v.now = &s, now
	for i := range v.old {
		v.old[i] = true
	}
	v.update()
}

func (v *view) settle(s local.Settings) {
	v.settings = &s
	for i := range v.unset {
		v.unset[i] = true
	}
	v.update()
}

// update brings the open page up to date.
func (v *view) update() {
	i := v.open
	if v.unset[i] && v.settings != nil {
		v.unset[i] = false
		for page, set := range map[int]func(local.Settings){0: v.account.Set, 1: v.phones.Set, 4: v.general.Set} {
			if page == i {
				set(*v.settings)
			}
		}
	}
	if v.old[i] && v.status != nil {
		v.old[i] = false
		if i < len(v.pages) {
			v.pages[i].Show(*v.status, v.now)
		} else {
			v.general.About(*v.status)
		}
	}
}
