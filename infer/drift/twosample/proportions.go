package twosample

import "math"

// unconditional is the number of values up to which [Proportions] maximises over the common proportion; with more, the margins say as
// much.
const unconditional = 4000

// Proportions tests whether a of m and b of n are samples of one proportion, two-sided: Boschloo's unconditional test (1970), which
// orders tables by Fisher's one-sided p and takes the worst case over the common proportion, doubled for two sides as
// scipy.stats.boschloo_exact does. It is never larger than twice Fisher's one-sided p, and less conservative. For more than 4,000
// values it is that.
func Proportions(a, m, b, n int) float64 {
	t := &tables{m: m, n: n, f: newFactorials(m + n)}
	fewer, more := t.fisher(a, b), t.swapped().fisher(b, a)
	if m+n > unconditional {
		return min(1, 2*min(fewer, more))
	}
	return min(1, 2*min(t.boschloo(fewer), t.swapped().boschloo(more)))
}

// tables of two proportions, of m and of n.
type tables struct {
	m, n int
	f    factorials
}

func (t *tables) swapped() *tables { return &tables{t.n, t.m, t.f} }

// fisher is the probability of a or fewer in the first sample when a+b in both are given.
func (t *tables) fisher(a, b int) float64 {
	all, good := t.m+t.n, a+b
	low, high := support(all, good, t.m)
	// The shorter tail is summed; the other is what is left.
	if a-low > high-a {
		upper := 0.0
		for i := a + 1; i <= high; i++ {
			upper += t.f.hypergeometric(i, all, good, t.m)
		}
		if upper < 0.5 {
			return 1 - upper
		}
	}
	p := 0.0
	for i := low; i <= a; i++ {
		p += t.f.hypergeometric(i, all, good, t.m)
	}
	return min(p, 1)
}

// boschloo is the largest probability, over the common proportion, of a table whose [tables.fisher] is at most limit.
func (t *tables) boschloo(limit float64) float64 {
	limit += slack * limit
	// For each a the region is b ≥ from[a], and from never falls as a grows.
	from := make([]int, t.m+1)
	b := 0
	for a := range from {
		for b <= t.n && t.fisher(a, b) > limit {
			b++
		}
		from[a] = b
	}
	at := func(theta float64) float64 { return t.within(from, theta) }
	// The maximum may be anywhere; a grid that is finer near 0 and 1 finds its neighbourhood.
	const grid = 240
	best, place := 0.0, 1
	theta := func(k float64) float64 { s := math.Sin(k * math.Pi / (2 * (grid + 1))); return s * s }
	for k := 1; k <= grid; k++ {
		if p := at(theta(float64(k))); p > best {
			best, place = p, k
		}
	}
	return max(best, peak(func(k float64) float64 { return at(theta(k)) }, float64(place-1), float64(place+1)))
}

// within is the probability of the region when both proportions are theta.
func (t *tables) within(from []int, theta float64) float64 {
	yes, no := math.Log(theta), math.Log1p(-theta)
	if math.IsInf(yes, 0) || math.IsInf(no, 0) {
		return 0
	}
	binomial := func(n, k int) float64 { return math.Exp(t.f.choose(n, k) + float64(k)*yes + float64(n-k)*no) }
	p, tail, next := 0.0, 0.0, t.n+1 // tail is the probability of b ≥ next
	for a := t.m; a >= 0; a-- {
		for next > from[a] {
			next--
			tail += binomial(t.n, next)
		}
		if tail > 0 {
			p += binomial(t.m, a) * tail
		}
	}
	return p
}

// peak is the largest value of f by golden section between two points.
func peak(f func(float64) float64, low, high float64) float64 {
	const golden = 0.6180339887498949
	a, b := high-golden*(high-low), low+golden*(high-low)
	fa, fb := f(a), f(b)
	for range 40 {
		if fa > fb {
			high, b, fb = b, a, fa
			a = high - golden*(high-low)
			fa = f(a)
		} else {
			low, a, fa = a, b, fb
			b = low + golden*(high-low)
			fb = f(b)
		}
	}
	return max(fa, fb)
}
