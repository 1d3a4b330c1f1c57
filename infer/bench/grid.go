package bench

import (
	"context"
	"fmt"
	"slices"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/pairs"
)

// A GridReport holds the rate of every combination.
type GridReport struct {
	Cells []GridCell `json:"cells"`
	// Best of the cells, and how far the chosen plan is behind it: 0.03 is 3 % slower. It is 0 when the plan is the best.
	Best   GridCell `json:"best"`
	Chosen GridCell `json:"chosen"`
	Behind float64  `json:"behind"`
}

// A GridCell is one combination.
type GridCell struct {
	Workers int `json:"workers"`
	Threads int `json:"threads"`
	Batch   int `json:"batch"`
	// Rate in pictures a second, the median of the rounds.
	Rate float64 `json:"rate"`
	// Used microseconds of the processor a picture, all threads together, the median likewise; 0 where the system does not tell.
	Used float64 `json:"used_us"`
}

// Grid runs the pipeline with 1, cores and 2 × cores workers, 1 and cores threads a call, and batches from 1 to 32, the plan's own
// among them. Batches of which there would not be two for each worker in a run are left out: the figure would be the last one's wait
// for its end. Rounds go over the whole grid, so that a slow moment of the machine does not fall on one cell alone. The share of the
// processor that others had meanwhile goes into m.
func Grid(ctx context.Context, s *Subject, report ModelReport, o Options, m *Machine) (*GridReport, error) {
	o.defaults(s)
	plans := gridPlans(report.Plan, o.Cores, report.Count)
	models := make(map[int]*infer.Classifier)
	for _, p := range plans {
		if models[p.Threads] != nil {
			continue
		}
		c, free, err := s.Open(ctx, p.Threads)
		if err != nil {
			return nil, err
		}
		defer free()
		models[p.Threads] = c
	}
	watch := newOthers()
	rates, used := make([][]float64, len(plans)), make([][]float64, len(plans))
	for round := range o.Rounds {
		for i, p := range plans {
			o.Say(fmt.Sprintf("grid: round %d of %d, cell %d of %d", round+1, o.Rounds, i+1, len(plans)))
			watch.start()
			done, err := pipeline(ctx, models[p.Threads], o.Pictures, report.Count, p)
			watch.stop()
			if err != nil {
				return nil, err
			}
			rates[i], used[i] = append(rates[i], done.rate), append(used[i], done.used)
		}
	}
	g := new(GridReport)
	for i, p := range plans {
		cell := GridCell{p.Workers, p.Threads, p.Batch, pairs.Median(rates[i]), pairs.Median(used[i])}
		g.Cells = append(g.Cells, cell)
		if cell.Rate > g.Best.Rate {
			g.Best = cell
		}
		if p.Workers == report.Plan.Workers && p.Threads == report.Plan.Threads && p.Batch == report.Plan.Batch {
			g.Chosen = cell
		}
	}
	g.Behind = 1 - g.Chosen.Rate/g.Best.Rate
	m.OthersShare = max(m.OthersShare, watch.share)
	return g, nil
}

// gridPlans lists the combinations for runs of count pictures, sorted and without doubles.
func gridPlans(chosen infer.Plan, cores, count int) []infer.Plan {
	set := func(values ...int) []int { return slices.Compact(slices.Sorted(slices.Values(values))) }
	var plans []infer.Plan
	for _, workers := range set(1, cores, 2*cores, chosen.Workers) {
		for _, threads := range set(1, cores, chosen.Threads) {
			for _, batch := range set(1, 4, 16, 32, chosen.Batch) {
				p := infer.Plan{Workers: workers, Threads: threads, Batch: batch, Reason: chosen.Reason}
				if p == chosen || 2*workers*batch <= count {
					plans = append(plans, p)
				}
			}
		}
	}
	return plans
}
