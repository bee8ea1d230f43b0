package part

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Panel is a piece of a page with a ground of its own.
type Panel struct {
	widget.BaseWidget
	content fyne.CanvasObject
	ground  fyne.ThemeColorName
	edge    fyne.ThemeColorName // a strip at the left; none when empty
	dark    bool                // the ground does not show
}

// NewPanel groups what belongs together.
func NewPanel(objects ...fyne.CanvasObject) *Panel {
	return newPanel(colorPanel, "", objects...)
}

// NewAlert groups what the person must see.
func NewAlert(objects ...fyne.CanvasObject) *Panel {
	return newPanel(colorPanel, theme.ColorNameError, objects...)
}

// NewLit is a ground that tells one row from the others.
func NewLit(objects ...fyne.CanvasObject) *Panel {
	return newPanel(theme.ColorNameSelection, "", objects...)
}

// NewNotice groups what waits for the person.
func NewNotice(objects ...fyne.CanvasObject) *Panel {
	return newPanel(theme.ColorNameSelection, theme.ColorNamePrimary, objects...)
}

// Light lets the ground of a row tell it from the others, or not.
func (p *Panel) Light(yes bool) {
	if p.dark == !yes {
		return
	}
	p.dark = !yes
	p.Refresh()
}

func newPanel(ground, edge fyne.ThemeColorName, objects ...fyne.CanvasObject) *Panel {
	p := &Panel{content: Stack(objects...), ground: ground, edge: edge}
	if ground != theme.ColorNameSelection {
		p.content = container.NewPadded(p.content)
	}
	p.ExtendBaseWidget(p)
	return p
}

// CreateRenderer is Fyne's.
func (p *Panel) CreateRenderer() fyne.WidgetRenderer {
	r := &panelRenderer{panel: p, ground: canvas.NewRectangle(nil), edge: canvas.NewRectangle(nil)}
	r.ground.CornerRadius = 6
	r.edge.CornerRadius = 2
	r.color()
	return r
}

type panelRenderer struct {
	panel        *Panel
	ground, edge *canvas.Rectangle
}

func (r *panelRenderer) color() {
	th, variant := r.panel.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	r.ground.FillColor = th.Color(r.panel.ground, variant)
	if r.panel.dark {
		r.ground.FillColor = color.Transparent
	}
	if r.panel.edge != "" {
		r.edge.FillColor = th.Color(r.panel.edge, variant)
	}
}

func (r *panelRenderer) Refresh() {
	r.color()
	r.ground.Refresh()
	r.edge.Refresh()
	r.panel.content.Refresh()
}

func (r *panelRenderer) Layout(size fyne.Size) {
	r.ground.Resize(size)
	r.edge.Resize(fyne.NewSize(4, size.Height))
	r.panel.content.Resize(size)
}

func (r *panelRenderer) MinSize() fyne.Size { return r.panel.content.MinSize() }

func (r *panelRenderer) Objects() []fyne.CanvasObject {
	if r.panel.edge == "" {
		return []fyne.CanvasObject{r.ground, r.panel.content}
	}
	return []fyne.CanvasObject{r.ground, r.edge, r.panel.content}
}

func (r *panelRenderer) Destroy() {}

// Wrong tells by the strip at the left whether something is wrong, or only to be known.
func (p *Panel) Wrong(yes bool) {
	p.edge = theme.ColorNamePrimary
	if yes {
		p.edge = theme.ColorNameError
	}
	p.Refresh()
}
