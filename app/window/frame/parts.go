package frame

import (
	"errors"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/window/part"
)

// header says how things are, in one line, on every page.
type header struct {
	content         fyne.CanvasObject
	mark            *canvas.Image
	sentence, below *widget.Label
}

func newHeader() *header {
	h := &header{mark: part.Icon(part.Mark(""), 36), sentence: part.Strong(""), below: part.Text("")}
	h.content = container.NewPadded(container.NewBorder(nil, nil, container.NewPadded(container.NewCenter(h.mark)), nil,
		part.Title(h.sentence, h.below)))
	return h
}

func (h *header) show(s local.Status) {
	h.mark.Resource = part.LookMark(s.Look)
	h.mark.Refresh()
	h.sentence.SetText(part.Sentence(s.Sentence))
	text := below(s)
	h.below.SetText(text)
	if text == "" {
		h.below.Hide()
	} else {
		h.below.Show()
	}
}

// below is the line under the state's sentence: what is wrong and what to do, as far as the sentence does not
// say it already.
func below(s local.Status) string {
	switch p := s.Problem; {
	case p != nil && (strings.Contains(s.Sentence, p.What) || strings.HasPrefix(p.What, s.Sentence)):
		return part.Sentence(p.Do)
	case p != nil:
		return part.Sentences(p.What, p.Do)
	case s.Paused != nil || !s.Closed.IsZero():
		return "Nothing is mirrored until then."
	}
	return ""
}

// notice says that something the person asked for did not work, until they put it away.
type notice struct {
	content *fyne.Container
	text    *widget.Label
}

func newNotice() *notice {
	n := &notice{text: part.Text("")}
	dismiss := part.NewButton("Dismiss", theme.CancelIcon(), n.hide)
	dismiss.Importance = widget.LowImportance
	n.content = container.NewPadded(part.NewAlert(container.NewBorder(nil, nil, nil, dismiss, n.text)))
	n.content.Hide()
	return n
}

func (n *notice) show(text string) {
	n.text.SetText(text)
	n.content.Show()
}

func (n *notice) hide() { n.content.Hide() }

// absent is all there is to see while there is no resident.
type absent struct {
	content fyne.CanvasObject
	text    *widget.Label
}

func newAbsent() *absent {
	a := &absent{text: part.Text("")}
	a.content = container.NewBorder(container.NewPadded(container.NewPadded(part.NewPanel(
		part.Headed(part.Mark(""), part.Title(part.Strong("Offhook is not running"), a.text)),
	))), nil, nil, nil)
	return a
}

func (a *absent) show(err error) {
	text := "Start it from your applications menu, or with the command “offhook”. This window fills by itself as soon as it runs."
	if !errors.Is(err, local.ErrNotRunning) && err != nil {
		text = part.Sentences("It is there but does not answer as it should", err.Error())
	}
	a.text.SetText(text)
}
