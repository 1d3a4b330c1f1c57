package draw

import "math"

// Camera turns a canvas into the picture that a lens and a sensor would have made of it.
type Camera struct {
	Width, Height int     // pixels of the picture
	Blur          float64 // standard deviation of the blur, in pixels of the picture
	Noise         float64 // standard deviation of the noise, in 255ths
	Vignette      float64 // darkening of the corners, 0 to 1
	Exposure      float64 // factor on all values, 0 = 1
	Warmth        float64 // shift from blue to red, about -0.2 to 0.2
	Seed          uint64
}

// Picture is a finished picture: W·H pixels of red, green, blue, and how much of each pixel belongs to
// objects in front of the backdrop.
type Picture struct {
	W, H  int
	RGB   []uint8
	Cover []uint8
}

// Take shrinks or enlarges the canvas to the camera's size and adds its faults.
func (k Camera) Take(c *Canvas) *Picture {
	pix := resample(c.Pix, c.W, c.H, 3, k.Width, k.Height)
	cover := resample(c.Cover, c.W, c.H, 1, k.Width, k.Height)
	if k.Blur > 0 {
		pix = gaussian(pix, k.Width, k.Height, k.Blur)
	}
	p := &Picture{W: k.Width, H: k.Height, RGB: make([]uint8, len(pix)), Cover: make([]uint8, len(cover))}
	exposure := k.Exposure
	if exposure == 0 {
		exposure = 1
	}
	gain := [3]float64{exposure * (1 + k.Warmth), exposure, exposure * (1 - k.Warmth)}
	r := random(k.Seed)
	for y := range k.Height {
		for x := range k.Width {
			dx, dy := float64(2*x-k.Width)/float64(k.Width), float64(2*y-k.Height)/float64(k.Height)
			shade := 1 - k.Vignette*(dx*dx+dy*dy)/2
			i := y*k.Width + x
			var grey float64
			if k.Noise > 0 {
				grey = k.Noise * r.normal()
			}
			for j := range 3 {
				v := float64(pix[3*i+j]) * gain[j] * shade * 255
				if k.Noise > 0 {
					v += grey + 0.5*k.Noise*r.normal()
				}
				p.RGB[3*i+j] = uint8(min(max(math.Round(v), 0), 255))
			}
			p.Cover[i] = uint8(math.Round(float64(cover[i]) * 255))
		}
	}
	return p
}

// resample averages areas where the picture gets smaller and interpolates where it gets larger: a
// triangle filter as wide as the larger of the two pixels, first along rows, then along columns.
func resample(src []float32, w, h, channels, toW, toH int) []float32 {
	return resampleColumns(resampleRows(src, h, w, toW, channels), toW*channels, h, toH)
}

// taps returns which pixels go into pixel i of the result, and their weights, which sum to 1.
func taps(from, to, i int) (first int, weights []float32) {
	scale := float64(from) / float64(to)
	support := max(scale, 1)
	center := (float64(i) + 0.5) * scale
	lo, hi := max(int(center-support), 0), min(int(center+support)+1, from)
	var sum float64
	for x := lo; x < hi; x++ {
		weight := max(0, 1-math.Abs((float64(x)+0.5-center)/support))
		weights = append(weights, float32(weight))
		sum += weight
	}
	for j := range weights {
		weights[j] /= float32(sum)
	}
	return lo, weights
}

// resampleRows shortens or lengthens each of n rows from w to toW pixels.
func resampleRows(src []float32, n, w, toW, channels int) []float32 {
	out := make([]float32, n*toW*channels)
	for x := range toW {
		first, weights := taps(w, toW, x)
		for y := range n {
			for ch := range channels {
				var sum float32
				for j, weight := range weights {
					sum += weight * src[(y*w+first+j)*channels+ch]
				}
				out[(y*toW+x)*channels+ch] = sum
			}
		}
	}
	return out
}

// resampleColumns does the same with columns: rows of the given length, from h to toH of them.
func resampleColumns(src []float32, length, h, toH int) []float32 {
	out := make([]float32, toH*length)
	for y := range toH {
		first, weights := taps(h, toH, y)
		dst := out[y*length : (y+1)*length]
		for j, weight := range weights {
			for x, v := range src[(first+j)*length : (first+j+1)*length] {
				dst[x] += weight * v
			}
		}
	}
	return out
}

// gaussian blurs three interleaved channels; edges repeat.
func gaussian(src []float32, w, h int, sigma float64) []float32 {
	r := int(math.Ceil(3 * sigma))
	kernel := make([]float32, 2*r+1)
	var sum float32
	for i := range kernel {
		kernel[i] = float32(math.Exp(-float64((i-r)*(i-r)) / (2 * sigma * sigma)))
		sum += kernel[i]
	}
	tmp, out := make([]float32, len(src)), make([]float32, len(src))
	for y := range h {
		for x := range w {
			for i, weight := range kernel {
				s := 3 * (y*w + min(max(x+i-r, 0), w-1))
				for j := range 3 {
					tmp[3*(y*w+x)+j] += weight / sum * src[s+j]
				}
			}
		}
	}
	for y := range h {
		for i, weight := range kernel {
			s := 3 * w * min(max(y+i-r, 0), h-1)
			for x := range 3 * w {
				out[3*w*y+x] += weight / sum * tmp[s+x]
			}
		}
	}
	return out
}
