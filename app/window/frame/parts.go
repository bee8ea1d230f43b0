package frame

import (
	"errors"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/window/part"
	"github.com/offhook/offhook/app/window/wire"
	"github.com/offhook/offhook/app/words"
)

// header says how things are, in one line, on every page.
type header struct {
	w               *wire.Wire
	content         fyne.CanvasObject
	mark            *canvas.Image
	sentence, below *widget.Label
}

func newHeader(w *wire.Wire) *header {
	h := &header{w: w, mark: part.Icon(part.Mark(""), 36), sentence: part.Strong(""), below: part.Text("")}
	h.content = container.NewPadded(container.NewBorder(nil, nil, container.NewPadded(container.NewCenter(h.mark)), nil,
		part.Title(h.sentence, h.below)))
	return h
}

func (h *header) show(s local.Status, now time.Time) {
	h.mark.Resource = part.LookMark(s.Look)
	h.mark.Refresh()
	h.sentence.SetText(words.Sentence(h.w.Words.Status(s, now)))
	part.Say(h.below, h.under(s))
}

// under is the line under the state's sentence: what to do about what is wrong, else what both sides show.
func (h *header) under(s local.Status) string {
	switch p := s.Problem; {
	case p != nil:
		return words.Sentence(h.w.Words.Problem(p).Do)
	case s.Paused != nil || !s.Closed.IsZero():
		return h.w.T("Nothing is mirrored until then.")
	case !s.Synced:
		return ""
	}
	sides := []string{"Teams: " + h.w.Words.State(s.Teams.Availability+"/"+s.Teams.Activity)}
	for _, p := range s.Phones {
		sides = append(sides, p.Title+": "+h.w.Words.State(p.Status))
	}
	return strings.Join(sides, "  ·  ")
}

// notice says what came of something the person asked for, until they put it away.
type notice struct {
	content *fyne.Container
	text    *widget.Label
	alert   *part.Panel
}

func newNotice(w *wire.Wire) *notice {
	n := &notice{text: part.Text("")}
	dismiss := part.NewQuiet(w.T("Dismiss"), theme.CancelIcon(), n.hide)
	n.alert = part.NewAlert(container.NewBorder(nil, nil, nil, container.NewVBox(dismiss), n.text))
	n.content = container.NewPadded(n.alert)
	n.content.Hide()
	return n
}

func (n *notice) show(text string, wrong bool) {
	n.alert.Wrong(wrong)
	n.text.SetText(text)
	n.content.Show()
}

func (n *notice) hide() { n.content.Hide() }

// absent is all there is to see while there is no resident.
type absent struct {
	w       *wire.Wire
	content fyne.CanvasObject
	text    *widget.Label
}

func newAbsent(w *wire.Wire) *absent {
	a := &absent{w: w, text: part.Text("")}
	a.content = container.NewBorder(container.NewPadded(container.NewPadded(part.NewPanel(
		part.Headed(part.Mark(""), part.Title(part.Strong(w.T("Offhook is not running")), a.text)),
	))), nil, nil, nil)
	return a
}

func (a *absent) show(err error) {
	text := a.w.T("Start it from your applications menu, or with the command “offhook”. This window fills by itself as soon as it runs.")
	if !errors.Is(err, local.ErrNotRunning) && err != nil {
		text = words.Sentences(a.w.T("It is there but does not answer as it should"), err.Error())
	}
	a.text.SetText(text)
}
