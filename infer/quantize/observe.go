package quantize

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/model/onnx"
)

// Bounds of what is kept of the observed values.
const (
	maxObservedBytes = 64 << 20 // of all samples together
	maxSamples       = 4096     // of one tensor in one picture
	minSamples       = 32
)

// observations are the values that flowed through each tensor.
type observations map[string]*observed

type observed struct {
	low, high float32
	samples   []float32 // sorted
}

// observe runs the float32 model on the calibration pictures and looks into it. The probe is a model like any other, with a column
// of scores for each number that it tells.
func (w *work) observe(ctx context.Context) (observations, error) {
	tensors := len(w.quantizer.Tensors())
	samples := max(minSamples, min(maxSamples, maxObservedBytes/4/(tensors*w.sets.calibration.n)))
	data, places, columns := w.quantizer.Probe(samples)
	m := *w.model
	m.Labels = slices.Repeat([]string{"value"}, columns)
	m.Output = model.Output{Name: onnx.ProbeOutput, Activation: model.NoActivation}
	s, err := infer.OpenSession(ctx, &m, infer.ModelFile{Data: data}, w.options.Session)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	seen := observations{}
	for _, p := range places {
		seen[p.Tensor] = new(observed)
	}
	var mu sync.Mutex
	done := 0
	err = sideBySide(ctx, w.sets.calibration.n, func(i int) error {
		row := make([]float32, columns)
		if err := s.Scores(ctx, row, w.sets.calibration.part(i, 1), 1); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		w.options.Progress("observe", done, w.sets.calibration.n)
		done++
		for _, p := range places {
			if err := seen[p.Tensor].add(row[p.First:][:2+p.Samples]); err != nil {
				return fmt.Errorf("tensor %.100q: %w", p.Tensor, err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, o := range seen {
		slices.Sort(o.samples)
	}
	return seen, nil
}

// add takes in what one picture showed: the smallest value, the largest, and samples.
func (o *observed) add(values []float32) error {
	for _, v := range values {
		if v-v != 0 {
			return fmt.Errorf("its values are not finite: %v", v)
		}
	}
	o.low, o.high = min(o.low, values[0]), max(o.high, values[1])
	o.samples = append(o.samples, values[2:]...)
	return nil
}

// ranges chooses the range of every tensor.
func (s observations) ranges(method Method) (map[string]onnx.Range, error) {
	choose, ok := choices[method]
	if !ok {
		return nil, fmt.Errorf("calibration method %q: must be one of %v", method, Methods)
	}
	out := make(map[string]onnx.Range, len(s))
	for name, o := range s {
		out[name] = choose(o)
	}
	return out, nil
}
