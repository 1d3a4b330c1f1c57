package encode

import (
	"cmp"
	"slices"
)

// Indexed is a picture of indices into a palette of RGB colours.
type Indexed struct {
	W, H    int
	Pix     []uint8
	Palette [][3]uint8
}

// Quantize chooses up to n colours by median cut and dithers r (three channels) to them.
func Quantize(r Raster, n int) Indexed {
	if n > 16 {
		return dither(r, medianCut(sample(r), n))
	}
	// A few colours mix all others only if they lie around them, so the outermost come first.
	all := sample(r)
	palette := outermost(all, max(4, n/2))
	return dither(r, append(palette, medianCut(all, n-len(palette))...))
}

// BlackWhite dithers a picture of one channel to two values: 0 is black, 1 is white.
func BlackWhite(r Raster) Indexed {
	rgb := Raster{r.W, r.H, 3, 8, make([]uint8, 0, 3*len(r.Pix))}
	for _, v := range r.Pix {
		rgb.Pix = append(rgb.Pix, v, v, v)
	}
	return dither(rgb, [][3]uint8{{0, 0, 0}, {255, 255, 255}})
}

// Levels spreads a picture of one channel over 2^bits equal steps of grey, dithered.
func Levels(r Raster, bits int) Indexed {
	rgb := Raster{r.W, r.H, 3, 8, make([]uint8, 0, 3*len(r.Pix))}
	for _, v := range r.Pix {
		rgb.Pix = append(rgb.Pix, v, v, v)
	}
	steps := 1<<bits - 1
	palette := make([][3]uint8, steps+1)
	for i := range palette {
		v := uint8(i * 255 / steps)
		palette[i] = [3]uint8{v, v, v}
	}
	return dither(rgb, palette)
}

// sample returns enough of the pixels to choose colours by.
func sample(r Raster) (all [][3]uint8) {
	step := max(1, r.W*r.H/20000)
	for i := 0; i < r.W*r.H; i += step {
		all = append(all, [3]uint8(r.Pix[3*i:3*i+3]))
	}
	return all
}

// outermost returns n colours: the farthest from the mean, then each the farthest from those before it.
func outermost(all [][3]uint8, n int) (chosen [][3]uint8) {
	distance := make([]int, len(all))
	measure := func(from [3]uint8, least func(i, d int) int) {
		for i, c := range all {
			distance[i] = least(i, apart(c, from))
		}
	}
	first := func(_, d int) int { return d }
	closer := func(i, d int) int { return min(d, distance[i]) }
	measure(mean(all), first)
	for i := range n {
		farthest := all[slices.Index(distance, slices.Max(distance))]
		chosen = append(chosen, farthest)
		if i == 0 {
			measure(farthest, first)
		} else {
			measure(farthest, closer)
		}
	}
	return chosen
}

// medianCut halves the colours at the median of the channel that spreads most, until there are n groups,
// and returns their means.
func medianCut(all [][3]uint8, n int) [][3]uint8 {
	if n < 1 {
		return nil
	}
	boxes := [][][3]uint8{all}
	for len(boxes) < n {
		widest, axis, reach := -1, 0, 0
		for i, box := range boxes {
			for ch := range 3 {
				lo, hi := uint8(255), uint8(0)
				for _, c := range box {
					lo, hi = min(lo, c[ch]), max(hi, c[ch])
				}
				if spread := int(hi) - int(lo); spread > reach && len(box) > 1 {
					widest, axis, reach = i, ch, spread
				}
			}
		}
		if widest < 0 {
			break
		}
		box := boxes[widest]
		slices.SortFunc(box, func(a, b [3]uint8) int {
			return cmp.Or(cmp.Compare(a[axis], b[axis]), slices.Compare(a[:], b[:]))
		})
		boxes[widest] = box[:len(box)/2]
		boxes = append(boxes, box[len(box)/2:])
	}
	palette := make([][3]uint8, len(boxes))
	for i, box := range boxes {
		palette[i] = mean(box)
	}
	return palette
}

func mean(colours [][3]uint8) (m [3]uint8) {
	for ch := range m {
		sum := 0
		for _, c := range colours {
			sum += int(c[ch])
		}
		m[ch] = uint8(sum / len(colours))
	}
	return m
}

// apart is the square of two colours' distance.
func apart(a, b [3]uint8) (sum int) {
	for ch := range a {
		d := int(a[ch]) - int(b[ch])
		sum += d * d
	}
	return sum
}

// dither spreads each pixel's error over its neighbours by Floyd and Steinberg's weights 7, 3, 5, 1.
func dither(r Raster, palette [][3]uint8) Indexed {
	out := Indexed{r.W, r.H, make([]uint8, r.W*r.H), palette}
	// Errors in 16ths, with a pixel's margin on both sides.
	now, next := make([][3]int, r.W+2), make([][3]int, r.W+2)
	for y := range r.H {
		for x := range r.W {
			var want [3]int
			for ch := range 3 {
				want[ch] = min(max(int(r.Pix[3*(y*r.W+x)+ch])+now[x+1][ch]/16, 0), 255)
			}
			best := nearest(palette, want)
			out.Pix[y*r.W+x] = uint8(best)
			for ch := range 3 {
				e := want[ch] - int(palette[best][ch])
				now[x+2][ch] += 7 * e
				next[x][ch] += 3 * e
				next[x+1][ch] += 5 * e
				next[x+2][ch] += e
			}
		}
		now, next = next, now
		clear(next)
	}
	return out
}

func nearest(palette [][3]uint8, want [3]int) int {
	best, least := 0, 1<<30
	for i, c := range palette {
		d := 0
		for ch := range 3 {
			e := want[ch] - int(c[ch])
			d += e * e
		}
		if d < least {
			best, least = i, d
		}
	}
	return best
}

// packed returns one row of indices with the given bits a pixel, the leftmost in the highest bits.
func (p Indexed) packed(y, bits int) []uint8 {
	return packBits(p.Pix[y*p.W:(y+1)*p.W], bits)
}

func packBits(pix []uint8, bits int) []uint8 {
	out := make([]uint8, (len(pix)*bits+7)/8)
	for x, v := range pix {
		out[x*bits/8] |= v << (8 - bits - x*bits%8)
	}
	return out
}
