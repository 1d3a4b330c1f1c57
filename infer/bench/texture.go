package bench

import "image"

// texture draws what compresses like a photograph: clouds of every size, whose contrast falls with their size as in pictures of
// nature, and the fine grain of a sensor. Everything is whole numbers, so that every machine draws the same.
func texture(width, height int, seed uint64) *image.YCbCr {
	picture := image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
	clouds(picture.Y, width, height, picture.YStride, 3*seed, 5)
	clouds(picture.Cb, (width+1)/2, (height+1)/2, picture.CStride, 3*seed+1, 0)
	clouds(picture.Cr, (width+1)/2, (height+1)/2, picture.CStride, 3*seed+2, 0)
	return picture
}

// clouds adds up noise on ever finer lattices, half the contrast at half the size, and grain of so many levels.
func clouds(dst []uint8, width, height, stride int, seed uint64, grain int) {
	sum := make([]int32, width)
	for y := range height {
		clear(sum)
		cell, contrast := max(width, height)/2, int32(128)
		for octave := uint64(0); cell >= 2 && contrast >= 2; octave++ {
			lattice(sum, y, cell, contrast, seed<<8|octave)
			cell, contrast = cell/2, contrast*5/8
		}
		row := dst[y*stride:][:width]
		for x, v := range sum {
			if grain > 0 {
				v += int32(mix(seed<<48^uint64(y)<<24^uint64(x))%uint64(2*grain+1)) - int32(grain)
			}
			row[x] = uint8(min(max(128+v, 0), 255))
		}
	}
}

// lattice adds a row of noise that runs straight between the points of a lattice of cell pixels. Each point lies between -contrast/2
// and contrast/2.
func lattice(sum []int32, y, cell int, contrast int32, seed uint64) {
	top, part := y/cell, int32(y%cell)
	size := int32(cell)
	point := func(column int) int32 {
		at := func(row int) int32 {
			return int32(mix(seed<<40^uint64(row)<<20^uint64(column))%uint64(contrast)) - contrast/2
		}
		return at(top)*(size-part) + at(top+1)*part // times cell
	}
	left := point(0)
	for column := 0; column*cell < len(sum); column++ {
		right := point(column + 1)
		row := sum[column*cell : min((column+1)*cell, len(sum))]
		// From left to right in steps of 1/cell² of a level, in 64 bits: 2000² × 64 is past 32.
		value, step := int64(left)*int64(size), int64(right-left)
		for i := range row {
			row[i] += int32(value / (int64(size) * int64(size)))
			value += step
		}
		left = right
	}
}

// mix scatters the bits of a number (SplitMix64: Steele, Lea and Flood 2014).
func mix(n uint64) uint64 {
	n += 0x9e3779b97f4a7c15
	n = (n ^ n>>30) * 0xbf58476d1ce4e5b9
	n = (n ^ n>>27) * 0x94d049bb133111eb
	return n ^ n>>31
}
