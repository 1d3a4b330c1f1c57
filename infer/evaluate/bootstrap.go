package evaluate

import (
	"math/bits"
	"math/rand/v2"
	"slices"
)

// resamples of the bootstrap; with very many pictures fewer, so that maxDraws bounds the work.
const (
	resamples    = 2000
	minResamples = 200
	maxDraws     = 200_000_000
)

// A Calibration is a calibration error with what is needed to judge it.
type Calibration struct {
	// ECE of the bins, and its bootstrap interval at [Level]: quantiles over resamples of the pictures, bins drawn anew each time. The
	// resamples follow from the number of pictures alone, so that two runs agree.
	ECE      float64  `json:"ece"`
	Interval Interval `json:"interval"`
	// Maximum distance of a bin.
	Maximum float64 `json:"maximum"`
	// Perfect is the mean ECE that scores which mean exactly what they say would show with these pictures and bins (consistency
	// resampling, Bröcker and Smith 2007). An ECE near it is no sign of miscalibration.
	Perfect float64 `json:"perfect"`
	// Resamples that the interval and Perfect are taken from.
	Resamples int   `json:"resamples"`
	Bins      []Bin `json:"bins"`
}

// A binner is [EqualWidth] or [EqualMass].
type binner int

const (
	byWidth binner = iota
	byMass
)

func (b *binned) edges(by binner) []float64 {
	if by == byMass {
		return b.quantiles()
	}
	return b.widths()
}

// CalibrateWidth measures a calibration error with bins of equal width. Errors wrap [ErrInput].
func CalibrateWidth(score []float64, right []bool, bins int) (*Calibration, error) {
	return calibrate(score, right, bins, byWidth)
}

// CalibrateMass measures a calibration error with bins of equal mass. Errors wrap [ErrInput].
func CalibrateMass(score []float64, right []bool, bins int) (*Calibration, error) {
	return calibrate(score, right, bins, byMass)
}

func calibrate(score []float64, right []bool, bins int, by binner) (*Calibration, error) {
	b, err := newBinned(score, right, bins)
	if err != nil {
		return nil, err
	}
	c := &Calibration{Bins: b.fill(b.edges(by)), Resamples: rounds(b.n)}
	c.ECE, c.Maximum = ECE(c.Bins), MaximumCalibrationError(c.Bins)
	c.Interval = b.interval(by, c.Resamples)
	c.Perfect = b.perfect(by, c.Resamples)
	return c, nil
}

func rounds(n int) int { return min(resamples, max(minResamples, maxDraws/n)) }

// interval is the percentile bootstrap of the calibration error (Efron 1979).
func (b *binned) interval(by binner, rounds int) Interval {
	errors := make([]float64, rounds)
	place := make([]int, b.n) // of the caller's picture in the order of scores
	for at, i := range b.from {
		place[i] = at
	}
	draw := newDraws(b.n)
	again := *b
	again.times = make([]int, b.n)
	for round := range errors {
		clear(again.times)
		for range b.n {
			again.times[place[draw.below(b.n)]]++
		}
		errors[round] = ECE(again.fill(again.edges(by)))
	}
	slices.Sort(errors)
	return Interval{quantile(errors, (1-Level)/2), quantile(errors, (1+Level)/2)}
}

// perfect is the mean calibration error when each answer is right with the probability that its score says.
func (b *binned) perfect(by binner, rounds int) float64 {
	draw := newDraws(b.n)
	again := *b
	again.right = make([]bool, b.n)
	edges := b.edges(by)
	var total sum
	for range rounds {
		for i, p := range b.score {
			again.right[i] = draw.unit() < p
		}
		total.add(ECE(again.fill(edges)))
	}
	return total.value() / float64(rounds)
}

// draws is a stream of random numbers that is the same on every machine and with every release of Go.
type draws struct{ source *rand.PCG }

// newDraws seeds by the number of pictures alone: two models on the same pictures are resampled alike.
func newDraws(n int) draws { return draws{rand.NewPCG(uint64(n), 0x73636f6e6573)} }

// below draws 0 to n - 1. Without rejection the numbers differ in probability by less than n / 2⁶⁴.
func (d draws) below(n int) int {
	high, _ := bits.Mul64(d.source.Uint64(), uint64(n))
	return int(high)
}

// unit draws from [0, 1).
func (d draws) unit() float64 { return float64(d.source.Uint64()>>11) * 0x1p-53 }

// quantile interpolates between sorted values, as numpy.quantile does.
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	low := int(at)
	t := at - float64(low)
	if low+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[low] + float64((sorted[low+1]-sorted[low])*t)
}
