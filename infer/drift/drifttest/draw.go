// Package drifttest makes windows of answers whose drift is known: pictures are changed as the world changes them, a judge answers for
// each, and windows are drawn from the answers.
package drifttest

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"
)

// A Picture of a class: its index, or [Foreign].
type Picture struct {
	Class int
	Image *image.NRGBA
}

// Foreign is the class of pictures that the judge has no name for.
const Foreign = -1

// Side of drawn pictures, in pixels.
const Side = 32

// Draw draws a vehicle on a background, the classes 0 and 1 or [Foreign]: two thin wheels with a frame, two thick ones with a body, or a
// sail. Places, colours, sizes and light differ, and there is the grain of a sensor.
func Draw(r *rand.Rand, class int) Picture {
	m := image.NewNRGBA(image.Rect(0, 0, Side, Side))
	light := 0.75 + 0.5*r.Float64()
	top := [3]float64{90 + 120*r.Float64(), 90 + 120*r.Float64(), 90 + 120*r.Float64()}
	low := [3]float64{60 + 120*r.Float64(), 60 + 120*r.Float64(), 60 + 120*r.Float64()}
	paint := [3]float64{20 + 90*r.Float64(), 20 + 90*r.Float64(), 20 + 90*r.Float64()}
	dx, dy, size := 4*r.Float64()-2, 4*r.Float64()-2, 0.85+0.3*r.Float64()
	for y := range Side {
		for x := range Side {
			u, v := (float64(x)+0.5-Side/2-dx)/size, (float64(y)+0.5-Side/2-dy)/size
			cover := shape(class, u, v)
			var c [3]uint8
			for k := range c {
				ground := top[k] + (low[k]-top[k])*float64(y)/Side
				c[k] = clamp((ground+(paint[k]-ground)*cover)*light + 6*r.NormFloat64())
			}
			m.SetNRGBA(x, y, color.NRGBA{R: c[0], G: c[1], B: c[2], A: 255})
		}
	}
	return Picture{class, m}
}

// shape is how much of a point, measured from the middle, the vehicle covers: 0 to 1.
func shape(class int, u, v float64) float64 {
	ring := func(x, y, radius, width float64) float64 { return soft(width - math.Abs(math.Hypot(u-x, v-y)-radius)) }
	bar := func(x0, y0, x1, y1, width float64) float64 {
		length := math.Hypot(x1-x0, y1-y0)
		along := min(1, max(0, ((u-x0)*(x1-x0)+(v-y0)*(y1-y0))/(length*length)))
		return soft(width - math.Hypot(u-x0-along*(x1-x0), v-y0-along*(y1-y0)))
	}
	switch class {
	case 0:
		return max(ring(-8, 5, 5.5, 0.7), ring(8, 5, 5.5, 0.7), bar(-8, 5, -2, -4, 0.6), bar(-2, -4, 6, -3, 0.6), bar(6, -3, 8, 5, 0.6), bar(0, 5, -2, -4, 0.6))
	case 1:
		return max(ring(-8, 5, 3.5, 2.2), ring(8, 5, 3.5, 2.2), bar(-5, -1, 6, -1, 2.6), bar(6, -1, 8, 5, 1.2))
	}
	return max(soft(min(v+11, 0.55*(7-v)-math.Abs(u))), bar(-9, 9, 9, 9, 1.5))
}

// soft turns a distance into the cover of an edge of a pixel.
func soft(d float64) float64 { return min(1, max(0, d+0.5)) }

func clamp(v float64) uint8 { return uint8(min(255, max(0, math.Round(v)))) }
