package serve

import (
	"context"
	"fmt"
	"time"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/preprocess"
)

// work scores batches until the queue is closed and empty. Cancelling ctx ends calls that are under way.
func (e *engine) work(ctx context.Context) {
	in, classes := &e.model.Classifier.Model.Input, len(e.model.Classifier.Model.Labels)
	tensor := preprocess.NewTensor(in, e.model.Plan.Batch)
	scores := make([]float32, e.model.Plan.Batch*classes)
	var jobs []*job
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		jobs = e.queue.take(jobs[:0], timer)
		if len(jobs) == 0 {
			return
		}
		jobs = e.wanted(jobs)
		if n := len(jobs); n > 0 {
			e.score(ctx, tensor, scores[:n*classes], jobs)
		}
	}
}

// wanted drops the jobs whose requests have ended.
func (e *engine) wanted(jobs []*job) []*job {
	kept := jobs[:0]
	for _, j := range jobs {
		if j.state.Load() == jobAbandoned {
			e.jobs.Put(j)
			continue
		}
		kept = append(kept, j)
	}
	return kept
}

// score runs one batch and hands each job its scores.
func (e *engine) score(ctx context.Context, tensor *preprocess.Tensor, scores []float32, jobs []*job) {
	start := time.Now()
	for i, j := range jobs {
		copyPicture(tensor, i, j.tensor)
		j.started = start
	}
	err := e.run(ctx, scores, tensor, len(jobs))
	took := time.Since(start)
	e.measure(took, len(jobs), err)
	classes := len(scores) / len(jobs)
	for i, j := range jobs {
		j.took, j.batch, j.err = took, len(jobs), err
		if err == nil {
			j.err = e.probabilities(j.scores, scores[i*classes:(i+1)*classes])
		}
		if !j.finish() {
			e.jobs.Put(j)
		}
	}
}

// run calls the runtime. A panic in it fails one batch, not the server.
func (e *engine) run(ctx context.Context, scores []float32, tensor *preprocess.Tensor, n int) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("the runtime gave up: %v", cause)
		}
	}()
	return e.model.Classifier.Scorer.Scores(ctx, scores, tensor, n)
}

// measure keeps the figures of a batch, and whether the runtime works.
func (e *engine) measure(took time.Duration, n int, err error) {
	e.broken.Store(err != nil)
	if err != nil {
		return
	}
	e.metrics.inference.Observe(took.Seconds())
	e.metrics.batch.Observe(float64(n))
	now := int64(took) / int64(n) / int64(e.model.Plan.Workers)
	if old := e.pace.Load(); old > 0 {
		now = (7*old + now) / 8 // about the last ten batches
	}
	e.pace.Store(max(now, 1))
}

// probabilities turns one picture's raw output into its answer. An output that is not a number is an error of the model.
func (e *engine) probabilities(dst, raw []float32) error {
	copy(dst, raw)
	m := e.model.Classifier.Model
	m.Probabilities(dst)
	for i, s := range dst {
		if s != s {
			return fmt.Errorf("%w: class %d is not a number", model.ErrScores, i)
		}
	}
	return nil
}

// copyPicture copies a tensor of one picture to place i of a batch.
func copyPicture(dst *preprocess.Tensor, i int, src *preprocess.Tensor) {
	if src.U8 != nil {
		copy(dst.U8[i*dst.PerPicture:], src.U8)
	} else {
		copy(dst.F32[i*dst.PerPicture:], src.F32)
	}
}
