package sample

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/offhook/offhook/app/window/part"
)

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
