// Package phones is the page that shows each phone: what it says, what Offhook can do with it and how far that
// has been proven, what is wrong and what to do; and where phones are added, changed and removed. It must not
// know how a phone is reached.
package phones

import (
	"reflect"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/window/part"
	"github.com/offhook/offhook/app/window/wire"
	"github.com/offhook/offhook/app/words"
)

// Page is the page. Its methods belong to the interface's goroutine.
type Page struct {
	w       *wire.Wire
	content *part.Scroll
	list    *fyne.Container
	panels  *fyne.Container
	add     *part.Button
	locked  *fyne.Container
	editor  *Editor

	shown    []local.Phone
	settings local.Settings
	removing string // the phone that the person is asked about
	drawn    bool
}

// New makes the page.
func New(w *wire.Wire) *Page {
	p := &Page{w: w, panels: part.Column()}
	p.editor = NewEditor(w, p.back, p.back)
	p.add = part.NewMain(w.T("Add a phone"), theme.ContentAddIcon(), func() { p.edit(nil) })
	p.locked = part.Beside(part.Icon(part.Locked(), theme.IconInlineSize()), part.Quiet(w.T("Set by your administrator")))
	p.list = part.Column(p.panels, part.Row(p.add, p.locked))
	p.locked.Hide()
	p.content = part.NewScroll(container.NewStack(p.list, p.editor.Content()))
	p.editor.Content().Hide()
	return p
}

// Content is what to put in the window.
func (p *Page) Content() fyne.CanvasObject { return p.content }

func (p *Page) edit(own *local.OwnPhone) {
	p.list.Hide()
	p.editor.Content().Show()
	p.editor.search.SetText("")
	p.editor.Begin(own)
	p.content.Refresh()
	if own == nil {
		part.Focus(p.editor.search)
	}
}

func (p *Page) back() {
	p.editor.Content().Hide()
	p.list.Show()
	p.content.Refresh()
	part.Focus(p.add)
}

// Show shows a status as things are now.
func (p *Page) Show(s local.Status, now time.Time) {
	if p.drawn && reflect.DeepEqual(lasting(p.shown), lasting(s.Phones)) {
		return
	}
	p.shown = s.Phones
	p.draw(now)
}

// lasting leaves out when a phone was read: that alone is no news.
func lasting(phones []local.Phone) []local.Phone {
	phones = append([]local.Phone(nil), phones...)
	for i := range phones {
		phones[i].Read = time.Time{}
	}
	return phones
}

// Set shows the settings.
func (p *Page) Set(s local.Settings) {
	p.settings = s
	part.Enable(p.add, !s.Locks("phones"))
	part.Shown(p.locked, s.Locks("phones"))
	p.draw(p.w.Now())
}

func (p *Page) draw(now time.Time) {
	p.drawn = true
	focused := part.Focused(p.panels)
	p.panels.RemoveAll()
	for _, ph := range p.shown {
		p.panels.Add(p.panel(ph, now))
	}
	if len(p.shown) == 0 {
		p.panels.Add(part.NewPanel(
			part.Strong(p.w.T("No phone yet")),
			part.Text(p.w.T("Add your phone, and Offhook keeps it in step with Teams.")),
		))
	}
	p.content.Refresh()
	part.Refocus(p.panels, focused)
}

// panel is one phone.
func (p *Page) panel(ph local.Phone, now time.Time) fyne.CanvasObject {
	w := p.w
	status, means := w.Words.State(ph.Status), ph.Means
	if !ph.Known {
		status, means = w.T("Not known"), ""
	}
	head := part.Headed(part.Mark(means), part.Title(part.Quiet(ph.Title), part.Strong(status)))
	objects := []fyne.CanvasObject{container.NewBorder(nil, nil, nil, container.NewCenter(p.buttons(ph)), head)}
	if p.removing == ph.ID {
		objects = append(objects, p.sure(ph))
	}
	if ph.Problem != nil {
		objects = append(objects, part.Beside(part.Icon(part.Alert(), theme.IconInlineSize()),
			part.Text(w.Told(ph.Problem))))
	}
	if in := SignIn(w, ph); in != nil {
		objects = append(objects, in)
	}
	objects = append(objects, part.Text(p.detail(ph)), abilities(w, ph), part.Quiet(proof(w, ph.Proof)))
	if ph.Problem != nil {
		return part.NewAlert(objects...)
	}
	return part.NewPanel(objects...)
}

func (p *Page) buttons(ph local.Phone) fyne.CanvasObject {
	var own *local.OwnPhone
	for i := range p.settings.Phones {
		if p.settings.Phones[i].ID == ph.ID {
			own = &p.settings.Phones[i]
		}
	}
	change := part.NewButton(p.w.T("Change"), theme.DocumentCreateIcon(), func() { p.edit(own) })
	remove := part.NewQuiet(p.w.T("Remove"), theme.DeleteIcon(), func() {
		p.removing = ph.ID
		p.draw(p.w.Now())
	})
	part.Enable(change, own != nil && !p.settings.Locks("phones."+ph.ID))
	part.Enable(remove, own != nil && !p.settings.Locks("phones") && !p.settings.Locks("phones."+ph.ID))
	return container.NewHBox(change, remove)
}

// sure asks before a phone goes.
func (p *Page) sure(ph local.Phone) fyne.CanvasObject {
	keep := func() {
		p.removing = ""
		p.draw(p.w.Now())
	}
	return part.Stack(
		part.Heading(p.w.T("Remove {phone}, with its password and its mapping?", "phone", ph.Title)),
		part.Padded(part.Row(
			part.NewButton(p.w.T("Keep it"), nil, keep),
			part.NewButton(p.w.T("Remove it"), theme.DeleteIcon(), func() {
				p.removing = ""
				p.w.Edit(local.Edit{RemovePhone: ph.ID})
			}),
		)),
	)
}

// detail says what happens on a phone and what the person chose there.
func (p *Page) detail(ph local.Phone) string {
	w := p.w
	if !ph.Known {
		return w.T("What it shows is not known, so Offhook mirrors nothing from it.")
	}
	var said []string
	if ph.Happening != "" {
		said = append(said, w.T("Happening now: {state}", "state", w.Words.State(ph.Happening)))
	}
	switch {
	case ph.Chosen == "":
	case ph.Held != nil && ph.Held.Shows == ph.Chosen:
		said = append(said, w.T("Set by Offhook: {state}", "state", w.Words.State(ph.Chosen)))
	default:
		said = append(said, w.T("Chosen there: {state}", "state", w.Words.State(ph.Chosen)))
	}
	return words.Sentences(said...)
}

// abilities is what can be done, each with a tick or a cross and never by colour alone.
func abilities(w *wire.Wire, ph local.Phone) fyne.CanvasObject {
	c := ph.Capabilities
	polled := w.T("Does not tell of changes")
	if c.ReadsLine || c.ReadsStatus {
		polled = w.T("Does not tell of changes: Offhook asks again and again")
	}
	lines := []struct {
		can       bool
		yes, none string
	}{
		{c.ReadsLine, w.T("Sees whether you are on a call"), w.T("Cannot see calls")},
		{c.ReadsStatus, w.T("Sees the status you chose"), w.T("Cannot see the status you chose")},
		{c.Writes, w.T("Sets your status"), w.T("Cannot set your status")},
		{c.Events, w.T("Hears of changes at once"), polled},
	}
	box := part.Stack()
	for _, l := range lines {
		text, icon := l.yes, theme.NewColoredResource(theme.ConfirmIcon(), theme.ColorNameSuccess)
		if !l.can {
			text, icon = l.none, theme.NewColoredResource(theme.CancelIcon(), theme.ColorNamePlaceHolder)
		}
		box.Add(part.Beside(part.Icon(icon, theme.IconInlineSize()), part.Text(text)))
	}
	return box
}
