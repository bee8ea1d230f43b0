package part

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// Scroll shows something higher than the window. Unlike Fyne's own it can be reached by Tab and moved with
// the arrow keys, Page up and down, Home and End.
type Scroll struct {
	widget.BaseWidget
	scroll *container.Scroll
	ring   *canvas.Rectangle
}

// NewScroll lets something be scrolled up and down.
func NewScroll(content fyne.CanvasObject) *Scroll {
	s := &Scroll{scroll: container.NewVScroll(content), ring: canvas.NewRectangle(color.Transparent)}
	s.ring.StrokeWidth = 2
	s.ring.CornerRadius = 4
	s.ring.Hide()
	s.ExtendBaseWidget(s)
	return s
}

// CreateRenderer is Fyne's.
func (s *Scroll) CreateRenderer() fyne.WidgetRenderer {
	return &scrollRenderer{widget.NewSimpleRenderer(container.NewStack(s.scroll, s.ring)), s}
}

// scrollRenderer lays the content out twice: how high it is may depend on how wide it has just become.
type scrollRenderer struct {
	fyne.WidgetRenderer
	scroll *Scroll
}

// Layout is Fyne's.
func (r *scrollRenderer) Layout(size fyne.Size) {
	r.WidgetRenderer.Layout(size)
	r.scroll.scroll.Refresh()
}

// FocusGained is Fyne's.
func (s *Scroll) FocusGained() {
	s.ring.StrokeColor = s.Theme().Color(colorRing, fyne.CurrentApp().Settings().ThemeVariant())
	s.ring.Show()
}

// FocusLost is Fyne's.
func (s *Scroll) FocusLost() { s.ring.Hide() }

// TypedRune is Fyne's.
func (s *Scroll) TypedRune(rune) {}

// TypedKey is Fyne's.
func (s *Scroll) TypedKey(ev *fyne.KeyEvent) {
	const line = 40
	page := s.Size().Height - line
	switch ev.Name {
	case fyne.KeyDown:
		s.move(line)
	case fyne.KeyUp:
		s.move(-line)
	case fyne.KeyPageDown, fyne.KeySpace:
		s.move(page)
	case fyne.KeyPageUp:
		s.move(-page)
	case fyne.KeyHome:
		s.scroll.ScrollToTop()
	case fyne.KeyEnd:
		s.scroll.ScrollToBottom()
	}
}

func (s *Scroll) move(by float32) {
	most := max(s.scroll.Content.Size().Height-s.scroll.Size().Height, 0)
	y := min(max(s.scroll.Offset.Y+by, 0), most)
	s.scroll.ScrollToOffset(fyne.NewPos(0, y))
}

// Offset is how far it has been scrolled.
func (s *Scroll) Offset() float32 { return s.scroll.Offset.Y }
