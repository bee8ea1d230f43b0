package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Form is fields under one another, each with its label above and a help below.
type Form struct {
	widget.BaseWidget
	box  *fyne.Container
	help map[fyne.CanvasObject]*widget.Label
	says map[fyne.CanvasObject]string
}

// NewForm makes an empty form.
func NewForm() *Form {
	f := &Form{box: Stack(), help: map[fyne.CanvasObject]*widget.Label{}, says: map[fyne.CanvasObject]string{}}
	f.ExtendBaseWidget(f)
	return f
}

// CreateRenderer is Fyne's.
func (f *Form) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(f.box) }

// Clear takes all fields away.
func (f *Form) Clear() {
	f.box.RemoveAll()
	clear(f.help)
	clear(f.says)
}

// Add adds a field. help may be empty.
func (f *Form) Add(label, help string, field fyne.CanvasObject) {
	below := Quiet(help)
	below.SizeName = theme.SizeNameCaptionText
	f.help[field], f.says[field] = below, help
	name := Text(label)
	inner := theme.InnerPadding()
	held := container.New(tight{}, container.New(inset{inner}, field))
	f.box.Add(container.New(tight{overlap: 4}, name, held, below))
	Shown(below, help != "")
}

// Lock says under a field why it cannot be changed, or what is wrong with it, in place of its help; empty: the
// help again.
func (f *Form) Lock(field fyne.CanvasObject, why string) {
	below := f.help[field]
	if below == nil {
		return
	}
	if why == "" {
		why = f.says[field]
	}
	below.SetText(why)
	Shown(below, why != "")
}

// inset keeps something as far from both sides as a label keeps its text.
type inset struct{ by float32 }

func (i inset) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return objects[0].MinSize().AddWidthHeight(2*i.by, 0)
}

func (i inset) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	objects[0].Move(fyne.NewPos(i.by, 0))
	objects[0].Resize(fyne.NewSize(size.Width-2*i.by, size.Height))
}

// Fold hides what few people need behind a button.
type Fold struct {
	widget.BaseWidget
	box    *fyne.Container
	button *Button
	inside fyne.CanvasObject
}

// NewFold folds something away.
func NewFold(text string, inside fyne.CanvasObject) *Fold {
	f := &Fold{inside: inside}
	f.button = NewQuiet(text, theme.MenuExpandIcon(), func() { f.Open(!f.inside.Visible()) })
	f.button.Alignment = widget.ButtonAlignLeading
	f.box = Stack(container.NewHBox(f.button), inside)
	inside.Hide()
	f.ExtendBaseWidget(f)
	return f
}

// Open shows what is inside, or hides it.
func (f *Fold) Open(yes bool) {
	icon := theme.MenuExpandIcon()
	if yes {
		icon = theme.MenuDropDownIcon()
	}
	f.button.SetIcon(icon)
	Shown(f.inside, yes)
	Relayout(f)
}

// CreateRenderer is Fyne's.
func (f *Fold) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(f.box) }

// Say shows a text, and hides the label where there is none.
func Say(l *widget.Label, text string) {
	if l.Text != text {
		l.SetText(text)
	}
	Shown(l, text != "")
}

// Shown shows something or hides it.
func Shown(o fyne.CanvasObject, yes bool) {
	if yes {
		o.Show()
	} else {
		o.Hide()
	}
}

// Enable lets something be used or not.
func Enable(o fyne.Disableable, yes bool) {
	switch {
	case yes == !o.Disabled():
	case yes:
		o.Enable()
	default:
		o.Disable()
	}
}
