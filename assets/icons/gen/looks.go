package main

import "math"

// The inks. Each body is about as far from white as from black, so that it shows on light and dark panels
// alike; the pale edge around it keeps it clear of coloured ones.
const (
	white  = 0xffffff
	pale   = 0xf7f8fa
	green  = 0x1f9d57
	red    = 0xd8353f
	wine   = 0xb3202e
	amber  = 0xc67b00
	blue   = 0x4a78b5
	grey   = 0x7b828c
	orange = 0xd9600a
)

// edge is how wide the pale edge around every body is.
const edge = 0.075

// body is a shape in its ink with the pale edge around it.
func body(s shape, ink uint32) picture {
	return picture{{grown(s, edge), flat(pale)}, {s, flat(ink)}}
}

// looks are the tray's icons. No two have the same outline and inner mark, so that nobody needs the colours.
func looks() map[string]picture {
	mark := func(s shape) layer { return layer{s, flat(white)} }
	phone := func(scale, degrees, dx, dy float64) shape { return placed(handset(), scale, degrees, dx, dy) }

	bars := union(box(-0.42, 0, 0.24, 0.74, 0.12), box(0.42, 0, 0.24, 0.74, 0.12))
	clock := union(line(0, 0, 0, -0.5, 0.2), line(0, 0, 0.36, 0.24, 0.2))
	exclaim := union(line(0, -0.2, 0, 0.22, 0.22), circle(0, 0.53, 0.13))
	shackle := union(arc(0, -0.4, 0.42, 90, 0.22), line(-0.42, -0.4, -0.42, 0, 0.22), line(0.42, -0.4, 0.42, 0, 0.22))
	lock := union(box(0, 0.38, 0.68, 0.5, 0.16), shackle)
	keyhole := union(circle(0, 0.3, 0.17), line(0, 0.34, 0, 0.58, 0.15))

	return map[string]picture{
		"synced":            append(body(circle(0, 0, 0.92), green), mark(phone(0.62, -45, 0.06, 0.06))),
		"busy":              append(body(box(0, 0, 0.9, 0.78, 0.26), red), mark(phone(0.64, 0, 0, 0.02))),
		"do-not-disturb":    append(body(polygon(8, 0, 0, 0.92/math.Cos(math.Pi/8), 22.5, 0.1), wine), mark(box(0, 0, 0.56, 0.15, 0.06))),
		"away":              append(body(circle(0, 0, 0.92), amber), layer{circle(0, 0, 0.68), flat(pale)}, layer{clock, flat(0x8a5200)}),
		"paused":            body(bars, blue),
		"signed-out":        append(body(lock, grey), mark(keyhole)),
		"phone-unreachable": append(body(polygon(3, 0, 0.22, 1.12, 0, 0.16), orange), mark(exclaim)),
	}
}

// app is the program's own icon: a handset off the hook, and the presence it keeps in step.
func app() picture {
	dot := circle(0.6, 0.6, 0.34)
	tile := without(box(0, 0, 0.94, 0.94, 0.42), grown(dot, 0.09))
	tick := union(line(0.45, 0.61, 0.56, 0.72, 0.1), line(0.56, 0.72, 0.75, 0.5, 0.1))
	return picture{
		{tile, fade(0x3f82cf, 0x1d5296)},
		{placed(handset(), 0.72, -45, -0.02, -0.02), flat(white)},
		{dot, fade(0x5cdc98, green)},
		{tick, flat(white)},
	}
}
