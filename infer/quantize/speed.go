package quantize

import (
	"context"
	"time"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/pairs"
)

// How a speed is measured.
const (
	speedPairs = 9
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
	times, err := pairs.Run(speedPairs, func(pair, side int) (float64, error) {
		w.options.Progress("time", pair, speedPairs)
		took, err := run([]*infer.Session{w.float, twin}[side], rounds)
		return float64(max(took, 1)), err
	})
	if err != nil {
		return 0, nil, err
	}
	for _, took := range times {
		ratios = append(ratios, took[0]/took[1])
	}
	return pairs.Median(ratios), ratios, nil
}
