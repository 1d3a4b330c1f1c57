package quantize

import (
	"context"
	"slices"
	"time"

	"github.com/scones-unlimited/scones/infer"
)

// A speed is measured in pairs, so that what else the machine does falls on both sides; the median leaves out what fell on one.
const (
	pairs      = 9
	pairTime   = 60 * time.Millisecond // at least, each side
	mostRounds = 1000
)

// speedup times the float32 model against its twin, in calls of [callPictures] pictures on one thread, and returns the median of
// the pairs' ratios and each pair's.
func (w *work) speedup(ctx context.Context, twin *infer.Session) (median float64, ratios []float64, err error) {
	n := min(callPictures, w.sets.held.n)
	batch, dst := w.sets.held.part(0, n), make([]float32, n*len(w.model.Labels))
	run := func(s *infer.Session, rounds int) (time.Duration, error) {
		start := time.Now()
		for range rounds {
			if err := s.Scores(ctx, dst, batch, n); err != nil {
				return 0, err
			}
		}
		return time.Since(start), nil
	}
	if _, err = run(twin, 2); err != nil {
		return 0, nil, err
	}
	once, err := run(w.float, 2)
	if err != nil {
		return 0, nil, err
	}
	rounds := max(1, min(int(2*pairTime/max(once, 1)), mostRounds))
	for i := range pairs {
		w.options.Progress("time", i, pairs)
		var took [2]time.Duration
		for turn := range 2 {
			which := (i + turn) % 2
			if took[which], err = run([]*infer.Session{w.float, twin}[which], rounds); err != nil {
				return 0, nil, err
			}
		}
		ratios = append(ratios, float64(took[0])/float64(max(took[1], 1)))
	}
	sorted := slices.Sorted(slices.Values(ratios))
	return sorted[len(sorted)/2], ratios, nil
}
