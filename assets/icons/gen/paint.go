package main

import (
	"image"
	"image/color"
)

// layer is a shape in one colour.
type layer struct {
	shape shape
	ink   func(x, y float64) color.NRGBA
}

// picture is layers, the uppermost last.
type picture []layer

// flat is a colour, opaque.
func flat(rgb uint32) func(x, y float64) color.NRGBA {
	c := color.NRGBA{uint8(rgb >> 16), uint8(rgb >> 8), uint8(rgb), 255}
	return func(_, _ float64) color.NRGBA { return c }
}

// fade goes from one colour at the top left to another at the bottom right.
func fade(from, to uint32) func(x, y float64) color.NRGBA {
	a, b := flat(from)(0, 0), flat(to)(0, 0)
	return func(x, y float64) color.NRGBA {
		t := min(max((x+y+2)/4, 0), 1)
		mix := func(a, b uint8) uint8 { return uint8(float64(a) + t*(float64(b)-float64(a)) + 0.5) }
		return color.NRGBA{mix(a.R, b.R), mix(a.G, b.G), mix(a.B, b.B), 255}
	}
}

// samples is how many points along each side of a pixel are looked at.
const samples = 8

// paint draws a picture size pixels wide and high, each size from the shapes themselves: nothing is scaled.
func paint(p picture, size int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, size, size))
	step := 2 / float64(size*samples)
	for py := range size {
		for px := range size {
			var r, g, b, n int
			for s := range samples * samples {
				x := -1 + (float64(px*samples+s%samples)+0.5)*step
				y := -1 + (float64(py*samples+s/samples)+0.5)*step
				for i := len(p) - 1; i >= 0; i-- {
					if p[i].shape(x, y) < 0 {
						c := p[i].ink(x, y)
						r, g, b, n = r+int(c.R), g+int(c.G), b+int(c.B), n+1
						break
					}
				}
			}
			if n > 0 {
				img.SetNRGBA(px, py, color.NRGBA{uint8((r + n/2) / n), uint8((g + n/2) / n), uint8((b + n/2) / n),
					uint8((n*255 + samples*samples/2) / (samples * samples))})
			}
		}
	}
	return img
}
