// Package phone is the page that shows each phone: what it says, what Offhook can do with it and how far that
// has been proven, what is wrong and what to do. It must not know how a phone is reached.
package phone

import (
	"reflect"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/window/part"
)

// Page is the page. Its methods belong to the interface's goroutine.
type Page struct {
	content *part.Scroll
	list    *fyne.Container
	phones  []local.Phone // as shown
}

// New makes the page.
func New() *Page {
	p := &Page{list: part.Column()}
	p.content = part.NewScroll(p.list)
	return p
}

// Content is what to put in the window.
func (p *Page) Content() fyne.CanvasObject { return p.content }

// Show shows a status as things are now.
func (p *Page) Show(s local.Status, now time.Time) {
	if len(p.list.Objects) > 0 && reflect.DeepEqual(p.phones, s.Phones) {
		return
	}
	p.phones = s.Phones
	p.list.RemoveAll()
	for _, ph := range s.Phones {
		p.list.Add(panel(ph, now))
	}
	if len(s.Phones) == 0 {
		p.list.Add(part.NewPanel(
			part.Strong("No phone yet"),
			part.Text("Name your phone in Offhook's settings file; the command “offhook phones list” tells which there are."),
		))
	}
}

// panel is one phone.
func panel(ph local.Phone, now time.Time) fyne.CanvasObject {
	status, means := ph.Status, ph.Means
	if !ph.Known {
		status, means = "Not known", ""
	}
	objects := []fyne.CanvasObject{
		part.Headed(part.Mark(means), part.Title(part.Quiet(ph.Title), part.Strong(status))),
	}
	if w := ph.Problem; w != nil {
		objects = append(objects, part.Beside(part.Icon(part.Alert(), theme.IconInlineSize()),
			part.Text(part.Sentences(w.What, w.Do))))
	}
	objects = append(objects, part.Text(detail(ph)))
	if read := part.When(ph.Read, now); read != "" {
		objects = append(objects, part.Quiet("Last read at "+read+"."))
	}
	objects = append(objects, part.Heading("What Offhook can do with it"), abilities(ph), part.Quiet(proof(ph.Proof)))
	if ph.Problem != nil {
		return part.NewAlert(objects...)
	}
	return part.NewPanel(objects...)
}

// detail says what happens on a phone and what the person chose there.
func detail(ph local.Phone) string {
	if !ph.Known {
		return "What it shows is not known, so Offhook mirrors nothing from it."
	}
	happening, chosen := "Nothing is happening on it", "it does not tell what you chose"
	if ph.Happening != "" {
		happening = "Happening now: " + ph.Happening
	}
	if ph.Chosen != "" {
		chosen = "You chose: " + ph.Chosen
		if ph.Held != nil && ph.Held.Shows == ph.Chosen {
			chosen = "Set by Offhook: " + ph.Chosen
		}
	}
	return part.Sentences(happening, chosen)
}

// abilities is what can be done, each with a tick or a cross and never by colour alone.
func abilities(ph local.Phone) fyne.CanvasObject {
	c := ph.Capabilities
	polled := "Does not tell of changes"
	if c.ReadsLine || c.ReadsStatus {
		polled += ": Offhook asks again and again"
	}
	lines := []struct {
		can       bool
		yes, none string
	}{
		{c.ReadsLine, "Sees whether you are on a call", "Cannot see calls"},
		{c.ReadsStatus, "Sees the status you chose", "Cannot see the status you chose"},
		{c.Writes, "Sets your status", "Cannot set your status"},
		{c.Events, "Hears of changes at once", polled},
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

// proof says how far a phone system has been tried.
func proof(p string) string {
	switch p {
	case "":
		return ""
	case "run against the real system":
		return "Proven: this was run against the real system."
	case "built from documents":
		return "Built from the vendor's documents; not yet run against the real system."
	case "simulated":
		return "A simulated phone, for trying things out."
	case "mapping only":
		return "Only its mapping is there yet: Offhook cannot reach this system."
	}
	return part.Sentence(p)
}
