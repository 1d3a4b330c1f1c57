package twosample

import (
	"math"
	"slices"
)

// Vectors is two samples of vectors with the kernel of all pairs: exp(-|a-b|²/(2σ²)), σ the median distance of the pooled vectors (Gretton
// et al. 2012). The kernel takes (m+n)² float32; the caller bounds the samples.
type Vectors struct {
	m, n   int
	kernel []float32
	sums   []float64 // of each row
	all    float64
}

// NewVectors computes the kernel. All vectors have one length.
func NewVectors(x, y [][]float32) *Vectors {
	v := &Vectors{m: len(x), n: len(y)}
	all := slices.Concat(x, y)
	size := len(all)
	v.kernel = make([]float32, size*size)
	distances := make([]float32, 0, size*(size-1)/2)
	for i := range all {
		for j := range i {
			d := squared(all[i], all[j])
			v.kernel[i*size+j] = d
			distances = append(distances, d)
		}
	}
	scale := 1.0
	if len(distances) > 0 {
		scale = float64(nth(distances, len(distances)/2))
	}
	if scale == 0 { // more than half of the pairs are equal: the mean tells the others apart
		for _, d := range distances {
			scale += float64(d) / float64(len(distances))
		}
	}
	if scale == 0 {
		scale = 1
	}
	v.sums = make([]float64, size)
	for i := range size {
		v.kernel[i*size+i] = 1
		for j := range i {
			k := float32(math.Exp(-float64(v.kernel[i*size+j]) / (2 * scale)))
			v.kernel[i*size+j], v.kernel[j*size+i] = k, k
		}
	}
	for i := range size {
		for _, k := range v.kernel[i*size:][:size] {
			v.sums[i] += float64(k)
		}
		v.all += v.sums[i]
	}
	return v
}

// nth is the k-th smallest, from 0 (Hoare's selection, 1961). It changes the order of values.
func nth(values []float32, k int) float32 {
	for low, high := 0, len(values)-1; low < high; {
		pivot := values[(low+high)/2]
		i, j := low, high
		for i <= j {
			for values[i] < pivot {
				i++
			}
			for values[j] > pivot {
				j--
			}
			if i <= j {
				values[i], values[j] = values[j], values[i]
				i++
				j--
			}
		}
		switch {
		case k <= j:
			high = j
		case k >= i:
			low = i
		default:
			return values[k]
		}
	}
	return values[k]
}

func squared(a, b []float32) float32 {
	b = b[:len(a)]
	var s float32
	for i, x := range a {
		d := x - b[i]
		s += d * d
	}
	return s
}

// MMD is the squared maximum mean discrepancy, biased: the squared distance of the means of the two samples in the kernel's space, 0 to 2.
func (v *Vectors) MMD() float64 { return v.mmd(v.window(), v.m, v.n) }

func (v *Vectors) window() []int32 {
	y := make([]int32, v.n)
	for i := range y {
		y[i] = int32(v.m + i)
	}
	return y
}

// mmd is the statistic of a part of n.
func (v *Vectors) mmd(part []int32, m, n int) float64 {
	within, rows, size := 0.0, 0.0, m+n
	for a, i := range part {
		row := v.kernel[int(i)*size:][:size]
		var s float32
		for _, j := range part[:a] {
			s += row[j]
		}
		within += 2*float64(s) + float64(row[i])
		rows += v.sums[i]
	}
	between := rows - within
	rest := v.all - 2*rows + within
	return within/(float64(n)*float64(n)) + rest/(float64(m)*float64(m)) - 2*between/(float64(n)*float64(m))
}

// Distance is how far apart the means are in the kernel's space, in standard deviations of the baseline there: the root of the unbiased
// squared discrepancy, 0 where that is negative, over the root of 1 - E k(x, x'). It does not grow with the number of vectors. NaN for
// fewer than two vectors on a side.
func (v *Vectors) Distance() float64 {
	if v.m < 2 || v.n < 2 {
		return math.NaN()
	}
	m, n, size := float64(v.m), float64(v.n), v.m+v.n
	xx, yy, xy := 0.0, 0.0, 0.0
	for i := range size {
		for j, k := range v.kernel[i*size:][:size] {
			switch {
			case i == j:
			case i < v.m && j < v.m:
				xx += float64(k)
			case i >= v.m && j >= v.m:
				yy += float64(k)
			default:
				xy += float64(k)
			}
		}
	}
	xx /= m * (m - 1)
	unbiased := xx + yy/(n*(n-1)) - xy/(m*n) // xy has each pair twice
	if spread := 1 - xx; spread > 0 {
		return math.Sqrt(max(0, unbiased) / spread)
	}
	if unbiased > 0 {
		return math.Inf(1)
	}
	return 0
}

// MMDTest is the permutation test of [Vectors.MMD].
func (v *Vectors) MMDTest(d Draws) Result {
	m, n := v.m, v.n
	if n > m { // the statistic is the same for the rest
		m, n = n, m
	}
	observed := v.MMD()
	if count := choose(m+n, n, enumerable); count <= enumerable {
		hits, part := 0, make([]int32, n)
		combinations(m+n, n, func(chosen []int) {
			for i, c := range chosen {
				part[i] = int32(c)
			}
			if v.mmd(part, m, n) >= observed-kernelSlack {
				hits++
			}
		})
		return Result{P: float64(hits) / float64(count), Exact: true}
	}
	s := newSampler(d.source(3), m+n, n)
	return d.run(observed-kernelSlack, func() float64 { return v.mmd(s.next(), m, n) })
}

// kernelSlack is what float32 sums of kernels may err by.
const kernelSlack = 1e-7

// Witness is each window vector's part in the discrepancy: the mean kernel to the window less that to the baseline. Positive where the
// window has more vectors than the baseline had.
func (v *Vectors) Witness() []float64 {
	size := v.m + v.n
	out := make([]float64, v.n)
	for i := range out {
		row := v.kernel[(v.m+i)*size:][:size]
		x, y := 0.0, 0.0
		for j, k := range row {
			if j < v.m {
				x += float64(k)
			} else {
				y += float64(k)
			}
		}
		out[i] = y/float64(v.n) - x/float64(v.m)
	}
	return out
}

// WitnessTest learns where the samples differ from one half of each and tests the other halves: the exact [Pooled.KS] of the learnt
// function's values. It reaches far smaller p than permutations can be drawn for, at the price of half of the vectors. Halves are the
// vectors of even and of odd index; the caller shuffles where order means something. P is 1 with fewer than two on a side.
func (v *Vectors) WitnessTest() (d float64, r Result) {
	if v.m < 2 || v.n < 2 {
		return 0, Result{P: 1, Exact: true}
	}
	size := v.m + v.n
	value := func(i int) float64 {
		row := v.kernel[i*size:][:size]
		x, y := 0.0, 0.0
		for j := 0; j < v.m; j += 2 {
			x += float64(row[j])
		}
		for j := 0; j < v.n; j += 2 {
			y += float64(row[v.m+j])
		}
		return y/float64((v.n+1)/2) - x/float64((v.m+1)/2)
	}
	var x, y []float64
	for i := 1; i < v.m; i += 2 {
		x = append(x, value(i))
	}
	for i := 1; i < v.n; i += 2 {
		y = append(y, value(v.m+i))
	}
	d, p := Pool(x, y).KS()
	return d, Result{P: p, Exact: true}
}
