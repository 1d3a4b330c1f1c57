package bench

import (
	"context"
	"fmt"
	"slices"

	"github.com/scones-unlimited/scones/infer"
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

// Compare runs the pipeline with the first model, then with the second, and again, at least [MinPairs] times. The order changes from
// pair to pair, so that neither always runs on the machine that the other has warmed. Counts and plans are each model's own, as in
// the reports of [Run]. The share of the processor that others had meanwhile goes into m.
func Compare(ctx context.Context, first, second *Subject, reports [2]ModelReport, o Options, m *Machine) (Comparison, error) {
	pairs := max(o.Rounds, MinPairs)
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
	var ratios []float64
	for pair := range pairs {
		o.Say(fmt.Sprintf("pair %d of %d", pair+1, pairs))
		var rates [2]float64
		for turn := range 2 {
			which := (pair + turn) % 2
			watch.start()
			done, err := pipeline(ctx, models[which], o.Pictures, reports[which].Count, reports[which].Plan)
			watch.stop()
			if err != nil {
				return Comparison{}, err
			}
			rates[which] = done.rate
		}
		ratios = append(ratios, rates[1]/rates[0])
	}
	m.OthersShare = max(m.OthersShare, watch.share)
	return Comparison{Pairs: pairs, Ratio: median(ratios), Least: slices.Min(ratios), Most: slices.Max(ratios)}, nil
}
