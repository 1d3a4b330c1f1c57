package main

import "github.com/scones-unlimited/scones/testdata/generate/draw"

// shot is a scene put together word by word, so that a table of them reads as a list of photographs.
type shot struct{ draw.Scene }

func bike(style draw.BikeStyle, frame uint32) shot {
	return shot{draw.Scene{Shadow: 0.8, Bike: &draw.Bike{
		Style: style, Frame: draw.Hex(frame), Tyre: draw.Hex(0x1c1c1e), Saddle: draw.Hex(0x241d18),
	}}}
}

func moto(style draw.MotoStyle, body, accent uint32) shot {
	return shot{draw.Scene{Shadow: 0.9, Moto: &draw.Moto{
		Style: style, Body: draw.Hex(body), Accent: draw.Hex(accent), Rims: draw.Hex(0x9a9da1), Seat: draw.Hex(0x1f1f21),
	}}}
}

// in puts the vehicle before a backdrop; the seed decides its clouds, leaves and stains, and the noise.
func (s shot) in(place draw.Place, seed uint64) shot {
	s.Backdrop = draw.Backdrop{Place: place, Seed: seed}
	s.Camera.Seed = seed
	return s
}

// tint colours the wall or the studio.
func (s shot) tint(colour uint32) shot {
	s.Backdrop.Tint = draw.Hex(colour)
	return s
}

func (s shot) size(w, h int) shot {
	s.Camera.Width, s.Camera.Height = w, h
	return s
}

func (s shot) blur(sigma float64) shot {
	s.Camera.Blur = sigma
	return s
}

func (s shot) noise(sigma float64) shot {
	s.Camera.Noise = sigma
	return s
}

// light sets exposure, warmth and the darkening of corners.
func (s shot) light(exposure, warmth, vignette float64) shot {
	s.Camera.Exposure, s.Camera.Warmth, s.Camera.Vignette = exposure, warmth, vignette
	return s
}

// left makes the vehicle drive to the left.
func (s shot) left() shot {
	s.Mirrored = true
	return s
}

// angle shortens the vehicle as seen from a little before it, and rolls the camera.
func (s shot) angle(yaw, tilt float64) shot {
	s.Yaw, s.Tilt = yaw, tilt
	return s
}

func (s shot) fill(part float64) shot {
	s.Fill = part
	return s
}

// extras gives a bicycle a basket or a bottle, a motorcycle bags.
func (s shot) basket() shot { s.Bike.Basket = true; return s }
func (s shot) bottle() shot { s.Bike.Bottle = true; return s }
func (s shot) bags() shot   { s.Moto.Bags = true; return s }

// parts colours tyre walls and saddle, or rims and seat.
func (s shot) parts(wheels, seat uint32) shot {
	if s.Bike != nil {
		s.Bike.Wall, s.Bike.Saddle = draw.Hex(wheels), draw.Hex(seat)
	} else {
		s.Moto.Rims, s.Moto.Seat = draw.Hex(wheels), draw.Hex(seat)
	}
	return s
}

// ridden puts a person on the saddle.
func (s shot) ridden(top, trousers, helmet uint32, upright float64) shot {
	r := &draw.Rider{
		Top: draw.Hex(top), Trousers: draw.Hex(trousers), Helmet: draw.Hex(helmet),
		Skin: draw.Hex(0xc98f6b), Shoes: draw.Hex(0x1d1d20), Upright: upright,
	}
	if s.Bike != nil {
		s.Bike.Rider = r
	} else {
		r.Skin = draw.Hex(0x1c1c1e) // gloves and collar
		s.Moto.Rider = r
	}
	return s
}
