package preprocess

import "image"

// fromWebP converts lossy WebP's 4:2:0 planes to colours exactly as libwebp does with its default "fancy" upsampling, which
// package image replaces by the nearest chroma sample and JPEG's colour equations.
func (p *Picture) fromWebP(img *image.YCbCr, channels int) {
	size := img.Rect.Size()
	p.reset(size.X, size.Y, channels)
	across, down := (size.X+1)/2, (size.Y+1)/2
	for y := range size.Y {
		near := y / 2
		far := min(max(near-1+2*(y%2), 0), down-1) // the row above for even rows, below for odd ones
		cb := chromaRows{img.Cb[near*img.CStride:][:across], img.Cb[far*img.CStride:][:across]}
		cr := chromaRows{img.Cr[near*img.CStride:][:across], img.Cr[far*img.CStride:][:across]}
		to := p.row(y)
		for x, luma := range img.Y[y*img.YStride:][:size.X] {
			r, g, b := webpColour(int32(luma), cb.at(x, size.X), cr.at(x, size.X))
			to = p.setRGB(to, r, g, b)
		}
	}
}

// chromaRows are the chroma row of a luma row and the next nearest one.
type chromaRows struct{ near, far []uint8 }

// at interpolates the chroma of column x with the weights 9, 3, 3 and 1, in libwebp's two roundings: first half of the way along
// a diagonal, then to the near sample. At the left and right edge there is no second column.
func (c chromaRows) at(x, width int) int32 {
	near := x / 2
	if x == 0 || x == width-1 && width%2 == 0 {
		return (3*int32(c.near[near]) + int32(c.far[near]) + 2) >> 2
	}
	side := near - 1 + 2*(x%2)
	a, b := int32(c.near[near]), int32(c.near[side])
	d, e := int32(c.far[near]), int32(c.far[side])
	return ((a+3*b+3*d+e+8)>>3 + a) >> 1
}

// webpColour is libwebp's conversion of limited-range BT.601 (dsp/yuv.h), in fixed point with 14 fractional bits of which 8 are
// dropped at the multiplications.
func webpColour(y, u, v int32) (r, g, b uint8) {
	y = y * 19077 >> 8
	return clip6(y + v*26149>>8 - 14234),
		clip6(y - u*6419>>8 - v*13320>>8 + 8708),
		clip6(y + u*33050>>8 - 17685)
}

// clip6 drops 6 fractional bits and keeps the result within a byte.
func clip6(v int32) uint8 {
	return uint8(min(max(v>>6, 0), 255))
}
