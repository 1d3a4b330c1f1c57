package draw

import "math"

// spokedWheel is a bicycle's wheel, and a dirt or classic motorcycle's.
type spokedWheel struct {
	hub         Point
	radius      float64 // to the tread
	tyre        float64 // thickness of the tyre
	rim         float64 // depth of the rim
	spokes      int
	spokeWidth  float64
	hubRadius   float64
	tyreColor   RGB
	wall        RGB // colour of the tyre's side, zero for the same
	rimColor    RGB
	spokeColor  RGB
	knobs       bool
	discRadius  float64 // brake disc, 0 = none
	phase       float64 // rotation in radians
	crossed     bool    // spokes leave the hub along its edge, as laced wheels do
	withReflect bool
}

func (w spokedWheel) draw(c *Canvas) {
	inner := w.radius - w.tyre
	c.Fill(w.lacing(inner-w.rim*0.5), Material{Color: w.spokeColor})
	if w.withReflect {
		at := polar(w.hub, inner*0.66, w.phase+0.6)
		c.Fill(Line(0.03, at, at.along(w.hub, 0.07)), Material{Color: Hex(0xff9a1f), Bevel: 0.01})
	}
	if w.discRadius > 0 {
		c.Fill(Ring(w.hub, w.discRadius, w.discRadius*0.62), Material{Color: Hex(0xb9bdc2), Below: Hex(0x7c8085)})
	}
	c.Fill(Ring(w.hub, inner+w.tyre*0.15, inner-w.rim), Material{Color: w.rimColor, Bevel: w.rim * 0.3, Gloss: 0.6})
	if w.knobs {
		c.Fill(w.treadBlocks(), Material{Color: w.tyreColor.times(0.8)})
	}
	c.Fill(Ring(w.hub, w.radius, inner), Material{Color: w.tyreColor, Bevel: w.tyre * 0.35, Gloss: 0.15})
	if w.wall != (RGB{}) {
		c.Fill(Ring(w.hub, inner+w.tyre*0.55, inner), Material{Color: w.wall})
	}
	c.Fill(Disc(w.hub, w.hubRadius), Material{Color: Hex(0xc4c8cc), Bevel: w.hubRadius * 0.4, Gloss: 0.8})
	c.Fill(Disc(w.hub, w.hubRadius*0.35), Material{Color: Hex(0x33363a)})
}

func (w spokedWheel) lacing(to float64) Path {
	var p Path
	for i := range w.spokes {
		a := w.phase + 2*math.Pi*float64(i)/float64(w.spokes)
		start := w.hub
		if w.crossed {
			// Every second spoke leaves the hub forwards, every other backwards.
			start = polar(w.hub, w.hubRadius, a+math.Pi*0.45*float64(1-2*(i%2)))
		}
		p = append(p, Line(w.spokeWidth, start, polar(w.hub, to, a))...)
	}
	return p
}

func (w spokedWheel) treadBlocks() Path {
	const blocks = 46
	var p Path
	for i := range blocks {
		a := w.phase + 2*math.Pi*float64(i)/blocks
		p = append(p, Line(w.tyre*0.28, polar(w.hub, w.radius-w.tyre*0.2, a), polar(w.hub, w.radius+w.tyre*0.1, a))...)
	}
	return p
}

// castWheel is a motorcycle's wheel of light alloy with a few broad spokes.
type castWheel struct {
	hub       Point
	radius    float64
	tyre      float64
	spokes    int
	tyreColor RGB
	rimColor  RGB
	disc      bool
	phase     float64
}

func (w castWheel) draw(c *Canvas) {
	inner := w.radius - w.tyre
	// One does not see far through a motorcycle's wheel: the other side's disc and hub darken it.
	c.Fill(Disc(w.hub, inner*0.55), Material{Color: Hex(0x202226), Clear: 0.25})
	var arms Path
	for i := range w.spokes {
		a := w.phase + 2*math.Pi*float64(i)/float64(w.spokes)
		arms = append(arms, Polygon(
			polar(w.hub, 0.05, a-0.7), polar(w.hub, inner, a-0.13),
			polar(w.hub, inner, a+0.13), polar(w.hub, 0.05, a+0.7))...)
	}
	c.Fill(arms, Material{Color: w.rimColor, Bevel: 0.012, Gloss: 0.5})
	if w.disc {
		c.Fill(Ring(w.hub, inner*0.68, inner*0.44), Material{Color: Hex(0xc9ccd0), Below: Hex(0x80858a)})
		for i := range 16 {
			c.Fill(Disc(polar(w.hub, inner*0.56, float64(i)*math.Pi/8), 0.007), Material{Color: Hex(0x3a3d40)})
		}
	}
	c.Fill(Ring(w.hub, inner+w.tyre*0.1, inner-0.022), Material{Color: w.rimColor, Bevel: 0.012, Gloss: 0.8})
	c.Fill(Ring(w.hub, w.radius, inner), Material{Color: w.tyreColor, Bevel: w.tyre * 0.35, Gloss: 0.2})
	c.Fill(Disc(w.hub, 0.055), Material{Color: w.rimColor, Bevel: 0.02, Gloss: 0.8})
	c.Fill(Disc(w.hub, 0.02), Material{Color: Hex(0x1c1d1f)})
}
