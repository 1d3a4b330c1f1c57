package twosample

import "math/rand/v2"

// Hypergeometric draws count times, and gives the probability of each number of good ones.
func Hypergeometric(r *rand.Rand, population, good, draws, count int) (seen []int, chance []float64) {
	f := newFactorials(population)
	seen = make([]int, draws+1)
	for range count {
		seen[f.draw(r, population, good, draws)]++
	}
	low, high := support(population, good, draws)
	chance = make([]float64, draws+1)
	for i := low; i <= high; i++ {
		chance[i] = f.hypergeometric(i, population, good, draws)
	}
	return seen, chance
}

// Nth selects.
var Nth = nth
