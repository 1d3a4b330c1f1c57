package evaluate

import (
	"fmt"
	"slices"
)

// An Answer is a picture whose true class is known, with what the model said of it.
type Answer struct {
	// Picture as results name it.
	Picture string
	// Truth and Predicted are classes, indices into [Set.Labels].
	Truth, Predicted int
	// Score of Predicted, 0 to 1.
	Score float64
	// Scores of all classes; nil when only the best one is known.
	Scores []float64
}

// right tells whether the answer is the true class.
func (a *Answer) right() bool { return a.Truth == a.Predicted }

// believed is the probability that the model gave to the true class, as far as it is known: with the best score alone it is at most what
// that score leaves.
func (a *Answer) believed() float64 {
	switch {
	case a.Scores != nil:
		return a.Scores[a.Truth]
	case a.right():
		return a.Score
	}
	return 1 - a.Score
}

// A Failure is a picture that has no answer.
type Failure struct {
	Picture string `json:"picture"`
	Code    string `json:"code"` // of package preprocess
	Text    string `json:"text"`
}

// A Set is a model's answers to pictures of known classes.
type Set struct {
	// Labels in class order.
	Labels  []string
	Answers []Answer
	// Failed pictures have no answer, Unlabelled ones no true class. Both are named and left out of every figure.
	Failed     []Failure
	Unlabelled []string
}

// check refuses a set that figures cannot be taken from.
func (s *Set) check() error {
	if len(s.Answers) == 0 {
		return fmt.Errorf("%w: no picture has both an answer and a true class", ErrInput)
	}
	for i := range s.Answers {
		a := &s.Answers[i]
		switch {
		case a.Truth < 0 || a.Truth >= len(s.Labels) || a.Predicted < 0 || a.Predicted >= len(s.Labels):
			return fmt.Errorf("%w: %q is of class %d and taken for %d, there are %d classes", ErrInput, a.Picture, a.Truth, a.Predicted, len(s.Labels))
		case !(a.Score >= 0 && a.Score <= 1):
			return fmt.Errorf("%w: %q has score %v, want 0 to 1", ErrInput, a.Picture, a.Score)
		case a.Scores != nil && len(a.Scores) != len(s.Labels):
			return fmt.Errorf("%w: %q has %d scores, there are %d classes", ErrInput, a.Picture, len(a.Scores), len(s.Labels))
		case slices.ContainsFunc(a.Scores, func(v float64) bool { return !(v >= 0 && v <= 1) }):
			return fmt.Errorf("%w: %q has scores %v, want 0 to 1", ErrInput, a.Picture, a.Scores)
		}
	}
	return nil
}

// Reorder brings the classes into the order of labels, which must be the same ones. Errors wrap [ErrInput].
func (s *Set) Reorder(labels []string) error {
	if slices.Equal(s.Labels, labels) {
		return nil
	}
	to := make([]int, len(s.Labels))
	for c, label := range s.Labels {
		to[c] = slices.Index(labels, label)
		if to[c] < 0 || len(s.Labels) != len(labels) {
			return fmt.Errorf("%w: the classes are %q, not %q", ErrInput, s.Labels, labels)
		}
	}
	for i := range s.Answers {
		a := &s.Answers[i]
		a.Truth, a.Predicted = to[a.Truth], to[a.Predicted]
		if a.Scores != nil {
			scores := make([]float64, len(labels))
			for c, v := range a.Scores {
				scores[to[c]] = v
			}
			a.Scores = scores
		}
	}
	s.Labels = labels
	return nil
}

// columns gives the answers as slices. Probabilities are nil unless every answer has those of all classes.
func (s *Set) columns() (p [][]float64, truth, predicted []int, score []float64, right []bool) {
	known := !slices.ContainsFunc(s.Answers, func(a Answer) bool { return a.Scores == nil })
	for i := range s.Answers {
		a := &s.Answers[i]
		if known {
			p = append(p, a.Scores)
		}
		truth, predicted = append(truth, a.Truth), append(predicted, a.Predicted)
		score, right = append(score, a.Score), append(right, a.right())
	}
	return p, truth, predicted, score, right
}
