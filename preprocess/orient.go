package preprocess

import (
	"encoding/binary"
	"image"
	"sync"

	"github.com/disintegration/imaging"
)

// turns are what makes pictures upright, by EXIF orientation (tag 274): 2 is mirrored, 3 upside down, 4 both, 5 to 8 the same four on
// their side.
var turns = map[int]func(image.Image) *image.NRGBA{
	2: imaging.FlipH,
	3: imaging.Rotate180,
	4: imaging.FlipV,
	5: imaging.Transpose,
	6: imaging.Rotate270, // counter-clockwise, so a quarter turn clockwise
	7: imaging.Transverse,
	8: imaging.Rotate90,
}

// bandPixels is about the number of pixels that are turned at a time. Package imaging takes 4 bytes for each of them, twice: for
// a whole picture of 12 megapixels that would be 96 MB.
const bandPixels = 1 << 17

// turned holds samples for the upright picture; those of the lying one take their place.
var turned = sync.Pool{New: func() any { return new([]uint8) }}

// orient turns the picture upright, as Pillow's ImageOps.exif_transpose does.
func orient(pic *Picture, orientation int) {
	turn := turns[orientation]
	if turn == nil {
		return
	}
	_, back, side := mirrors(orientation) // back: the first row becomes the last row or column
	spare := turned.Get().(*[]uint8)
	defer turned.Put(spare)
	upright := *pic
	upright.Pix = sized(*spare, len(pic.Pix))
	if side {
		upright.Width, upright.Height = pic.Height, pic.Width
	}
	var band image.NRGBA
	rows := max(bandPixels/pic.Width, 1)
	for first := 0; first < pic.Height; first += rows {
		n := min(rows, pic.Height-first)
		x, y := 0, first
		if back {
			y = pic.Height - first - n
		}
		if side {
			x, y = y, 0
		}
		upright.put(turn(asImage(&band, pic, first, n)), x, y)
	}
	*spare = pic.Pix
	*pic = upright
}

// asImage shows n rows of the picture to package imaging: opaque, so that nothing can be premultiplied. Band is room for them.
func asImage(band *image.NRGBA, pic *Picture, first, n int) image.Image {
	rect := image.Rect(0, 0, pic.Width, n)
	from := pic.Pix[first*pic.Width*pic.Channels:][:n*pic.Width*pic.Channels]
	if pic.Channels == 1 {
		return &image.Gray{Pix: from, Stride: pic.Width, Rect: rect}
	}
	*band = image.NRGBA{Pix: sized(band.Pix, 4*n*pic.Width), Stride: 4 * pic.Width, Rect: rect}
	to := band.Pix
	for ; len(from) >= 4 && len(to) >= 4; from, to = from[3:], to[4:] {
		binary.LittleEndian.PutUint32(to, binary.LittleEndian.Uint32(from)|0xff<<24)
	}
	to[0], to[1], to[2], to[3] = from[0], from[1], from[2], 0xff
	return band
}

// put copies the image into the picture, its corner to column x and row y.
func (p *Picture) put(img *image.NRGBA, x, y int) {
	for k := range img.Rect.Dy() {
		from := img.Pix[k*img.Stride:][:4*img.Rect.Dx()]
		to := p.row(y + k)[x*p.Channels:]
		if p.Channels == 1 {
			for ; len(from) >= 4 && len(to) >= 1; from, to = from[4:], to[1:] {
				to[0] = from[0]
			}
			continue
		}
		for ; len(from) > 4 && len(to) > 4; from, to = from[4:], to[3:] { // the fourth byte is the next pixel's
			binary.LittleEndian.PutUint32(to, binary.LittleEndian.Uint32(from))
		}
		to[0], to[1], to[2] = from[0], from[1], from[2]
	}
}
