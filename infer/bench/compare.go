package bench

import (
	"context"
	"fmt"
	"slices"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/pairs"
)

// MinPairs is the least number of pairs that [Compare] runs.
const MinPairs = 5

// A Comparison says how much faster the second model is than the first.
type Comparison struct {
	Pairs int `json:"pairs"`
	// Ratio is the second's rate divided by the first's: the median of the pairs, the least and the most.
	Ratio float64 `json:"ratio"`
	Least float64 `json:"least"`
	Most  float64 `json:"most"`
}

// Compare runs the pipeline with the first model, then with the second, and again, at least [MinPairs] times. Counts and plans are each model's own, as in
// the reports of [Run]. The share of the processor that others had meanwhile goes into m.
func Compare(ctx context.Context, first, second *Subject, reports [2]ModelReport, o Options, m *Machine) (Comparison, error) {
	n := max(o.Rounds, MinPairs)
	o.defaults(first)
	var models [2]*infer.Classifier
	for i, s := range []*Subject{first, second} {
		c, free, err := s.Open(ctx, reports[i].Plan.Threads)
		if err != nil {
			return Comparison{}, err
		}
		defer free()
		models[i] = c
	}
	watch := newOthers()
	rates, err := pairs.Run(n, func(pair, side int) (float64, error) {
		o.Say(fmt.Sprintf("pair %d of %d", pair+1, n))
		watch.start()
		done, err := pipeline(ctx, models[side], o.Pictures, reports[side].Count, reports[side].Plan)
		watch.stop()
		return done.rate, err
	})
	if err != nil {
		return Comparison{}, err
	}
	ratios := make([]float64, n)
	for i, rate := range rates {
		ratios[i] = rate[1] / rate[0]
	}
	m.OthersShare = max(m.OthersShare, watch.share)
	return Comparison{Pairs: n, Ratio: pairs.Median(ratios), Least: slices.Min(ratios), Most: slices.Max(ratios)}, nil
}
