//go:build cgo

package infer

import (
	"context"
	"errors"
	"fmt"
	"sync"

	onnxruntime "github.com/yalue/onnxruntime_go"

	"github.com/scones-unlimited/scones/preprocess"
)

// A Session runs a model in ONNX Runtime. It implements [Scorer] and is safe for concurrent use: calls run side by side on the same
// weights, each in buffers of its own that are kept for the next call. Close it.
//
// On the CPU the scores of a picture do not depend on the other pictures of the batch, on its place or on the number of pictures,
// bit for bit. ONNX Runtime gives this for models whose weights are constants as long as no more than one thread works in a call
// (each output element is summed in one order). With more threads it cuts a lone picture's matrices in other ways than a batch's; a
// lone picture is then run as two.
type Session struct {
	ports   ports
	info    Info
	runtime *onnxruntime.DynamicAdvancedSession

	mu     sync.RWMutex // held for reading by runs in flight
	closed bool

	slotsMu sync.Mutex
	slots   []*slot

	keeping sync.WaitGroup // of the optimised graph
}

// Info tells what the session runs on.
func (s *Session) Info() Info { return s.info }

// Scores implements [Scorer]. A cancelled ctx asks ONNX Runtime to stop after the operator at hand and waits until it did.
func (s *Session) Scores(ctx context.Context, dst []float32, batch *preprocess.Tensor, n int) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return ErrClosed
	}
	if err := s.ports.check(batch, n, len(dst)); err != nil {
		return err
	}
	step := n
	if s.ports.fixed > 0 {
		step = s.ports.fixed
	}
	for first := 0; first < n; first += step {
		count := min(step, n-first)
		if err := s.run(ctx, dst[first*s.ports.classes:], batch, first, count); err != nil {
			return fmt.Errorf("score %d pictures: %w", n, err)
		}
	}
	return nil
}

// run scores count pictures from first on in one call of the library.
func (s *Session) run(ctx context.Context, dst []float32, batch *preprocess.Tensor, first, count int) error {
	rows := count
	switch {
	case s.ports.fixed > 0:
		rows = s.ports.fixed
	case count == 1 && s.info.Threads > 1:
		rows = 2 // see Session
	}
	slot, err := s.take()
	if err != nil {
		return err
	}
	defer s.give(slot)
	bound, err := slot.bind(s, rows)
	if err != nil {
		return err
	}
	pack(bound.in.GetData(), batch, s.ports.element, first, count)
	if err := slot.call(ctx, s.runtime, bound); err != nil {
		return err
	}
	unpack(dst[:count*s.ports.classes], bound.out.GetData(), s.ports.out)
	return nil
}

// Close waits for the runs in flight and for the optimised graph to be kept, and frees the model. A closed session stays closed; closing it again does nothing.
func (s *Session) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	s.keeping.Wait()
	var errs []error
	for _, slot := range s.slots {
		errs = append(errs, slot.destroy())
	}
	s.slots = nil
	return errors.Join(append(errs, s.runtime.Destroy())...)
}
