package twosample

import (
	"cmp"
	"slices"
)

// Pooled is two samples of numbers in one order. It serves several statistics with one sorting.
type Pooled struct {
	m, n   int
	values []float64 // ascending
	window []bool    // of y
}

// Pool sorts two samples into one.
func Pool(x, y []float64) *Pooled {
	type value struct {
		v float64
		y bool
	}
	all := make([]value, 0, len(x)+len(y))
	for _, v := range x {
		all = append(all, value{v, false})
	}
	for _, v := range y {
		all = append(all, value{v, true})
	}
	slices.SortFunc(all, func(a, b value) int { return cmp.Compare(a.v, b.v) })
	p := &Pooled{m: len(x), n: len(y), values: make([]float64, len(all)), window: make([]bool, len(all))}
	for i, a := range all {
		p.values[i], p.window[i] = a.v, a.y
	}
	return p
}

// Distinct is the number of different values.
func (p *Pooled) Distinct() int {
	count := 0
	for k := range p.values {
		if p.ends(k) {
			count++
		}
	}
	return count
}

// Cliff is Cliff's delta (1993): the probability that a value of y is greater than one of x, less the probability that it is smaller;
// -1 to 1.
func (p *Pooled) Cliff() float64 {
	// Twice the rank sum of y in midranks gives twice Mann and Whitney's U, in integers.
	u, below := 0.0, 0
	for i := 0; i < len(p.values); {
		j, ys := i, 0
		for ; j < len(p.values) && p.values[j] == p.values[i]; j++ {
			if p.window[j] {
				ys++
			}
		}
		xs := j - i - ys
		u += float64(ys) * (float64(below) + float64(xs)/2)
		below += xs
		i = j
	}
	return 2*u/(float64(p.m)*float64(p.n)) - 1
}
