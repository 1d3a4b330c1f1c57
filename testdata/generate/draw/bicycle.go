package draw

import "math"

// BikeStyle is a kind of bicycle.
type BikeStyle int

// The kinds of bicycle.
const (
	Road     BikeStyle = iota // drop bar, narrow tyres
	Mountain                  // flat bar, knobbly tyres, suspension fork
	City                      // low entry, mudguards, rack, lights
	BMX                       // small wheels, low saddle
)

// Bike describes one bicycle.
type Bike struct {
	Style  BikeStyle
	Frame  RGB
	Tyre   RGB
	Wall   RGB // side of the tyre; zero = like Tyre
	Saddle RGB
	Basket bool
	Bottle bool
	Rider  *Rider
}

// bikeFrame holds the points of a bicycle's frame, in metres.
type bikeFrame struct {
	rear, front, bottom, seat, saddle, crown, head, stem Point
	wheel, tyre                                          float64
}

// frameOf returns the measures of a style. Angles are those of real frames: seat tube 73 degrees, steering
// axis 71 to 72, wheels of 0.68 m (0.5 m on a BMX), wheelbase about 1 m.
func frameOf(style BikeStyle) bikeFrame {
	f := bikeFrame{wheel: 0.34, tyre: 0.026}
	seatTube, post, steer, base := 0.54, 0.17, 0.13, 1.0
	switch style {
	case Mountain:
		f.tyre, seatTube, post, steer, base, f.wheel = 0.055, 0.42, 0.24, 0.12, 1.08, 0.35
	case City:
		f.tyre, seatTube, post, steer, base = 0.036, 0.48, 0.17, 0.19, 1.06
	case BMX:
		f.wheel, f.tyre, seatTube, post, steer, base = 0.255, 0.042, 0.27, 0.1, 0.11, 0.94
	}
	f.rear, f.front = P(0, f.wheel), P(base, f.wheel)
	f.bottom = P(0.43, f.wheel-0.06)
	up := P(-math.Cos(73*math.Pi/180), math.Sin(73*math.Pi/180))
	f.seat = f.bottom.add(up.times(seatTube))
	f.saddle = f.seat.add(up.times(post))
	axis := P(-math.Cos(71.5*math.Pi/180), math.Sin(71.5*math.Pi/180))
	f.crown = f.front.add(P(-0.042, 0)).add(axis.times(f.wheel + f.tyre + 0.03))
	if style == Mountain {
		f.crown = f.crown.add(axis.times(0.06))
	}
	f.head = f.crown.add(axis.times(steer))
	f.stem = f.head.add(axis.times(0.07))
	return f
}

// Bicycle paints b with its rear wheel standing on scene point (0, 0).
func Bicycle(c *Canvas, b Bike) {
	f := frameOf(b.Style)
	if b.Rider != nil {
		b.Rider.farSide(c, f.saddle, f.bottom, b.handle(f))
	}
	crank := P(0.155, -0.06)
	c.Fill(Line(0.02, f.bottom, f.bottom.sub(crank)), Material{Color: Hex(0x55585c), Bevel: 0.006})
	c.Fill(Line(0.03, f.bottom.sub(crank).add(P(-0.05, 0)), f.bottom.sub(crank).add(P(0.05, 0))), Material{Color: Hex(0x222326)})
	for i, hub := range []Point{f.rear, f.front} {
		b.wheel(f, hub, float64(i)).draw(c)
	}
	if b.Style == City {
		b.mudguards(c, f)
	}
	b.drivetrain(c, f, crank)
	b.tubes(c, f)
	b.seat(c, f)
	b.bar(c, f)
	b.extras(c, f)
	if b.Rider != nil {
		b.Rider.nearSide(c, f.saddle, f.bottom.add(crank), b.handle(f))
	}
}

func (b Bike) wheel(f bikeFrame, hub Point, phase float64) spokedWheel {
	w := spokedWheel{
		hub: hub, radius: f.wheel, tyre: f.tyre, rim: 0.018, spokes: 32, spokeWidth: 0.0042, hubRadius: 0.026,
		tyreColor: b.Tyre, wall: b.Wall, rimColor: Hex(0xb6babf), spokeColor: Hex(0xb9bdc1), phase: 0.1 + phase,
		crossed: true, withReflect: b.Style == City,
	}
	if b.Style == Mountain {
		w.knobs, w.discRadius = true, 0.085
		w.rimColor, w.spokeColor = Hex(0x2c2e31), Hex(0x6d7176)
	}
	return w
}

func (b Bike) tubes(c *Canvas, f bikeFrame) {
	paint := Material{Color: b.Frame, Bevel: 0.009, Gloss: 0.7}
	thin := Join(Line(0.018, f.rear, f.bottom), Line(0.016, f.rear, f.seat.along(f.bottom, 0.06)))
	c.Fill(thin, paint)
	fork := Join(Curve(0.024, f.crown, f.crown.along(f.front, 0.5).add(P(-0.008, 0)), f.front))
	if b.Style == Mountain {
		legs := f.crown.along(f.front, 0.42)
		c.Fill(Line(0.032, f.crown, legs), Material{Color: Hex(0xd8dadd), Chrome: true, Bevel: 0.012})
		fork = Line(0.046, legs, f.front)
		c.Fill(fork, Material{Color: Hex(0x232528), Bevel: 0.014, Gloss: 0.5})
	} else {
		c.Fill(fork, paint)
	}
	width := 0.034
	if b.Style == Mountain || b.Style == BMX {
		width = 0.046
	}
	down := f.crown.along(f.head, 0.2)
	c.Fill(Line(width, f.bottom, down), paint)
	c.Fill(Line(0.033, f.bottom, f.seat), paint)
	if b.Style == City {
		// A low entry: the upper tube sweeps down beside the lower one.
		c.Fill(Curve(0.03, f.head, f.bottom.along(f.head, 0.5).add(P(0.03, 0.07)), f.bottom.along(f.seat, 0.35)), paint)
	} else {
		c.Fill(Line(width*0.9, f.seat.along(f.bottom, 0.04), f.head.along(f.crown, 0.15)), paint)
	}
	c.Fill(Line(0.042, f.crown, f.head), paint)
	c.Fill(Disc(f.bottom, 0.03), paint)
}

func (b Bike) drivetrain(c *Canvas, f bikeFrame, crank Point) {
	ring := 0.095
	if b.Style == BMX {
		ring = 0.07
	}
	chain := Join(
		Line(0.012, f.rear.add(P(0, 0.035)), f.bottom.add(P(0, ring))),
		Line(0.012, f.rear.add(P(0, -0.035)), f.bottom.add(P(0, -ring))))
	c.Fill(chain, Material{Color: Hex(0x46423c)})
	c.Fill(Ring(f.rear, 0.045, 0.02), Material{Color: Hex(0x77797c), Bevel: 0.008})
	c.Fill(Ring(f.bottom, ring, ring-0.022), Material{Color: Hex(0x8b8e92), Bevel: 0.005, Gloss: 0.6})
	for i := range 5 {
		c.Fill(Line(0.014, f.bottom, polar(f.bottom, ring-0.015, float64(i)*2*math.Pi/5)), Material{Color: Hex(0x9a9da1)})
	}
	c.Fill(Line(0.024, f.bottom, f.bottom.add(crank)), Material{Color: Hex(0xb1b4b8), Bevel: 0.007, Gloss: 0.8})
	pedal := f.bottom.add(crank)
	c.Fill(Line(0.028, pedal.add(P(-0.05, 0)), pedal.add(P(0.05, 0))), Material{Color: Hex(0x1e1f22), Bevel: 0.006})
	if b.Style == Road || b.Style == Mountain {
		arm := f.rear.add(P(0.02, -0.1))
		c.Fill(Join(Line(0.014, f.rear, arm), Disc(arm, 0.02)), Material{Color: Hex(0x4a4c50), Bevel: 0.006})
	}
}
