// Package activity is the page that tells the story of the day: what Offhook did and what it left alone, newest
// first, each with its time, its cause and how long it took. It must not know a rule, nor where the story is
// kept: it asks for it.
package activity

import (
	"context"
	"reflect"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/window/part"
	"github.com/offhook/offhook/app/window/wire"
	"github.com/offhook/offhook/app/words"
)

// portion is how many decisions are fetched at a time.
const portion = 60

// Page is the page. Its methods belong to the interface's goroutine.
type Page struct {
	w       *wire.Wire
	content *fyne.Container

	search           *part.Entry
	kind, where, day *part.Choice
	copied           *part.Button
	rows             *fyne.Container
	scroll           *part.Scroll
	older            *part.Button
	empty            *widget.Label

	phones  []local.Phone
	newest  local.Reason // of the status: another one means that there is news
	entries []local.Entry
	next    string
	asked   bool
	latest  wire.Latest
}

// group is what a person means by a kind of decision.
type group struct {
	name, title string
	kinds       []string
}

func groups(w *wire.Wire) []group {
	return []group{
		{"", w.T("Everything"), nil},
		{"changes", w.T("What was changed"), []string{"mirrored", "gave-back", "noted", "unnoted", "expired", "adopted"}},
		{"unchanged", w.T("What was left unchanged"), []string{"unchanged", "own-hand-wins", "person-changed", "in-use"}},
		{"problems", w.T("What went wrong"), []string{"lost", "found", "failed"}},
	}
}

// New makes the page.
func New(w *wire.Wire) *Page {
	p := &Page{w: w, rows: part.Stack(), empty: part.Text("")}
	p.search = part.NewEntry()
	p.search.PlaceHolder = w.T("Search")
	p.search.OnChanged = func(string) { p.fetch("") }
	anew := func(string) { p.fetch("") }
	p.kind, p.where, p.day = part.NewChoice(anew), part.NewChoice(anew), part.NewChoice(anew)
	var names, titles []string
	for _, g := range groups(w) {
		names, titles = append(names, g.name), append(titles, g.title)
	}
	p.kind.Set(names, titles, "")
	p.day.Set([]string{""}, []string{w.T("All days")}, "")
	p.copied = part.NewButton(w.T("Copy"), theme.ContentCopyIcon(), func() { w.Copy(p.text()) })
	p.older = part.NewButton(w.T("Show older"), theme.MoveDownIcon(), func() { p.fetch(p.next) })
	p.older.Hide()
	p.scroll = part.NewScroll(part.Column(p.rows, p.empty, part.Padded(part.Row(p.older))))
	bar := container.NewBorder(nil, nil, nil, p.copied, p.search)
	top := part.Column(bar, container.NewGridWithColumns(3, p.kind, p.where, p.day))
	p.content = part.Around(part.NewPanel(part.Padded(top)), nil, p.scroll, nil)
	return p
}

// Content is what to put in the window.
func (p *Page) Content() fyne.CanvasObject { return p.content }

// Show shows a status as things are now.
func (p *Page) Show(s local.Status, _ time.Time) {
	ids, titles := []string{"", "teams"}, []string{p.w.T("Both sides"), "Teams"}
	for _, ph := range s.Phones {
		ids, titles = append(ids, ph.ID), append(titles, ph.Title)
	}
	p.phones = s.Phones
	p.where.Set(ids, titles, p.where.Value())
	var newest local.Reason
	for _, r := range s.Reasons {
		if r.At.After(newest.At) {
			newest = r
		}
	}
	if !p.asked || !reflect.DeepEqual(newest, p.newest) {
		p.newest = newest
		p.fetch("")
	}
}

// fetch asks for what is looked for: what came before an entry, or anew.
func (p *Page) fetch(before string) {
	p.asked = true
	q := local.ActivityQuery{Before: before, Limit: portion, Search: strings.TrimSpace(p.search.Text),
		Where: p.where.Value(), Day: p.day.Value()}
	for _, g := range groups(p.w) {
		if g.name == p.kind.Value() {
			q.Kinds = g.kinds
		}
	}
	fresh := p.latest.Next()
	wire.Ask(p.w, func(ctx context.Context) (local.ActivityPage, error) { return p.w.Door.Activity(ctx, q) },
		func(a local.ActivityPage, err error) {
			switch {
			case !fresh():
			case err != nil:
				p.w.Answer(local.Result{}, err)
			case a.Problem != nil:
				p.entries, p.next = nil, ""
				p.draw(p.w.Told(a.Problem))
			default:
				if before == "" {
					p.entries = nil
				}
				p.entries, p.next = append(p.entries, a.Entries...), a.Next
				p.days(a.Days)
				p.draw("")
			}
		})
}

func (p *Page) days(days []string) {
	if len(days) == 0 {
		return
	}
	now := p.w.Now()
	values, titles := []string{""}, []string{p.w.T("All days")}
	for _, d := range days {
		if t, err := time.ParseInLocation(time.DateOnly, d, now.Location()); err == nil {
			values, titles = append(values, d), append(titles, p.w.Words.Day(t, now))
		}
	}
	p.day.Set(values, titles, p.day.Value())
}

func (p *Page) draw(wrong string) {
	p.rows.RemoveAll()
	now, day := p.w.Now(), ""
	for _, e := range p.entries {
		if d := p.w.Words.Day(e.At, now); d != day {
			day = d
			p.rows.Add(part.Heading(day))
		}
		p.rows.Add(p.row(e))
	}
	part.Shown(p.older, p.next != "")
	part.Enable(p.copied, len(p.entries) > 0)
	switch {
	case wrong != "":
	case len(p.entries) > 0:
	case p.search.Text+p.kind.Value()+p.where.Value()+p.day.Value() != "":
		wrong = p.w.T("Nothing of that kind.")
	default:
		wrong = p.w.T("Nothing yet. When something changes in Teams or on your phone, what Offhook did about it, and why, is told here.")
	}
	part.Say(p.empty, wrong)
	p.scroll.Refresh()
}

// row is one decision.
func (p *Page) row(e local.Entry) fyne.CanvasObject {
	at := part.Fixed(part.Quiet(p.w.Words.Exact(e.At.In(p.w.Now().Location()))))
	sentence := part.Text(p.sentence(e))
	body := fyne.CanvasObject(sentence)
	if below := p.below(e); below != "" {
		quiet := part.Quiet(below)
		quiet.SizeName = theme.SizeNameCaptionText
		body = part.Title(sentence, quiet)
	}
	told := part.Beside(part.Icon(kindIcon(e.Kind), theme.IconInlineSize()), body)
	return part.Around(nil, container.NewVBox(at), told, nil)
}

func (p *Page) sentence(e local.Entry) string {
	return p.w.Words.Reason(e.Reason, words.Names(p.phones), p.w.Now())
}

// below is the line under a sentence: where, and how long it took.
func (p *Page) below(e local.Entry) string {
	var parts []string
	if name := words.Names(p.phones)(e.Where); e.Where != "offhook" {
		parts = append(parts, name)
	}
	if took := p.w.Words.Took(time.Duration(e.TookMS) * time.Millisecond); took != "" {
		parts = append(parts, p.w.T("took {time}", "time", took))
	}
	return strings.Join(parts, " · ")
}

// text is all that is shown, a line each.
func (p *Page) text() string {
	var b strings.Builder
	for _, e := range p.entries {
		b.WriteString(e.At.In(p.w.Now().Location()).Format("2006-01-02 15:04:05") + "  " + p.sentence(e))
		if below := p.below(e); below != "" {
			b.WriteString(" (" + below + ")")
		}
		b.WriteString("\n")
	}
	return b.String()
}

// kindIcon is the picture of a kind of decision, differing in shape.
func kindIcon(kind string) fyne.Resource {
	switch kind {
	case "mirrored", "noted":
		return theme.NewColoredResource(theme.ConfirmIcon(), theme.ColorNameSuccess)
	case "gave-back", "unnoted", "expired":
		return theme.NewColoredResource(theme.ContentUndoIcon(), theme.ColorNamePrimary)
	case "own-hand-wins", "person-changed":
		return theme.NewColoredResource(theme.AccountIcon(), theme.ColorNamePrimary)
	case "unchanged", "in-use":
		return theme.NewColoredResource(theme.ContentRemoveIcon(), theme.ColorNamePlaceHolder)
	case "failed", "lost":
		return part.Alert()
	}
	return theme.NewColoredResource(theme.InfoIcon(), theme.ColorNamePlaceHolder)
}
