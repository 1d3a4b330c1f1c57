package draw

import (
	"math"
	"slices"
)

// Point is a place in a scene: metres, x to the vehicle's front, y upwards.
type Point struct{ X, Y float64 }

// P is a short way to write a [Point].
func P(x, y float64) Point { return Point{x, y} }

func (p Point) add(q Point) Point              { return Point{p.X + q.X, p.Y + q.Y} }
func (p Point) sub(q Point) Point              { return Point{p.X - q.X, p.Y - q.Y} }
func (p Point) times(k float64) Point          { return Point{p.X * k, p.Y * k} }
func (p Point) length() float64                { return math.Hypot(p.X, p.Y) }
func (p Point) along(q Point, t float64) Point { return p.add(q.sub(p).times(t)) }

// polar returns the point at distance r from c in direction angle (radians, counter-clockwise from +x).
func polar(c Point, r, angle float64) Point {
	return Point{c.X + r*math.Cos(angle), c.Y + r*math.Sin(angle)}
}

// Path is a set of closed outlines filled by the non-zero rule: counter-clockwise ones add, clockwise
// ones inside them cut holes.
type Path [][]Point

// Join returns one path with all outlines of paths; overlaps stay filled.
func Join(paths ...Path) Path { return slices.Concat(paths...) }

// Polygon returns the filled polygon with these corners, in either direction.
func Polygon(corners ...Point) Path { return Path{counterClockwise(corners)} }

// Blob returns the smooth closed shape that passes through these points.
func Blob(through ...Point) Path { return Polygon(spline(through, true)...) }

// Disc returns the filled circle.
func Disc(c Point, r float64) Path { return Path{circle(c, r)} }

// Ring returns the area between two circles around c.
func Ring(c Point, outer, inner float64) Path {
	hole := circle(c, inner)
	slices.Reverse(hole)
	return Path{circle(c, outer), hole}
}

// Line returns a stroke of the given width along straight pieces, with round ends and corners.
func Line(width float64, through ...Point) Path {
	var p Path
	for i, q := range through {
		p = append(p, circle(q, width/2))
		if i == 0 {
			continue
		}
		prev := through[i-1]
		d := q.sub(prev)
		if l := d.length(); l > 0 {
			n := Point{-d.Y, d.X}.times(width / 2 / l)
			p = append(p, counterClockwise([]Point{prev.add(n), prev.sub(n), q.sub(n), q.add(n)}))
		}
	}
	return p
}

// Curve returns a stroke of the given width along the smooth line through these points.
func Curve(width float64, through ...Point) Path { return Line(width, spline(through, false)...) }

// Arc returns a stroke along a piece of a circle, from one angle to another in degrees.
func Arc(c Point, r, width, from, to float64) Path {
	const pieces = 24
	pts := make([]Point, pieces+1)
	for i := range pts {
		pts[i] = polar(c, r, (from+(to-from)*float64(i)/pieces)*math.Pi/180)
	}
	return Line(width, pts...)
}

// Ellipse returns the filled ellipse with these half-axes.
func Ellipse(c Point, rx, ry float64) Path {
	pts := circle(Point{}, 1)
	for i, p := range pts {
		pts[i] = Point{c.X + p.X*rx, c.Y + p.Y*ry}
	}
	return Path{pts}
}

// Turn returns the path rotated by degrees around c.
func (p Path) Turn(c Point, degrees float64) Path {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	out := make(Path, len(p))
	for i, outline := range p {
		out[i] = make([]Point, len(outline))
		for j, q := range outline {
			d := q.sub(c)
			out[i][j] = Point{c.X + d.X*cos - d.Y*sin, c.Y + d.X*sin + d.Y*cos}
		}
	}
	return out
}

func circle(c Point, r float64) []Point {
	const corners = 56
	pts := make([]Point, corners)
	for i := range pts {
		pts[i] = polar(c, r, 2*math.Pi*float64(i)/corners)
	}
	return pts
}

// spline returns a Catmull-Rom curve through pts, eight pieces between each two.
func spline(pts []Point, closed bool) []Point {
	const pieces = 8
	n := len(pts)
	at := func(i int) Point {
		if closed {
			return pts[(i+n)%n]
		}
		return pts[min(max(i, 0), n-1)]
	}
	segments := n - 1
	if closed {
		segments = n
	}
	var out []Point
	for i := range segments {
		a, b, c, d := at(i-1), at(i), at(i+1), at(i+2)
		for k := range pieces {
			t := float64(k) / pieces
			out = append(out, Point{
				catmullRom(a.X, b.X, c.X, d.X, t),
				catmullRom(a.Y, b.Y, c.Y, d.Y, t),
			})
		}
	}
	if !closed {
		out = append(out, pts[n-1])
	}
	return out
}

// catmullRom is the uniform Catmull-Rom polynomial between b (t = 0) and c (t = 1).
func catmullRom(a, b, c, d, t float64) float64 {
	return b + 0.5*t*(c-a+t*(2*a-5*b+4*c-d+t*(3*(b-c)+d-a)))
}

// counterClockwise returns the corners so ordered that their enclosed area is positive.
func counterClockwise(pts []Point) []Point {
	var area float64
	for i, p := range pts {
		q := pts[(i+1)%len(pts)]
		area += p.X*q.Y - q.X*p.Y
	}
	if area < 0 {
		slices.Reverse(pts)
	}
	return pts
}
