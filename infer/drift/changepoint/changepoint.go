// Package changepoint finds where the level of a series changes, with a bound on the chance that it names any change where there is none.
package changepoint

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// MaxValues is the longest series that is looked at; the caller thins longer ones.
const MaxValues = 10_000

// leastSegment is the number of values on either side of a change.
const leastSegment = 5

// draws of permutations for one segment; a result that is clear ends them early.
const (
	mostDraws = 4999
	enough    = 50
)

// A Change is a place in a series.
type Change struct {
	// Index of the first value after the change.
	Index int
	// P is the probability of so clear a change, anywhere in its segment, in a series without any.
	P float64
	// From and To bound the segment in which it was found: [From, Index) and [Index, To).
	From, To int
}

// Find gives the changes of a series in order. Each segment is tested by the largest weighted rank sum over all places to divide it (the
// test of Pettitt 1979 with the weights of James, James and Siegmund 1987), against permutations of its values: exact under any
// distribution, with ties. A segment that has a change is divided there and both parts are looked at in turn. The parts at depth d are
// tested at alpha/(2·4^d) each, which sums to alpha over all there may be: that is the chance of any change in a series whose order means
// nothing.
func Find(values []float64, alpha float64, seed uint64) []Change {
	if len(values) > MaxValues {
		values = values[:MaxValues]
	}
	f := &finder{r: rand.New(rand.NewPCG(seed, 8))}
	f.divide(values, 0, alpha/2)
	slices.SortFunc(f.found, func(a, b Change) int { return cmp.Compare(a.Index, b.Index) })
	for i := range f.found {
		c := &f.found[i]
		c.From, c.To = 0, len(values)
		if i > 0 {
			c.From = f.found[i-1].Index
		}
		if i+1 < len(f.found) {
			c.To = f.found[i+1].Index
		}
	}
	return f.found
}

type finder struct {
	r     *rand.Rand
	found []Change
}

func (f *finder) divide(values []float64, offset int, alpha float64) {
	if len(values) < 2*leastSegment || alpha*float64(mostDraws+1) < 1 {
		return
	}
	scores := centredRanks(values)
	observed, at := largest(scores)
	p := f.test(scores, observed)
	if p > alpha {
		return
	}
	f.found = append(f.found, Change{Index: offset + at, P: p})
	f.divide(values[:at], offset, alpha/4)
	f.divide(values[at:], offset+at, alpha/4)
}

// test draws orders of the scores.
func (f *finder) test(scores []float64, observed float64) float64 {
	shuffled := slices.Clone(scores)
	hits := 0
	for k := 1; k <= mostDraws; k++ {
		f.r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if s, _ := largest(shuffled); s >= observed*(1-1e-12) {
			if hits++; hits == enough {
				return float64(hits) / float64(k)
			}
		}
	}
	return float64(hits+1) / float64(mostDraws+1)
}

// centredRanks are midranks less their mean.
func centredRanks(values []float64) []float64 {
	n := len(values)
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(values[a], values[b]) })
	ranks := make([]float64, n)
	for i := 0; i < n; {
		j := i
		for j < n && values[order[j]] == values[order[i]] {
			j++
		}
		for k := i; k < j; k++ {
			ranks[order[k]] = float64(i+j-1)/2 - float64(n-1)/2
		}
		i = j
	}
	return ranks
}

// largest is the greatest weighted sum over the places that leave enough on both sides, and where.
func largest(scores []float64) (float64, int) {
	n := len(scores)
	best, at, sum := -1.0, 0, 0.0
	for k := 1; k <= n-leastSegment; k++ {
		sum += scores[k-1]
		if k < leastSegment {
			continue
		}
		if s := math.Abs(sum) / math.Sqrt(float64(k)*float64(n-k)); s > best {
			best, at = s, k
		}
	}
	return best, at
}
