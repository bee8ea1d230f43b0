package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// Button is a button that Return presses as Space does, and that keeps the focus when it is pressed by key:
// Fyne's own knows Space alone and loses its place, so that a person without a mouse begins again at the top.
type Button struct {
	widget.Button
}

// NewButton makes a button with an icon, nil for none.
func NewButton(text string, icon fyne.Resource, tapped func()) *Button {
	b := &Button{}
	b.Text, b.Icon, b.OnTapped = text, icon, tapped
	b.ExtendBaseWidget(b)
	return b
}

// NewMain makes the button that most people will want.
func NewMain(text string, icon fyne.Resource, tapped func()) *Button {
	b := NewButton(text, icon, tapped)
	b.Importance = widget.HighImportance
	return b
}

// TypedKey is Fyne's.
func (b *Button) TypedKey(ev *fyne.KeyEvent) {
	switch ev.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		b.Tapped(nil)
		if c := fyne.CurrentApp().Driver().CanvasForObject(b); c != nil && b.Visible() && !b.Disabled() {
			c.Focus(b)
		}
	}
}
