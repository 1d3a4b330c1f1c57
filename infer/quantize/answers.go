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

// answers runs a model on a set, block by block. After each block enough, when not nil, is asked whether the rest can still change
// anything; the answers end where it says that it cannot.
func (w *work) answers(ctx context.Context, s *infer.Session, set *set, what string, enough func(*answers) bool) (*answers, error) {
	classes := len(w.model.Labels)
	a := &answers{classes: classes, scores: make([]float32, set.n*classes)}
	for first := 0; first < set.n; first += blockPictures {
		w.options.Progress(what, first, set.n)
		last := min(first+blockPictures, set.n)
		call := max(callPictures/workers(), 1) // as many pictures under way as one call of speedup has
		err := sideBySide(ctx, (last-first+call-1)/call, func(i int) error {
			from := first + i*call
			n := min(call, last-from)
			return s.Scores(ctx, a.scores[from*classes:(from+n)*classes], set.part(from, n), n)
		})
		if err != nil {
			return nil, err
		}
		for i := first; i < last; i++ {
			row := a.scores[i*classes:][:classes]
			w.model.Probabilities(row)
			top := 0
			for c, v := range row {
				if v > row[top] {
					top = c
				}
			}
			a.top = append(a.top, top)
		}
		if enough != nil && last < set.n && enough(a) {
			a.scores = a.scores[:last*classes]
			break
		}
	}
	return a, nil
}

// agreement is how two models' answers differ.
type agreement struct {
	share   float64 // of the pictures with the same label
	largest float64 // change of a probability
	mean    float64 // change of a probability
}

// compare looks at the pictures that b has.
func (a *answers) compare(b *answers) agreement {
	var d agreement
	for i := range b.top {
		if a.top[i] == b.top[i] {
			d.share++
		}
	}
	for i, v := range b.scores {
		change := math.Abs(float64(v) - float64(a.scores[i]))
		if change != change { // a NaN agrees with nothing
			change = math.Inf(1)
		}
		d.largest = max(d.largest, change)
		d.mean += change
	}
	d.share /= float64(len(b.top))
	d.mean /= float64(len(b.scores))
	return d
}

// changed counts the pictures of b with another label.
func (a *answers) changed(b *answers) (n int) {
	for i, top := range b.top {
		if top != a.top[i] {
			n++
		}
	}
	return n
}

// better tells whether d agrees more than e.
func (d agreement) better(e agreement) bool {
	return d.share > e.share || d.share == e.share && d.mean < e.mean
}

// right counts the right answers, and the pictures whose class is known.
func (a *answers) right(classes []int) (right, known int) {
	for i, top := range a.top {
		if classes[i] < 0 {
			continue
		}
		known++
		if top == classes[i] {
			right++
		}
	}
	return right, known
}

// accuracy is the share of right answers among the pictures whose class is known.
func (a *answers) accuracy(classes []int) float64 {
	right, known := a.right(classes)
	return float64(right) / float64(known)
}
