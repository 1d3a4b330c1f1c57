package drift

import (
	"cmp"
	"math"
	"slices"
)

// holm gives adjusted p-values: to reject where they are at most alpha is Holm's procedure (1979) with weights, which makes any false
// rejection at all no likelier than alpha, however the tests depend on each other. Weights sum to 1; a test of weight 0 has 1.
func holm(p, weight []float64) []float64 {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	ratio := func(i int) float64 {
		if weight[i] == 0 {
			return math.Inf(1)
		}
		return p[i] / weight[i]
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(ratio(a), ratio(b)) })
	adjusted := make([]float64, len(p))
	left, worst := 1.0, 0.0
	for _, i := range order {
		if weight[i] == 0 {
			adjusted[i] = 1
			continue
		}
		worst = max(worst, min(1, ratio(i)*max(left, weight[i])))
		adjusted[i] = worst
		left -= weight[i]
	}
	return adjusted
}
