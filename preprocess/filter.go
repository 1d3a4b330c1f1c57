package preprocess

import (
	"math"

	"github.com/scones-unlimited/scones/model"
)

// kernel is a resampling filter as a function of the distance in output pixels, zero at and beyond its support.
type kernel struct {
	support float64
	weight  func(x float64) float64
}

// kernelOf returns the filter as Pillow defines it in Resample.c. [model.Nearest] is no kernel; it has a path of its own.
func kernelOf(filter model.Filter) kernel {
	switch filter {
	case model.Bicubic:
		return kernel{2, bicubic}
	case model.Lanczos:
		return kernel{3, lanczos}
	}
	return kernel{1, triangle}
}

func triangle(x float64) float64 {
	return max(1-math.Abs(x), 0)
}

// The explicit conversions to float64 in this file forbid fused multiply-add, so that every machine computes the same weights.

// bicubic is Keys' cubic convolution with a = -0.5.
func bicubic(x float64) float64 {
	const a = -0.5
	x = math.Abs(x)
	switch {
	case x < 1:
		return float64(float64(float64((a+2)*x)-(a+3))*x*x) + 1
	case x < 2:
		return (float64((float64((x-5)*x)+8)*x) - 4) * a
	}
	return 0
}

// lanczos is sinc(x)·sinc(x/3).
func lanczos(x float64) float64 {
	if x < -3 || x >= 3 {
		return 0
	}
	return sinc(x) * sinc(x/3)
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	x *= math.Pi
	return math.Sin(x) / x
}

// precision is the number of fractional bits of a weight: 32 less the 8 of a sample and 2 against overflow (PRECISION_BITS).
const precision = 32 - 8 - 2

// An axis holds the weights of one direction of a resize, for a window of the output. Its slices are reused.
type axis struct {
	// In and out are the lengths before and after the resize; the window is out[from : from+n].
	in, out, from, n int
	filter           model.Filter
	antialias        bool

	// First and count give the input samples of each output sample of the window; their weights are weights[i*taps:][:count[i]].
	first, count []int32
	weights      []int32
	taps         int
	exact        []float64 // the weights of one output sample before rounding
}

// copies reports whether the direction keeps its length, so that Pillow skips the pass.
func (a *axis) copies() bool { return a.in == a.out }

// prepare computes the weights, as precompute_coeffs and normalize_coeffs_8bpc in Resample.c. Without antialias the filter stays
// as narrow for reducing as it is for enlarging.
func (a *axis) prepare(in, out, from, n int, filter model.Filter, antialias bool) {
	if a.in == in && a.out == out && a.from == from && a.n == n && a.filter == filter && a.antialias == antialias {
		return
	}
	a.in, a.out, a.from, a.n, a.filter, a.antialias = in, out, from, n, filter, antialias
	if a.copies() {
		return
	}
	if filter == model.Nearest {
		a.prepareNearest()
		return
	}
	k := kernelOf(filter)
	scale := float64(in) / float64(out)
	widen := 1.0
	if antialias {
		widen = max(scale, 1)
	}
	support := float64(k.support * widen)
	inverse := 1 / widen
	a.taps = int(math.Ceil(support))*2 + 1
	a.first, a.count = sized(a.first, n), sized(a.count, n)
	a.weights, a.exact = sized(a.weights, n*a.taps), sized(a.exact, a.taps)
	for i := range n {
		centre := float64((float64(from+i) + 0.5) * scale)
		low := max(int(centre-support+0.5), 0)
		high := min(int(centre+support+0.5), in)
		a.first[i], a.count[i] = int32(low), int32(high-low)
		exact, sum := a.exact[:high-low], 0.0
		for j := range exact {
			exact[j] = k.weight(float64((float64(j+low) - centre + 0.5) * inverse))
			sum += exact[j]
		}
		weights := a.weights[i*a.taps:]
		for j, w := range exact {
			if sum != 0 {
				w /= sum
			}
			weights[j] = int32(float64(w*(1<<precision)) + math.Copysign(0.5, w)) // half away from zero
		}
	}
}

// prepareNearest takes the sample under each output sample's centre. The position is summed up as in ImagingScaleAffine of
// Geometry.c, with the same error.
func (a *axis) prepareNearest() {
	a.first, a.count = sized(a.first, a.n), sized(a.count, a.n)
	step := float64(a.in) / float64(a.out)
	at := float64(step * 0.5)
	for i := range a.from + a.n {
		if i >= a.from {
			a.first[i-a.from], a.count[i-a.from] = int32(min(int(at), a.in-1)), 1
		}
		at += step
	}
}

// sized returns s with length n; its values are left as they were.
func sized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
