package part

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
)

// ringed draws a ring around what has the focus: Fyne's own sign, a shade of the ground, is hard to see.
type ringed struct {
	fyne.WidgetRenderer
	ring    *canvas.Rectangle
	focused func() bool
}

func newRinged(inner fyne.WidgetRenderer, focused func() bool) *ringed {
	r := &ringed{WidgetRenderer: inner, ring: canvas.NewRectangle(color.Transparent), focused: focused}
	r.ring.StrokeWidth = 2
	r.ring.Hide()
	return r
}

// ringAway is how far outside the ring lies: between it and what it is around the ground shows.
const ringAway = 3

// Layout is Fyne's.
func (r *ringed) Layout(size fyne.Size) {
	r.WidgetRenderer.Layout(size)
	r.ring.Move(fyne.NewSquareOffsetPos(-ringAway))
	r.ring.Resize(size.AddWidthHeight(2*ringAway, 2*ringAway))
}

// Refresh is Fyne's.
func (r *ringed) Refresh() {
	r.WidgetRenderer.Refresh()
	settings := fyne.CurrentApp().Settings()
	r.ring.StrokeColor = settings.Theme().Color(colorRing, settings.ThemeVariant())
	r.ring.CornerRadius = settings.Theme().Size(theme.SizeNameInputRadius) + ringAway
	if r.focused() {
		r.ring.Show()
	} else {
		r.ring.Hide()
	}
}

// Objects is Fyne's.
func (r *ringed) Objects() []fyne.CanvasObject {
	return append(append([]fyne.CanvasObject(nil), r.WidgetRenderer.Objects()...), r.ring)
}

// focus is what everything has that the keyboard reaches: it knows whether it is there, and comes into view.
type focus struct{ has bool }

func (f *focus) gained(o fyne.CanvasObject) {
	f.has = true
	reveal(o)
}

// reveal scrolls a page so far that an object of it can be seen.
func reveal(o fyne.CanvasObject) {
	driver := fyne.CurrentApp().Driver()
	s, _ := holding(rootOf(o), o)
	if s == nil {
		return
	}
	top := driver.AbsolutePositionForObject(o).Y - driver.AbsolutePositionForObject(s).Y
	const air = 12
	switch bottom := top + o.Size().Height; {
	case top < air:
		s.move(top - air)
	case bottom > s.Size().Height-air:
		s.move(min(bottom-s.Size().Height+air, top-air))
	}
}

// holding finds the scroll that an object lies in.
func holding(in, o fyne.CanvasObject) (s *Scroll, found bool) {
	if in == nil {
		return nil, false
	}
	s, _ = in.(*Scroll)
	if in == o {
		return nil, true
	}
	for _, child := range children(in) {
		if inner, ok := holding(child, o); ok {
			if inner == nil {
				inner = s
			}
			return inner, true
		}
	}
	return nil, false
}

// children are what lies directly within the kinds of things that pages are made of.
func children(in fyne.CanvasObject) []fyne.CanvasObject {
	switch in := in.(type) {
	case *fyne.Container:
		return in.Objects
	case *Panel:
		return []fyne.CanvasObject{in.content}
	case *Form:
		return []fyne.CanvasObject{in.box}
	case *Fold:
		return []fyne.CanvasObject{in.box}
	case *Scroll:
		return []fyne.CanvasObject{in.scroll.Content}
	}
	return nil
}

// press gives the focus back to what was pressed by key: Fyne takes it away.
func press(o interface {
	fyne.Focusable
	fyne.CanvasObject
}, tapped func()) {
	tapped()
	c := canvasOf(o)
	if c == nil || c.Focused() != nil || c.Overlays().Top() != nil { // it led somewhere else
		return
	}
	for _, there := range reachable(c.Content()) {
		if there == fyne.Focusable(o) {
			c.Focus(o)
		}
	}
}

// canvasOf is where something is shown. What has not been painted yet Fyne does not know of: that is in the one
// window there is.
func canvasOf(o fyne.CanvasObject) fyne.Canvas {
	driver := fyne.CurrentApp().Driver()
	if c := driver.CanvasForObject(o); c != nil {
		return c
	}
	for _, w := range driver.AllWindows() {
		if _, there := holding(w.Content(), o); there {
			return w.Canvas()
		}
	}
	return nil
}

func rootOf(o fyne.CanvasObject) fyne.CanvasObject {
	if c := canvasOf(o); c != nil {
		return c.Content()
	}
	return nil
}

// Focus moves the keyboard to something, where it is to be seen.
func Focus(o fyne.Focusable) {
	object, ok := o.(fyne.CanvasObject)
	if !ok {
		return
	}
	if c := canvasOf(object); c != nil && object.Visible() {
		c.Focus(o)
	}
}

// Focused tells which of the things within something that the keyboard can reach has the focus; -1 for none.
func Focused(in fyne.CanvasObject) int {
	c := canvasOf(in)
	if c == nil || c.Focused() == nil {
		return -1
	}
	for i, o := range reachable(in) {
		if o == c.Focused() {
			return i
		}
	}
	return -1
}

// Refocus gives the focus back after what was within something has been made anew.
func Refocus(in fyne.CanvasObject, i int) {
	if all := reachable(in); i >= 0 && len(all) > 0 {
		Focus(all[min(i, len(all)-1)])
	}
}

func reachable(o fyne.CanvasObject) (all []fyne.Focusable) {
	if o == nil || !o.Visible() {
		return nil
	}
	if f, ok := o.(fyne.Focusable); ok {
		if d, ok := o.(fyne.Disableable); !ok || !d.Disabled() {
			all = append(all, f)
		}
	}
	for _, child := range children(o) {
		all = append(all, reachable(child)...)
	}
	return all
}

// Relayout gives something the room it now needs, where it lies in a page that scrolls.
func Relayout(o fyne.CanvasObject) {
	o.Refresh()
	if s, _ := holding(rootOf(o), o); s != nil {
		s.Refresh()
	}
}
