package preprocess

import (
	"image"
	"image/color"
)

// The conversions of Pillow's convert("RGB") and convert("L"). Alpha is dropped: the colour under it is taken as it is stored.

// luma is Pillow's grey of a colour (L24 in Convert.c): ITU-R 601 weights in 16-bit fixed point, rounded.
func luma(r, g, b uint8) uint8 {
	return uint8((uint32(r)*19595 + uint32(g)*38470 + uint32(b)*7471 + 0x8000) >> 16)
}

// clip16 is Pillow's 8-bit value of a 16-bit grey sample (mode I;16): everything above 255 is white.
func clip16(v uint16) uint8 {
	return uint8(min(v, 255))
}

// reset gives the picture a size and room for its samples, whose values are left as they were.
func (p *Picture) reset(width, height, channels int) {
	n := width * height * channels
	if cap(p.Pix) < n {
		p.Pix = make([]uint8, n)
	}
	*p = Picture{Width: width, Height: height, Channels: channels, Pix: p.Pix[:n], SourceWidth: width, SourceHeight: height}
}

// row returns the samples of row y.
func (p *Picture) row(y int) []uint8 {
	n := p.Width * p.Channels
	return p.Pix[y*n : (y+1)*n : (y+1)*n]
}

// setRGB writes one pixel at the start of to and returns what follows it.
func (p *Picture) setRGB(to []uint8, r, g, b uint8) []uint8 {
	if p.Channels == 1 {
		to[0] = luma(r, g, b)
		return to[1:]
	}
	to[0], to[1], to[2] = r, g, b
	return to[3:]
}

// setGrey writes one grey pixel at the start of to and returns what follows it.
func (p *Picture) setGrey(to []uint8, v uint8) []uint8 {
	if p.Channels == 1 {
		to[0] = v
		return to[1:]
	}
	to[0], to[1], to[2] = v, v, v
	return to[3:]
}

// fromImage converts what a decoder of package image gave; wide16 says that it is Pillow's mode I;16, which clips, and not one
// of several channels, where the upper byte is taken. It reports false for a type that no decoder used here returns.
func (p *Picture) fromImage(img image.Image, channels int, wide16 bool) bool {
	size := img.Bounds().Size()
	p.reset(size.X, size.Y, channels)
	switch img := img.(type) {
	case *image.Gray:
		for y := range size.Y {
			p.greyRow(p.row(y), img.Pix[y*img.Stride:][:size.X])
		}
	case *image.Gray16:
		for y := range size.Y {
			to := p.row(y)
			for from := img.Pix[y*img.Stride:][:2*size.X]; len(from) >= 2; from = from[2:] {
				to = p.setGrey(to, clip16(uint16(from[0])<<8|uint16(from[1])))
			}
		}
	case *image.RGBA:
		p.fromFour(img.Pix, img.Stride)
	case *image.NRGBA:
		p.fromFour(img.Pix, img.Stride)
	case *image.RGBA64:
		p.fromEight(img.Pix, img.Stride, wide16)
	case *image.NRGBA64:
		p.fromEight(img.Pix, img.Stride, wide16)
	case *image.Paletted:
		colours := paletteRGB(img.Palette)
		for y := range size.Y {
			p.paletteRow(p.row(y), img.Pix[y*img.Stride:][:size.X], &colours)
		}
	default:
		return false
	}
	return true
}

// greyRow copies a row of 8-bit grey.
func (p *Picture) greyRow(to, from []uint8) {
	if p.Channels == 1 {
		copy(to, from)
		return
	}
	for _, v := range from {
		to = p.setGrey(to, v)
	}
}

// fromFour takes the first three of four 8-bit samples a pixel.
func (p *Picture) fromFour(pix []uint8, stride int) {
	for y := range p.Height {
		to := p.row(y)
		for from := pix[y*stride:][:4*p.Width]; len(from) >= 4; from = from[4:] {
			to = p.setRGB(to, from[0], from[1], from[2])
		}
	}
}

// fromEight takes the first three of four 16-bit samples a pixel, or the first alone when they are a grey of mode I;16.
func (p *Picture) fromEight(pix []uint8, stride int, wide16 bool) {
	for y := range p.Height {
		to := p.row(y)
		for from := pix[y*stride:][:8*p.Width]; len(from) >= 8; from = from[8:] {
			if wide16 {
				to = p.setGrey(to, clip16(uint16(from[0])<<8|uint16(from[1])))
			} else {
				to = p.setRGB(to, from[0], from[2], from[4])
			}
		}
	}
}

// paletteRGB takes the colours without their alpha; indices beyond the palette are black, as in Pillow.
func paletteRGB(palette color.Palette) (colours [256][3]uint8) {
	for i, c := range palette[:min(len(palette), 256)] {
		switch c := c.(type) {
		case color.RGBA:
			colours[i] = [3]uint8{c.R, c.G, c.B}
		case color.NRGBA:
			colours[i] = [3]uint8{c.R, c.G, c.B}
		case color.RGBA64: // TIFF's 16-bit colour maps
			colours[i] = [3]uint8{uint8(c.R >> 8), uint8(c.G >> 8), uint8(c.B >> 8)}
		}
	}
	return colours
}

// paletteRow looks a row of indices up.
func (p *Picture) paletteRow(to, from []uint8, colours *[256][3]uint8) {
	for _, index := range from {
		c := &colours[index]
		to = p.setRGB(to, c[0], c[1], c[2])
	}
}
