package phones

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/window/part"
	"github.com/offhook/offhook/app/window/wire"
	"github.com/offhook/offhook/app/words"
)

// Editor adds a phone, or changes one: the phone system from a list, then what it asks for. It is on the page,
// and in the first run.
type Editor struct {
	w       *wire.Wire
	content *fyne.Container
	saved   func() // all is kept
	cancel  func() // the person goes back; nil where there is nothing to go back to

	systems []local.System
	problem *local.Problem // a file of a phone system is left out
	search  *part.Entry
	list    *fyne.Container
	choose  fyne.CanvasObject

	editing *local.OwnPhone // nil: a new one
	form    *fields
	filling *fyne.Container
}

// NewEditor makes it.
func NewEditor(w *wire.Wire, saved, cancel func()) *Editor {
	e := &Editor{w: w, saved: saved, cancel: cancel, list: part.Stack(), filling: container.NewStack()}
	e.search = part.NewEntry()
	e.search.PlaceHolder = w.T("Search, such as Asterisk")
	e.search.OnChanged = func(string) { e.find() }
	e.search.OnSubmitted = func(string) {
		if found := e.found(); len(found) > 0 && !found[0].MappingOnly {
			e.pick(found[0], nil)
		}
	}
	top := part.Stack(part.Heading(w.T("Which phone system do you have?")), part.Padded(e.search))
	choose := part.NewPanel(top, e.list)
	e.choose = choose
	if cancel != nil {
		e.choose = part.Column(choose, part.Row(part.NewQuiet(w.T("Cancel"), nil, cancel)))
	}
	e.content = container.NewStack(e.choose, e.filling)
	e.filling.Hide()
	return e
}

// Content is what to put in a page.
func (e *Editor) Content() fyne.CanvasObject { return e.content }

// First is where the keyboard begins.
func (e *Editor) First() fyne.Focusable { return e.search }

// Begin begins anew: with a phone to change, or with none for a new one.
func (e *Editor) Begin(own *local.OwnPhone) {
	e.editing = own
	part.Shown(e.choose, own == nil)
	e.filling.Hide()
	wire.Ask(e.w, e.w.Door.Systems, func(s local.Systems, err error) {
		if err != nil {
			e.w.Answer(local.Result{}, err)
			return
		}
		e.systems, e.problem = s.Systems, s.Problem
		slices.SortStableFunc(e.systems, func(a, b local.System) int {
			return cmp.Or(order(a.MappingOnly)-order(b.MappingOnly), strings.Compare(strings.ToLower(e.w.T(a.Title)), strings.ToLower(e.w.T(b.Title))))
		})
		if own == nil {
			e.find()
			return
		}
		for _, system := range e.systems {
			if system.ID == own.System {
				e.pick(system, own)
				return
			}
		}
		e.pick(local.System{}, own)
	})
}

func order(last bool) int {
	if last {
		return 1
	}
	return 0
}

// found are the systems that the search finds: all of its words, in any order.
func (e *Editor) found() []local.System {
	var found []local.System
	wanted := strings.Fields(strings.ToLower(e.search.Text))
	for _, s := range e.systems {
		text := strings.ToLower(e.w.T(s.Title) + " " + s.Title + " " + s.ID)
		if !slices.ContainsFunc(wanted, func(w string) bool { return !strings.Contains(text, w) }) {
			found = append(found, s)
		}
	}
	return found
}

func (e *Editor) find() {
	e.list.RemoveAll()
	found := e.found()
	for _, s := range found {
		b := part.NewQuiet(e.w.T(s.Title), nil, func() { e.pick(s, nil) })
		b.Alignment = widget.ButtonAlignLeading
		if s.MappingOnly {
			b.Disable()
		}
		proof := part.Quiet(proof(e.w, s.Proof))
		proof.SizeName = theme.SizeNameCaptionText
		proof.Alignment = fyne.TextAlignTrailing
		e.list.Add(container.NewBorder(nil, nil, b, nil, part.Middle(proof)))
	}
	if len(found) == 0 && len(e.systems) > 0 {
		e.list.Add(part.Text(e.w.T("No phone system of that name. One with a REST API can be added by a file; the user guide tells how.")))
	}
	if e.problem != nil {
		e.list.Add(part.Quiet(e.w.Told(e.problem)))
	}
	part.Relayout(e.content)
}

// pick shows what a system asks for.
func (e *Editor) pick(s local.System, own *local.OwnPhone) {
	e.form = newFields(e.w, s, own)
	e.form.save = func() { e.keep() }
	back := e.cancel
	text := e.w.T("Cancel")
	if own == nil {
		text = e.w.T("Another phone system")
		back = func() {
			e.filling.Hide()
			e.choose.Show()
			part.Relayout(e.content)
			part.Focus(e.search)
		}
	}
	e.form.build(text, back)
	e.filling.Objects = []fyne.CanvasObject{e.form.content}
	e.choose.Hide()
	e.filling.Show()
	part.Relayout(e.content)
	part.Focus(e.form.first())
}

func (e *Editor) keep() {
	f := e.form
	edit := local.Edit{AddPhone: f.phone()}
	if e.editing != nil {
		edit = local.Edit{ChangePhone: f.phone()}
	}
	f.busy(true)
	e.w.Asked()
	wire.Ask(e.w, func(ctx context.Context) (local.Result, error) { return e.w.Door.EditSettings(ctx, edit) },
		func(r local.Result, err error) {
			f.busy(false)
			if r.Problem != nil && f.blame(r.Problem) {
				return
			}
			e.w.Answer(r, err)
			e.w.Reread()
			if err == nil && r.OK {
				e.saved()
				if f.signsIn() {
					e.w.Do(func(ctx context.Context) (local.Result, error) { return e.w.Door.SignInPhone(ctx, r.ID) })
				}
			}
		})
}

// proof says how far a phone system has been tried.
func proof(w *wire.Wire, p string) string {
	switch p {
	case "":
		return ""
	case "run against the real system":
		return w.T("Proven: this was run against the real system.")
	case "built from documents":
		return w.T("Built from the vendor's documents; not yet run against the real system.")
	case "simulated":
		return w.T("A simulated phone, for trying things out.")
	case "mapping only":
		return w.T("Only its mapping is there yet: Offhook cannot reach this system.")
	}
	return words.Sentence(p)
}
