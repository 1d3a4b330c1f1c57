// Package phashtest draws pictures that look different from each other, for tests of copies.
package phashtest

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"
)

// Scene draws blurred discs on a slope, different ones for each seed.
func Scene(seed uint64, width, height int) *image.NRGBA {
	r := rand.New(rand.NewPCG(seed, 1))
	type disc struct{ x, y, radius, red, green, blue float64 }
	discs := make([]disc, 12)
	for i := range discs {
		discs[i] = disc{r.Float64(), r.Float64(), 0.05 + 0.2*r.Float64(), r.Float64(), r.Float64(), r.Float64()}
	}
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			u, v := (float64(x)+0.5)/float64(width), (float64(y)+0.5)/float64(height)
			red, green, blue := 0.4+0.3*u, 0.5+0.2*v, 0.6-0.3*v
			for _, d := range discs {
				cover := 1 / (1 + math.Exp((math.Hypot(u-d.x, v-d.y)-d.radius)*60))
				red, green, blue = red+cover*(d.red-red), green+cover*(d.green-green), blue+cover*(d.blue-blue)
			}
			m.SetNRGBA(x, y, color.NRGBA{R: uint8(255 * red), G: uint8(255 * green), B: uint8(255 * blue), A: 255})
		}
	}
	return m
}
