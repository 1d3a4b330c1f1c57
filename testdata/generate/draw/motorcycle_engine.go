package draw

// engine paints crankcase and cylinders with their fins; a cruiser has two cylinders in a V.
func (m Moto) engine(c *Canvas, f motoFrame) {
	frame := Material{Color: Hex(0x222427), Bevel: 0.012, Gloss: 0.4}
	if m.Style == Dirt || m.Style == Sport {
		frame.Color = Hex(0x9da1a5)
	}
	c.Fill(Join(
		Line(0.05, f.clamp.add(P(-0.05, -0.1)), P(0.5, f.pivot.Y+0.05)),
		Curve(0.038, f.clamp.add(P(-0.04, -0.14)), P(1.02, 0.45), P(0.9, 0.24), P(0.5, 0.26), f.pivot)), frame)
	metal := Material{Color: Hex(0xaaaeb2), Below: Hex(0x5c5f63), Bevel: 0.03, Gloss: 0.6}
	if m.Style == Naked {
		metal.Color, metal.Below = Hex(0x6b6e72), Hex(0x2c2e31)
	}
	if m.Style == Cruiser {
		m.cylinder(c, P(0.72, 0.42), P(0.6, 0.72), 0.17)
		m.cylinder(c, P(0.76, 0.42), P(0.95, 0.7), 0.17)
		c.Fill(Ellipse(P(0.79, 0.58), 0.085, 0.075), Material{Chrome: true, Bevel: 0.03})
		metal = Material{Chrome: true, Bevel: 0.035}
	} else {
		m.cylinder(c, P(0.8, 0.44), P(0.9, 0.7), 0.22)
	}
	c.Fill(Blob(
		P(0.46, 0.36), P(0.5, 0.48), P(0.64, 0.52), P(0.82, 0.5), P(0.98, 0.42), P(0.99, 0.3), P(0.86, 0.23), P(0.6, 0.22)), metal)
	c.Fill(Disc(P(0.66, 0.36), 0.095), Material{Color: Hex(0xc3c6ca), Below: Hex(0x74777b), Bevel: 0.02, Gloss: 0.8})
	c.Fill(Disc(P(0.66, 0.36), 0.055), Material{Color: Hex(0x4a4d51), Bevel: 0.012, Gloss: 0.6})
	c.Fill(Disc(P(0.88, 0.35), 0.085), Material{Color: Hex(0x9a9da2), Below: Hex(0x505357), Bevel: 0.02, Gloss: 0.8})
	for i := range 6 {
		c.Fill(Disc(polar(P(0.66, 0.36), 0.078, float64(i)*1.047), 0.008), Material{Color: Hex(0x2b2d30)})
	}
	c.Fill(Line(0.03, f.peg.add(P(-0.02, 0)), f.peg.add(P(0.07, 0))), Material{Color: Hex(0x17181a), Bevel: 0.008})
	// Side stand.
	c.Fill(Line(0.024, P(0.52, 0.24), P(0.42, 0.02)), Material{Color: Hex(0x26282b), Bevel: 0.006})
}

func (m Moto) cylinder(c *Canvas, from, to Point, width float64) {
	c.Fill(Line(width*0.8, from, from.along(to, 0.7)), Material{Color: Hex(0x3a3c3f), Bevel: 0.03})
	d := to.sub(from)
	n := P(-d.Y, d.X).times(width / 2 / d.length())
	fin := Material{Color: Hex(0xb4b8bc), Bevel: 0.006, Gloss: 0.6}
	if m.Style == Naked {
		fin.Color = Hex(0x85898d)
	}
	var fins Path
	for i := range 7 {
		at := from.along(to, 0.35+0.1*float64(i))
		fins = append(fins, Line(0.014, at.add(n), at.sub(n))...)
	}
	c.Fill(fins, fin)
}

func (m Moto) exhaust(c *Canvas, f motoFrame) {
	chrome := Material{Chrome: true, Bevel: 0.018}
	switch m.Style {
	case Dirt:
		c.Fill(Curve(0.045, P(0.95, 0.66), P(1.06, 0.56), P(0.98, 0.48), P(0.7, 0.56), P(0.4, 0.66)), Material{Color: Hex(0xa98f6c), Bevel: 0.014, Gloss: 0.6})
		c.Fill(Line(0.1, P(0.35, 0.68), P(-0.06, 0.84)), Material{Color: Hex(0xc9ccd0), Bevel: 0.03, Gloss: 0.6})
		c.Fill(Disc(P(-0.08, 0.85), 0.03), Material{Color: Hex(0x111214)})
	case Cruiser:
		c.Fill(Curve(0.05, P(0.98, 0.68), P(1.08, 0.55), P(1.0, 0.28), P(0.8, 0.2), P(0.3, 0.2)), chrome)
		c.Fill(Curve(0.05, P(0.6, 0.68), P(0.5, 0.52), P(0.5, 0.34), P(0.4, 0.28), P(0.3, 0.27)), chrome)
		c.Fill(Join(Line(0.085, P(0.45, 0.2), P(-0.32, 0.2)), Line(0.075, P(0.3, 0.3), P(-0.3, 0.3))), Material{Chrome: true, Bevel: 0.03})
		c.Fill(Join(Ellipse(P(-0.36, 0.2), 0.012, 0.03), Ellipse(P(-0.335, 0.3), 0.01, 0.026)), Material{Color: Hex(0x0e0f10)})
	case Sport:
		c.Fill(Line(0.125, P(0.42, 0.34), P(0.1, 0.44)), Material{Color: Hex(0x3c3e42), Below: Hex(0x1a1b1d), Bevel: 0.035, Gloss: 0.7})
		c.Fill(Ellipse(P(0.06, 0.452), 0.02, 0.045), Material{Color: Hex(0xb9bdc1), Bevel: 0.01})
	default:
		c.Fill(Curve(0.048, P(0.98, 0.66), P(1.09, 0.52), P(1.02, 0.28), P(0.84, 0.19), P(0.4, 0.23)), chrome)
		c.Fill(Curve(0.048, P(0.94, 0.66), P(1.04, 0.5), P(0.97, 0.29), P(0.8, 0.19), P(0.4, 0.23)), chrome)
		c.Fill(Line(0.115, P(0.36, 0.25), P(-0.2, 0.36)), Material{Chrome: true, Bevel: 0.035})
		c.Fill(Ellipse(P(-0.25, 0.37), 0.014, 0.04).Turn(P(-0.25, 0.37), -11), Material{Color: Hex(0x0e0f10)})
	}
}
