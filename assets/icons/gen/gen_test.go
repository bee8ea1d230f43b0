package main

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTheIconsAreWhatIsDrawn(t *testing.T) {
	drawn := files()
	found := map[string]bool{}
	for _, pattern := range []string{"*.png", "*.ico"} {
		paths, err := filepath.Glob(filepath.Join("..", pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			name := filepath.Base(path)
			found[name] = true
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if want, ok := drawn[name]; !ok || !same(t, name, data, want) {
				t.Errorf("%s is not what is drawn: run go generate ./assets", name)
			}
		}
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(drawn)), slices.Sorted(maps.Keys(found))); diff != "" {
		t.Errorf("files drawn and found (-drawn +found):\n%s", diff)
	}
}

// same compares what is seen: another version of Go may pack the same PNG otherwise.
func same(t *testing.T, name string, a, b []byte) bool {
	t.Helper()
	if strings.HasSuffix(name, ".ico") {
		return bytes.Equal(a, b)
	}
	return bytes.Equal(pixels(t, a), pixels(t, b))
}

func pixels(t *testing.T, data []byte) []byte {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	switch img := img.(type) {
	case *image.NRGBA:
		return img.Pix
	case *image.NRGBA64:
		return img.Pix
	default:
		t.Fatalf("a picture of %T", img)
		return nil
	}
}

// What a Linux panel makes of the tray's picture, and what any other reader makes of it, is what was painted.
func TestForTray(t *testing.T) {
	for look, p := range looks() {
		painted := paint(p, 64)
		wide := forTray(painted)
		for i := range 64 * 64 {
			x, y := i%64, i/64
			want := painted.NRGBAAt(x, y)
			r, g, b, a := wide.At(x, y).RGBA()
			if got := (color.NRGBA{uint8(r), uint8(g), uint8(b), uint8(a)}); want.A > 0 && got != want {
				t.Fatalf("%s at %d,%d: the panel gets %v, want %v", look, x, y, got, want)
			}
			wr, wg, wb, wa := want.RGBA()
			for c, pair := range [][2]uint32{{r, wr}, {g, wg}, {b, wb}, {a, wa}} {
				if off := int(pair[0]) - int(pair[1]); off > 257 || off < -257 {
					t.Fatalf("%s at %d,%d: channel %d is off by %d of 65535", look, x, y, c, off)
				}
			}
		}
	}
}

var panels = map[string]color.NRGBA{"light": {0xf5, 0xf5, 0xf5, 255}, "dark": {0x2b, 0x2b, 0x2b, 255}, "black": {0x0c, 0x0c, 0x0c, 255}}

// Nobody needs the colours: without them, at the smallest size, any two icons differ in a good part of their
// pixels, on every panel.
func TestIconsDifferInShape(t *testing.T) {
	for panel, behind := range panels {
		for a := range looks() {
			for b := range looks() {
				if a >= b {
					continue
				}
				one, two, differing := paint(looks()[a], 16), paint(looks()[b], 16), 0
				for i := range 256 {
					if contrast(over(one, i, behind), over(two, i, behind)) > 1.5 {
						differing++
					}
				}
				if differing < 48 {
					t.Errorf("on a %s panel %s and %s differ in %d of 256 pixels", panel, a, b, differing)
				}
			}
		}
	}
}

// A fifth of an icon's pixels, at least, stand out from the panel as WCAG asks of graphics (3:1).
func TestIconsStandOut(t *testing.T) {
	for panel, behind := range panels {
		for look, p := range looks() {
			img, shown, clear := paint(p, 22), 0, 0
			for i := range 22 * 22 {
				if img.Pix[4*i+3] > 0 {
					shown++
				}
				if contrast(over(img, i, behind), luminance(behind)) >= 3 {
					clear++
				}
			}
			if clear*5 < shown {
				t.Errorf("on a %s panel %s stands out in %d of its %d pixels", panel, look, clear, shown)
			}
		}
	}
}

// over is how light the ith pixel looks in front of a panel.
func over(img *image.NRGBA, i int, behind color.NRGBA) float64 {
	p := img.Pix[4*i : 4*i+4]
	mix := func(front, back uint8) uint8 {
		return uint8((int(front)*int(p[3]) + int(back)*(255-int(p[3]))) / 255)
	}
	return luminance(color.NRGBA{mix(p[0], behind.R), mix(p[1], behind.G), mix(p[2], behind.B), 255})
}

// luminance and contrast are WCAG's.
func luminance(c color.NRGBA) float64 {
	linear := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

func contrast(a, b float64) float64 { return (max(a, b) + 0.05) / (min(a, b) + 0.05) }
