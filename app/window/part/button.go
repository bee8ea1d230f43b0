package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// Button is a button that Return presses as Space does, and that keeps the focus when it is pressed by key:
// Fyne's own knows Space alone and loses its place, so that a person without a mouse begins again at the top.
type Button struct {
	widget.Button
	focus focus
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

// NewQuiet makes a button for what few people want: it has no ground of its own.
func NewQuiet(text string, icon fyne.Resource, tapped func()) *Button {
	b := NewButton(text, icon, tapped)
	b.Importance = widget.LowImportance
	return b
}

// CreateRenderer is Fyne's.
func (b *Button) CreateRenderer() fyne.WidgetRenderer {
	return newRinged(b.Button.CreateRenderer(), func() bool { return b.focus.has })
}

// FocusGained is Fyne's.
func (b *Button) FocusGained() {
	b.focus.gained(b)
	b.Button.FocusGained()
}

// FocusLost is Fyne's.
func (b *Button) FocusLost() {
	b.focus.has = false
	b.Button.FocusLost()
}

// TypedKey is Fyne's.
func (b *Button) TypedKey(ev *fyne.KeyEvent) {
	switch ev.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		press(b, func() { b.Tapped(nil) })
	}
}
