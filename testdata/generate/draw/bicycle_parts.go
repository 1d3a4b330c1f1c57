package draw

func (b Bike) seat(c *Canvas, f bikeFrame) {
	post := f.saddle.add(P(0, -0.03))
	c.Fill(Line(0.025, f.seat, post), Material{Chrome: true, Bevel: 0.008})
	s := f.saddle
	shape := Blob(
		s.add(P(-0.15, 0.035)), s.add(P(-0.1, 0.045)), s.add(P(0, 0.022)), s.add(P(0.13, 0.02)),
		s.add(P(0.145, 0.002)), s.add(P(0.03, -0.01)), s.add(P(-0.07, -0.035)), s.add(P(-0.14, -0.015)))
	if b.Style == City {
		shape = Blob(
			s.add(P(-0.15, 0.05)), s.add(P(-0.06, 0.06)), s.add(P(0.02, 0.03)), s.add(P(0.13, 0.025)),
			s.add(P(0.14, 0)), s.add(P(0.02, -0.015)), s.add(P(-0.08, -0.05)), s.add(P(-0.15, -0.02)))
	}
	c.Fill(shape, Material{Color: b.Saddle, Bevel: 0.014, Gloss: 0.4})
}

// handle returns where hands hold the bar.
func (b Bike) handle(f bikeFrame) Point {
	switch b.Style {
	case Road:
		return f.stem.add(P(0.15, 0.02))
	case City:
		return f.stem.add(P(-0.08, 0.1))
	case BMX:
		return f.stem.add(P(-0.05, 0.17))
	default:
		return f.stem.add(P(0.06, 0.05))
	}
}

func (b Bike) bar(c *Canvas, f bikeFrame) {
	metal := Material{Chrome: true, Bevel: 0.008}
	black := Material{Color: Hex(0x1b1c1f), Bevel: 0.01, Gloss: 0.3}
	s := f.stem
	switch b.Style {
	case Road:
		c.Fill(Line(0.03, f.head, s, s.add(P(0.09, 0.012))), black)
		c.Fill(Curve(0.028, s.add(P(0.08, 0.012)), s.add(P(0.16, 0.015)), s.add(P(0.2, -0.04)), s.add(P(0.16, -0.11)), s.add(P(0.07, -0.115))), black)
		c.Fill(Curve(0.022, s.add(P(0.18, 0)), s.add(P(0.205, 0.05)), s.add(P(0.2, -0.01)), s.add(P(0.2, -0.09))), Material{Color: Hex(0x3b3d41), Bevel: 0.007})
	case City:
		c.Fill(Line(0.026, f.head, s, s.add(P(-0.01, 0.06))), metal)
		c.Fill(Curve(0.024, s.add(P(0, 0.06)), s.add(P(0.06, 0.085)), s.add(P(0.03, 0.11)), s.add(P(-0.06, 0.105))), metal)
		c.Fill(Line(0.036, s.add(P(-0.06, 0.105)), s.add(P(-0.17, 0.09))), Material{Color: b.Saddle, Bevel: 0.01})
	case BMX:
		c.Fill(Line(0.03, f.head, s, s.add(P(0.04, 0.01))), black)
		c.Fill(Line(0.024, s.add(P(0.04, 0.01)), s.add(P(-0.01, 0.17))), metal)
		c.Fill(Line(0.036, s.add(P(-0.01, 0.17)), s.add(P(-0.11, 0.165))), black)
	default:
		c.Fill(Line(0.032, f.head, s, s.add(P(0.07, 0.03))), black)
		c.Fill(Line(0.034, s.add(P(0.08, 0.04)), s.add(P(-0.01, 0.055))), black)
		c.Fill(Line(0.014, s.add(P(0.08, 0.03)), s.add(P(0.05, -0.02))), metal)
	}
	if b.Style == BMX {
		return
	}
	// The front brake's cable hangs in a loop before the head tube.
	c.Fill(Curve(0.007, s.add(P(0.1, 0.03)), s.add(P(0.13, -0.06)), f.crown.add(P(0.05, 0.02))), Material{Color: Hex(0x17181a)})
}

func (b Bike) mudguards(c *Canvas, f bikeFrame) {
	guard := Material{Color: b.Frame.times(0.92), Bevel: 0.008, Gloss: 0.6}
	r := f.wheel + 0.022
	c.Fill(Arc(f.rear, r, 0.02, 25, 190), guard)
	c.Fill(Arc(f.front, r, 0.02, -10, 140), guard)
	stays := Join(
		Line(0.007, f.rear, polar(f.rear, r, 2.5)), Line(0.007, f.rear, polar(f.rear, r, 3.1)),
		Line(0.007, f.front, polar(f.front, r, 0.1)))
	c.Fill(stays, Material{Color: Hex(0x8f9296)})
}

func (b Bike) extras(c *Canvas, f bikeFrame) {
	steel := Material{Color: Hex(0x3a3c40), Bevel: 0.006}
	if b.Style == City {
		y := f.wheel*2 + 0.06
		c.Fill(Line(0.018, P(-0.27, y), P(f.seat.X, y)), steel)
		c.Fill(Join(Line(0.01, P(-0.2, y), f.rear), Line(0.01, P(-0.05, y), f.rear)), steel)
		c.Fill(Line(0.04, P(-0.29, y-0.02), P(-0.27, y-0.02)), Material{Color: Hex(0xd01f1f), Bevel: 0.01, Gloss: 0.6})
		// The chain guard hides the chain's upper run.
		c.Fill(Line(0.06, f.rear.add(P(0.06, 0.045)), f.bottom.add(P(0.03, 0.075))), Material{Color: b.Frame.times(0.85), Bevel: 0.015, Gloss: 0.5})
		lamp := f.crown.add(P(0.085, 0.13))
		c.Fill(Line(0.012, f.head, lamp), steel)
		c.Fill(Ellipse(lamp, 0.045, 0.04), Material{Chrome: true, Bevel: 0.02})
		c.Fill(Ellipse(lamp.add(P(0.035, 0)), 0.016, 0.036), Material{Color: Hex(0xfff6d8)})
	}
	if b.Basket {
		at := f.head.add(P(0.06, -0.05))
		c.Fill(Polygon(at, at.add(P(0.3, 0)), at.add(P(0.34, 0.2)), at.add(P(-0.03, 0.2))), Material{Color: Hex(0xa9804a), Below: Hex(0x7a5a32), Bevel: 0.02, Clear: 0.1})
		var weave Path
		for i := range 7 {
			x := float64(i) * 0.05
			weave = append(weave, Line(0.008, at.add(P(x, 0)), at.add(P(x*1.2-0.03, 0.2)))...)
		}
		for i := range 4 {
			weave = append(weave, Line(0.008, at.add(P(-0.01, float64(i)*0.06)), at.add(P(0.31, float64(i)*0.06)))...)
		}
		c.Fill(weave, Material{Color: Hex(0x4e381c)})
	}
	if b.Bottle {
		from, to := f.bottom.along(f.crown, 0.38).add(P(-0.03, 0.04)), f.bottom.along(f.crown, 0.7).add(P(-0.03, 0.04))
		c.Fill(Line(0.062, from, to), Material{Color: Hex(0xe8eef2), Bevel: 0.02, Gloss: 0.5})
	}
}
