package main

import "math"

// shape tells how far a point lies outside (positive) or inside (negative) of it. The canvas reaches from
// -1 to 1 both ways, y downwards.
type shape func(x, y float64) float64

func circle(cx, cy, r float64) shape {
	return func(x, y float64) float64 { return math.Hypot(x-cx, y-cy) - r }
}

// box is a rectangle by its middle and half its sides, with corners of radius r.
func box(cx, cy, w, h, r float64) shape {
	return func(x, y float64) float64 {
		dx, dy := math.Abs(x-cx)-w+r, math.Abs(y-cy)-h+r
		return math.Hypot(max(dx, 0), max(dy, 0)) + min(max(dx, dy), 0) - r
	}
}

// line is a stroke with round ends.
func line(x1, y1, x2, y2, width float64) shape {
	return func(x, y float64) float64 {
		px, py, dx, dy := x-x1, y-y1, x2-x1, y2-y1
		t := min(max((px*dx+py*dy)/(dx*dx+dy*dy), 0), 1)
		return math.Hypot(px-t*dx, py-t*dy) - width/2
	}
}

// arc is a stroke along the top of a circle, reaching half an angle (in degrees) to each side, with round ends.
func arc(cx, cy, r, half, width float64) shape {
	sin, cos := math.Sincos(half * math.Pi / 180)
	return func(x, y float64) float64 {
		px, py := math.Abs(x-cx), cy-y
		if px*cos > py*sin { // beyond the end
			return math.Hypot(px-r*sin, py-r*cos) - width/2
		}
		return math.Abs(math.Hypot(px, py)-r) - width/2
	}
}

// polygon has n corners at distance r from its middle, the first at an angle in degrees from the top,
// rounded by round.
func polygon(n int, cx, cy, r, angle, round float64) shape {
	type point struct{ x, y float64 }
	corners := make([]point, n)
	inner := r - round/math.Cos(math.Pi/float64(n)) // so that the flat sides stay where they are
	for i := range corners {
		sin, cos := math.Sincos((angle + 360*float64(i)/float64(n)) * math.Pi / 180)
		corners[i] = point{cx + inner*sin, cy - inner*cos}
	}
	return func(x, y float64) float64 {
		nearest, inside := math.Inf(1), true
		for i, a := range corners {
			b := corners[(i+1)%n]
			nearest = min(nearest, line(a.x, a.y, b.x, b.y, 0)(x, y))
			inside = inside && (b.x-a.x)*(y-a.y)-(b.y-a.y)*(x-a.x) >= 0
		}
		if inside {
			nearest = -nearest
		}
		return nearest - round
	}
}

func union(shapes ...shape) shape {
	return func(x, y float64) float64 {
		d := math.Inf(1)
		for _, s := range shapes {
			d = min(d, s(x, y))
		}
		return d
	}
}

// without is a with b cut out.
func without(a, b shape) shape {
	return func(x, y float64) float64 { return max(a(x, y), -b(x, y)) }
}

// grown is s with a border of w around it.
func grown(s shape, w float64) shape {
	return func(x, y float64) float64 { return s(x, y) - w }
}

// placed is s made larger by scale, turned clockwise by degrees and moved.
func placed(s shape, scale, degrees, dx, dy float64) shape {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	return func(x, y float64) float64 {
		x, y = (x-dx)/scale, (y-dy)/scale
		return s(x*cos+y*sin, y*cos-x*sin) * scale
	}
}

// melted is both shapes with the corner between them filled smoothly over a width of k.
func melted(a, b shape, k float64) shape {
	return func(x, y float64) float64 {
		da, db := a(x, y), b(x, y)
		h := max(k-math.Abs(da-db), 0) / k
		return min(da, db) - h*h*k/4
	}
}

// handset is a telephone's handset lying on its ear and mouth pieces, about 2 wide and 0.8 high.
func handset() shape {
	ear := placed(box(0, 0, 0.28, 0.33, 0.15), 1, 18, -0.7, 0.14)
	mouth := placed(box(0, 0, 0.28, 0.33, 0.15), 1, -18, 0.7, 0.14)
	return melted(arc(0, 0.98, 1.16, 41, 0.36), union(ear, mouth), 0.12)
}
