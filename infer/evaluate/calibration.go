package evaluate

import (
	"fmt"
	"math"
	"slices"
	"sort"
)

// DefaultBins is the number of bins of a calibration error (Guo et al. 2017).
const DefaultBins = 15

// maxBins bounds the bins of a calibration error.
const maxBins = 1000

// A Bin holds the pictures whose scores lie in (Low, High]; the first bin also holds a score equal to Low.
type Bin struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
	// Count of pictures, Right of those answered correctly.
	Count int `json:"count"`
	Right int `json:"right"`
	// Score is the mean score, Accuracy is Right / Count; both 0 in an empty bin.
	Score    float64 `json:"score"`
	Accuracy float64 `json:"accuracy"`
}

// EqualWidth divides 0 to 1 into bins of one width: score[i] is the probability of the answer to picture i, right[i] whether it was
// correct. The bins are those of sklearn.calibration.calibration_curve with strategy="uniform". Errors wrap [ErrInput].
func EqualWidth(score []float64, right []bool, bins int) ([]Bin, error) {
	b, err := newBinned(score, right, bins)
	if err != nil {
		return nil, err
	}
	return b.fill(b.widths()), nil
}

// EqualMass divides the pictures into bins of about as many each, between the quantiles of the scores. The bins are those of
// sklearn.calibration.calibration_curve with strategy="quantile": equal scores stay together, so that some bins may be empty. Errors
// wrap [ErrInput].
func EqualMass(score []float64, right []bool, bins int) ([]Bin, error) {
	b, err := newBinned(score, right, bins)
	if err != nil {
		return nil, err
	}
	return b.fill(b.quantiles()), nil
}

// ECE is the expected calibration error of bins: the mean distance between score and accuracy, each bin weighted by its pictures
// (Naeini et al. 2015). It is 0 to 1, and above 0 by chance alone even where scores mean what they say: see [Calibration].
func ECE(bins []Bin) float64 {
	var total sum
	n := 0
	for _, b := range bins {
		total.add(float64(b.Count) * abs(b.Accuracy-b.Score))
		n += b.Count
	}
	return total.value() / float64(n)
}

// MaximumCalibrationError is the largest distance between score and accuracy of a bin that is not empty.
func MaximumCalibrationError(bins []Bin) float64 {
	worst := 0.0
	for _, b := range bins {
		if b.Count > 0 {
			worst = max(worst, abs(b.Accuracy-b.Score))
		}
	}
	return worst
}

// binned is pictures in the order of their scores, each counted as often as times says, so that a resample needs no sorting.
type binned struct {
	score []float64 // ascending
	right []bool
	times []int
	n     int // sum of times
	bins  int
	from  []int // index of each in the caller's order
}

func newBinned(score []float64, right []bool, bins int) (*binned, error) {
	if err := checkScores(score, right); err != nil {
		return nil, err
	}
	if bins < 1 || bins > maxBins {
		return nil, fmt.Errorf("%w: %d bins, want 1 to %d", ErrInput, bins, maxBins)
	}
	b := &binned{n: len(score), bins: bins, from: make([]int, len(score))}
	for i := range b.from {
		b.from[i] = i
	}
	sort.SliceStable(b.from, func(i, j int) bool { return score[b.from[i]] < score[b.from[j]] })
	for _, i := range b.from {
		b.score, b.right, b.times = append(b.score, score[i]), append(b.right, right[i]), append(b.times, 1)
	}
	return b, nil
}

// widths are the edges of equal bins, as numpy.linspace computes them.
func (b *binned) widths() []float64 {
	edges := make([]float64, b.bins+1)
	step := 1 / float64(b.bins)
	for i := range edges {
		edges[i] = float64(i) * step
	}
	edges[b.bins] = 1
	return edges
}

// quantiles are the edges between as many pictures each, as numpy.percentile computes them (linear interpolation), down to the last
// bit: an edge that falls on a score decides which bin it is in.
func (b *binned) quantiles() []float64 {
	edges := b.widths()
	at, seen := 0, b.times[0] // b.score[at] is in place seen - 1 at least
	value := func(place int) float64 {
		for seen <= place {
			at++
			seen += b.times[at]
		}
		return b.score[at]
	}
	for i, q := range edges {
		virtual := float64(float64(b.n-1) * (q * 100 / 100))
		place := int(math.Floor(virtual))
		t := virtual - float64(place)
		low := value(place)
		resume, resumeSeen := at, seen // the next edge may begin at the same place
		high := value(min(place+1, b.n-1))
		at, seen = resume, resumeSeen
		switch {
		case low == high:
			edges[i] = low
		case t >= 0.5:
			edges[i] = high - float64((high-low)*(1-t)) // the conversions keep processors from rounding once for two operations
		default:
			edges[i] = low + float64((high-low)*t)
		}
	}
	return edges
}

// fill puts the pictures between the edges. A score equal to an inner edge belongs below it, as with numpy.searchsorted.
func (b *binned) fill(edges []float64) []Bin {
	bins := make([]Bin, b.bins)
	for i := range bins {
		bins[i].Low, bins[i].High = edges[i], edges[i+1]
	}
	inner := edges[1:b.bins]
	var total sum
	last := -1
	end := func() {
		if last >= 0 {
			bins[last].Score = total.value() / float64(bins[last].Count)
			bins[last].Accuracy = float64(bins[last].Right) / float64(bins[last].Count)
		}
	}
	place := 0
	for i, v := range b.score {
		if b.times[i] == 0 {
			continue
		}
		for place < len(inner) && inner[place] < v {
			place++
		}
		if place != last {
			end()
			total, last = sum{}, place
		}
		bins[place].Count += b.times[i]
		if b.right[i] {
			bins[place].Right += b.times[i]
		}
		total.add(v * float64(b.times[i]))
	}
	end()
	return slices.Clip(bins)
}
