package part_test

import (
	"image/color"
	"math"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/window/part"
)

func TestSentences(t *testing.T) {
	for want, phrases := range map[string][]string{
		"":                           {"", "  "},
		"It rings.":                  {"it rings"},
		"Phone: on a call ⇒ Teams.":  {"phone: on a call → Teams"},
		"It rings. Answer!":          {"it rings.", "", "answer!"},
		"Ärger mit dem Server. Why?": {"ärger mit dem Server", "why?"},
	} {
		if got := part.Sentences(phrases...); got != want {
			t.Errorf("%q became %q, not %q", phrases, got, want)
		}
	}
}

func TestTimes(t *testing.T) {
	berlin := time.FixedZone("CET", 3600)
	now := time.Date(2026, 3, 12, 0, 30, 0, 0, berlin) // a Thursday; still Wednesday in UTC
	at := func(d time.Duration) time.Time { return now.Add(d).UTC() }
	for _, c := range []struct{ got, want string }{
		{part.When(time.Time{}, now), ""},
		{part.When(at(-10*time.Minute), now), "00:20:00"},
		{part.When(at(-time.Hour), now), "Wed 23:30"},
		{part.When(at(-30*24*time.Hour), now), "10 Feb 2026 00:30"},
		{part.Until(at(time.Hour), now), "01:30"},
		{part.Until(at(24*time.Hour), now), "Fri 13 Mar, 00:30"},
		{part.Left(at(14*time.Minute+32*time.Second), now), "14:32"},
		{part.Left(at(-time.Second), now), "0:00"},
		{part.Took(0), ""},
		{part.Took(7 * time.Millisecond), "7 ms"},
		{part.Took(380 * time.Millisecond), "0.4 s"},
		{part.Took(90 * time.Second), "1m30s"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

// Every text can be read, and every mark told, on every ground it stands on: WCAG 2.2, 1.4.3 and 1.4.11.
func TestContrast(t *testing.T) {
	test.NewTempApp(t)
	th := part.NewTheme()
	grounds := []fyne.ThemeColorName{theme.ColorNameBackground, theme.ColorNameInputBackground, theme.ColorNameSelection}
	for variant, name := range map[fyne.ThemeVariant]string{theme.VariantLight: "light", theme.VariantDark: "dark"} {
		check := func(above, ground fyne.ThemeColorName, least float64) {
			if c := contrast(th.Color(above, variant), th.Color(ground, variant)); c < least {
				t.Errorf("%s: %s on %s has a contrast of %.2f, below %.1f", name, above, ground, c, least)
			}
		}
		for _, ground := range grounds {
			for _, text := range []fyne.ThemeColorName{theme.ColorNameForeground, theme.ColorNamePlaceHolder,
				theme.ColorNameDisabled, theme.ColorNameHyperlink} {
				check(text, ground, 4.5)
			}
			for _, mark := range []fyne.ThemeColorName{theme.ColorNameSuccess, theme.ColorNameWarning, theme.ColorNameError, theme.ColorNamePrimary} {
				check(mark, ground, 3)
			}
		}
		check(theme.ColorNameForeground, theme.ColorNameButton, 4.5)
		check(theme.ColorNameForegroundOnPrimary, theme.ColorNamePrimary, 4.5)
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
	test.NewTempApp(t)
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
