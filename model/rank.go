package model

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
)

// ErrScores is wrapped by errors about a score vector that cannot be an answer of the model: a wrong length or a NaN.
var ErrScores = errors.New("bad scores")

// A Class is one ranked answer.
type Class struct {
	Index int     `json:"index"` // class index, from 0
	Label string  `json:"label"`
	Score float32 `json:"score"` // probability, 0 to 1
}

// Rank returns the k most probable classes, best first; equal scores keep class order, as numpy's stable argsort does. All
// classes are returned when k is zero or more than there are. Errors wrap [ErrScores].
func (m *Model) Rank(scores []float32, k int) ([]Class, error) {
	if len(scores) != len(m.Labels) {
		return nil, fmt.Errorf("%w: %d scores for %d labels", ErrScores, len(scores), len(m.Labels))
	}
	if i := slices.IndexFunc(scores, func(s float32) bool { return s != s }); i >= 0 {
		return nil, fmt.Errorf("%w: class %d is not a number", ErrScores, i)
	}
	if k <= 0 || k > len(scores) {
		k = len(scores)
	}
	if k == 1 {
		best := 0
		for i, s := range scores {
			if s > scores[best] {
				best = i
			}
		}
		return []Class{{best, m.Label(best), scores[best]}}, nil
	}
	order := make([]int, len(scores))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	ranked := make([]Class, k)
	for i, index := range order[:k] {
		ranked[i] = Class{index, m.Label(index), scores[index]}
	}
	return ranked, nil
}

// Probabilities applies the activation that the graph leaves to the caller, in place, to one picture's raw output.
func (m *Model) Probabilities(scores []float32) {
	switch m.Output.Activation {
	case Softmax:
		softmax(scores)
	case Sigmoid:
		for i, s := range scores {
			scores[i] = float32(1 / (1 + math.Exp(-float64(s))))
		}
	}
}

// softmax subtracts the largest logit first, so that no exponential overflows; sums are float64.
func softmax(scores []float32) {
	if len(scores) == 0 {
		return
	}
	largest := slices.Max(scores)
	var sum float64
	for _, s := range scores {
		sum += math.Exp(float64(s - largest))
	}
	for i, s := range scores {
		scores[i] = float32(math.Exp(float64(s-largest)) / sum)
	}
}
