package evaluate

// Draws gives the pictures of the first resamples of n.
func Draws(n, rounds int) [][]int {
	draw := newDraws(n)
	all := make([][]int, rounds)
	for r := range all {
		for range n {
			all[r] = append(all[r], draw.below(n))
		}
	}
	return all
}

// BootstrapInterval is a calibration error's interval from so many resamples.
func BootstrapInterval(score []float64, right []bool, bins int, mass bool, rounds int) (Interval, error) {
	b, err := newBinned(score, right, bins)
	if err != nil {
		return Interval{}, err
	}
	by := byWidth
	if mass {
		by = byMass
	}
	return b.interval(by, rounds), nil
}
