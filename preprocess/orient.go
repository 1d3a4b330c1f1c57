package preprocess

import (
	"image"

	"github.com/disintegration/imaging"
)

// orient turns the picture upright, as Pillow's ImageOps.exif_transpose does. The orientation is EXIF's tag 274: 2 is mirrored,
// 3 upside down, 4 both, 5 to 8 the same four on their side.
func orient(pic *Picture, orientation int) {
	var turn func(image.Image) *image.NRGBA
	switch orientation {
	case 2:
		turn = imaging.FlipH
	case 3:
		turn = imaging.Rotate180
	case 4:
		turn = imaging.FlipV
	case 5:
		turn = imaging.Transpose
	case 6:
		turn = imaging.Rotate270 // counter-clockwise, so a quarter turn clockwise
	case 7:
		turn = imaging.Transverse
	case 8:
		turn = imaging.Rotate90
	default:
		return
	}
	turned := turn(asImage(pic))
	pic.Width, pic.Height = turned.Rect.Dx(), turned.Rect.Dy()
	for y := range pic.Height {
		from := turned.Pix[y*turned.Stride:][:4*pic.Width]
		to := pic.Pix[y*pic.Width*pic.Channels:]
		for x := 0; len(from) >= 4; x, from = x+pic.Channels, from[4:] {
			copy(to[x:x+pic.Channels], from)
		}
	}
}

// asImage shows the picture to package imaging: opaque, so that nothing can be premultiplied.
func asImage(pic *Picture) image.Image {
	rect := image.Rect(0, 0, pic.Width, pic.Height)
	if pic.Channels == 1 {
		return &image.Gray{Pix: pic.Pix, Stride: pic.Width, Rect: rect}
	}
	out := image.NewNRGBA(rect)
	from, to := pic.Pix, out.Pix
	for len(from) >= 3 && len(to) >= 4 {
		to[0], to[1], to[2], to[3] = from[0], from[1], from[2], 0xff
		from, to = from[3:], to[4:]
	}
	return out
}
