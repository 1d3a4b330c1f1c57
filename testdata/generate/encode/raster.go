// Package encode writes pictures in every format and colour type that the fixtures need, also where Go's
// own encoders have no switch for it: interlaced and 1-bit PNG, JPEG of any sampling, progressive or in
// four inks, TIFF in tiles or with LZW, BMP in four kinds.
//
// Bytes depend on nothing but the arguments: the arithmetic is in integers, and the deflate
// implementation is a pinned module, because the standard library's may change with a Go release.
package encode

import (
	"fmt"
	"slices"
)

// Raster is a picture as samples: W·H pixels of Channels values, row by row; Depth is 8, or 16 with the
// high byte first.
type Raster struct {
	W, H, Channels, Depth int
	Pix                   []uint8
}

// RGB returns three channels of red, green and blue.
func RGB(w, h int, rgb []uint8) Raster { return Raster{w, h, 3, 8, rgb} }

// Grey returns one channel of luminance, with the weights of ITU-R BT.601 in 16-bit fixed point.
func (r Raster) Grey() Raster {
	out := Raster{r.W, r.H, 1, 8, make([]uint8, r.W*r.H)}
	for i := range out.Pix {
		out.Pix[i] = luma(r.Pix[r.Channels*i:])
	}
	return out
}

func luma(p []uint8) uint8 {
	return uint8((19595*uint32(p[0]) + 38470*uint32(p[1]) + 7471*uint32(p[2]) + 1<<15) >> 16)
}

// WithAlpha returns r with one more channel.
func (r Raster) WithAlpha(alpha []uint8) Raster {
	out := Raster{r.W, r.H, r.Channels + 1, 8, make([]uint8, 0, len(r.Pix)+len(alpha))}
	for i, a := range alpha {
		out.Pix = append(out.Pix, r.Pix[i*r.Channels:(i+1)*r.Channels]...)
		out.Pix = append(out.Pix, a)
	}
	return out
}

// Deep returns r with 16 bits a sample. The high byte is the 8-bit value and the low byte is not its copy,
// so that a reader that rounds is told from one that cuts.
func (r Raster) Deep() Raster {
	out := Raster{r.W, r.H, r.Channels, 16, make([]uint8, 2*len(r.Pix))}
	for i, v := range r.Pix {
		x, y := i/r.Channels%r.W, i/r.Channels/r.W
		out.Pix[2*i], out.Pix[2*i+1] = v, uint8(int(v)*3+2*x+3*y)
	}
	return out
}

// Oriented returns the picture as a camera held in EXIF orientation o (1 to 8) stores it: a reader that
// applies the orientation sees r again.
func (r Raster) Oriented(o int) Raster {
	out := r
	if o >= 5 {
		out.W, out.H = r.H, r.W
	}
	size := r.Channels * r.Depth / 8
	out.Pix = make([]uint8, 0, len(r.Pix))
	for sy := range out.H {
		for sx := range out.W {
			var x, y int
			switch o {
			case 2:
				x, y = r.W-1-sx, sy
			case 3:
				x, y = r.W-1-sx, r.H-1-sy
			case 4:
				x, y = sx, r.H-1-sy
			case 5:
				x, y = sy, sx
			case 6:
				x, y = r.W-1-sy, sx
			case 7:
				x, y = r.W-1-sy, r.H-1-sx
			case 8:
				x, y = sy, r.H-1-sx
			default:
				x, y = sx, sy
			}
			at := (y*r.W + x) * size
			out.Pix = append(out.Pix, r.Pix[at:at+size]...)
		}
	}
	return out
}

func (r Raster) row(y int) []uint8 {
	n := r.W * r.Channels * r.Depth / 8
	return r.Pix[y*n : (y+1)*n]
}

func (r Raster) check(channels ...int) error {
	if slices.Contains(channels, r.Channels) {
		return nil
	}
	return fmt.Errorf("a picture of %d channels does not fit this format", r.Channels)
}
