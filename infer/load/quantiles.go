package load

import "slices"

// Quantiles of a time in milliseconds.
type Quantiles struct {
	P50 float64 `json:"p50"`
	P90 float64 `json:"p90"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
}

// QuantilesOf sorts values and gives their quantiles, zero of none.
func QuantilesOf(values []float64) Quantiles {
	if len(values) == 0 {
		return Quantiles{}
	}
	slices.Sort(values)
	return Quantiles{Quantile(values, 50), Quantile(values, 90), Quantile(values, 99), values[len(values)-1]}
}

// Quantile by nearest rank: the smallest value that percent of the sorted values do not exceed. There must be a value.
func Quantile(sorted []float64, percent int) float64 {
	return sorted[max((len(sorted)*percent+99)/100-1, 0)]
}
