package evaluate

import (
	"errors"
	"fmt"
)

// ErrInput is wrapped by every error about scores or classes that cannot be evaluated; the message names the picture's index.
var ErrInput = errors.New("bad input")

// ErrNotDistribution is wrapped when log loss or Brier score is asked of scores that do not sum to one, as those of a multi-label
// model: neither has a meaning there. It wraps [ErrInput].
var ErrNotDistribution = fmt.Errorf("%w: scores do not sum to one", ErrInput)

// sumTolerance is how far from one the scores of a picture may sum; a softmax in float32 over 100,000 classes stays within it.
const sumTolerance = 1e-3

// check refuses what cannot be probabilities of pictures with one true class each.
func check(p [][]float64, truth []int) error {
	if len(p) == 0 {
		return fmt.Errorf("%w: no pictures", ErrInput)
	}
	if len(p) != len(truth) {
		return fmt.Errorf("%w: %d rows of scores, %d true classes", ErrInput, len(p), len(truth))
	}
	for i, row := range p {
		if len(row) != len(p[0]) || len(row) == 0 {
			return fmt.Errorf("%w: picture %d has %d scores, picture 0 has %d", ErrInput, i, len(row), len(p[0]))
		}
		if truth[i] < 0 || truth[i] >= len(row) {
			return fmt.Errorf("%w: picture %d is of class %d, there are %d classes", ErrInput, i, truth[i], len(row))
		}
		for c, v := range row {
			if !(v >= 0 && v <= 1) {
				return fmt.Errorf("%w: picture %d, class %d: score %v, want 0 to 1", ErrInput, i, c, v)
			}
		}
	}
	return nil
}

// checkScores refuses what cannot be scores of answers.
func checkScores(score []float64, right []bool) error {
	if len(score) == 0 {
		return fmt.Errorf("%w: no pictures", ErrInput)
	}
	if len(score) != len(right) {
		return fmt.Errorf("%w: %d scores, %d answers", ErrInput, len(score), len(right))
	}
	for i, v := range score {
		if !(v >= 0 && v <= 1) {
			return fmt.Errorf("%w: picture %d: score %v, want 0 to 1", ErrInput, i, v)
		}
	}
	return nil
}

// sum adds with Neumaier's compensation (1974), so that the result does not depend on how many pictures there are.
type sum struct{ total, lost float64 }

func (s *sum) add(v float64) {
	t := s.total + v
	if abs(s.total) >= abs(v) {
		s.lost += (s.total - t) + v
	} else {
		s.lost += (v - t) + s.total
	}
	s.total = t
}

func (s *sum) value() float64 { return s.total + s.lost }

func abs(v float64) float64 { return max(v, -v) }
