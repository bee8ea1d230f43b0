package frame_test

import (
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/window/frame"
	"github.com/offhook/offhook/app/window/part"
	"github.com/offhook/offhook/app/window/sample"
)

// dressed is the window's theme in one of its variants.
type dressed struct {
	part.Theme
	variant fyne.ThemeVariant
}

// Color is Fyne's.
func (d dressed) Color(name fyne.ThemeColorName, _ fyne.ThemeVariant) color.Color {
	return d.Theme.Color(name, d.variant)
}

// TestPictures paints every page for whoever wants to look, into the folder OFFHOOK_PICTURES.
func TestPictures(t *testing.T) {
	dir := os.Getenv("OFFHOOK_PICTURES")
	if dir == "" {
		t.Skip("OFFHOOK_PICTURES names no folder")
	}
	locale := os.Getenv("OFFHOOK_LOCALE")
	for _, name := range []string{"in-call", "first-run", "first-phone", "first-look", "problem", "device-code", "consent", "phone-signed-out", "first-phone-sign-in"} {
		t.Run(name, func(t *testing.T) {
			b := sample.NewBench(t, sample.Statuses()[name])
			w := test.NewTempWindow(t, container.NewWithoutLayout())
			w.Resize(fyne.NewSize(920, 680))
			f := frame.New(t.Context(), frame.Needs{Window: w, Door: b.Wire.Door, Locale: locale, Now: sample.Now,
				OnMain: b.Wire.OnMain, Copy: func(string) {}, Size: func(float32) {}, Closed: func() {}})
			f.Begin(frame.First{Status: b.Resident.Status(), Settings: sample.Settings(), Window: local.Window{}}, "account")
			b.Window = w
			if os.Getenv("FYNE_THEME") == "light" {
				test.ApplyTheme(t, dressed{part.NewTheme(1), theme.VariantLight})
			}
			pages := frame.Names()
			if name[:5] == "first" {
				pages = pages[:1]
			}
			for _, page := range pages {
				f.Open(page)
				b.Pump()
				file, err := os.Create(filepath.Join(dir, name+"-"+page+".png"))
				if err != nil {
					t.Fatal(err)
				}
				if err := png.Encode(file, w.Canvas().Capture()); err != nil {
					t.Fatal(err)
				}
				file.Close()
			}
		})
	}
}
