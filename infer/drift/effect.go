package drift

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// The sizes below put every effect on the scale of Cohen's d, the distance of two normal distributions in standard deviations.

// ofDistance is the d of two normal distributions whose distribution functions are at most D apart: D = 2 Φ(d/2) - 1.
func ofDistance(D float64) float64 { return 2 * mathext.NormalQuantile((1+min(D, 1-1e-12))/2) }

// ofV is the d of a correlation V between two equally frequent sides: 2V/√(1-V²) (Cohen 1988, 2.2.6).
func ofV(v float64) float64 { return 2 * v / math.Sqrt(max(1e-12, 1-v*v)) }

// effect measures what a test is about.
func (p *pair) effect(method Method, statistic float64) Effect {
	e := Effect{Value: Number(math.NaN()), Size: Number(math.NaN())}
	switch method {
	case KS:
		e = Effect{"Kolmogorov-Smirnov distance", Number(statistic), Number(ofDistance(statistic))}
	case Wasserstein:
		e.Name = "standardised Wasserstein distance"
		if p.sd > 0 {
			e.Value = Number(statistic / p.sd)
		} else {
			e.Value = 0
		}
		e.Size = e.Value
	case ChiSquare, EachLabel:
		v := p.counts.V()
		e = Effect{"Cramér's V", Number(v), Number(ofV(v))}
	case Proportions:
		x, y := float64(p.below.a)/float64(p.below.m), float64(p.below.b)/float64(p.below.n)
		e = Effect{"difference of proportions", Number(y - x), Number(cohen(x, y))}
	case MMD, Witness:
		d := p.kernel().Distance()
		e = Effect{"kernel distance in standard deviations", Number(d), Number(d)}
	}
	return e
}
