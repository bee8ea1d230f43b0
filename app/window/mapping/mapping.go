// Package mapping is the page with the two tables: what a state of Teams makes of the phone, and what a status
// of the phone makes of Teams. It must not know a rule: it shows the rows as they come.
package mapping

import (
	"reflect"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/window/part"
)

// Page is the page. Its methods belong to the interface's goroutine.
type Page struct {
	content *fyne.Container
	choose  *widget.Select // which phone, where there are several
	tables  *fyne.Container

	status local.Status
	chosen string // the id of the phone shown
	shown  tables
}

// tables is all that the tables are made of, to see whether they must be made anew.
type tables struct {
	title            string
	toPhone, toTeams []local.Row
	teams, phone     string // the rows that stand for what is now
}

// New makes the page.
func New() *Page {
	p := &Page{tables: container.NewStack()}
	p.choose = widget.NewSelect(nil, nil)
	p.choose.OnChanged = func(string) {
		if i := p.choose.SelectedIndex(); i >= 0 && i < len(p.status.Phones) {
			p.chosen = p.status.Phones[i].ID
			p.draw()
		}
	}
	p.choose.Hide()
	p.content = container.NewBorder(p.choose, nil, nil, nil, part.NewScroll(p.tables))
	return p
}

// Content is what to put in the window.
func (p *Page) Content() fyne.CanvasObject { return p.content }

// Show shows a status as things are now.
func (p *Page) Show(s local.Status, _ time.Time) {
	p.status = s
	titles := make([]string, len(s.Phones))
	for i, ph := range s.Phones {
		titles[i] = ph.Title
	}
	if !reflect.DeepEqual(p.choose.Options, titles) {
		p.choose.SetOptions(titles)
	}
	if len(s.Phones) > 1 {
		p.choose.Show()
	} else {
		p.choose.Hide()
	}
	p.draw()
}

// phone is the phone shown: the one chosen, else the first.
func (p *Page) phone() (int, bool) {
	for i, ph := range p.status.Phones {
		if ph.ID == p.chosen {
			return i, true
		}
	}
	return 0, len(p.status.Phones) > 0
}

func (p *Page) draw() {
	i, ok := p.phone()
	if !ok {
		p.shown = tables{}
		p.tables.Objects = []fyne.CanvasObject{container.NewVBox(part.NewPanel(
			part.Strong("No phone yet"),
			part.Text("The mapping appears here once a phone is named in Offhook's settings file."),
		))}
		p.tables.Refresh()
		return
	}
	if p.choose.SelectedIndex() != i {
		p.choose.SetSelectedIndex(i) // calls draw again; by then the index is right
		return
	}
	ph := p.status.Phones[i]
	t := tables{title: ph.Title, toPhone: ph.ToPhone, toTeams: ph.ToTeams}
	// What Offhook has set on a side is not mirrored from there, so its row is not what counts now.
	if p.status.Teams.Known && p.status.Teams.Held == nil {
		t.teams = p.status.Teams.Title
	}
	if ph.Known && ph.Held == nil {
		t.phone = ph.Status
	}
	if reflect.DeepEqual(p.shown, t) {
		return
	}
	p.shown = t
	p.tables.Objects = []fyne.CanvasObject{part.Columns(
		table("Teams shows", "The phone is set to", t.toPhone, t.teams),
		table("The phone shows", "Teams is set to", t.toTeams, t.phone),
	)}
	p.tables.Refresh()
}

// table is one direction. now is the title of the row that stands for what is now.
func table(from, to string, rows []local.Row, now string) fyne.CanvasObject {
	box := part.Stack(part.Columns(part.Heading(from), part.Heading(to)), widget.NewSeparator())
	if len(rows) == 0 {
		box.Add(part.Quiet("Nothing: this direction is never written."))
	}
	for _, r := range rows {
		box.Add(row(r, now != "" && r.FromTitle == now))
	}
	return container.NewVBox(box)
}

// row is one row; the one that stands for what is now is lit.
func row(r local.Row, lit bool) fyne.CanvasObject {
	from, to := part.Text(r.FromTitle), part.Text(r.ToTitle)
	arrow := theme.NavigateNextIcon()
	if r.Unchanged {
		arrow = theme.NewColoredResource(theme.ContentRemoveIcon(), theme.ColorNamePlaceHolder)
		to = part.Quiet("left unchanged")
		to.TextStyle.Italic = true
	}
	from.TextStyle.Bold = lit
	to.TextStyle.Bold = lit && !r.Unchanged
	line := part.Columns(from, part.Beside(part.Icon(arrow, theme.IconInlineSize()), to))
	if r.Why != "" {
		why := part.Quiet(part.Sentence(r.Why))
		why.SizeName = theme.SizeNameCaptionText
		line = part.Title(line, why)
	}
	if lit {
		return part.NewLit(line)
	}
	return line
}
