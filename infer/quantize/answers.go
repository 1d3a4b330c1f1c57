package quantize

import (
	"context"
	"math"

	"github.com/scones-unlimited/scones/infer"
)

// answers are a model's probabilities for a set of pictures.
type answers struct {
	classes int
	scores  []float32 // pictures × classes
	top     []int
}

// callPictures is how many pictures one call scores.
const callPictures = 16

// answers runs a model on a set.
func (w *work) answers(ctx context.Context, s *infer.Session, set *set, what string) (*answers, error) {
	a := &answers{classes: len(w.model.Labels), scores: make([]float32, set.n*len(w.model.Labels))}
	for first := 0; first < set.n; first += callPictures {
		w.options.Progress(what, first, set.n)
		n := min(callPictures, set.n-first)
		if err := s.Scores(ctx, a.scores[first*a.classes:(first+n)*a.classes], set.part(first, n), n); err != nil {
			return nil, err
		}
	}
	for i := range set.n {
		row := a.scores[i*a.classes:][:a.classes]
		w.model.Probabilities(row)
		top := 0
		for c, v := range row {
			if v > row[top] {
				top = c
			}
		}
		a.top = append(a.top, top)
	}
	return a, nil
}

// agreement is how two models' answers differ.
type agreement struct {
	share   float64 // of the pictures with the same label
	largest float64 // change of a probability
	mean    float64 // change of a probability
}

func (a *answers) compare(b *answers) agreement {
	var d agreement
	for i := range a.top {
		if a.top[i] == b.top[i] {
			d.share++
		}
	}
	for i, v := range a.scores {
		change := math.Abs(float64(v) - float64(b.scores[i]))
		if change != change { // a NaN agrees with nothing
			change = math.Inf(1)
		}
		d.largest = max(d.largest, change)
		d.mean += change
	}
	d.share /= float64(len(a.top))
	d.mean /= float64(len(a.scores))
	return d
}

// better tells whether d agrees more than e.
func (d agreement) better(e agreement) bool {
	return d.share > e.share || d.share == e.share && d.mean < e.mean
}

// accuracy is the share of right answers among the pictures whose class is known.
func (a *answers) accuracy(classes []int) float64 {
	right, known := 0, 0
	for i, c := range classes {
		if c < 0 {
			continue
		}
		known++
		if a.top[i] == c {
			right++
		}
	}
	return float64(right) / float64(known)
}
