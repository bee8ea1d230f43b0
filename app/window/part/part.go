// Package part holds what the window's pages are made of: texts, panels, marks, buttons, times. It is the only
// room that knows colours. It must not know a page, nor what Offhook does.
package part

import (
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

// Around puts things around a middle, as Fyne's border does; the keyboard comes to them from the top down, where
// Fyne's begins in the middle. Any but the middle may be nil.
func Around(top, left, middle, bottom fyne.CanvasObject) *fyne.Container {
	var objects []fyne.CanvasObject
	for _, o := range []fyne.CanvasObject{top, left, middle, bottom} {
		if o != nil {
			objects = append(objects, o)
		}
	}
	return container.New(layout.NewBorderLayout(top, bottom, left, nil), objects...)
}

// Fixed lets a text keep its line whole.
func Fixed(l *widget.Label) *widget.Label {
	l.Wrapping = fyne.TextWrapOff
	return l
}

// Large is the title of a page that is the whole window.
func Large(s string) *widget.Label {
	l := Text(s)
	l.SizeName = theme.SizeNameHeadingText
	l.TextStyle.Bold = true
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

// List puts rows under one another.
func List(objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(tight{}, objects...)
}

// Title is a small text with a large one close below.
func Title(above, below fyne.CanvasObject) *fyne.Container {
	return container.New(tight{overlap: 16}, above, below)
}

// Column puts panels under one another.
func Column(objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(tight{overlap: -8}, objects...)
}

// Columns puts things beside one another, all as wide and as high as each other; where they do not fit, under
// one another.
func Columns(objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&columns{gap: 8}, objects...)
}

// Pair puts two things beside one another, however narrow it is.
func Pair(left, right fyne.CanvasObject) *fyne.Container {
	return container.New(&columns{always: true}, left, right)
}

// Across puts what something is, an arrow and what it becomes beside one another, each in the middle of the line.
func Across(from, arrow, to fyne.CanvasObject) *fyne.Container {
	return container.New(across{}, from, arrow, to)
}

// Narrow keeps something in the middle, no wider than is good to read, unless it is to be wide.
func Narrow(o fyne.CanvasObject) (*fyne.Container, *Narrowed) {
	n := &Narrowed{}
	return container.New(n, o), n
}

// Middle keeps something as wide as there is room, at the middle of the height.
func Middle(o fyne.CanvasObject) *fyne.Container {
	return container.New(middle{}, o)
}

// Row puts things beside one another, and goes on in the next line where they do not fit.
func Row(objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&flow{gap: 8}, objects...)
}

// Padded puts a little room around something, as much as a text has.
func Padded(o fyne.CanvasObject) *fyne.Container {
	pad := theme.InnerPadding()
	return container.New(layout.NewCustomPaddedLayout(pad/2, pad/2, pad, pad), o)
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

// columns lays things out side by side, or under one another where they are too narrow for that.
type columns struct {
	gap    float32
	always bool    // never under one another
	width  float32 // of the last layout
}

func (c *columns) beside(objects []fyne.CanvasObject) bool {
	n := float32(len(objects))
	return c.always || c.width == 0 || c.width >= c.widest(objects)*n+c.gap*(n-1)
}

func (c *columns) widest(objects []fyne.CanvasObject) (w float32) {
	for _, o := range objects {
		w = max(w, o.MinSize().Width)
	}
	return w
}

func (c *columns) MinSize(objects []fyne.CanvasObject) fyne.Size {
	if !c.beside(objects) {
		return tight{overlap: -c.gap}.MinSize(objects)
	}
	size := fyne.NewSize(c.widest(objects), 0)
	if c.always {
		size.Width = size.Width*float32(len(objects)) + c.gap
	}
	for _, o := range objects {
		size.Height = max(size.Height, o.MinSize().Height)
	}
	return size
}

func (c *columns) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	c.width = size.Width
	if !c.beside(objects) {
		tight{overlap: -c.gap}.Layout(objects, size)
		return
	}
	n := float32(len(objects))
	width := (size.Width - c.gap*(n-1)) / n
	for i, o := range objects {
		o.Move(fyne.NewPos(float32(i)*(width+c.gap), 0))
		o.Resize(fyne.NewSize(width, size.Height))
	}
}

// flow lays things out as words in a text.
type flow struct {
	gap   float32
	width float32 // of the last layout
}

func (f *flow) place(objects []fyne.CanvasObject, width float32, put func(fyne.CanvasObject, fyne.Position)) (height float32) {
	var x, y, line float32
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		m := o.MinSize()
		if x > 0 && x+m.Width > width {
			x, y, line = 0, y+line+f.gap, 0
		}
		put(o, fyne.NewPos(x, y))
		x, line = x+m.Width+f.gap, max(line, m.Height)
	}
	return y + line
}

func (f *flow) MinSize(objects []fyne.CanvasObject) (size fyne.Size) {
	for _, o := range objects {
		if o.Visible() {
			size.Width = max(size.Width, o.MinSize().Width)
		}
	}
	width := f.width
	if width == 0 {
		width = 600
	}
	size.Height = f.place(objects, width, func(fyne.CanvasObject, fyne.Position) {})
	return size
}

func (f *flow) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	f.width = size.Width
	f.place(objects, size.Width, func(o fyne.CanvasObject, at fyne.Position) {
		o.Move(at)
		o.Resize(o.MinSize())
	})
}

const arrowGap = 6

// across gives the first two fifths of the width, then the arrow, and the rest to the last.
type across struct{}

func (across) MinSize(objects []fyne.CanvasObject) (size fyne.Size) {
	from, arrow, to := objects[0].MinSize(), objects[1].MinSize(), objects[2].MinSize()
	return fyne.NewSize(max(from.Width, 90)+arrow.Width+2*arrowGap+max(to.Width, 130), max(from.Height, arrow.Height, to.Height)+4)
}

func (across) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	arrow := objects[1].MinSize().Width + 2*arrowGap
	first := (size.Width - arrow) * 0.42
	x := float32(0)
	for i, width := range []float32{first, arrow, size.Width - arrow - first - theme.Padding()} {
		o := objects[i]
		if i == 1 {
			o.Resize(o.MinSize())
			o.Move(fyne.NewPos(x+arrowGap, (size.Height-o.MinSize().Height)/2))
			x += width
			continue
		}
		o.Resize(fyne.NewSize(width, o.MinSize().Height))
		height := o.MinSize().Height // a text's height is known only at its width
		o.Resize(fyne.NewSize(width, height))
		o.Move(fyne.NewPos(x, (size.Height-height)/2))
		x += width
	}
}

// Narrowed is a column in the middle.
type Narrowed struct{ Wide bool }

// MinSize is Fyne's.
func (n *Narrowed) MinSize(objects []fyne.CanvasObject) fyne.Size { return objects[0].MinSize() }

// Layout is Fyne's.
func (n *Narrowed) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	const most = 640
	width := size.Width
	if !n.Wide {
		width = min(size.Width, max(most, objects[0].MinSize().Width))
	}
	objects[0].Move(fyne.NewPos((size.Width-width)/2, 0))
	objects[0].Resize(fyne.NewSize(width, size.Height))
}

type middle struct{}

func (middle) MinSize(objects []fyne.CanvasObject) fyne.Size { return objects[0].MinSize() }

func (middle) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	o := objects[0]
	o.Resize(fyne.NewSize(size.Width, o.MinSize().Height))
	o.Resize(fyne.NewSize(size.Width, o.MinSize().Height)) // a text's height is known only at its width
	o.Move(fyne.NewPos(0, (size.Height-o.MinSize().Height)/2))
}
