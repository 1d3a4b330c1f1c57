package infer

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"sync"
	"time"

	"github.com/scones-unlimited/scones/preprocess"
)

// BatchOptions tune [Classifier.Batch]. The zero value is a good choice.
type BatchOptions struct {
	// TopK classes in each Result.Top; zero means 1, negative all.
	TopK int
	// Size is the largest number of pictures that one call of the scorer gets; zero means 16.
	Size int
	// Workers decode and score side by side; zero means one a core. Each holds one decoded picture and one tensor of Size.
	Workers int
}

// lull is how long a batch that is not full waits for the next picture, so that a slow source's rows do not wait for its end.
// Scores do not depend on the batch that a picture is in ([Session] proves it), so this changes no result.
const lull = 20 * time.Millisecond

// Batch classifies a sequence of pictures and yields their results in the sequence's order. A picture that cannot be read or scored
// is a Result with Err, and the run goes on; an error in the second value is final. Memory does not grow with the number of
// pictures: at most Workers + 2 batches are under way. Breaking out of the range, or cancelling ctx, ends every goroutine before
// the range returns; a cancelled ctx yields its error.
func (c *Classifier) Batch(ctx context.Context, src iter.Seq2[preprocess.Image, error], o BatchOptions) iter.Seq2[Result, error] {
	if o.Size <= 0 {
		o.Size = 16
	}
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.TopK == 0 {
		o.TopK = 1
	}
	return func(yield func(Result, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		var wg sync.WaitGroup
		defer wg.Wait()
		defer cancel()

		images := make(chan item, o.Size)
		work := make(chan *batch)             // to the workers
		order := make(chan *batch, o.Workers) // to this goroutine, in the source's order
		wg.Go(func() { feed(ctx, src, images) })
		wg.Go(func() { group(ctx, images, o.Size, work, order) })
		for range o.Workers {
			wg.Go(func() {
				w := newWorker(c, o)
				for b := range work {
					b.err = w.run(ctx, b)
					close(b.done)
				}
			})
		}
		index := 0
		for b := range order {
			if b.final == nil {
				select {
				case <-b.done:
				case <-ctx.Done():
					yield(Result{}, ctx.Err())
					return
				}
			}
			if err := b.failure(); err != nil {
				yield(Result{}, err)
				return
			}
			for i := range b.results {
				b.results[i].Index = index
				index++
				if !yield(b.results[i], nil) {
					return
				}
			}
		}
		if err := ctx.Err(); err != nil {
			yield(Result{}, err)
		}
	}
}

// An item is a picture of the source, or the source's final error.
type item struct {
	image preprocess.Image
	err   error
}

// A batch is a run of pictures that one worker loads and scores together, or, with final set, the source's end in error.
type batch struct {
	images  []preprocess.Image
	results []Result
	done    chan struct{}
	err     error // of the worker; read after done
	final   error
}

func (b *batch) failure() error {
	if b.final != nil {
		return b.final
	}
	return b.err
}

// feed pulls the source, so that walking folders overlaps with everything else.
func feed(ctx context.Context, src iter.Seq2[preprocess.Image, error], images chan<- item) {
	defer close(images)
	for image, err := range src {
		select {
		case images <- item{image, err}:
		case <-ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}

// group makes batches of size pictures, of fewer when the source pauses or ends. Order's capacity bounds what is under way.
func group(ctx context.Context, images <-chan item, size int, work, order chan<- *batch) {
	defer close(order)
	defer close(work)
	timer := time.NewTimer(lull)
	defer timer.Stop()
	for {
		b, final, open := collect(images, size, timer)
		if len(b.images) > 0 {
			b.results = make([]Result, len(b.images))
			// Order first: its capacity bounds how far the workers run ahead.
			for _, to := range []chan<- *batch{order, work} {
				select {
				case to <- b:
				case <-ctx.Done():
					return
				}
			}
		}
		if final != nil {
			select {
			case order <- &batch{final: final}:
			case <-ctx.Done():
			}
			return
		}
		if !open {
			return
		}
	}
}

// collect waits for one picture, then takes what comes until the batch is full, the source pauses, ends or fails.
func collect(images <-chan item, size int, timer *time.Timer) (b *batch, final error, open bool) {
	b = &batch{done: make(chan struct{})}
	timer.Reset(time.Hour)
	for len(b.images) < size {
		select {
		case next, ok := <-images:
			if !ok || next.err != nil {
				return b, next.err, false
			}
			b.images = append(b.images, next.image)
			timer.Reset(lull)
		case <-timer.C:
			return b, nil, true
		}
	}
	return b, nil, true
}

// A worker owns the buffers of one batch.
type worker struct {
	c      *Classifier
	topK   int
	tensor *preprocess.Tensor
	scores []float32
	place  []int // place[i] is the index in the batch of the tensor's picture i
}

func newWorker(c *Classifier, o BatchOptions) *worker {
	return &worker{c: c, topK: max(o.TopK, 0), tensor: preprocess.NewTensor(&c.Model.Input, o.Size), scores: make([]float32, o.Size*len(c.Model.Labels))}
}

// run loads and scores a batch. Only cancellation and a scorer that refuses the whole batch are errors.
func (w *worker) run(ctx context.Context, b *batch) error {
	w.place = w.place[:0]
	for i, image := range b.images {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		start := time.Now()
		r := &b.results[i]
		r.Name = image.Name
		if r.Err = w.load(image, r); r.Err == nil {
			w.place = append(w.place, i)
		}
		r.Elapsed = time.Since(start)
	}
	n := len(w.place)
	if n == 0 {
		return nil
	}
	start := time.Now()
	classes := len(w.c.Model.Labels)
	if err := w.c.Scorer.Scores(ctx, w.scores[:n*classes], w.tensor, n); err != nil {
		return fmt.Errorf("score %d pictures from %q on: %w", n, b.images[w.place[0]].Name, err)
	}
	share := time.Since(start) / time.Duration(n)
	for j, i := range w.place {
		r := &b.results[i]
		r.Elapsed += share
		r.Scores = append([]float32(nil), w.scores[j*classes:(j+1)*classes]...)
		w.c.Model.Probabilities(r.Scores)
		top, err := w.c.Model.Rank(r.Scores, w.topK)
		if err != nil {
			r.Scores, r.Err = nil, &preprocess.ImageError{Code: preprocess.CodeInference, Err: err}
			continue
		}
		r.Top = top
	}
	return nil
}

// load decodes a picture into the tensor's next place.
func (w *worker) load(image preprocess.Image, r *Result) error {
	picture, err := w.c.Pipeline.LoadStored(image)
	if err != nil {
		return err
	}
	defer w.c.Pipeline.Release(picture)
	r.Width, r.Height = picture.SourceWidth, picture.SourceHeight
	return w.c.Pipeline.Fill(w.tensor, len(w.place), picture)
}
