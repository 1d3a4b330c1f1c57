package evaluate

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// An Interval holds the value that was measured with the probability that its maker says.
type Interval struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Level of every interval and promise here.
const Level = 0.95

// z is the standard normal quantile of (1 + Level) / 2.
var z = mathext.NormalQuantile((1 + Level) / 2)

// Wilson is the score interval of k of n at [Level] (Wilson 1927), as scipy.stats.binomtest(k, n).proportion_ci(method="wilson"). It is
// 0 to 1 when n is 0.
func Wilson(k, n int) Interval {
	if n == 0 {
		return Interval{0, 1}
	}
	count, p := float64(n), float64(k)/float64(n)
	middle := p + z*z/(2*count)
	half := z * math.Sqrt(p*(1-p)/count+z*z/(4*count*count))
	scale := 1 + z*z/count
	i := Interval{(middle - half) / scale, (middle + half) / scale}
	if k == 0 {
		i.Low = 0 // in exact arithmetic
	}
	if k == n {
		i.High = 1
	}
	return i
}

// ExactLower is the exact lower bound of k of n with error probability alpha, one-sided (Clopper and Pearson 1934): the true share is
// below it in at most alpha of all samples. It is 0 when k is 0.
func ExactLower(k, n int, alpha float64) float64 {
	if k == 0 {
		return 0
	}
	return mathext.InvRegIncBeta(float64(k), float64(n-k+1), alpha)
}

// Exact is the two-sided interval of k of n at [Level] (Clopper and Pearson 1934), as proportion_ci(method="exact").
func Exact(k, n int) Interval {
	i := Interval{0, 1}
	if k > 0 {
		i.Low = ExactLower(k, n, (1-Level)/2)
	}
	if k < n {
		i.High = 1 - ExactLower(n-k, n, (1-Level)/2)
	}
	return i
}

// atLeast is the probability of k or more of n when each has probability p: how surprising k right answers are if the accuracy is p.
func atLeast(k, n int, p float64) float64 {
	switch {
	case k <= 0:
		return 1
	case p <= 0:
		return 0
	case p >= 1:
		return 1
	}
	return mathext.RegIncBeta(float64(k), float64(n-k+1), p)
}
