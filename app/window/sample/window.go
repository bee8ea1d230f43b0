package sample

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"github.com/offhook/offhook/app/window/part"
)

// Window shows something in a window of the test driver, in the window's own theme and size.
func Window(t testing.TB, content fyne.CanvasObject) fyne.Window {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(part.NewTheme())
	w := test.NewTempWindow(t, content)
	w.Resize(fyne.NewSize(720, 520))
	return w
}

// All finds every object of a kind that is to be seen, from top to bottom as it was put together.
func All[T any](c fyne.Canvas) []T {
	var found []T
	var walk func(o fyne.CanvasObject)
	walk = func(o fyne.CanvasObject) {
		if o == nil || !o.Visible() {
			return
		}
		if t, ok := o.(T); ok {
			found = append(found, t)
		}
		switch o := o.(type) {
		case fyne.Widget:
			for _, child := range test.WidgetRenderer(o).Objects() {
				walk(child)
			}
		case *fyne.Container:
			for _, child := range o.Objects {
				walk(child)
			}
		}
	}
	walk(c.Content())
	return found
}

// Texts answers all texts that are to be seen, a line each.
func Texts(c fyne.Canvas) string {
	var all []string
	for _, l := range All[*widget.Label](c) {
		all = append(all, l.Text)
	}
	return strings.Join(all, "\n")
}

// Button finds the button with a text that is to be seen.
func Button(t testing.TB, c fyne.Canvas, text string) *part.Button {
	t.Helper()
	var texts []string
	for _, b := range All[*part.Button](c) {
		if b.Text == text {
			return b
		}
		texts = append(texts, b.Text)
	}
	t.Fatalf("there is no button %q to be seen, only %q", text, texts)
	return nil
}
