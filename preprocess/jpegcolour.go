package preprocess

import "image"

// libjpeg's conversions from the planes of a JPEG to colours, which Pillow uses. Package image takes the nearest chroma sample and
// other fixed-point constants; here only the inverse cosine transform is Go's.

// fromJPEG converts the planes of a three-channel file.
func (p *Picture) fromJPEG(img *image.YCbCr, channels int) {
	size := img.Rect.Size()
	p.reset(size.X, size.Y, channels)
	up := newUpsampler(img)
	for y := range size.Y {
		cb, cr := up.row(y)
		p.ycbcrRow(p.row(y), img.Y[y*img.YStride:][:size.X], cb, cr)
	}
}

// The constants of jdcolor.c: 1.402, 1.772, 0.71414 and 0.34414 with 16 fractional bits.
const (
	crToRed   = 91881
	cbToBlue  = 116130
	crToGreen = 46802
	cbToGreen = 22554
	half16    = 1 << 15
)

// ycbcr is jdcolor.c's ycc_rgb_convert for one pixel.
func ycbcr(luma, blue, red uint8) (r, g, b uint8) {
	y, cb, cr := int32(luma), int32(blue)-128, int32(red)-128
	return clip8(y + (crToRed*cr+half16)>>16),
		clip8(y + (half16-cbToGreen*cb-crToGreen*cr)>>16),
		clip8(y + (cbToBlue*cb+half16)>>16)
}

// clip8 keeps a value within a byte.
func clip8(v int32) uint8 {
	if uint32(v) > 255 {
		return uint8(^(v >> 31)) // 0 below, 255 above
	}
	return uint8(v)
}

// ycbcrRow converts one row.
func (p *Picture) ycbcrRow(to, luma, cb, cr []uint8) {
	cb, cr = cb[:len(luma)], cr[:len(luma)]
	if p.Channels == 1 {
		for x, y := range luma {
			r, g, b := ycbcr(y, cb[x], cr[x])
			to = p.setRGB(to, r, g, b)
		}
		return
	}
	for x, v := range luma {
		if len(to) < 3 {
			return
		}
		// ycbcr once more, which the compiler finds too long to inline; half of the conversion's time went into the calls.
		y, blue, red := int32(v), int32(cb[x])-128, int32(cr[x])-128
		to[0] = clip8(y + (crToRed*red+half16)>>16)
		to[1] = clip8(y + (half16-cbToGreen*blue-crToGreen*red)>>16)
		to[2] = clip8(y + (cbToBlue*blue+half16)>>16)
		to = to[3:]
	}
}

// fromInk converts a four-channel file, of which img holds every stored channel inverted. Pillow takes all of them for Adobe's
// inverted CMYK (rawmode "CMYK;I"), after libjpeg has turned YCCK into CMYK.
func (p *Picture) fromInk(img *image.CMYK, l *jpegLayout, channels int) {
	size := img.Rect.Size()
	p.reset(size.X, size.Y, channels)
	planes := inkPlanes(img, l)
	up := newUpsampler(planes)
	yccK := l.adobeAt > 0 && l.transform != 0
	for y := range size.Y {
		second, third := up.row(y)
		first, key := planes.Y[y*planes.YStride:][:size.X], img.Pix[y*img.Stride:][:4*size.X]
		to := p.row(y)
		for x := range size.X {
			c, m, ye := 255-first[x], 255-second[x], 255-third[x]
			if yccK {
				// libjpeg takes the complement of RGB for CMY, and Pillow the complement of that.
				c, m, ye = ycbcr(first[x], second[x], third[x])
			}
			to = p.setInk(to, c, m, ye, key[4*x+3])
		}
	}
}

// inkPlanes takes the first three channels apart and undoes their inversion. Subsampled ones were doubled in both directions.
func inkPlanes(img *image.CMYK, l *jpegLayout) *image.YCbCr {
	ratio := image.YCbCrSubsampleRatio444
	step := 1
	if l.subsampled {
		ratio = image.YCbCrSubsampleRatio420
		step = 2
	}
	planes := image.NewYCbCr(img.Rect, ratio)
	size := img.Rect.Size()
	for y := range size.Y {
		from := img.Pix[y*img.Stride:][:4*size.X]
		for x := range size.X {
			planes.Y[y*planes.YStride+x] = 255 - from[4*x]
		}
		if y%step != 0 {
			continue
		}
		for x := 0; x < size.X; x += step {
			at := y/step*planes.CStride + x/step
			planes.Cb[at], planes.Cr[at] = 255-from[4*x+1], 255-from[4*x+2]
		}
	}
	return planes
}

// setInk writes Pillow's colour of CMYK (cmyk2rgb in Convert.c): each ink takes its share of what black leaves, rounded as
// MULDIV255 rounds.
func (p *Picture) setInk(to []uint8, c, m, y, k uint8) []uint8 {
	left := 255 - int32(k)
	tint := func(ink uint8) uint8 {
		t := int32(ink)*left + 128
		return clip8(left - (t>>8+t)>>8)
	}
	return p.setRGB(to, tint(c), tint(m), tint(y))
}
