package preprocess

import (
	"math"
	"slices"

	"github.com/scones-unlimited/scones/model"
)

// precision is the number of fractional bits of a weight: 32 less the 8 of a sample and 2 against overflow (PRECISION_BITS).
const precision = 32 - 8 - 2

// A direction is one direction of a resize and the window of it that is kept.
type direction struct {
	// In and out are the lengths before and after the resize; the window is out[from : from+n].
	in, out, from, n int
	filter           model.Filter
	antialias        bool
	// Mirrored input lies with its last sample first, and so does the output.
	mirrored bool
}

// mirror is the direction for input that lies with its last sample first.
func (d direction) mirror() direction {
	if d.copies() {
		d.from = d.in - d.from - d.n
	} else {
		d.mirrored = true
	}
	return d
}

// copies reports whether the direction keeps its length, so that Pillow skips the pass.
func (d *direction) copies() bool { return d.in == d.out }

// An axis holds the weights of a direction. Its slices are reused.
type axis struct {
	direction

	// First and count give the input samples of each output sample of the window; their weights are weights[i*taps:][:count[i]].
	first, count []int32
	weights      []int32
	taps         int
	exact        []float64 // the weights of one output sample before rounding
	split        split
	used         uint64 // when it was last asked for
}

// prepare computes the weights, as precompute_coeffs and normalize_coeffs_8bpc in Resample.c. Without antialias the filter stays
// as narrow for reducing as it is for enlarging.
func (a *axis) prepare(d direction) {
	a.direction = d
	if a.copies() {
		return
	}
	if a.filter == model.Nearest {
		a.prepareNearest()
	} else {
		a.prepareWeights()
	}
	if a.mirrored {
		a.turnAround()
	}
}

// prepareWeights computes the weights of a filter.
func (a *axis) prepareWeights() {
	k := kernelOf(a.filter)
	scale := float64(a.in) / float64(a.out)
	widen := 1.0
	if a.antialias {
		widen = max(scale, 1)
	}
	support := float64(k.support * widen)
	inverse := 1 / widen
	a.taps = int(math.Ceil(support))*2 + 1
	a.first, a.count = sized(a.first, a.n), sized(a.count, a.n)
	a.weights, a.exact = sized(a.weights, a.n*a.taps), sized(a.exact, a.taps)
	for i := range a.n {
		centre := float64((float64(a.from+i) + 0.5) * scale)
		low := max(int(centre-support+0.5), 0)
		high := min(int(centre+support+0.5), a.in)
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

// turnAround makes an axis serve mirrored input: the same weights for the same samples, wherever they lie. Sums of integers have no
// order, so every output sample is as it was.
func (a *axis) turnAround() {
	for i := range a.n {
		a.first[i] = int32(a.in - a.end(i))
	}
	slices.Reverse(a.first)
	if a.filter == model.Nearest {
		return
	}
	for i, n := range a.count {
		slices.Reverse(a.weights[i*a.taps:][:n])
	}
	slices.Reverse(a.count)
	for i := range a.n / 2 {
		one, other := a.weights[i*a.taps:][:a.taps], a.weights[(a.n-1-i)*a.taps:][:a.taps]
		for j := range one {
			one[j], other[j] = other[j], one[j]
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

// end is the first input sample after those of output sample i of the window.
func (a *axis) end(i int) int { return int(a.first[i] + a.count[i]) }

// overlap is the largest number of output samples of the window that share one input sample.
func (a *axis) overlap() int {
	most, begun := 1, 0
	for ended := range a.n {
		for begun < a.n && int(a.first[begun]) < a.end(ended) {
			begun++
		}
		most = max(most, begun-ended)
	}
	return most
}

// needs is the range of input samples on which the window depends.
func (a *axis) needs() (low, high int) {
	if a.copies() {
		return a.from, a.from + a.n
	}
	return int(a.first[0]), a.end(a.n - 1)
}

// sized returns s with length n; its values are left as they were.
func sized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
