package twosample

import "math"

// KS is the largest distance of the two distribution functions (Smirnov 1939) with its exact permutation p-value, ties included. The
// statistic is scipy.stats.ks_2samp's; without ties p is that of its method="exact".
func (p *Pooled) KS() (d, pvalue float64) {
	// |i/m - j/n| as the integer |i n - j m|, looked at only where a run of equal values ends.
	m, n, i, j, most := p.m, p.n, 0, 0, 0
	for k := range p.values {
		if p.window[k] {
			j++
		} else {
			i++
		}
		if p.ends(k) {
			gap := i*n - j*m
			most = max(most, gap, -gap)
		}
	}
	return float64(most) / (float64(m) * float64(n)), p.reach(most)
}

// KSReach is the exact probability of a distance of d or more between samples of m and n different values.
func KSReach(m, n int, d float64) float64 {
	p := &Pooled{m: m, n: n, values: make([]float64, m+n)}
	for k := range p.values {
		p.values[k] = float64(k)
	}
	return p.reach(int(math.Ceil(d*float64(m)*float64(n) - 1e-6)))
}

// ends tells whether the value at k is the last of its run.
func (p *Pooled) ends(k int) bool { return k+1 == len(p.values) || p.values[k+1] != p.values[k] }

// reach is the probability that a random order of m x and n y has |i n - j m| ≥ most at the end of some run of ties (Schröer and Trenkler
// 1995). The orders that have not been there yet are followed step by step, as a distribution over i; those that arrive leave it. Only
// positive numbers are added, so that small probabilities keep their digits.
func (p *Pooled) reach(most int) float64 {
	if most == 0 {
		return 1
	}
	m, n := p.m, p.n
	mass := make([]float64, m+2) // mass[i+1] for i x so far
	mass[1] = 1
	low, high := 0, 0 // of i with mass
	arrived := 0.0
	for k := range p.values {
		left := float64(m + n - k)
		if high < m {
			high++
		}
		low = max(low, k+1-n)
		for i := high; i >= low; i-- {
			// The k values before were i x and k-i y, or i-1 x and k-i+1 y.
			stay := 0.0
			if k-i >= 0 {
				stay = mass[i+1] * float64(n-(k-i))
			}
			mass[i+1] = (stay + mass[i]*float64(m-i+1)) / left
		}
		if low > 0 {
			mass[low] = 0
		}
		if !p.ends(k) {
			continue
		}
		for low <= high && low*n-(k+1-low)*m <= -most {
			arrived += mass[low+1]
			mass[low+1] = 0
			low++
		}
		for high >= low && high*n-(k+1-high)*m >= most {
			arrived += mass[high+1]
			mass[high+1] = 0
			high--
		}
		if low > high {
			break
		}
	}
	return min(arrived, 1)
}
