package twosample

import "math/rand/v2"

// Draws say how many permutations are drawn. The zero value draws [DefaultDraws].
type Draws struct {
	// Max permutations; [DefaultDraws] when zero. No p is below 1/(Max+1).
	Max int
	// Enough permutations with a statistic as great as the one seen end the drawing: p is large then, and more draws would only say it
	// more precisely (Besag and Clifford 1991). [DefaultEnough] when zero.
	Enough int
	// Seed of the generator: equal seeds give equal results.
	Seed uint64
}

// The defaults of [Draws].
const (
	DefaultDraws  = 9999
	DefaultEnough = 100
)

// enumerable is the number of permutations up to which all of them are counted.
const enumerable = 100_000

// slack is how much smaller, relatively, a statistic may be and still count as equal: sums of the same terms in another order differ so.
const slack = 1e-10

func (d Draws) source(stream uint64) *rand.Rand { return rand.New(rand.NewPCG(d.Seed, stream)) }

// run compares draws of next with what was observed.
func (d Draws) run(observed float64, next func() float64) Result {
	most, enough := d.Max, d.Enough
	if most == 0 {
		most = DefaultDraws
	}
	if enough == 0 {
		enough = DefaultEnough
	}
	least := atLeast(observed)
	hits := 0
	for k := 1; k <= most; k++ {
		if next() < least {
			continue
		}
		if hits++; hits == enough {
			return Result{P: float64(hits) / float64(k), Draws: k}
		}
	}
	return Result{P: float64(hits+1) / float64(most+1), Draws: most}
}

// atLeast is the least statistic that counts as great as the observed one.
func atLeast(observed float64) float64 { return observed - slack*max(observed, -observed) }

// choose is the number of ways to take k of n, or more than limit.
func choose(n, k, limit int) int {
	k = min(k, n-k)
	c := 1
	for i := 1; i <= k; i++ {
		if c > limit*i/(n-k+i)+1 {
			return limit + 1
		}
		c = c * (n - k + i) / i
	}
	return c
}

// combinations visits all sets of k of n; the slice is used again.
func combinations(n, k int, visit func(chosen []int)) {
	chosen := make([]int, k)
	for i := range chosen {
		chosen[i] = i
	}
	for {
		visit(chosen)
		i := k - 1
		for i >= 0 && chosen[i] == n-k+i {
			i--
		}
		if i < 0 {
			return
		}
		chosen[i]++
		for i++; i < k; i++ {
			chosen[i] = chosen[i-1] + 1
		}
	}
}

// A sampler draws sets of k of n without allocation. The order is shuffled further with each draw, from wherever it is: every draw is
// uniform all the same.
type sampler struct {
	r     *rand.Rand
	order []int32
	k     int
}

func newSampler(r *rand.Rand, n, k int) *sampler {
	s := &sampler{r: r, order: make([]int32, n), k: k}
	for i := range s.order {
		s.order[i] = int32(i)
	}
	return s
}

// next gives k indices, valid until the next call.
func (s *sampler) next() []int32 {
	n := len(s.order)
	for i := range s.k {
		j := i + int(s.r.Uint32N(uint32(n-i)))
		s.order[i], s.order[j] = s.order[j], s.order[i]
	}
	return s.order[:s.k]
}
