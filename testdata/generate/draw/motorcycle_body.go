package draw

func (m Moto) paint() Material {
	return Material{Color: m.Body, Below: m.Body.times(0.7), Bevel: 0.045, Gloss: 1}
}

func (m Moto) leather() Material { return Material{Color: m.Seat, Bevel: 0.03, Gloss: 0.35} }

func (m Moto) headlight(c *Canvas, at Point, r float64) {
	c.Fill(Blob(at.add(P(-r*1.3, 0)), at.add(P(-r*0.6, r*0.9)), at.add(P(r*0.3, r)), at.add(P(r*0.3, -r)), at.add(P(-r*0.6, -r*0.9))), Material{Chrome: true, Bevel: r * 0.4})
	c.Fill(Ellipse(at.add(P(r*0.35, 0)), r*0.32, r*0.95), Material{Color: Hex(0xfffbe6), Below: Hex(0xd9e2ea), Bevel: 0.01})
}

func (m Moto) tail(c *Canvas, at Point) {
	c.Fill(Line(0.06, at, at.add(P(0.03, 0.004))), Material{Color: Hex(0xc41414), Bevel: 0.02, Gloss: 0.8})
	c.Fill(Line(0.012, at.add(P(0.04, -0.02)), at.add(P(-0.04, -0.1))), Material{Color: Hex(0x1b1c1e)})
	c.Fill(Polygon(at.add(P(-0.1, -0.12)), at.add(P(-0.04, -0.1)), at.add(P(-0.06, -0.22)), at.add(P(-0.13, -0.23))), Material{Color: Hex(0xe6e3d8), Bevel: 0.006})
	c.Fill(Disc(at.add(P(0.08, -0.06)), 0.028), Material{Color: Hex(0xf08a1c), Bevel: 0.01, Gloss: 0.7})
}

func (m Moto) nakedBody(c *Canvas, f motoFrame) {
	c.Fill(Arc(f.front, f.frontWheel+0.025, 0.035, 35, 150), m.paint())
	c.Fill(Curve(0.05, P(0.3, 0.8), P(0.05, 0.78), P(-0.2, 0.72), P(-0.32, 0.6)), Material{Color: Hex(0x1a1b1d), Bevel: 0.015})
	c.Fill(Blob(P(0.12, 0.74), P(0.35, 0.76), P(0.56, 0.72), P(0.52, 0.56), P(0.36, 0.54), P(0.2, 0.64)), m.paint())
	c.Fill(Blob(P(-0.26, 0.86), P(-0.1, 0.91), P(0.1, 0.88), P(0.4, 0.85), P(0.62, 0.86), P(0.6, 0.76), P(0.3, 0.76), P(-0.12, 0.79)), m.leather())
	c.Fill(Blob(P(0.56, 0.82), P(0.68, 0.97), P(0.88, 1.02), P(1.06, 0.96), P(1.11, 0.86), P(1.02, 0.76), P(0.8, 0.72), P(0.6, 0.74)), m.paint())
	c.Fill(Curve(0.03, P(0.64, 0.82), P(0.8, 0.87), P(0.98, 0.87), P(1.06, 0.83)), Material{Color: m.Accent, Bevel: 0.006})
	c.Fill(Line(0.03, P(0.84, 1.02), P(0.9, 1.02)), Material{Chrome: true, Bevel: 0.01})
	m.headlight(c, f.lamp, 0.1)
	c.Fill(Disc(f.lamp.add(P(-0.13, 0.12)), 0.05), Material{Color: Hex(0x2c2e31), Bevel: 0.015, Gloss: 0.8})
	m.tail(c, P(-0.28, 0.8))
}

func (m Moto) sportBody(c *Canvas, f motoFrame) {
	c.Fill(Blob(P(1.16, 0.5), P(1.2, 0.64), P(1.4, 0.665), P(1.6, 0.6), P(1.68, 0.48), P(1.58, 0.58), P(1.4, 0.63), P(1.26, 0.56)), m.paint())
	// Tail and seat rise to the rear.
	c.Fill(Blob(P(-0.3, 1.03), P(-0.12, 1.05), P(0.15, 0.93), P(0.5, 0.86), P(0.52, 0.72), P(0.3, 0.72), P(0.02, 0.86)), m.paint())
	c.Fill(Blob(P(0.06, 0.99), P(0.2, 0.93), P(0.42, 0.88), P(0.56, 0.9), P(0.56, 0.82), P(0.3, 0.83), P(0.1, 0.92)), m.leather())
	c.Fill(Blob(P(-0.22, 1.06), P(-0.08, 1.08), P(0.04, 1.01), P(-0.08, 0.99)), m.leather())
	c.Fill(Blob(P(0.52, 0.84), P(0.64, 1.0), P(0.84, 1.05), P(1.02, 0.97), P(1.04, 0.8), P(0.8, 0.72), P(0.58, 0.74)), m.paint())
	// The fairing: from the nose over the side down to the belly pan.
	side := Blob(
		P(1.5, 0.78), P(1.42, 0.9), P(1.26, 0.97), P(1.1, 0.9), P(0.98, 0.78), P(0.82, 0.6), P(0.62, 0.44), P(0.42, 0.32),
		P(0.5, 0.22), P(0.85, 0.2), P(1.06, 0.3), P(1.12, 0.48), P(1.2, 0.6), P(1.36, 0.68))
	c.Fill(side, m.paint())
	c.Fill(Blob(P(1.06, 0.62), P(0.98, 0.68), P(0.88, 0.56), P(0.8, 0.46), P(0.92, 0.42), P(1.04, 0.5)), Material{Color: Hex(0x1d1f22), Bevel: 0.015, Gloss: 0.5})
	c.Fill(Blob(P(1.3, 0.78), P(1.1, 0.76), P(0.94, 0.62), P(0.7, 0.4), P(0.78, 0.38), P(0.98, 0.56), P(1.14, 0.68)), Material{Color: m.Accent, Bevel: 0.012, Gloss: 0.8})
	c.Fill(Blob(P(-0.1, 0.99), P(0.15, 0.88), P(0.36, 0.8), P(0.2, 0.83), P(0, 0.92)), Material{Color: m.Accent, Bevel: 0.01, Gloss: 0.8})
	c.Fill(Blob(P(1.42, 0.9), P(1.28, 1.06), P(1.12, 1.1), P(1.14, 0.96), P(1.28, 0.95)), Material{Color: Hex(0x5b6772), Bevel: 0.03, Gloss: 1, Clear: 0.25})
	c.Fill(Blob(P(1.49, 0.78), P(1.42, 0.86), P(1.3, 0.85), P(1.36, 0.77)), Material{Color: Hex(0xf6f8fb), Below: Hex(0xaab4be), Bevel: 0.015, Gloss: 1})
	c.Fill(Blob(P(1.12, 1.02), P(1.2, 1.1), P(1.24, 1.06), P(1.16, 0.98)), Material{Color: Hex(0x202225), Bevel: 0.015, Gloss: 0.6})
	m.tail(c, P(-0.29, 1.0))
}

func (m Moto) cruiserBody(c *Canvas, f motoFrame) {
	c.Fill(Arc(f.front, f.frontWheel+0.03, 0.05, -5, 175), m.paint())
	c.Fill(Arc(f.rear, f.rearWheel+0.035, 0.07, 10, 185), m.paint())
	c.Fill(Blob(P(0.3, 0.62), P(0.5, 0.64), P(0.54, 0.48), P(0.36, 0.44)), m.paint())
	c.Fill(Blob(P(-0.16, 0.76), P(0.05, 0.8), P(0.24, 0.7), P(0.42, 0.67), P(0.6, 0.76), P(0.66, 0.7), P(0.5, 0.58), P(0.25, 0.58), P(-0.05, 0.66)), m.leather())
	c.Fill(Line(0.02, P(-0.1, 0.72), P(-0.22, 1.0)), Material{Chrome: true, Bevel: 0.007})
	c.Fill(Line(0.07, P(-0.19, 0.96), P(-0.14, 0.86)), m.leather())
	c.Fill(Blob(P(0.56, 0.74), P(0.7, 0.87), P(0.9, 0.94), P(1.12, 0.94), P(1.22, 0.88), P(1.1, 0.78), P(0.84, 0.72)), m.paint())
	c.Fill(Blob(P(0.76, 0.82), P(0.92, 0.87), P(1.08, 0.87), P(1.0, 0.82), P(0.86, 0.79)), Material{Color: m.Accent, Bevel: 0.01, Gloss: 0.8})
	m.headlight(c, f.lamp, 0.11)
	if m.Bags {
		c.Fill(Blob(P(-0.34, 0.56), P(-0.3, 0.64), P(0.0, 0.64), P(0.1, 0.6), P(0.08, 0.38), P(-0.02, 0.34), P(-0.28, 0.35)), m.leather())
		c.Fill(Join(Line(0.018, P(-0.2, 0.63), P(-0.2, 0.4)), Line(0.018, P(-0.03, 0.63), P(-0.03, 0.4))), Material{Color: m.Seat.times(0.6), Bevel: 0.005})
	}
	m.tail(c, P(-0.36, 0.62))
}

func (m Moto) dirtBody(c *Canvas, f motoFrame) {
	// Mudguards stand high above knobbly tyres.
	c.Fill(Blob(P(1.02, 0.86), P(1.2, 0.84), P(1.5, 0.83), P(1.78, 0.74), P(1.82, 0.68), P(1.5, 0.76), P(1.2, 0.78)), m.paint())
	c.Fill(Blob(P(0.2, 0.9), P(0.0, 0.98), P(-0.32, 1.08), P(-0.42, 1.06), P(-0.1, 0.9), P(0.1, 0.82)), m.paint())
	c.Fill(Blob(P(0.02, 0.94), P(0.3, 0.93), P(0.48, 0.84), P(0.5, 0.68), P(0.3, 0.7), P(0.1, 0.82)), Material{Color: m.Accent, Bevel: 0.03, Gloss: 0.6})
	c.Fill(Blob(P(-0.04, 1.0), P(0.3, 0.98), P(0.7, 0.98), P(0.98, 1.0), P(0.96, 0.94), P(0.6, 0.91), P(0.2, 0.92)), m.leather())
	c.Fill(Blob(P(0.7, 0.92), P(0.94, 0.98), P(1.08, 0.98), P(1.2, 0.82), P(1.1, 0.66), P(0.98, 0.7), P(0.88, 0.82)), m.paint())
	c.Fill(Blob(P(0.98, 0.88), P(1.08, 0.86), P(1.1, 0.74), P(1.02, 0.76)), Material{Color: m.Accent, Bevel: 0.012})
	c.Fill(Blob(P(1.2, 1.12), P(1.32, 1.04), P(1.32, 0.9), P(1.22, 0.92)), Material{Color: m.Accent, Bevel: 0.015, Gloss: 0.6})
	c.Fill(Ellipse(P(1.3, 0.96), 0.03, 0.05), Material{Color: Hex(0xfff8e0), Bevel: 0.01})
	c.Fill(Line(0.016, f.bar, f.clamp), Material{Color: Hex(0x2b2d30)})
}

func (m Moto) controls(c *Canvas, f motoFrame) {
	metal := Material{Chrome: true, Bevel: 0.009}
	grip := Material{Color: Hex(0x161719), Bevel: 0.012, Gloss: 0.3}
	c.Fill(Curve(0.026, f.clamp.add(P(0.02, 0.02)), f.clamp.add(P(0, 0.09)), f.bar.add(P(0.05, 0.015)), f.bar), metal)
	c.Fill(Line(0.042, f.bar.add(P(0.03, 0.005)), f.bar.add(P(-0.09, -0.02))), grip)
	c.Fill(Line(0.012, f.bar.add(P(0.04, 0.01)), f.bar.add(P(-0.05, -0.06))), metal)
	if m.Style == Naked || m.Style == Cruiser {
		mirror := f.bar.add(P(0.04, 0.16))
		c.Fill(Line(0.012, f.bar.add(P(0.06, 0.02)), mirror), metal)
		c.Fill(Ellipse(mirror, 0.055, 0.035), Material{Color: Hex(0x1f2124), Bevel: 0.015, Gloss: 0.7})
	}
	c.Fill(Curve(0.01, f.bar.add(P(0.04, 0)), f.clamp.add(P(0.1, -0.02)), f.crown.add(P(0.06, -0.06))), Material{Color: Hex(0x141517)})
}
