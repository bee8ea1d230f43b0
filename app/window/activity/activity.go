// Package activity is the page that tells what Offhook did and what it left alone, newest first, each with its
// time, its cause and how long it took. It must not know a rule: it shows the reasons as they come.
package activity

import (
	"reflect"
	"slices"
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
	list    *widget.List
	empty   fyne.CanvasObject

	reasons []local.Reason // newest first
	names   map[string]string
	now     time.Time
	width   float32 // for which the rows' heights are right
}

// New makes the page.
func New() *Page {
	p := &Page{}
	p.list = widget.NewList(func() int { return len(p.reasons) }, newCell, func(i widget.ListItemID, o fyne.CanvasObject) {
		p.fill(p.reasons[i], o)
	})
	p.list.OnSelected = p.list.Unselect
	p.empty = part.Column(part.NewPanel(
		part.Strong("Nothing yet"),
		part.Text("When something changes in Teams or on your phone, what Offhook did about it, and why, is told here."),
	))
	p.content = container.New(fitted{p}, p.list, p.empty)
	return p
}

// Content is what to put in the window.
func (p *Page) Content() fyne.CanvasObject { return p.content }

// Show shows a status as things are now.
func (p *Page) Show(s local.Status, now time.Time) {
	p.now = now
	reasons := slices.Clone(s.Reasons)
	slices.SortStableFunc(reasons, func(a, b local.Reason) int { return b.At.Compare(a.At) })
	names := map[string]string{"teams": "Teams"}
	for _, ph := range s.Phones {
		names[ph.ID] = ph.Title
	}
	if len(reasons) == 0 {
		p.list.Hide()
		p.empty.Show()
	} else {
		p.list.Show()
		p.empty.Hide()
	}
	if reflect.DeepEqual(p.reasons, reasons) && reflect.DeepEqual(p.names, names) {
		return
	}
	p.reasons, p.names = reasons, names
	p.fit()
	p.list.Refresh()
}

// cell shows a reason; it keeps nothing of it.
type cell struct {
	widget.BaseWidget
	content         *fyne.Container
	icon            *widget.Icon
	sentence, below *widget.Label
}

func newCell() fyne.CanvasObject {
	c := &cell{icon: widget.NewIcon(nil), sentence: part.Text(""), below: part.Quiet("")}
	c.content = part.Beside(c.icon, part.Title(c.sentence, c.below))
	c.ExtendBaseWidget(c)
	return c
}

// CreateRenderer is Fyne's.
func (c *cell) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(c.content)
}

func (p *Page) fill(r local.Reason, o fyne.CanvasObject) {
	c := o.(*cell)
	c.icon.SetResource(kindIcon(r.Kind))
	c.sentence.SetText(part.Sentence(r.Sentence))
	c.below.SetText(p.below(r))
	c.content.Refresh() // a used cell has its height already, and so would not be laid out anew
}

// below is the line under a sentence: when, where, how long.
func (p *Page) below(r local.Reason) string {
	line := part.When(r.At, p.now)
	if name, ok := p.names[r.Where]; ok {
		line += " · " + name
	}
	if took := part.Took(time.Duration(r.TookMS) * time.Millisecond); took != "" {
		line += " · took " + took
	}
	return line
}

// kindIcon is the picture of a kind of decision, differing in shape.
func kindIcon(kind string) fyne.Resource {
	switch kind {
	case "mirrored":
		return theme.NewColoredResource(theme.ConfirmIcon(), theme.ColorNameSuccess)
	case "gave-back":
		return theme.NewColoredResource(theme.ContentUndoIcon(), theme.ColorNamePrimary)
	case "own-hand-wins":
		return theme.NewColoredResource(theme.AccountIcon(), theme.ColorNamePrimary)
	case "unchanged":
		return theme.NewColoredResource(theme.ContentRemoveIcon(), theme.ColorNamePlaceHolder)
	case "failed", "unreachable", "problem":
		return part.Alert()
	}
	return theme.NewColoredResource(theme.InfoIcon(), theme.ColorNamePlaceHolder)
}

// fit gives each row the height that its text needs at the list's width.
func (p *Page) fit() {
	if p.width <= 0 {
		return
	}
	row := newCell()
	for i, r := range p.reasons {
		p.fill(r, row)
		row.Resize(fyne.NewSize(p.width, row.MinSize().Height))
		p.list.SetItemHeight(i, row.MinSize().Height)
	}
}

// fitted lays the page out and keeps the rows' heights right.
type fitted struct{ page *Page }

func (f fitted) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(240, 120)
}

func (f fitted) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Move(fyne.NewPos(0, 0))
		o.Resize(size)
	}
	if width := size.Width - theme.Padding()*2; width != f.page.width {
		f.page.width = width
		f.page.fit()
	}
}
