package draw

// MotoStyle is a kind of motorcycle.
type MotoStyle int

// The kinds of motorcycle.
const (
	Naked   MotoStyle = iota // round headlight, visible engine
	Sport                    // full fairing
	Cruiser                  // low seat, long fork, chrome, mudguards
	Dirt                     // tall, knobbly tyres, high mudguards
)

// Moto describes one motorcycle.
type Moto struct {
	Style  MotoStyle
	Body   RGB // tank, side panels, fairing
	Accent RGB // stripe, number plate, second colour of a fairing
	Rims   RGB
	Seat   RGB
	Bags   bool
	Rider  *Rider
}

// motoFrame holds the points of a motorcycle's frame, in metres.
type motoFrame struct {
	rear, front, crown, clamp, bar, lamp, pivot, seat, peg Point
	rearWheel, frontWheel, rearTyre, frontTyre             float64
	forkWidth                                              float64
}

// frameOfMoto returns the measures of a style: wheelbase 1.4 m (1.66 m for a cruiser), wheels of 0.62 m.
func frameOfMoto(style MotoStyle) motoFrame {
	f := motoFrame{
		rear: P(0, 0.31), front: P(1.42, 0.305), rearWheel: 0.315, frontWheel: 0.31, rearTyre: 0.105, frontTyre: 0.09,
		crown: P(1.2, 0.72), clamp: P(1.12, 0.9), bar: P(1.0, 1.03), lamp: P(1.27, 0.87), pivot: P(0.5, 0.4),
		seat: P(0.42, 0.84), peg: P(0.48, 0.36), forkWidth: 0.052,
	}
	switch style {
	case Sport:
		f.front, f.crown, f.clamp, f.bar, f.lamp = P(1.4, 0.305), P(1.2, 0.7), P(1.12, 0.86), P(1.06, 0.9), P(1.36, 0.78)
		f.seat, f.peg = P(0.36, 0.86), P(0.32, 0.42)
	case Cruiser:
		f.front, f.crown, f.clamp, f.bar, f.lamp = P(1.68, 0.33), P(1.33, 0.76), P(1.22, 0.93), P(0.98, 1.08), P(1.37, 0.9)
		f.frontWheel, f.frontTyre, f.rearTyre = 0.335, 0.085, 0.125
		f.seat, f.peg = P(0.4, 0.68), P(0.95, 0.3)
	case Dirt:
		f.rear, f.front = P(0, 0.33), P(1.46, 0.35)
		f.rearWheel, f.frontWheel, f.rearTyre, f.frontTyre = 0.335, 0.355, 0.095, 0.075
		f.crown, f.clamp, f.bar, f.lamp = P(1.2, 0.86), P(1.14, 1.0), P(1.02, 1.14), P(1.3, 0.98)
		f.pivot, f.seat, f.peg, f.forkWidth = P(0.5, 0.45), P(0.45, 0.95), P(0.5, 0.42), 0.06
	}
	return f
}

// Motorcycle paints m with its rear wheel standing on scene point (0, 0).
func Motorcycle(c *Canvas, m Moto) {
	f := frameOfMoto(m.Style)
	if m.Rider != nil {
		m.Rider.farSide(c, f.seat, f.peg.add(P(0.1, 0)), f.bar)
	}
	// What lies behind the machine's near side is dark: the other exhaust, the frame, the shadow between.
	c.Fill(Blob(P(0.25, 0.42), P(0.3, 0.72), P(0.75, 0.8), P(1.06, 0.72), P(1.08, 0.4), P(0.8, 0.26), P(0.4, 0.3)), Material{Color: Hex(0x17181b), Bevel: 0.03})
	m.wheels(c, f)
	m.rearEnd(c, f)
	m.fork(c, f)
	m.engine(c, f)
	m.exhaust(c, f)
	switch m.Style {
	case Sport:
		m.sportBody(c, f)
	case Cruiser:
		m.cruiserBody(c, f)
	case Dirt:
		m.dirtBody(c, f)
	default:
		m.nakedBody(c, f)
	}
	m.controls(c, f)
	if m.Rider != nil {
		m.Rider.nearSide(c, f.seat, f.peg, f.bar)
		m.Rider.fullFace(c, f.seat, f.peg.add(P(0, 0.02)), f.bar)
	}
}

func (m Moto) wheels(c *Canvas, f motoFrame) {
	tyre := Hex(0x1d1e20)
	if m.Style == Naked || m.Style == Sport {
		castWheel{hub: f.rear, radius: f.rearWheel, tyre: f.rearTyre, spokes: 5, tyreColor: tyre, rimColor: m.Rims, disc: true, phase: 0.3}.draw(c)
		castWheel{hub: f.front, radius: f.frontWheel, tyre: f.frontTyre, spokes: 5, tyreColor: tyre, rimColor: m.Rims, disc: true, phase: 0.9}.draw(c)
		return
	}
	w := spokedWheel{
		rim: 0.026, spokes: 36, spokeWidth: 0.008, hubRadius: 0.06, tyreColor: tyre, rimColor: m.Rims,
		spokeColor: Hex(0xaeb2b6), discRadius: 0.13, crossed: true, knobs: m.Style == Dirt,
	}
	w.hub, w.radius, w.tyre, w.phase = f.rear, f.rearWheel, f.rearTyre, 0.2
	w.draw(c)
	w.hub, w.radius, w.tyre, w.phase = f.front, f.frontWheel, f.frontTyre, 0.7
	w.draw(c)
}

func (m Moto) rearEnd(c *Canvas, f motoFrame) {
	alloy := Material{Color: Hex(0x8a8d91), Bevel: 0.018, Gloss: 0.5}
	if m.Style == Cruiser || m.Style == Naked {
		alloy.Color = Hex(0x2a2c2f)
	}
	c.Fill(Join(Line(0.022, f.rear.add(P(0, 0.09)), f.pivot.add(P(0, 0.05))), Line(0.022, f.rear.add(P(0, -0.09)), f.pivot.add(P(0, -0.05)))), Material{Color: Hex(0x5a5348)})
	c.Fill(Ring(f.rear, 0.1, 0.06), Material{Color: Hex(0x4b4d50), Bevel: 0.01})
	c.Fill(Line(0.06, f.rear, f.pivot), alloy)
	c.Fill(Disc(f.rear, 0.035), Material{Chrome: true, Bevel: 0.012})
	top := P(0.3, f.seat.Y-0.1)
	foot := P(0.1, f.rear.Y+0.12)
	if m.Style == Sport || m.Style == Dirt {
		top, foot = P(0.45, f.seat.Y-0.15), P(0.36, 0.47)
	}
	c.Fill(Line(0.035, top, foot), Material{Chrome: true, Bevel: 0.01})
	coil := m.Accent
	for i := range 7 {
		at := top.along(foot, 0.15+0.1*float64(i))
		c.Fill(Line(0.022, at.add(P(-0.035, 0)), at.add(P(0.035, -0.012))), Material{Color: coil, Bevel: 0.008, Gloss: 0.5})
	}
}

func (m Moto) fork(c *Canvas, f motoFrame) {
	half := f.crown.along(f.front, 0.45)
	if m.Style == Dirt || m.Style == Sport {
		// Upside-down fork: the thick part is above.
		c.Fill(Line(f.forkWidth*0.8, half, f.front), Material{Chrome: true, Bevel: 0.014})
		tube := Hex(0xc6a04a)
		if m.Style == Dirt {
			tube = Hex(0x2a2b2e)
		}
		c.Fill(Line(f.forkWidth, f.clamp, half), Material{Color: tube, Bevel: 0.016, Gloss: 0.7})
	} else {
		c.Fill(Line(f.forkWidth*0.75, f.clamp, half), Material{Chrome: true, Bevel: 0.014})
		c.Fill(Line(f.forkWidth, half, f.front), Material{Color: Hex(0xa3a7ab), Bevel: 0.016, Gloss: 0.7})
	}
	c.Fill(Join(Line(0.05, f.crown.add(P(-0.06, 0)), f.crown), Line(0.05, f.clamp.add(P(-0.06, 0)), f.clamp)), Material{Color: Hex(0x3a3c40), Bevel: 0.014})
	c.Fill(Disc(f.front, 0.03), Material{Chrome: true, Bevel: 0.012})
	if m.Style != Cruiser {
		// Brake caliper.
		c.Fill(Line(0.055, f.front.add(P(-0.11, 0.05)), f.front.add(P(-0.09, 0.11))), Material{Color: Hex(0x34373b), Bevel: 0.014, Gloss: 0.5})
	}
}
