package parity

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/scones-unlimited/scones/preprocess"
)

// A Pair is a question and what it came to.
type Pair struct {
	Row      Row
	Question Question
}

// RunOptions tune [Run].
type RunOptions struct {
	// Concurrency is how many questions are under way at once; zero means 1.
	Concurrency int
	// Rate is how many questions are begun in a second at most, recorded ones aside; zero does not bound it.
	Rate float64
}

// Run asks both sides about each question and yields the pairs in the questions' order. A question that one side cannot answer is a
// Pair that says so; an error in the second value is final: the questions cannot be read, ctx was cancelled, an error was [Fatal], or the
// other side is gone ([ErrGone]). Remote may be nil when every question brings its answer. Memory is that of Concurrency pictures.
func Run(ctx context.Context, questions iter.Seq2[Question, error], local, remote Classifier, o RunOptions) iter.Seq2[Pair, error] {
	return func(yield func(Pair, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		var wg sync.WaitGroup
		defer wg.Wait()
		defer cancel()
		order := make(chan *ask, max(o.Concurrency-1, 0))
		slots := make(chan struct{}, max(o.Concurrency, 1))
		limit := rate.NewLimiter(rate.Inf, 1)
		if o.Rate > 0 {
			limit.SetLimit(rate.Limit(o.Rate))
		}
		wg.Go(func() {
			defer close(order)
			for question, err := range questions {
				a := &ask{question: question, err: err, done: make(chan struct{})}
				select {
				case slots <- struct{}{}:
				case <-ctx.Done():
					return
				}
				wg.Go(func() {
					defer func() { <-slots }()
					defer close(a.done)
					if a.err == nil && a.question.asks() {
						a.err = limit.Wait(ctx) // here, so that the wait is in nobody's latency
					}
					if a.err == nil {
						a.run(ctx, local, remote)
					}
				})
				select {
				case order <- a:
				case <-ctx.Done():
					return
				}
				if err != nil {
					return
				}
			}
		})
		var held []Pair // of the last pictures in a row for which the other side was not to be reached
		for a := range order {
			<-a.done
			held = append(held, Pair{a.row, a.question})
			if a.err == nil && a.unavailable != nil {
				if len(held) < goneAfter {
					continue // a run that ends for this must not have counted them
				}
				a.err = goneError(a.unavailable)
			}
			if a.err != nil {
				yield(Pair{}, a.err)
				return
			}
			if !give(held, yield) {
				return
			}
			held = held[:0]
		}
		if !give(held, yield) {
			return
		}
		if err := ctx.Err(); err != nil {
			yield(Pair{}, err)
		}
	}
}

func give(pairs []Pair, yield func(Pair, error) bool) bool {
	for _, p := range pairs {
		if !yield(p, nil) {
			return false
		}
	}
	return true
}

// An ask is one question under way.
type ask struct {
	question    Question
	row         Row
	unavailable error // the other side did not answer at all
	err         error // final
	done        chan struct{}
}

func (a *ask) run(ctx context.Context, local, remote Classifier) {
	q := &a.question
	if q.Done != nil {
		a.row = *q.Done
		return
	}
	a.row.Name = q.Name
	image, err := q.Image()
	if err != nil {
		// Nobody could be asked: neither side is to blame, and the row is counted apart.
		failure := failureOf(&preprocess.ImageError{Code: preprocess.CodeOf(err), Err: err})
		if q.Err != nil {
			failure = failureOf(q.Err)
		}
		a.row.LocalError, a.row.RemoteError = failure, failure
		return
	}
	start := time.Now()
	a.row.Local, err = local.Classify(ctx, image)
	a.row.LocalMS = milliseconds(time.Since(start))
	if a.err = a.take(ctx, err, &a.row.LocalError); a.err != nil {
		return
	}
	if i := notANumber(a.row.Local); i >= 0 {
		a.row.LocalError = &Failure{string(preprocess.CodeInference), fmt.Sprintf("class %d is not a number", i)}
		a.row.Local = nil
	}
	a.askOther(ctx, remote, image)
	if a.err == nil {
		a.row.judge()
	}
}

// askOther fills in the other side.
func (a *ask) askOther(ctx context.Context, remote Classifier, image []byte) {
	q := &a.question
	switch {
	case q.Recorded != nil:
		a.row.Remote = q.Recorded
	case q.Err != nil:
		a.row.RemoteError = failureOf(q.Err)
	default:
		start := time.Now()
		scores, err := remote.Classify(ctx, image)
		a.row.RemoteMS = milliseconds(time.Since(start))
		a.row.Remote = scores
		a.err = a.take(ctx, err, &a.row.RemoteError)
		if a.row.RemoteError != nil && a.row.RemoteError.Code == CodeUnavailable {
			a.unavailable = err
		}
	}
	if i := notANumber(a.row.Remote); i >= 0 {
		a.row.RemoteError = &Failure{CodeAnswer, fmt.Sprintf("class %d of its answer is not a number", i)}
		a.row.Remote = nil
	}
}

// take turns an error into a failure of one side, or returns it when the run cannot go on.
func (a *ask) take(ctx context.Context, err error, to **Failure) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return ctx.Err()
	case Fatal(err):
		return err
	}
	*to = failureOf(err)
	return nil
}

// notANumber is the first index of a NaN or an infinity, or -1.
func notANumber(scores []float32) int {
	for i, v := range scores {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return i
		}
	}
	return -1
}
