package mapping

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/window/part"
	"github.com/offhook/offhook/app/window/wire"
	"github.com/offhook/offhook/app/words"
)

// trial tells what a state on one side would do, with the rows as they are changed but not kept yet.
type trial struct {
	w       *wire.Wire
	page    *Page
	content fyne.CanvasObject

	side, state *part.Choice
	icon        *widget.Icon
	said        *widget.Label
	result      *fyne.Container

	asked  local.Try
	latest wire.Latest
}

func newTrial(w *wire.Wire, p *Page) *trial {
	t := &trial{w: w, page: p, icon: widget.NewIcon(nil), said: part.Text("")}
	t.side = part.NewChoice(func(string) {
		t.state.Set([]string{""}, []string{""}, "")
		t.show()
	})
	t.state = part.NewChoice(func(string) { t.show() })
	t.result = part.Beside(t.icon, t.said)
	t.result.Hide()
	pick := part.Pair(container.NewPadded(t.side), container.NewPadded(t.state))
	t.content = part.NewPanel(container.NewBorder(nil, nil, part.Fixed(part.Heading(w.T("Try it"))), nil, pick), t.result)
	return t
}

// show shows what can be tried, and asks again where something has changed.
func (t *trial) show() {
	ph := t.page.phone
	side, state := t.side.Value(), t.state.Value()
	if side != ph.ID {
		side = "teams"
	}
	t.side.Set([]string{"teams", ph.ID}, []string{t.w.T("When Teams shows"), t.w.T("When {phone} shows", "phone", ph.Title)}, side)
	rows := ph.ToPhone
	if side == ph.ID {
		rows = ph.ToTeams
	}
	values, titles := []string{""}, []string{t.w.T("choose a state")}
	for _, r := range rows {
		values, titles = append(values, r.From), append(titles, t.w.Words.State(r.From))
	}
	there := ""
	for _, v := range values {
		if v == state {
			there = v
		}
	}
	t.state.Set(values, titles, there)
	t.ask(local.Try{Phone: ph.ID, Rows: t.page.edits(), Side: side, State: there})
}

func (t *trial) ask(try local.Try) {
	if try.State == "" {
		t.asked = try
		t.latest.Next()
		t.result.Hide()
		return
	}
	if same(try, t.asked) {
		return
	}
	t.asked = try
	fresh := t.latest.Next()
	wire.Ask(t.w, func(ctx context.Context) (local.Tried, error) { return t.w.Door.Try(ctx, try) },
		func(r local.Tried, err error) {
			if !fresh() {
				return
			}
			if err != nil {
				t.asked = local.Try{}
				t.w.Answer(local.Result{}, err)
				return
			}
			t.tell(r)
		})
}

func (t *trial) tell(r local.Tried) {
	name := words.Names([]local.Phone{t.page.phone})
	var icon fyne.Resource = theme.NewColoredResource(theme.ConfirmIcon(), theme.ColorNameSuccess)
	text := t.sentence(r, name)
	switch {
	case r.Problem != nil:
		icon, text = part.Alert(), t.w.Told(r.Problem)
	case r.Unchanged:
		icon = theme.NewColoredResource(theme.ContentRemoveIcon(), theme.ColorNamePlaceHolder)
	}
	t.icon.SetResource(icon)
	t.said.SetText(text)
	t.result.Show()
	t.page.content.Refresh()
}

// sentence is what would happen and, where that ends by itself, what then.
func (t *trial) sentence(r local.Tried, name func(string) string) string {
	now, then := words.Sentence(r.Sentence), r.Then
	switch {
	case r.Why != nil:
		now = t.w.Words.Reason(*r.Why, name, t.w.Now())
	case r.Unchanged && r.Sentence == name(r.Where)+" stays as it is: it shows that already":
		now = t.w.T("{side} stays as it is: it shows that already", "side", name(r.Where))
	}
	if r.After != nil {
		then = t.w.T("Afterwards") + ": " + t.w.Words.Reason(*r.After, name, t.w.Now())
	}
	return words.Sentences(now, then)
}

func same(a, b local.Try) bool {
	if a.Phone != b.Phone || a.Side != b.Side || a.State != b.State || len(a.Rows) != len(b.Rows) {
		return false
	}
	rows := map[key]*string{}
	for _, r := range a.Rows {
		rows[key{r.Direction, r.From}] = r.To
	}
	for _, r := range b.Rows {
		to, ok := rows[key{r.Direction, r.From}]
		if !ok || (to == nil) != (r.To == nil) || to != nil && *to != *r.To {
			return false
		}
	}
	return true
}
