package mapping

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/window/part"
	"github.com/offhook/offhook/app/words"
)

// table is one direction.
type table struct {
	page      *Page
	direction string
	content   *fyne.Container
	rows      *fyne.Container
	lines     []*line
	from      []string
}

func newTable(p *Page, direction, from, to string) *table {
	t := &table{page: p, direction: direction, rows: part.List()}
	head := part.Across(part.Heading(from), part.Icon(nil, theme.IconInlineSize()), part.Heading(to))
	t.content = container.NewVBox(part.NewPanel(head, t.rows))
	return t
}

// show shows the rows. Their widgets stay as long as the rows are the same, so that nobody loses their place.
func (t *table) show(rows []local.Row, targets []local.Target) {
	from := make([]string, len(rows))
	for i, r := range rows {
		from[i] = r.From
	}
	if !slices.Equal(from, t.from) || len(t.rows.Objects) == 0 {
		t.from, t.lines = from, nil
		t.rows.RemoveAll()
		for _, r := range rows {
			l := newLine(t, r.From)
			t.lines = append(t.lines, l)
			t.rows.Add(l.content)
		}
		if len(rows) == 0 {
			t.rows.Add(part.Quiet(t.page.w.T("Nothing: this direction is never written.")))
		}
	}
	values, titles := []string{""}, []string{t.page.title("")}
	for _, target := range targets {
		if target.To != "" {
			values, titles = append(values, target.To), append(titles, t.page.title(target.To))
		}
	}
	for i, r := range rows {
		t.lines[i].show(r, values, titles)
	}
}

// line is one row. It holds nothing but widgets.
type line struct {
	table   *table
	key     key
	content *part.Panel
	from    *widget.Label
	choice  *part.Choice
	mark    *fyne.Container
	below   *widget.Label
	reset   *part.Button
}

func newLine(t *table, from string) *line {
	l := &line{table: t, key: key{t.direction, from}, from: part.Text(""), below: part.Quiet("")}
	l.below.SizeName = theme.SizeNameCaptionText
	l.choice = part.NewChoice(func(to string) { t.page.change(l.key, &to) })
	l.reset = part.NewQuiet(t.page.w.T("Reset"), theme.ContentUndoIcon(), func() { t.page.change(l.key, nil) })
	l.mark = container.NewBorder(nil, nil, nil, l.reset, l.below)
	l.content = part.NewLit(part.Across(l.from, part.Icon(theme.NavigateNextIcon(), theme.IconInlineSize()), l.choice), l.mark)
	return l
}

func (l *line) show(r local.Row, values, titles []string) {
	p := l.table.page
	to, changed := p.now(l.key, r)
	l.from.SetText(p.w.Words.State(r.From))
	l.choice.Set(values, titles, to)
	if i := slices.Index(values, to); i < 0 { // not offered, and there
		l.choice.Set(append(slices.Clone(values), to), append(slices.Clone(titles), p.title(to)), to)
	}
	part.Enable(l.choice, !r.Locked)
	lit := p.applies(l.key.direction, r)
	bold := fyne.TextStyle{Bold: lit}
	if l.from.TextStyle != bold {
		l.from.TextStyle = bold
		l.from.Refresh()
	}
	l.content.Light(lit)

	var notes []string
	if lit {
		notes = append(notes, p.w.T("This applies now"))
	}
	switch {
	case r.Locked:
		notes = append(notes, p.w.T("Set by your administrator"))
	case changed:
		preset := r.Preset
		if !r.Changed {
			preset = r.To
		}
		notes = append(notes, p.w.T("Changed by you; the preset says: {target}", "target", p.title(preset)))
	case to == "" && r.Why != "" && to == r.To:
		notes = append(notes, p.w.T(r.Why))
	}
	part.Shown(l.reset, changed && !r.Locked)
	l.below.SetText(words.Sentences(notes...))
	l.below.TextStyle.Bold = changed
	part.Shown(l.mark, len(notes) > 0)
}
