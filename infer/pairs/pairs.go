// Package pairs compares the speed of two things on a machine that does other work besides: they run in turns, so that what else
// happens falls on both, and the median leaves out what fell on one.
package pairs

import "slices"

// Run calls measure for side 0 and side 1, n times each, and returns what it measured. The order changes from pair to pair, so that
// neither side always runs on the machine that the other has warmed. The first error ends it.
func Run(n int, measure func(pair, side int) (float64, error)) ([][2]float64, error) {
	measured := make([][2]float64, 0, n)
	for pair := range n {
		var values [2]float64
		for turn := range 2 {
			side := (pair + turn) % 2
			value, err := measure(pair, side)
			if err != nil {
				return measured, err
			}
			values[side] = value
		}
		measured = append(measured, values)
	}
	return measured, nil
}

// Median is the middle value, the mean of the middle two; 0 for none.
func Median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	if len(sorted) == 0 {
		return 0
	}
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}
