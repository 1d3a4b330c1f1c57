package serve

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/preprocess"
)

// An engine is one model in service. Pictures are decoded on the goroutines of their requests, at most one a core at a time, and wait
// in the queue; workers take what waits.
type engine struct {
	model    Model
	metrics  *engineMetrics
	decoders chan struct{}
	queue    *queue
	jobs     sync.Pool
	// stop ends calls of the runtime that are under way.
	stop    context.CancelFunc
	workers sync.WaitGroup
	// users are the requests under way, and one for being in service.
	users atomic.Int64
	// used is when it was last asked for, in nanoseconds since 1970; freed is closed once the model is.
	used  atomic.Int64
	freed chan struct{}
	// broken is set while the runtime fails.
	broken atomic.Bool
	// pace is the nanoseconds that a picture takes when all workers are busy; 0 until one was scored.
	pace atomic.Int64
}

// An answer is what a model says about one picture, and where the time went.
type answer struct {
	// Scores are probabilities in class order.
	scores []float32
	// Decode is the time from bytes to tensor, queue the wait for a worker, and inference the time of the whole batch.
	decode, queue, inference time.Duration
	// Batch is the number of pictures that were scored together.
	batch int
	// Begun is when decoding began; the parts follow each other.
	begun time.Time
}

func newEngine(m Model, delay time.Duration, all *metrics) *engine {
	m.Plan.Workers, m.Plan.Batch = max(m.Plan.Workers, 1), max(m.Plan.Batch, 1)
	e := &engine{model: m, decoders: make(chan struct{}, runtime.NumCPU()), queue: newQueue(m.Plan.Workers, m.Plan.Batch, delay, m.Device == string(infer.CPU)), freed: make(chan struct{})}
	e.metrics = all.forModel(m.Name)
	e.jobs.New = func() any {
		return &job{
			tensor: preprocess.NewTensor(&m.Classifier.Model.Input, 1),
			scores: make([]float32, len(m.Classifier.Model.Labels)),
			done:   make(chan struct{}, 1),
		}
	}
	e.users.Store(1)
	e.used.Store(time.Now().UnixNano())
	ctx, stop := context.WithCancel(context.Background())
	e.stop = stop
	for range m.Plan.Workers {
		e.workers.Go(func() { e.work(ctx) })
	}
	return e
}

// release ends a use; the last one frees the model.
func (e *engine) release() {
	if e.users.Add(-1) > 0 {
		return
	}
	e.queue.close()
	go func() { // not on a request's time
		e.workers.Wait()
		e.stop()
		_ = closeAfter(e.model, nil)
		close(e.freed)
	}()
}

// errGone is a request whose client went, or whose time is over, before it was answered.
var errGone = errors.New("the request ended before its answer")

// classify answers for one picture. Errors are about the picture ([*preprocess.ImageError]), about the runtime, or wrap errGone. The
// scores are written into dst.
func (e *engine) classify(ctx context.Context, dst []float32, picture []byte) (answer, error) {
	j, took, err := e.prepare(ctx, picture)
	if err != nil {
		return answer{}, err
	}
	e.queue.push(j)
	a, err := e.await(ctx, dst, j)
	a.decode, a.begun = took, a.begun.Add(-took)
	return a, err
}

// prepare decodes a picture into a job, when a decoder is free.
func (e *engine) prepare(ctx context.Context, picture []byte) (*job, time.Duration, error) {
	select {
	case e.decoders <- struct{}{}:
	case <-ctx.Done():
		e.metrics.cancelled.Inc()
		return nil, 0, fmt.Errorf("%w: %w", errGone, context.Cause(ctx))
	}
	defer func() { <-e.decoders }()
	start := time.Now()
	pipeline := e.model.Classifier.Pipeline
	decoded, err := pipeline.Decode(picture)
	if err != nil {
		return nil, 0, err
	}
	defer pipeline.Release(decoded)
	j := e.newJob()
	if err := pipeline.Fill(j.tensor, 0, decoded); err != nil {
		e.jobs.Put(j)
		return nil, 0, err
	}
	took := time.Since(start)
	e.metrics.decode.Observe(took.Seconds())
	return j, took, nil
}

// await returns a job's answer, or gives the job up when the request ends first.
func (e *engine) await(ctx context.Context, dst []float32, j *job) (answer, error) {
	select {
	case <-j.done:
	case <-ctx.Done():
		if j.abandon() {
			e.metrics.cancelled.Inc()
			return answer{}, fmt.Errorf("%w: %w", errGone, context.Cause(ctx))
		}
		<-j.done
	}
	a := answer{scores: append(dst[:0], j.scores...), queue: j.started.Sub(j.queued), inference: j.took, batch: j.batch, begun: j.queued}
	err := j.err
	e.jobs.Put(j)
	e.metrics.queue.Observe(a.queue.Seconds())
	if err != nil {
		return answer{}, err
	}
	return a, nil
}

func (e *engine) newJob() *job {
	j := e.jobs.Get().(*job)
	j.state.Store(jobWaiting)
	j.err = nil
	return j
}

// prove runs one picture through everything, so that a model which cannot answer never becomes ready.
func (e *engine) prove(ctx context.Context) error {
	in := &e.model.Classifier.Model.Input
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewGray(image.Rect(0, 0, in.Width, in.Height))); err != nil {
		return err
	}
	_, err := e.classify(ctx, nil, file.Bytes())
	return err
}

// wait estimates how long a request that comes behind n others waits.
func (e *engine) wait(n int64) time.Duration { return time.Duration(n * e.pace.Load()) }
