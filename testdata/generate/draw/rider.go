package draw

// Rider is a person on a saddle.
type Rider struct {
	Top, Trousers, Helmet, Skin, Shoes RGB
	Upright                            float64 // 0 = bent over the bar, 1 = sitting straight
	Tall                               float64 // size of limbs, 1 = an adult on a bicycle
}

type body struct{ hip, shoulder, elbow, knee, foot, hand, neck, head Point }

func (r Rider) body(saddle, foot, hand Point) body {
	k := r.Tall
	if k == 0 {
		k = 1
	}
	b := body{hip: saddle.add(P(0.02, 0.1)), foot: foot, hand: hand}
	b.shoulder = b.hip.add(P(0.36-0.24*r.Upright, 0.36+0.14*r.Upright).times(k))
	b.elbow = b.shoulder.along(b.hand, 0.5).add(P(-0.01, -0.06))
	b.neck = b.shoulder.add(P(0.04-0.02*r.Upright, 0.05).times(k))
	b.head = b.shoulder.add(P(0.12-0.06*r.Upright, 0.15+0.03*r.Upright).times(k))
	// The knee lies before the line from hip to foot, so far that both halves of the leg are equal.
	mid, d := b.hip.along(foot, 0.5), foot.sub(b.hip)
	b.knee = mid.add(P(-d.Y, d.X).times(0.28))
	return b
}

func (r Rider) leg(c *Canvas, b body, dark float64) {
	cloth := Material{Color: r.Trousers.times(dark), Bevel: 0.035}
	c.Fill(Join(Line(0.14, b.hip, b.hip.along(b.knee, 0.6)), Line(0.115, b.hip.along(b.knee, 0.4), b.knee), Line(0.09, b.knee, b.knee.along(b.foot, 0.85))), cloth)
	c.Fill(Line(0.07, b.foot.add(P(-0.06, 0.03)), b.foot.add(P(0.1, 0.015))), Material{Color: r.Shoes.times(dark), Bevel: 0.02, Gloss: 0.3})
}

func (r Rider) farSide(c *Canvas, saddle, pedals, hand Point) {
	foot := pedals.add(P(-0.15, 0.07))
	r.leg(c, r.body(saddle, foot, hand), 0.6)
}

func (r Rider) nearSide(c *Canvas, saddle, foot, hand Point) {
	b := r.body(saddle, foot.add(P(0, 0.02)), hand)
	r.leg(c, b, 1)
	shirt := Material{Color: r.Top, Bevel: 0.05, Gloss: 0.2}
	d := b.shoulder.sub(b.hip)
	n := P(-d.Y, d.X).times(1 / d.length())
	c.Fill(Blob(
		b.hip.add(n.times(0.11)), b.hip.along(b.shoulder, 0.55).add(n.times(0.13)), b.shoulder.add(n.times(0.08)),
		b.shoulder.add(d.times(0.12)), b.shoulder.add(n.times(-0.09)), b.hip.along(b.shoulder, 0.5).add(n.times(-0.1)),
		b.hip.add(n.times(-0.1)), b.hip.add(d.times(-0.15))), shirt)
	c.Fill(Line(0.085, b.neck.along(b.hip, 0.1), b.head), Material{Color: r.Skin, Bevel: 0.02})
	c.Fill(Ellipse(b.head.add(P(0.015, -0.01)), 0.085, 0.105), Material{Color: r.Skin, Bevel: 0.035})
	c.Fill(Blob(
		b.head.add(P(-0.13, -0.01)), b.head.add(P(-0.1, 0.1)), b.head.add(P(0, 0.14)), b.head.add(P(0.1, 0.09)),
		b.head.add(P(0.13, 0.01)), b.head.add(P(0, 0.03))), Material{Color: r.Helmet, Bevel: 0.03, Gloss: 0.8})
	c.Fill(Join(Line(0.1, b.shoulder, b.elbow), Line(0.075, b.elbow, b.hand)), Material{Color: r.Top.times(0.9), Bevel: 0.028})
	c.Fill(Disc(b.hand, 0.045), Material{Color: r.Skin, Bevel: 0.015})
}

// fullFace paints a closed helmet with a visor over the head, as motorcyclists wear.
func (r Rider) fullFace(c *Canvas, saddle, foot, hand Point) {
	h := r.body(saddle, foot, hand).head
	c.Fill(Ellipse(h, 0.135, 0.15), Material{Color: r.Helmet, Bevel: 0.05, Gloss: 0.9})
	c.Fill(Blob(h.add(P(0.0, 0.06)), h.add(P(0.11, 0.06)), h.add(P(0.135, 0)), h.add(P(0.11, -0.03)), h.add(P(0.01, -0.02))), Material{Color: Hex(0x15181d), Bevel: 0.012, Gloss: 0.9})
}
