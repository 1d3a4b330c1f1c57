package drift

import (
	"math"

	"github.com/scones-unlimited/scones/infer/drift/twosample"
)

// A planned test is one that a run makes. What is planned depends on the numbers of rows and on the run's level, never on which values
// are the window's: that is what keeps the weights honest.
type planned struct {
	*pair
	method Method
	weight float64
	floor  float64 // no p is smaller
}

// What drawing permutations may cost, in elementary steps of about a nanosecond: it bounds the draws of one test.
const drawingBudget = 5e8

// Draws of one test, at least and at most.
const (
	leastDraws = 1999
	mostDraws  = 2_000_000
)

// drawsWithin is the number of permutations that the budget allows.
func (p *planned) drawsWithin() int {
	cost := 1.0
	switch p.method {
	case Wasserstein:
		cost = 1.5*float64(p.m+p.n) + 3*float64(min(p.m, p.n))
	case ChiSquare:
		cost = 60 * float64(len(p.shares))
	case MMD:
		k := float64(min(len(p.vx), len(p.vy)))
		cost = k*k + 10*k
	}
	return int(min(mostDraws, max(leastDraws, drawingBudget/cost)))
}

// plan lists the tests of all pairs with their weights: the run's error rate is shared evenly among groups, then among a group's tests.
// A test that could not be significant at its share whatever the rows were leaves it to the others (after Tarone 1990).
func plan(pairs []*pair, level float64) []*planned {
	var tests []*planned
	for _, p := range pairs {
		if p.group == Operation || p.m == 0 || p.n == 0 {
			continue
		}
		for _, method := range p.methods() {
			t := &planned{pair: p, method: method}
			t.floor = t.least()
			tests = append(tests, t)
		}
	}
	share(tests, func(*planned) bool { return true })
	for _, t := range tests {
		// The even share says which methods draw permutations deep enough; the others give way to ones that are counted.
		if t.floor <= level*t.weight {
			continue
		}
		switch t.method {
		case ChiSquare:
			t.method = EachLabel
		case MMD:
			t.method = Witness
		}
		t.floor = t.least()
	}
	share(tests, func(t *planned) bool { return t.floor <= level*t.weight })
	return tests
}

func (p *pair) methods() []Method {
	switch {
	case p.below != nil:
		return []Method{Proportions}
	case p.pooled != nil && p.pooled.Distinct() <= 2: // both statistics say the same then
		return []Method{KS}
	case p.pooled != nil:
		return []Method{KS, Wasserstein}
	case p.counts != nil:
		return []Method{ChiSquare}
	}
	return []Method{MMD}
}

// share gives even weights to the tests that take part, 0 to the others.
func share(tests []*planned, takesPart func(*planned) bool) {
	groups := map[Group]int{}
	part := make([]bool, len(tests))
	for i, t := range tests {
		if part[i] = takesPart(t); part[i] {
			groups[t.group]++
		}
	}
	for i, t := range tests {
		t.weight = 0
		if part[i] {
			t.weight = 1 / float64(len(groups)*groups[t.group])
		}
	}
}

// enumerated is about the number of permutations that twosample counts rather than draws.
const enumerated = 100_000

// least is the smallest p that the test can have with these numbers of rows, whatever division of the pooled values the window is. Of the
// values it knows only how many different ones there are on both sides together, which is the same in every permutation.
func (p *planned) least() float64 {
	if p.pooled != nil && p.pooled.Distinct() == 1 || p.counts != nil && len(p.shares) == 1 {
		return 1
	}
	f := func(m, n int) float64 { // 1 / C(m+n, n)
		a, _ := math.Lgamma(float64(m+n) + 1)
		b, _ := math.Lgamma(float64(m) + 1)
		c, _ := math.Lgamma(float64(n) + 1)
		return math.Exp(b + c - a)
	}
	switch p.method {
	case Wasserstein:
		if 1/f(p.m, p.n) > enumerated {
			return 1 / float64(p.drawsWithin()+1)
		}
	case ChiSquare:
		if len(p.shares) > 2 && 1/f(p.m, p.n) > enumerated {
			return 1 / float64(p.drawsWithin()+1)
		}
	case EachLabel:
		return f(p.m, p.n) * float64(len(p.shares))
	case MMD:
		if m, n := len(p.vx), len(p.vy); 1/f(m, n) > enumerated {
			return 1 / float64(p.drawsWithin()+1)
		}
	case Witness:
		return f(len(p.vx)/2, len(p.vy)/2)
	}
	return f(p.m, p.n)
}

// fineness is how many draws below the level a test gets: with as many its p is known well enough to be on the right side of it.
const fineness = 20

// run makes the test. Level is the p at which it would be significant first. A Wasserstein test is drawn deep only while the column has no
// other significant test: a shallow one cannot be significant, so that this takes nothing from the validity.
func (p *planned) run(level float64, settled bool, seed uint64) (float64, twosample.Result) {
	draws := twosample.Draws{Max: leastDraws, Seed: seed}
	if level > 0 && !settled {
		draws.Max = int(min(float64(p.drawsWithin()), max(leastDraws, fineness/level)))
	}
	switch p.method {
	case KS:
		d, pvalue := p.pooled.KS()
		return d, twosample.Result{P: pvalue, Exact: true}
	case Wasserstein:
		return p.pooled.Wasserstein(), p.pooled.WassersteinTest(draws)
	case ChiSquare:
		return p.counts.ChiSquare(), p.counts.ChiSquareTest(draws)
	case EachLabel:
		return p.counts.ChiSquare(), twosample.Result{P: p.eachLabel(), Exact: true}
	case Proportions:
		b := p.below
		return float64(b.b)/float64(b.n) - float64(b.a)/float64(b.m), twosample.Result{P: twosample.Proportions(b.a, b.m, b.b, b.n), Exact: true}
	case Witness:
		return p.kernel().WitnessTest()
	}
	return p.kernel().MMD(), p.kernel().MMDTest(draws)
}

// eachLabel is the smallest exact p of a label's share against all others, times the number of labels.
func (p *pair) eachLabel() float64 {
	least := 1.0
	for _, s := range p.shares {
		least = min(least, twosample.Proportions(s.Baseline, p.m, s.Window, p.n))
	}
	return min(1, least*float64(len(p.shares)))
}
