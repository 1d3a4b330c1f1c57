package twosample

import "math"

// Wasserstein is the mean distance over which values must be moved to turn one sample into the other: the integral of the distance of
// the two distribution functions, as scipy.stats.wasserstein_distance.
func (p *Pooled) Wasserstein() float64 {
	total, j := 0.0, 0
	for k := range len(p.values) - 1 {
		if p.window[k] {
			j++
		}
		total += math.Abs(float64((k+1)*p.n-j*(p.m+p.n))) * (p.values[k+1] - p.values[k])
	}
	return total / (float64(p.m) * float64(p.n))
}

// WassersteinTest is the permutation test of [Pooled.Wasserstein].
func (p *Pooled) WassersteinTest(d Draws) Result {
	w := newWalk(p)
	least := atLeast(w.total(p.flags()))
	if count := choose(p.m+p.n, p.n, enumerable); count <= enumerable {
		hits := 0
		flags := make([]uint8, p.m+p.n)
		combinations(p.m+p.n, p.n, func(chosen []int) {
			clear(flags)
			for _, i := range chosen {
				flags[i] = 1
			}
			if w.total(flags) >= least {
				hits++
			}
		})
		return Result{P: float64(hits) / float64(count), Exact: true}
	}
	return d.run(w.total(p.flags()), w.drawn(d))
}

// WassersteinNull draws the statistic count times under the permutation distribution.
func (p *Pooled) WassersteinNull(count int, seed uint64) []float64 {
	w := newWalk(p)
	next := w.drawn(Draws{Seed: seed})
	null := make([]float64, count)
	for i := range null {
		null[i] = next() / (float64(p.m) * float64(p.n))
	}
	return null
}

func (p *Pooled) flags() []uint8 {
	flags := make([]uint8, len(p.window))
	for i, y := range p.window {
		if y {
			flags[i] = 1
		}
	}
	return flags
}

// A walk goes along the pooled values. Its total is the statistic times m n.
type walk struct {
	m, n int
	gaps []float64 // from each value to the next
}

func newWalk(p *Pooled) *walk {
	w := &walk{m: p.m, n: p.n, gaps: make([]float64, len(p.values)-1)}
	for k := range w.gaps {
		w.gaps[k] = p.values[k+1] - p.values[k]
	}
	return w
}

func (w *walk) total(flags []uint8) float64 {
	flags = flags[:len(w.gaps)]
	step, all := int64(w.n), int64(w.m+w.n)
	at, total := int64(0), 0.0
	for k, gap := range w.gaps {
		at += step - int64(flags[k])*all
		total += math.Abs(float64(at)) * gap
	}
	return total
}

// drawn gives totals of random divisions. The smaller part is drawn: the statistic is the same with the parts' names exchanged.
func (w *walk) drawn(d Draws) func() float64 {
	part := *w
	if part.n > part.m {
		part.m, part.n = part.n, part.m
	}
	flags := make([]uint8, part.m+part.n)
	s := newSampler(d.source(1), len(flags), part.n)
	return func() float64 {
		chosen := s.next()
		for _, i := range chosen {
			flags[i] = 1
		}
		total := part.total(flags)
		for _, i := range chosen {
			flags[i] = 0
		}
		return total
	}
}
