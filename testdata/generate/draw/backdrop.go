package draw

import "math"

// Place is a kind of surroundings.
type Place int

// The kinds of surroundings.
const (
	Studio  Place = iota // even, light, as in a catalogue
	Street               // sky, far trees, asphalt
	Meadow               // trees and grass
	Bricks               // a brick wall and a pavement
	Plaster              // a plain wall and a floor
	Beach                // sky, sea, sand
	Night                // dark, with a lamp's glow
)

// Backdrop is the surroundings of a vehicle.
type Backdrop struct {
	Place Place
	Tint  RGB // of the wall or the studio; zero = the place's usual colour
	Seed  uint64
}

// Paint covers the canvas. The ground begins at the horizon, a little above the wheels' contact.
func (b Backdrop) Paint(c *Canvas) {
	h := float64(c.H)
	// Sizes of things behind are measured in metres of the scene, so that a picture's size does not matter.
	m := c.View.Scale
	horizon := c.View.Y - 0.42*m
	tint := func(usual uint32) RGB {
		if b.Tint != (RGB{}) {
			return b.Tint
		}
		return Hex(usual)
	}
	at := func(x, y int) (float64, float64) {
		return (float64(x) - c.View.X) / m, (float64(y) - horizon) / m
	}
	switch b.Place {
	case Street:
		c.Each(func(x, y int) RGB {
			u, v := at(x, y)
			if v > 0 {
				return b.ground(u, v, h/m, Hex(0x8b8a88), Hex(0x6e6d6b), 40)
			}
			return b.trees(u, v, b.sky(u, v), Hex(0x4c5f3c), 0.45)
		})
	case Meadow:
		c.Each(func(x, y int) RGB {
			u, v := at(x, y)
			if v > 0 {
				return b.grass(u, v)
			}
			return b.trees(u, v, b.sky(u, v), Hex(0x2f4a26), 1.1)
		})
	case Bricks:
		c.Each(func(x, y int) RGB {
			u, v := at(x, y)
			if v > 0 {
				return b.ground(u, v, h/m, Hex(0xaaa69e), Hex(0x8f8b84), 25)
			}
			return b.brick(u, v, tint(0x9a4b36))
		})
	case Plaster:
		c.Each(func(x, y int) RGB {
			u, v := at(x, y)
			if v > 0 {
				return b.ground(u, v, h/m, Hex(0x9c9287), Hex(0x857b70), 12)
			}
			n := fractal(b.Seed, u*2, v*2)
			return tint(0xc9c2b0).times(0.86 + 0.2*n + 0.04*u)
		})
	case Beach:
		c.Each(func(x, y int) RGB {
			u, v := at(x, y)
			switch {
			case v > 0:
				return b.ground(u, v, h/m, Hex(0xe0cfa6), Hex(0xc9b48a), 60)
			case v > -0.22:
				return Hex(0x3f7f9c).mix(Hex(0xbfe0e6), smooth(fractal(b.Seed+5, u*3, v*40)-0.2)*0.6)
			default:
				return b.sky(u, v)
			}
		})
	case Night:
		c.Each(func(x, y int) RGB {
			u, v := at(x, y)
			glow := math.Exp(-(u-0.4)*(u-0.4)*0.6 - (v-0.2)*(v-0.2)*0.8)
			n := fractal(b.Seed, u*1.5, v*1.5)
			return Hex(0x14161c).mix(Hex(0x6c6558), glow*(0.55+0.3*n))
		})
	default:
		c.Each(func(x, y int) RGB {
			_, v := at(x, y)
			return tint(0xf7f7f6).times(1 - 0.09*smooth((v+0.1)/0.5) + 0.03*smooth(v/1.2))
		})
	}
}

func (b Backdrop) sky(u, v float64) RGB {
	s := Hex(0xdfe9ef).mix(Hex(0x7fa9d6), smooth(-v/1.8))
	return s.mix(Hex(0xffffff), 0.8*smooth((fractal(b.Seed+1, u*0.7, v*1.5)-0.45)*3))
}

// trees paints foliage below an uneven edge about height metres over the horizon.
func (b Backdrop) trees(u, v float64, sky, leaf RGB, height float64) RGB {
	edge := -height * (0.55 + 0.9*fractal(b.Seed+2, u*1.3, 0.5))
	leaves := leaf.times(0.55 + 0.95*fractal(b.Seed+3, u*5, v*5))
	// The distance is out of focus: the edge is soft.
	return sky.mix(leaves, smooth((v-edge)/0.12+0.5))
}

func (b Backdrop) ground(u, v, depth float64, far, near RGB, grain float64) RGB {
	n := fractal(b.Seed+4, u*2, v*4)
	g := clouds(b.Seed+6, u*grain, v*grain)
	return far.mix(near, min(1, v/max(depth*0.3, 0.1))).times(0.9 + 0.14*n + 0.1*(g-0.5))
}

func (b Backdrop) grass(u, v float64) RGB {
	blades := clouds(b.Seed+7, u*45, v*14)*0.6 + fractal(b.Seed+8, u*4, v*4)*0.4
	return Hex(0x48702b).mix(Hex(0x9dbb5c), blades).times(0.8 + 0.3*smooth(v))
}

func (b Backdrop) brick(u, v float64, colour RGB) RGB {
	const height, width, mortar = 0.085, 0.26, 0.012
	row := math.Floor(v / height)
	shifted := u + 0.5*width*(row-2*math.Floor(row/2))
	column := math.Floor(shifted / width)
	if v-row*height < mortar || shifted-column*width < mortar {
		return Hex(0xb5aca0).times(0.85 + 0.2*clouds(b.Seed, u*20, v*20))
	}
	each := clouds(b.Seed+9, column*7.3, row*5.1)
	return colour.times(0.78 + 0.4*each + 0.12*(clouds(b.Seed, u*30, v*30)-0.5))
}

// Shadow darkens the ground under a vehicle that reaches from x0 to x1.
func Shadow(c *Canvas, x0, x1, strength float64) {
	mid, half := (x0+x1)/2, (x1-x0)/2
	c.Shade(Ellipse(P(mid+0.06, 0.0), half*0.98, 0.075), Material{Color: Hex(0x14161a), Clear: 1 - 0.5*strength, Soft: 0.06})
	c.Shade(Ellipse(P(mid, 0.005), half*0.9, 0.03), Material{Color: Hex(0x0c0d10), Clear: 1 - 0.45*strength, Soft: 0.025})
}
