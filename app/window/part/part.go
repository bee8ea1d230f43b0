// Package part holds what the window's pages are made of: texts, panels, marks, buttons, times. It is the only
// room that knows colours. It must not know a page, nor what Offhook does.
package part

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Text is a line or more of plain text, broken between words.
func Text(s string) *widget.Label {
	l := widget.NewLabel(s)
	l.Wrapping = fyne.TextWrapWord
	return l
}

// Strong is the one thing of a panel to be read first.
func Strong(s string) *widget.Label {
	l := Text(s)
	l.SizeName = theme.SizeNameSubHeadingText
	l.TextStyle.Bold = true
	return l
}

// Heading stands over a part of a page.
func Heading(s string) *widget.Label {
	l := Text(s)
	l.TextStyle.Bold = true
	return l
}

// Quiet is what need not be read.
func Quiet(s string) *widget.Label {
	l := Text(s)
	l.Importance = widget.LowImportance
	return l
}

// Sentence makes a sentence of a phrase: it begins with a capital and ends with a full stop. No phrase, no
// sentence.
func Sentence(s string) string {
	s = drawable.Replace(strings.TrimSpace(s))
	if s == "" {
		return ""
	}
	first := []rune(s)
	s = strings.ToUpper(string(first[0])) + string(first[1:])
	if strings.ContainsAny(s[len(s)-1:], ".!?") {
		return s
	}
	return s + "."
}

// drawable puts signs that Fyne (2.8.1) draws in place of signs that it does not: an arrow before a space comes
// out as an arrow and a broken box.
var drawable = strings.NewReplacer("→ ", "⇒ ", "← ", "⇐ ")

// Sentences puts phrases together as sentences.
func Sentences(phrases ...string) string {
	var all []string
	for _, p := range phrases {
		if s := Sentence(p); s != "" {
			all = append(all, s)
		}
	}
	return strings.Join(all, " ")
}

// Icon is a picture of a given height beside a text.
func Icon(res fyne.Resource, size float32) *canvas.Image {
	img := canvas.NewImageFromResource(res)
	img.FillMode = canvas.ImageFillContain
	img.SetMinSize(fyne.NewSquareSize(size))
	return img
}

// Stack puts things under one another, nearer than a box does: a label brings its own padding.
func Stack(objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(tight{overlap: 6}, objects...)
}

// Title is a small text with a large one close below.
func Title(above, below fyne.CanvasObject) *fyne.Container {
	return container.New(tight{overlap: 16}, above, below)
}

// Column puts panels under one another.
func Column(objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(tight{overlap: -8}, objects...)
}

// Columns puts two panels beside one another, both as high as the higher.
func Columns(left, right fyne.CanvasObject) *fyne.Container {
	return container.New(halves{gap: 8}, left, right)
}

// Beside puts an icon before the first line of a text.
func Beside(icon, text fyne.CanvasObject) *fyne.Container {
	pad := theme.InnerPadding()
	held := container.NewVBox(container.New(layout.NewCustomPaddedLayout(pad, 0, pad, 0), icon))
	return container.NewBorder(nil, nil, held, nil, text)
}

// Headed puts a large picture beside a title, at the middle of its height.
func Headed(picture fyne.Resource, title fyne.CanvasObject) *fyne.Container {
	const size = 36
	pad := theme.InnerPadding()
	held := container.New(layout.NewCustomPaddedLayout(0, 0, pad, 0), container.NewCenter(Icon(picture, size)))
	return container.NewBorder(nil, nil, held, nil, title)
}

// tight lays things out under one another, overlapping by a little, or apart where it is negative.
type tight struct{ overlap float32 }

func (t tight) MinSize(objects []fyne.CanvasObject) (size fyne.Size) {
	shown := 0
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		shown++
		m := o.MinSize()
		size.Width = max(size.Width, m.Width)
		size.Height += m.Height
	}
	size.Height -= t.overlap * float32(max(shown-1, 0))
	return size
}

func (t tight) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	y := float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		o.Move(fyne.NewPos(0, y))
		o.Resize(fyne.NewSize(size.Width, o.MinSize().Height))
		o.Resize(fyne.NewSize(size.Width, o.MinSize().Height)) // a text's height is known only at its width
		y += o.MinSize().Height - t.overlap
	}
}

// halves lays two things out side by side.
type halves struct{ gap float32 }

func (h halves) MinSize(objects []fyne.CanvasObject) (size fyne.Size) {
	for _, o := range objects {
		m := o.MinSize()
		size.Width = max(size.Width, m.Width*2+h.gap)
		size.Height = max(size.Height, m.Height)
	}
	return size
}

func (h halves) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	width := (size.Width - h.gap) / 2
	for i, o := range objects {
		o.Move(fyne.NewPos(float32(i)*(width+h.gap), 0))
		o.Resize(fyne.NewSize(width, size.Height))
	}
}
