package part_test

import (
	"fmt"
	"image/color"
	"math"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/window/part"
)

// Every text can be read, and every mark and control told, on every ground it stands on, also under the pointer and
// with the focus: WCAG 2.2, 1.4.3, 1.4.11 and 2.4.11.
func TestContrast(t *testing.T) {
	test.NewTempApp(t)
	th := part.NewTheme(1)
	const ring, panel = fyne.ThemeColorName("offhookRing"), fyne.ThemeColorName("offhookPanel")
	texts := []fyne.ThemeColorName{theme.ColorNameForeground, theme.ColorNamePlaceHolder, theme.ColorNameDisabled,
		theme.ColorNameHyperlink}
	marks := []fyne.ThemeColorName{theme.ColorNameSuccess, theme.ColorNameWarning, theme.ColorNameError,
		theme.ColorNamePrimary, ring}
	pages := []fyne.ThemeColorName{theme.ColorNameBackground, panel, theme.ColorNameSelection}
	inputs := []fyne.ThemeColorName{theme.ColorNameInputBackground, theme.ColorNameButton, theme.ColorNameMenuBackground,
		theme.ColorNameOverlayBackground}
	for variant, name := range map[fyne.ThemeVariant]string{theme.VariantLight: "light", theme.VariantDark: "dark"} {
		of := func(n fyne.ThemeColorName) color.Color { return th.Color(n, variant) }
		check := func(what string, above, ground color.Color, least float64) {
			if c := contrast(above, ground); c < least {
				t.Errorf("%s: %s has a contrast of %.2f, below %.1f", name, what, c, least)
			}
		}
		for _, ground := range append(pages, inputs...) {
			for _, over := range []fyne.ThemeColorName{"", theme.ColorNameHover, theme.ColorNameFocus} {
				under := of(ground)
				if over != "" {
					under = laid(of(over), under)
				}
				what := fmt.Sprintf("on %s under %q: ", ground, over)
				for _, text := range texts {
					check(what+string(text), of(text), under, 4.5)
				}
				for _, mark := range marks {
					if mark != ring {
						check(what+string(mark), of(mark), under, 3)
					}
				}
			}
		}
		for _, ground := range pages { // what is around a control
			check(fmt.Sprintf("the ring on %s", ground), of(ring), of(ground), 3)
			check(fmt.Sprintf("an input's edge on %s", ground), of(theme.ColorNameInputBorder), of(ground), 3)
			check(fmt.Sprintf("the scroll bar on %s", ground), of(theme.ColorNameScrollBar), of(ground), 3)
		}
		for _, over := range []fyne.ThemeColorName{theme.ColorNameHover, theme.ColorNameFocus} {
			check("a main button's text under "+string(over), of(theme.ColorNameForegroundOnPrimary),
				laid(of(over), of(theme.ColorNamePrimary)), 4.5)
		}
		check("a main button's text", of(theme.ColorNameForegroundOnPrimary), of(theme.ColorNamePrimary), 4.5)
	}
}

// laid lays a colour that can be seen through over another.
func laid(above, below color.Color) color.Color {
	ar, ag, ab, aa := above.RGBA()
	br, bg, bb, _ := below.RGBA()
	mix := func(a, b uint32) uint16 { return uint16(a + b*(0xffff-aa)/0xffff) }
	return color.RGBA64{R: mix(ar, br), G: mix(ag, bg), B: mix(ab, bb), A: 0xffff}
}

// Texts grow as the person wants them, and nothing else does.
func TestTextsScale(t *testing.T) {
	test.NewTempApp(t)
	usual, large := part.NewTheme(1), part.NewTheme(1.5)
	for _, size := range []fyne.ThemeSizeName{theme.SizeNameText, theme.SizeNameCaptionText, theme.SizeNameHeadingText, theme.SizeNameSubHeadingText} {
		if got, want := large.Size(size), usual.Size(size)*1.5; got != want {
			t.Errorf("%s is %v, not %v", size, got, want)
		}
	}
	if large.Size(theme.SizeNamePadding) != usual.Size(theme.SizeNamePadding) {
		t.Error("the padding grows too")
	}
}

// What has the focus has a ring around it, in plain sight, and loses it with the focus.
func TestFocusShows(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(part.NewTheme(1))
	button, choice, check := part.NewButton("Press", nil, func() {}), part.NewChoice(nil), part.NewCheck("Turn", nil)
	w := test.NewTempWindow(t, container.NewPadded(container.NewVBox(button, choice, check)))
	for _, o := range []interface {
		fyne.Focusable
		fyne.Widget
	}{button, choice, check} {
		ring := func() (there bool) {
			for _, part := range test.WidgetRenderer(o).Objects() {
				r, ok := part.(*canvas.Rectangle)
				there = there || ok && r.Visible() && r.StrokeWidth == 2
			}
			return there
		}
		w.Canvas().Focus(o)
		if !ring() {
			t.Errorf("%T has the focus and does not show it", o)
		}
		w.Canvas().Unfocus()
		if ring() {
			t.Errorf("%T has lost the focus and still shows it", o)
		}
	}
}

// A control that the keyboard comes to is scrolled into sight.
func TestFocusComesIntoSight(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(part.NewTheme(1))
	last := part.NewButton("Last", nil, func() {})
	s := part.NewScroll(container.NewVBox(part.Text(strings.Repeat("A line.\n", 100)), last))
	w := test.NewTempWindow(t, s)
	w.Resize(fyne.NewSize(300, 300))
	w.Canvas().Focus(last)
	if y := fyne.CurrentApp().Driver().AbsolutePositionForObject(last).Y; y < 0 || y > 300-last.Size().Height {
		t.Errorf("the button has the focus at %v", y)
	}
}

// A list of things shows and tells values by their titles, by key too, and tells only what the person chose.
func TestChoice(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(part.NewTheme(1))
	var chosen []string
	c := part.NewChoice(func(v string) { chosen = append(chosen, v) })
	w := test.NewTempWindow(t, c)
	c.Set([]string{"a", "b", "z"}, []string{"Apple", "Banana", "Zucchini"}, "a")
	if len(chosen) > 0 {
		t.Error("the program's choice was told")
	}
	w.Canvas().Focus(c)
	c.TypedRune('z')
	c.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if w.Canvas().Overlays().Top() == nil {
		t.Error("Return does not open the list")
	}
	if len(chosen) != 1 || chosen[0] != "z" || c.Value() != "z" {
		t.Errorf("chosen: %q, %q", chosen, c.Value())
	}
	c.Set([]string{"a"}, []string{"Apple"}, "gone")
	if c.Selected != "gone" {
		t.Errorf("a value that is not offered shows as %q", c.Selected)
	}
}

func contrast(a, b color.Color) float64 {
	la, lb := luminance(a), luminance(b)
	return (math.Max(la, lb) + 0.05) / (math.Min(la, lb) + 0.05)
}

func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	linear := func(v uint32) float64 {
		s := float64(v) / 0xffff
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}

// Colour is never all there is: looks and meanings that differ have marks of different shapes.
func TestMarksDifferInShape(t *testing.T) {
	test.NewTempApp(t)
	shape := func(r fyne.Resource) string { return r.Name()[strings.Index(r.Name(), "_")+1:] }
	seen := map[string]string{}
	for _, means := range []string{"", "away", "available", "busy", "dnd"} {
		s := shape(part.Mark(means))
		if other, ok := seen[s]; ok {
			t.Errorf("%q and %q have one shape, %s", means, other, s)
		}
		seen[s] = means
	}
	looks := map[string]local.Look{}
	for _, look := range []local.Look{local.LookSignedOut, local.LookUnreachable, local.LookPaused, local.LookDisturb,
		local.LookBusy, local.LookAway, local.LookSynced} {
		s := shape(part.LookMark(look))
		if other, ok := looks[s]; ok {
			t.Errorf("%q and %q have one shape, %s", look, other, s)
		}
		looks[s] = look
	}
}

// What does not fit can be read by keyboard.
func TestScrollByKey(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(part.NewTheme(1))
	s := part.NewScroll(part.Text(strings.Repeat("A line.\n", 100)))
	w := test.NewTempWindow(t, s)
	w.Resize(fyne.NewSize(300, 300))
	press := func(key fyne.KeyName) float32 {
		s.TypedKey(&fyne.KeyEvent{Name: key})
		return s.Offset()
	}
	down := press(fyne.KeyDown)
	page := press(fyne.KeyPageDown)
	end := press(fyne.KeyEnd)
	if !(0 < down && down < page && page < end) {
		t.Errorf("down, page down and end go to %v, %v, %v", down, page, end)
	}
	if got := press(fyne.KeyPageDown); got != end {
		t.Errorf("beyond the end: %v, not %v", got, end)
	}
	if got := press(fyne.KeyHome); got != 0 {
		t.Errorf("home goes to %v", got)
	}
	if got := press(fyne.KeyUp); got != 0 {
		t.Errorf("beyond the top: %v", got)
	}
}
