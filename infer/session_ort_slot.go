//go:build cgo

package infer

import (
	"context"
	"errors"
	"fmt"

	onnxruntime "github.com/yalue/onnxruntime_go"

	"github.com/scones-unlimited/scones/model"
)

// A slot is what one call needs: options to stop it by, and tensors for each number of pictures that was seen. Its memory is Go's,
// which does not move, and lives as long as the tensors do.
type slot struct {
	options *onnxruntime.RunOptions
	bound   map[int]*bound
}

// bound are the tensors of one number of pictures, ready to be run.
type bound struct {
	in, out         *onnxruntime.CustomDataTensor
	inputs, outputs []onnxruntime.Value
}

// take returns a slot that no other call has. There are as many as there were calls at once.
func (s *Session) take() (*slot, error) {
	s.slotsMu.Lock()
	defer s.slotsMu.Unlock()
	if last := len(s.slots) - 1; last >= 0 {
		slot := s.slots[last]
		s.slots = s.slots[:last]
		return slot, nil
	}
	options, err := onnxruntime.NewRunOptions()
	if err != nil {
		return nil, fmt.Errorf("make run options: %w", err)
	}
	return &slot{options, make(map[int]*bound)}, nil
}

func (s *Session) give(slot *slot) {
	s.slotsMu.Lock()
	defer s.slotsMu.Unlock()
	s.slots = append(s.slots, slot)
}

// maxBound is how many numbers of pictures a slot keeps tensors for; a run of batches sees two or three.
const maxBound = 8

// bind returns the slot's tensors for a number of pictures.
func (l *slot) bind(s *Session, rows int) (*bound, error) {
	if b := l.bound[rows]; b != nil {
		return b, nil
	}
	if len(l.bound) == maxBound {
		for n, b := range l.bound {
			b.destroy()
			delete(l.bound, n)
		}
	}
	in := append(onnxruntime.Shape{int64(rows)}, s.ports.shape...)
	out := onnxruntime.Shape{int64(rows), int64(s.ports.classes)}
	if s.ports.outSquare {
		out = append(out, 1, 1)
	}
	b := new(bound)
	var err error
	if b.in, err = newTensor(in, s.ports.element); err != nil {
		return nil, fmt.Errorf("make input tensor: %w", err)
	}
	if b.out, err = newTensor(out, s.ports.out); err != nil {
		b.in.Destroy()
		return nil, fmt.Errorf("make output tensor: %w", err)
	}
	b.inputs, b.outputs = []onnxruntime.Value{b.in}, []onnxruntime.Value{b.out}
	l.bound[rows] = b
	return b, nil
}

func newTensor(shape onnxruntime.Shape, element model.Element) (*onnxruntime.CustomDataTensor, error) {
	kind := map[model.Element]onnxruntime.TensorElementDataType{
		model.Uint8:   onnxruntime.TensorElementDataTypeUint8,
		model.Float16: onnxruntime.TensorElementDataTypeFloat16,
		model.Float32: onnxruntime.TensorElementDataTypeFloat,
	}[element]
	return onnxruntime.NewCustomDataTensor(shape, alignedBytes(elements(shape)*size(element)), kind)
}

// call runs the library, which copies a batch to the device and its scores back. The library's I/O binding could leave tensors on the
// device, but its Go binding makes tensors in the machine's memory only, so that the copies would be the same, and takes no run
// options, so that a run could not be stopped. Workers side by side copy and compute at the same time instead.
//
// When ctx ends first it asks the library to stop and waits until it did. The slot is as good as new afterwards.
func (l *slot) call(ctx context.Context, runtime *onnxruntime.DynamicAdvancedSession, b *bound) error {
	if ctx.Done() == nil {
		return runtime.RunWithOptions(b.inputs, b.outputs, l.options)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	asked := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(asked)
		l.options.Terminate()
	})
	err := runtime.RunWithOptions(b.inputs, b.outputs, l.options)
	if stop() {
		return err
	}
	<-asked // or the next call would be stopped
	if undo := l.options.UnsetTerminate(); undo != nil {
		return fmt.Errorf("reset run options: %w", undo)
	}
	if err != nil {
		return fmt.Errorf("%w (%w)", ctx.Err(), err)
	}
	return nil // it was done before it could stop
}

func (l *slot) destroy() error {
	errs := []error{l.options.Destroy()}
	for _, b := range l.bound {
		errs = append(errs, b.destroy())
	}
	return errors.Join(errs...)
}

func (b *bound) destroy() error { return errors.Join(b.in.Destroy(), b.out.Destroy()) }
