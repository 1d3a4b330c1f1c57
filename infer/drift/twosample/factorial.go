package twosample

import (
	"math"
	"math/rand/v2"
)

// A factorials table holds log k! for k from 0.
type factorials []float64

func newFactorials(n int) factorials {
	f := make(factorials, n+1)
	for k := range f {
		f[k], _ = math.Lgamma(float64(k) + 1)
	}
	return f
}

// choose is log C(n, k).
func (f factorials) choose(n, k int) float64 { return f[n] - f[k] - f[n-k] }

// hypergeometric is the probability of i good ones among draws from a population that has good ones.
func (f factorials) hypergeometric(i, population, good, draws int) float64 {
	return math.Exp(f.choose(good, i) + f.choose(population-good, draws-i) - f.choose(population, draws))
}

// support is the least and the greatest number of good ones.
func support(population, good, draws int) (low, high int) {
	return max(0, draws-(population-good)), min(good, draws)
}

// draw gives a hypergeometric number by inversion from the mode outwards.
func (f factorials) draw(r *rand.Rand, population, good, draws int) int {
	low, high := support(population, good, draws)
	mode := min(high, max(low, int(float64(draws+1)*float64(good+1)/float64(population+2))))
	u := r.Float64()
	up, down := mode, mode
	pUp := f.hypergeometric(mode, population, good, draws)
	pDown := pUp
	u -= pUp
	for u > 0 && (up < high || down > low) {
		if up < high {
			pUp *= float64(good-up) * float64(draws-up) / (float64(up+1) * float64(population-good-draws+up+1))
			up++
			if u -= pUp; u <= 0 {
				return up
			}
		}
		if down > low {
			pDown *= float64(down) * float64(population-good-draws+down) / (float64(good-down+1) * float64(draws-down+1))
			down--
			if u -= pDown; u <= 0 {
				return down
			}
		}
	}
	return mode
}
