package drift

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/scones-unlimited/scones/infer/drift/twosample"
)

// Powers remembers the smallest sizes that tests see, which depend on the numbers of rows and the level alone: many columns share them,
// and runs one after the other do. The zero value is empty; it is for one goroutine.
type Powers struct {
	known  map[powerKey]float64
	crowds map[[2]int]*crowd
}

// Bounds of the memory, and of the samples that are simulated: larger ones are taken for as large, which is on the safe side.
const (
	maxPowers    = 10_000
	maxCrowds    = 20
	largestCrowd = 2000
)

// powerSeed makes the simulated ones the same in every run.
const powerSeed = 1

type powerKey struct {
	method Method
	m, n   int
	levels int
	level  float64
}

// detectable is the smallest [Effect.Size] that the test sees at a level with [Report.Power], by itself. NaN where it is not
// known: for vectors it depends on their distribution.
func (w *Powers) detectable(p *planned, level float64) float64 {
	if level <= 0 {
		return math.NaN()
	}
	key := powerKey{p.method, p.m, p.n, len(p.shares), level}
	if d, ok := w.known[key]; ok {
		return d
	}
	d := math.NaN()
	switch p.method {
	case KS, Wasserstein:
		d = w.shift(p.method, p.m, p.n, level)
	case ChiSquare, EachLabel:
		d = w.labels(p.m, p.n, max(1, len(p.shares)-1), level)
	case Proportions:
		d = w.proportions(p.m, p.n, level)
	}
	if w.known == nil || len(w.known) == maxPowers {
		w.known = map[powerKey]float64{}
	}
	w.known[key] = d
	return d
}

// proportions is Cohen's h by the normal approximation to the arcsine (Cohen 1988, 6.4).
func (w *Powers) proportions(m, n int, level float64) float64 {
	z := -mathext.NormalQuantile(level/2) + mathext.NormalQuantile(targetPower)
	return z * math.Sqrt(1/float64(m)+1/float64(n))
}

// labels follows from the noncentral chi-square distribution: with 4 V² m n/(m+n) as its noncentrality the statistic must pass the level's
// quantile.
func (w *Powers) labels(m, n, freedom int, level float64) float64 {
	df := float64(freedom)
	critical := distuv.ChiSquared{K: df}.Quantile(1 - level)
	seen := func(v float64) float64 {
		half := 2 * v * v * float64(m) * float64(n) / float64(m+n)
		// A mixture of central distributions with Poisson weights.
		total := 0.0
		spread := 8*math.Sqrt(half) + 20
		for j := math.Floor(max(0, half-spread)); j <= half+spread; j++ {
			total += distuv.Poisson{Lambda: max(half, 1e-9)}.Prob(j) * distuv.ChiSquared{K: df + 2*j}.Survival(critical)
		}
		return total
	}
	if seen(0.999) < targetPower {
		return math.NaN()
	}
	return ofV(bisect(0, 0.999, func(v float64) bool { return seen(v) >= targetPower }))
}

// Samples that a power is estimated with: its standard error at 80 % is 2.8 %.
const powerSamples = 200

// nullDraws of the Wasserstein distance when nothing has changed, of which leastTail lie beyond the smallest level that is judged by them.
const (
	nullDraws = 50_000
	leastTail = 10
)

// A crowd is pairs of normal samples of one size, sorted, and the Wasserstein distances of pairs that have no shift.
type crowd struct {
	x, y [powerSamples][]float64
	null []float64 // sorted; empty until it is needed
}

// crowd draws the pairs once.
func (w *Powers) crowd(m, n int) *crowd {
	if c, ok := w.crowds[[2]int{m, n}]; ok {
		return c
	}
	r := rand.New(rand.NewPCG(powerSeed, 6))
	normal := func(n int) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = r.NormFloat64()
		}
		slices.Sort(v)
		return v
	}
	c := new(crowd)
	for i := range c.x {
		c.x[i], c.y[i] = normal(m), normal(n)
	}
	if w.crowds == nil || len(w.crowds) == maxCrowds {
		w.crowds = map[[2]int]*crowd{}
	}
	w.crowds[[2]int{m, n}] = c
	return c
}

// shift simulates normal samples of which the window's lies some standard deviations higher. What that says of a column depends on its
// shape; the reports say so.
func (w *Powers) shift(method Method, m, n int, level float64) float64 {
	m, n = min(m, largestCrowd), min(n, largestCrowd)
	c := w.crowd(m, n)
	var critical float64
	statistic := distance
	if method == KS {
		critical = criticalKS(m, n, level)
	} else {
		if level*nullDraws < leastTail {
			return math.NaN()
		}
		if c.null == nil {
			c.null = twosample.Pool(c.x[0], c.y[0]).WassersteinNull(nullDraws, powerSeed)
			slices.Sort(c.null)
		}
		critical = quantile(c.null, 1-level)
		statistic = moved
	}
	const most = 4.0
	seen := func(shift float64) bool {
		hits := 0
		for i := range c.x {
			if statistic(c.x[i], c.y[i], shift) >= critical {
				hits++
			}
		}
		return float64(hits) >= targetPower*powerSamples
	}
	if math.IsInf(critical, 1) || !seen(most) {
		return math.NaN()
	}
	return bisect(0, most, seen)
}

// bisect finds where a condition that stays true begins, to a five-hundredth of the range.
func bisect(low, high float64, holds func(float64) bool) float64 {
	for range 9 {
		if middle := (low + high) / 2; holds(middle) {
			high = middle
		} else {
			low = middle
		}
	}
	return high
}

// criticalKS is the smallest distance that is significant at a level, without ties; infinite when none is.
func criticalKS(m, n int, level float64) float64 {
	unit := m * n / gcd(m, n) // distances are multiples of 1/unit
	if twosample.KSReach(m, n, 1) > level {
		return math.Inf(1)
	}
	low, high := 0, unit
	for high-low > 1 {
		if middle := (low + high) / 2; twosample.KSReach(m, n, float64(middle)/float64(unit)) <= level {
			high = middle
		} else {
			low = middle
		}
	}
	return float64(high)/float64(unit) - 1e-9
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// distance is the Kolmogorov-Smirnov distance of sorted numbers when y is shifted.
func distance(x, y []float64, shift float64) float64 {
	d := 0.0
	walk(x, y, shift, func(_, gap float64) { d = max(d, gap) })
	return d
}

// moved is the Wasserstein distance.
func moved(x, y []float64, shift float64) float64 {
	total, before, apart := 0.0, 0.0, 0.0
	walk(x, y, shift, func(at, gap float64) {
		total += apart * (at - before)
		before, apart = at, gap
	})
	return total
}

// walk visits the values of both in order, with how far apart the distribution functions are after each.
func walk(x, y []float64, shift float64, visit func(at, gap float64)) {
	i, j := 0, 0
	for i < len(x) || j < len(y) {
		var at float64
		if j == len(y) || i < len(x) && x[i] <= y[j]+shift {
			at = x[i]
			i++
		} else {
			at = y[j] + shift
			j++
		}
		visit(at, math.Abs(float64(i)/float64(len(x))-float64(j)/float64(len(y))))
	}
}
