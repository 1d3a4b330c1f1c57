package draw

import "math"

// Scene is a picture before it is drawn: one vehicle, where it stands, and who looks.
type Scene struct {
	Bike     *Bike // either this
	Moto     *Moto // or this
	Backdrop Backdrop
	Camera   Camera
	Shadow   float64 // strength of the shadow, 0 to 1
	Fill     float64 // part of the picture that the vehicle spans, 0 = 0.88
	Yaw      float64 // see [View]; 0 = 1
	Tilt     float64
	Mirrored bool
}

// workingSide is about how many pixels the longer side of the canvas has: much more than a small
// picture's, so that spokes are thin as in a photograph that was shrunk, and less than a large one's,
// because a lens is not that sharp.
const workingSide = 900

// Draw paints the scene and takes its picture.
func (s Scene) Draw() *Picture {
	zoom := workingSide / float64(max(s.Camera.Width, s.Camera.Height))
	switch {
	case zoom >= 1:
		zoom = math.Ceil(zoom)
	case zoom > 0.5:
		zoom = 1
	default:
		zoom = 0.5
	}
	c := NewCanvas(int(zoom*float64(s.Camera.Width)), int(zoom*float64(s.Camera.Height)))
	x0, x1, top := s.extent()
	yaw, fill := s.Yaw, s.Fill
	if yaw == 0 {
		yaw = 1
	}
	if fill == 0 {
		fill = 0.88
	}
	scale := min(fill*float64(c.W)/((x1-x0)*yaw), fill*float64(c.H)/(top+0.08))
	mid := (x0 + x1) / 2 * scale * yaw
	if s.Mirrored {
		mid = -mid
	}
	c.View = View{
		Scale: scale, Yaw: yaw, Tilt: s.Tilt, Mirrored: s.Mirrored,
		X: float64(c.W)/2 - mid,
		// What is left of the height goes to two thirds above the vehicle, one third below.
		Y: float64(c.H) - (float64(c.H)-top*scale)*0.38,
	}
	s.Backdrop.Paint(c)
	if s.Shadow > 0 {
		Shadow(c, x0+0.1, x1-0.1, s.Shadow)
	}
	if s.Bike != nil {
		Bicycle(c, *s.Bike)
	} else {
		Motorcycle(c, *s.Moto)
	}
	return s.Camera.Take(c)
}

// extent returns how far the vehicle reaches, in metres: back, front, top.
func (s Scene) extent() (x0, x1, top float64) {
	if b := s.Bike; b != nil {
		f := frameOf(b.Style)
		x0, x1, top = -f.wheel-0.03, f.front.X+f.wheel+0.03, max(f.saddle.Y, b.handle(f).Y)+0.06
		if b.Rider != nil {
			top = f.saddle.Y + 0.8
		}
		return x0, x1, top
	}
	f := frameOfMoto(s.Moto.Style)
	x0, x1, top = -0.42, f.front.X+f.frontWheel+0.04, f.bar.Y+0.12
	if s.Moto.Rider != nil {
		top = f.seat.Y + 0.78
	}
	return x0, x1, top
}
