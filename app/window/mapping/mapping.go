// Package mapping is the page with the two tables: what a state of Teams makes of the phone, and what a status
// of the phone makes of Teams. Rows are changed here, tried, and then kept. It must not know a rule: what is
// legal and what would happen it asks.
package mapping

import (
	"context"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/window/part"
	"github.com/offhook/offhook/app/window/wire"
)

// Page is the page. Its methods belong to the interface's goroutine.
type Page struct {
	w       *wire.Wire
	content *fyne.Container
	none    fyne.CanvasObject // there is no phone yet
	some    *fyne.Container

	choose           *part.Choice // which phone, where there are several
	try              *trial
	toPhone, toTeams *table
	resetAll         *part.Button
	unsaved          *fyne.Container
	count            *widget.Label

	phones  []local.Phone
	phone   local.Phone // the one shown
	held    bool        // Teams shows what Offhook has set there
	targets local.Targets
	asked   string // the phone and system whose targets were asked for
	latest  wire.Latest

	pending map[key]*string // what the person changed and has not kept: a target; nil for the preset's again
	sent    bool            // it is kept, and not in the status yet
}

// key names a row.
type key struct{ direction, from string }

// New makes the page.
func New(w *wire.Wire) *Page {
	p := &Page{w: w, pending: map[key]*string{}}
	p.choose = part.NewChoice(func(id string) {
		p.pending, p.sent = map[key]*string{}, false
		p.show(id)
	})
	p.try = newTrial(w, p)
	p.toPhone = newTable(p, local.ToPhone, w.T("Teams shows"), w.T("The phone becomes"))
	p.toTeams = newTable(p, local.ToTeams, w.T("The phone shows"), w.T("Teams becomes"))
	p.resetAll = part.NewQuiet(w.T("Reset all rows"), theme.ContentUndoIcon(), p.reset)
	p.count = part.Heading("")
	p.unsaved = container.NewStack(part.NewNotice(container.NewBorder(nil, nil, nil, container.NewHBox(
		part.NewQuiet(w.T("Discard"), theme.ContentUndoIcon(), p.discard),
		part.NewMain(w.T("Save"), theme.DocumentSaveIcon(), p.Save)), p.count)))
	p.unsaved.Hide()
	p.none = container.NewVBox(part.NewPanel(part.Strong(w.T("No phone yet")), part.Text(w.T("The mapping appears here once there is a phone."))))
	tables := part.NewScroll(part.Column(part.Columns(p.toPhone.content, p.toTeams.content), part.Row(p.resetAll)))
	top := container.NewVBox(p.choose, p.try.content)
	p.some = part.Around(top, nil, tables, p.unsaved)
	p.content = container.NewStack(p.none, p.some)
	p.choose.Hide()
	p.none.Hide()
	p.some.Hide()
	return p
}

// Content is what to put in the window.
func (p *Page) Content() fyne.CanvasObject { return p.content }

// Show shows a status as things are now.
func (p *Page) Show(s local.Status, _ time.Time) {
	p.phones, p.held = s.Phones, s.Teams.Held != nil
	p.show(p.phone.ID)
}

func (p *Page) show(id string) {
	part.Shown(p.none, len(p.phones) == 0)
	part.Shown(p.some, len(p.phones) > 0)
	if len(p.phones) == 0 {
		return
	}
	i := max(0, slices.IndexFunc(p.phones, func(ph local.Phone) bool { return ph.ID == id }))
	p.phone = p.phones[i]
	var ids, titles []string
	for _, ph := range p.phones {
		ids, titles = append(ids, ph.ID), append(titles, ph.Title)
	}
	p.choose.Set(ids, titles, p.phone.ID)
	part.Shown(p.choose, len(ids) > 1)
	p.ask()
	p.draw()
}

// ask fetches what the rows may name, once for each phone.
func (p *Page) ask() {
	which := p.phone.ID + "/" + p.phone.System
	if p.asked == which {
		return
	}
	p.asked, p.targets = which, local.Targets{}
	id, fresh := p.phone.ID, p.latest.Next()
	wire.Ask(p.w, func(ctx context.Context) (local.Targets, error) { return p.w.Door.Targets(ctx, id) },
		func(t local.Targets, err error) {
			switch {
			case !fresh():
			case err != nil || t.Problem != nil:
				p.asked = "" // again with the next status
				p.w.Answer(local.Result{OK: err == nil, Problem: t.Problem}, err)
			default:
				p.targets = t
				p.draw()
			}
		})
}

// draw shows the rows as they are, with what the person has changed.
func (p *Page) draw() {
	p.settle()
	p.toPhone.show(p.phone.ToPhone, p.targets.ToPhone)
	p.toTeams.show(p.phone.ToTeams, p.targets.ToTeams)
	p.try.show()
	n := len(p.pending)
	p.count.SetText(p.w.Words.N("{n} change is not saved yet | {n} changes are not saved yet", n))
	part.Shown(p.unsaved, n > 0 && !p.sent)
	part.Shown(p.resetAll, p.anyChanged())
	p.content.Refresh()
}

// settle forgets what stands in the status by now.
func (p *Page) settle() {
	for direction, rows := range p.rows() {
		for _, r := range rows {
			k := key{direction, r.From}
			if to, ok := p.pending[k]; ok && (to == nil && !r.Changed || to != nil && *to == r.To) {
				delete(p.pending, k)
			}
		}
	}
	if len(p.pending) == 0 {
		p.sent = false
	}
}

func (p *Page) rows() map[string][]local.Row {
	return map[string][]local.Row{local.ToPhone: p.phone.ToPhone, local.ToTeams: p.phone.ToTeams}
}

// now is what a row says with the person's change, and whether that differs from the preset.
func (p *Page) now(k key, r local.Row) (to string, changed bool) {
	preset := r.To
	if r.Changed {
		preset = r.Preset
	}
	switch to, ok := p.pending[k]; {
	case !ok:
		return r.To, r.Changed
	case to == nil:
		return preset, false
	default:
		return *to, *to != preset
	}
}

func (p *Page) anyChanged() bool {
	for direction, rows := range p.rows() {
		for _, r := range rows {
			if _, changed := p.now(key{direction, r.From}, r); changed && !r.Locked {
				return true
			}
		}
	}
	return false
}

// change notes that the person wants a row to say something else; nil: what the preset says.
func (p *Page) change(k key, to *string) {
	p.sent = false
	p.pending[k] = to
	p.draw()
}

// reset wants every row as the preset has it.
func (p *Page) reset() {
	p.sent = false
	for direction, rows := range p.rows() {
		for _, r := range rows {
			if k := (key{direction, r.From}); !r.Locked {
				delete(p.pending, k)
				if r.Changed {
					p.pending[k] = nil
				}
			}
		}
	}
	p.draw()
}

func (p *Page) discard() {
	clear(p.pending)
	p.draw()
}

// edits are the changes, as the door takes them.
func (p *Page) edits() []local.RowEdit {
	var all []local.RowEdit
	for direction, rows := range p.rows() {
		for _, r := range rows {
			if to, ok := p.pending[key{direction, r.From}]; ok {
				all = append(all, local.RowEdit{Phone: p.phone.ID, Direction: direction, From: r.From, To: to})
			}
		}
	}
	return all
}

// Save keeps what the person has changed; so does Ctrl+S.
func (p *Page) Save() {
	if len(p.pending) == 0 || p.sent {
		return
	}
	p.w.Edit(local.Edit{Rows: p.edits()}, func(local.Result) {
		p.sent = true
		p.draw()
	})
}

// applies tells whether a row is what counts now. What Offhook itself has set on a side is not mirrored from
// there.
func (p *Page) applies(direction string, r local.Row) bool {
	if direction == local.ToPhone {
		return r.Applies && !p.held
	}
	return r.Applies && p.phone.Held == nil
}

// title is how the person knows a target.
func (p *Page) title(to string) string {
	if to == "" {
		return p.w.T("leave unchanged")
	}
	return p.w.Words.State(to)
}
