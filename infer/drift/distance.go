package drift

import (
	"math"
	"slices"
)

// The distances here do not know how many rows there are; see [Compared].

// simpleAndRobust are the distances of SageMaker's Model Monitor, as deequ computes them (Distance.scala): the largest distance of two
// distribution functions, and the same less 1.8 √((m+n)/(m n)), not below 0. For words the distance is that of the shares of a word.
func simpleAndRobust(d float64, m, n int) (simple, robust float64) {
	return d, max(0, d-1.8*math.Sqrt(float64(m+n)/(float64(m)*float64(n))))
}

// widest is the largest difference of two shares.
func widest(x, y []int, m, n int) float64 {
	d := 0.0
	for k := range x {
		d = max(d, math.Abs(float64(x[k])/float64(m)-float64(y[k])/float64(n)))
	}
	return d
}

// psiFloor stands for a share of nothing, as in Evidently: the logarithm has no value there.
const psiFloor = 1e-4

// psi is the population stability index of two rows of counts: Σ (q - p) ln(q/p).
func psi(x, y []int, m, n int) float64 {
	total := 0.0
	for k := range x {
		p, q := float64(x[k])/float64(m), float64(y[k])/float64(n)
		p, q = max(p, psiFloor), max(q, psiFloor)
		total += (q - p) * math.Log(q/p)
	}
	return total
}

// deciles counts numbers in ten bins with as many of the baseline each; equal edges become one.
func deciles(x, y []float64) (inX, inY []int) {
	sorted := slices.Sorted(slices.Values(x))
	var edges []float64
	for k := 1; k < 10; k++ {
		edges = append(edges, quantile(sorted, float64(k)/10))
	}
	edges = slices.Compact(edges)
	count := func(values []float64) []int {
		counts := make([]int, len(edges)+1)
		for _, v := range values {
			at, found := slices.BinarySearch(edges, v)
			if found {
				at++
			}
			counts[at]++
		}
		return counts
	}
	return count(x), count(y)
}

// quantile of sorted numbers, interpolated linearly (type 7 of Hyndman and Fan 1996).
func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	at := q * float64(len(sorted)-1)
	k := int(at)
	if k+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[k] + (at-float64(k))*(sorted[k+1]-sorted[k])
}
