package draw

import (
	"image"
	"math"

	"golang.org/x/image/vector"
)

// RGB is a colour as a screen shows it (sRGB), 0 to 1 a channel.
type RGB [3]float64

// Hex returns the colour 0xRRGGBB.
func Hex(v uint32) RGB {
	return RGB{float64(v>>16&255) / 255, float64(v>>8&255) / 255, float64(v&255) / 255}
}

func (c RGB) mix(d RGB, t float64) RGB {
	for i := range c {
		c[i] += (d[i] - c[i]) * t
	}
	return c
}

func (c RGB) times(k float64) RGB {
	for i := range c {
		c[i] *= k
	}
	return c
}

// View places a scene on a canvas.
type View struct {
	Scale    float64 // pixels a metre
	X, Y     float64 // pixel where scene point (0, 0) lands
	Yaw      float64 // shortening of x by a camera that stands a little to the front, 1 = none
	Tilt     float64 // roll of the camera, in radians
	Mirrored bool    // the vehicle drives to the left
}

func (v View) pixel(p Point) (x, y float64) {
	px, py := p.X*v.Scale*v.Yaw, -p.Y*v.Scale
	if v.Mirrored {
		px = -px
	}
	sin, cos := math.Sincos(v.Tilt)
	return v.X + px*cos - py*sin, v.Y + px*sin + py*cos
}

// Canvas is a picture being painted. Pix holds three values a pixel, row by row, 0 to 1; Cover tells how
// much of each pixel belongs to the objects in front of the backdrop.
type Canvas struct {
	W, H  int
	Pix   []float32
	Cover []float32
	View  View
}

// NewCanvas returns a black canvas.
func NewCanvas(w, h int) *Canvas {
	return &Canvas{W: w, H: h, Pix: make([]float32, 3*w*h), Cover: make([]float32, w*h)}
}

// Each sets every pixel to what colour returns for it, seen as part of the backdrop.
func (c *Canvas) Each(colour func(x, y int) RGB) {
	for y := range c.H {
		for x := range c.W {
			v := colour(x, y)
			for i := range v {
				c.Pix[3*(y*c.W+x)+i] = float32(v[i])
			}
		}
	}
}

// mask is the coverage of a path over a part of the canvas, 0 to 255.
type mask struct {
	at  image.Rectangle
	pix []uint8
}

// rasterize returns the coverage of p with a margin of pad pixels around it, cut to the canvas.
func (c *Canvas) rasterize(p Path, pad int) mask {
	minX, minY, maxX, maxY := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	flat := make([][][2]float64, len(p))
	for i, outline := range p {
		flat[i] = make([][2]float64, len(outline))
		for j, q := range outline {
			x, y := c.View.pixel(q)
			flat[i][j] = [2]float64{x, y}
			minX, maxX = min(minX, x), max(maxX, x)
			minY, maxY = min(minY, y), max(maxY, y)
		}
	}
	at := image.Rect(int(math.Floor(minX))-pad, int(math.Floor(minY))-pad, int(math.Ceil(maxX))+pad+1, int(math.Ceil(maxY))+pad+1)
	at = at.Intersect(image.Rect(0, 0, c.W, c.H))
	if len(p) == 0 || at.Empty() {
		return mask{}
	}
	r := vector.NewRasterizer(at.Dx(), at.Dy())
	for _, outline := range flat {
		for j, q := range outline {
			x, y := float32(q[0]-float64(at.Min.X)), float32(q[1]-float64(at.Min.Y))
			if j == 0 {
				r.MoveTo(x, y)
			} else {
				r.LineTo(x, y)
			}
		}
		r.ClosePath()
	}
	a := image.NewAlpha(image.Rect(0, 0, at.Dx(), at.Dy()))
	r.Draw(a, a.Bounds(), image.Opaque, image.Point{})
	return mask{at: at, pix: a.Pix}
}
