package twosample

import "math"

// Counts are how often each category is in x and in y.
type Counts struct {
	m, n  int
	x, y  []int
	total []int
}

// Count takes two rows of a table of counts of equal length. Categories that neither sample has are passed over.
func Count(x, y []int) *Counts {
	c := new(Counts)
	for k := range x {
		if x[k]+y[k] == 0 {
			continue
		}
		c.x, c.y, c.total = append(c.x, x[k]), append(c.y, y[k]), append(c.total, x[k]+y[k])
		c.m, c.n = c.m+x[k], c.n+y[k]
	}
	return c
}

// ChiSquare is Pearson's statistic of the two rows (1900), without correction, as scipy.stats.chi2_contingency(correction=False); 0 for
// one category.
func (c *Counts) ChiSquare() float64 { return c.chiSquare(c.y) }

func (c *Counts) chiSquare(y []int) float64 {
	// With the margins fixed both rows deviate alike: (y - n t/N)² (1/(n t/N) + 1/(m t/N)) = (N y - n t)² / (n m t).
	total, all := 0.0, float64(c.m+c.n)
	for k, t := range c.total {
		d := all*float64(y[k]) - float64(c.n)*float64(t)
		total += d * d / float64(t)
	}
	return total / (float64(c.n) * float64(c.m))
}

// V is Cramér's V (1946) as it would be with as many rows on both sides, so that it does not depend on their numbers: the root of half
// the sum of (p - q)²/(p + q); 0 to 1.
func (c *Counts) V() float64 {
	total := 0.0
	for k := range c.total {
		p, q := float64(c.x[k])/float64(c.m), float64(c.y[k])/float64(c.n)
		total += (p - q) * (p - q) / (p + q)
	}
	return math.Sqrt(total / 2)
}

// ChiSquareTest is the permutation test of [Counts.ChiSquare]: with the margins fixed, a table has its multivariate hypergeometric
// probability (Freeman and Halton 1951).
func (c *Counts) ChiSquareTest(d Draws) Result {
	if len(c.total) < 2 {
		return Result{P: 1, Exact: true}
	}
	observed := c.ChiSquare()
	f := newFactorials(c.m + c.n)
	if p, ok := c.enumerate(f, atLeast(observed)); ok {
		return Result{P: p, Exact: true}
	}
	r := d.source(2)
	y := make([]int, len(c.total))
	return d.run(observed, func() float64 {
		population, draws := c.m+c.n, c.n
		for k, t := range c.total {
			y[k] = f.draw(r, population, t, draws)
			population, draws = population-t, draws-y[k]
		}
		return c.chiSquare(y)
	})
}

// enumerate sums the probabilities of all tables whose statistic is at least least; false when there are too many.
func (c *Counts) enumerate(f factorials, least float64) (float64, bool) {
	y := make([]int, len(c.total))
	after := make([]int, len(c.total)+1) // rows of the categories from k on
	for k := len(c.total) - 1; k >= 0; k-- {
		after[k] = after[k+1] + c.total[k]
	}
	visited, p := 0, 0.0
	scale := f.choose(c.m+c.n, c.n)
	var fill func(k, left int, weight float64) bool
	fill = func(k, left int, weight float64) bool {
		if k == len(c.total)-1 {
			if visited++; visited > enumerable {
				return false
			}
			y[k] = left
			if c.chiSquare(y) >= least {
				p += math.Exp(weight + f.choose(c.total[k], left) - scale)
			}
			return true
		}
		low, high := support(after[k], c.total[k], left)
		for y[k] = low; y[k] <= high; y[k]++ {
			if !fill(k+1, left-y[k], weight+f.choose(c.total[k], y[k])) {
				return false
			}
		}
		return true
	}
	ok := fill(0, c.n, 0)
	return min(p, 1), ok
}
