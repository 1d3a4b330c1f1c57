package explain

import (
	"context"
	"fmt"
	"math"
	"sync"
	"sync/atomic"

	"github.com/scones-unlimited/scones/preprocess"
)

// questions are what a model is asked about one picture: the picture itself and changed copies of it.
type questions struct {
	e     *Explainer
	ctx   context.Context //nolint:containedctx // lives as long as one call of Explain
	seen  *preprocess.Picture
	class int
	whole float64 // evidence in the picture as it is

	mu          sync.Mutex // of Progress
	done, total int
}

// ask scores n changed copies of the picture. Change gets a fresh copy to draw into; take gets the probabilities. Both are called from
// several goroutines, each index once. Scores do not depend on the batch ([infer.Session]), so neither do the answers.
func (q *questions) ask(n int, change func(dst *preprocess.Picture, i int), take func(i int, scores []float32)) error {
	ctx, cancel := context.WithCancelCause(q.ctx)
	defer cancel(nil)
	size := min(q.e.o.Batch, n)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(q.e.o.Workers, (n+size-1)/size) {
		wg.Go(func() {
			w := newAsker(q, size)
			for ctx.Err() == nil {
				first := int(next.Add(int64(size))) - size
				if first >= n {
					return
				}
				if err := w.batch(ctx, first, min(size, n-first), change, take); err != nil {
					cancel(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

// asker owns the buffers of one worker.
type asker struct {
	q       *questions
	copied  preprocess.Picture
	tensor  *preprocess.Tensor
	scores  []float32
	classes int
}

func newAsker(q *questions, size int) *asker {
	m := q.e.classifier.Model
	copied := *q.seen
	copied.Pix = make([]uint8, len(q.seen.Pix))
	return &asker{
		q: q, copied: copied, tensor: preprocess.NewTensor(&m.Input, size),
		scores: make([]float32, size*len(m.Labels)), classes: len(m.Labels),
	}
}

// batch asks for count copies from first on in one call.
func (w *asker) batch(ctx context.Context, first, count int, change func(*preprocess.Picture, int), take func(int, []float32)) error {
	for i := range count {
		copy(w.copied.Pix, w.q.seen.Pix)
		change(&w.copied, first+i)
		if err := w.q.e.ready.Fill(w.tensor, i, &w.copied); err != nil {
			return err
		}
	}
	scores := w.scores[:count*w.classes]
	if err := w.q.e.classifier.Scorer.Scores(ctx, scores, w.tensor, count); err != nil {
		return fmt.Errorf("score %d covered pictures: %w", count, err)
	}
	for i := range count {
		row := scores[i*w.classes:][:w.classes]
		w.q.e.classifier.Model.Probabilities(row)
		take(first+i, row)
	}
	w.q.progress(count)
	return nil
}

func (q *questions) progress(count int) {
	if q.e.o.Progress == nil {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.done += count
	q.e.o.Progress(q.done, q.total)
}

// leastProbability bounds evidence: below it a float32 probability says "none".
const leastProbability = 1e-30

// evidence is the log-odds of the class against all others. A probability stops moving near 0 and 1, its log-odds do not. Of several
// classes the others' sum is taken, because 1 − p has no digits left where p is near 1.
func (q *questions) evidence(scores []float32) float64 {
	p := float64(scores[q.class])
	others := 1 - p
	if m := q.e.classifier.Model; !m.Output.MultiLabel && len(scores) > 1 {
		others = 0
		for i, s := range scores {
			if i != q.class {
				others += float64(s)
			}
		}
	}
	return math.Log(max(p, leastProbability)) - math.Log(max(others, leastProbability))
}
