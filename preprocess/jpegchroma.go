package preprocess

import "image"

// upsampler brings chroma planes to the size of the luma plane, row by row, as libjpeg does by default ("fancy upsampling" in
// jdsample.c): triangle filters for halved planes, repetition for all others.
type upsampler struct {
	img          *image.YCbCr
	width        int
	across, down int // size of a chroma plane
	perX, perY   int // luma samples for each chroma sample
	smooth       bool
	cb, cr       []uint8 // one row of output
	sums         []int32 // one row of vertically weighted chroma
}

// newUpsampler looks at the subsampling. The triangle filters of libjpeg need more than two samples a row, and rows of whole width
// only where the height is halved.
func newUpsampler(img *image.YCbCr) *upsampler {
	u := &upsampler{img: img, width: img.Rect.Dx(), perX: 1, perY: 1}
	switch img.SubsampleRatio {
	case image.YCbCrSubsampleRatio422:
		u.perX = 2
	case image.YCbCrSubsampleRatio420:
		u.perX, u.perY = 2, 2
	case image.YCbCrSubsampleRatio440:
		u.perY = 2
	case image.YCbCrSubsampleRatio411:
		u.perX = 4
	case image.YCbCrSubsampleRatio410:
		u.perX, u.perY = 4, 2
	}
	u.across = (u.width + u.perX - 1) / u.perX
	u.down = (img.Rect.Dy() + u.perY - 1) / u.perY
	u.smooth = u.perX == 1 && u.perY == 2 || u.perX == 2 && u.across > 2
	if u.perX*u.perY > 1 {
		u.cb, u.cr = make([]uint8, u.perX*u.across), make([]uint8, u.perX*u.across)
		u.sums = make([]int32, u.across)
	}
	return u
}

// row returns the chroma of luma row y, at least as long as the luma row. It is good until the next call.
func (u *upsampler) row(y int) (cb, cr []uint8) {
	near := y / u.perY
	if u.perX*u.perY == 1 {
		return u.plane(u.img.Cb, near), u.plane(u.img.Cr, near)
	}
	far := near
	if u.perY == 2 && u.smooth {
		far = min(max(near-1+2*(y%2), 0), u.down-1) // the row above for even rows, below for odd ones; edges repeat
	}
	u.spread(u.cb, u.plane(u.img.Cb, near), u.plane(u.img.Cb, far), y%2)
	u.spread(u.cr, u.plane(u.img.Cr, near), u.plane(u.img.Cr, far), y%2)
	return u.cb, u.cr
}

func (u *upsampler) plane(plane []uint8, y int) []uint8 {
	return plane[y*u.img.CStride:][:u.across]
}

// spread makes one row of output from the nearest chroma row and the next nearest.
func (u *upsampler) spread(to, near, far []uint8, odd int) {
	switch {
	case !u.smooth:
		for x := range to {
			to[x] = near[x/u.perX]
		}
	case u.perY == 1:
		spreadH2V1(to, near)
	case u.perX == 1:
		for x := range to { // h1v2_fancy_upsample
			to[x] = uint8((3*int32(near[x]) + int32(far[x]) + 1 + int32(odd)) >> 2)
		}
	default:
		for x := range u.sums {
			u.sums[x] = 3*int32(near[x]) + int32(far[x])
		}
		spreadH2V2(to, u.sums)
	}
}

// spreadH2V1 is h2v1_fancy_upsample: three quarters of the near sample and one of the next, rounded down on the left and up on the
// right so that no bias arises.
func spreadH2V1(to, from []uint8) {
	last := len(from) - 1
	to[0], to[2*last+1] = from[0], from[last]
	for x := range last {
		a, b := int32(from[x]), int32(from[x+1])
		to[2*x+1] = uint8((3*a + b + 2) >> 2)
		to[2*x+2] = uint8((3*b + a + 1) >> 2)
	}
}

// spreadH2V2 is the horizontal half of h2v2_fancy_upsample, on sums of weight four.
func spreadH2V2(to []uint8, sums []int32) {
	last := len(sums) - 1
	to[0], to[2*last+1] = uint8((4*sums[0]+8)>>4), uint8((4*sums[last]+7)>>4)
	for x := range last {
		a, b := sums[x], sums[x+1]
		to[2*x+1] = uint8((3*a + b + 7) >> 4)
		to[2*x+2] = uint8((3*b + a + 8) >> 4)
	}
}
