package onnx

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"github.com/scones-unlimited/scones/model/mxnet"
)

// stored is an initializer of the graph being built. Its values come from an array, which is read only while it is written, or
// are few and held here.
type stored struct {
	name    string
	element int64
	dims    []int64
	floats  []float32
	ints    []int64
	array   *mxnet.Array
	scale   []float64 // multiplies the array, one number for each index of the first dimension
	nan     bool      // set by write when a value is not finite
}

// bytes is the length of the raw data.
func (s *stored) bytes() int64 {
	n := int64(1)
	for _, d := range s.dims {
		n *= d
	}
	return n * elements[s.element].bits / 8
}

// values reads all values of a small tensor.
func (s *stored) values() ([]float32, error) {
	if s.array == nil {
		return s.floats, nil
	}
	return s.array.All()
}

// writeChunk is how many values are converted at a time.
const writeChunk = 8 << 10

// write writes the raw data, little-endian as TensorProto.raw_data wants it.
func (s *stored) write(w io.Writer) error {
	if s.array == nil {
		return s.writeHeld(w)
	}
	total := s.array.Elements()
	inner := int64(1)
	if s.scale != nil {
		inner = total / int64(len(s.scale))
	}
	values := make([]float32, min(total, writeChunk))
	raw := make([]byte, 4*len(values))
	for first := int64(0); first < total; first += int64(len(values)) {
		values = values[:min(total-first, writeChunk)]
		if err := s.array.Floats(values, first); err != nil {
			return err
		}
		if s.scale != nil {
			for i := range values {
				values[i] = float32(float64(values[i]) * s.scale[(first+int64(i))/inner])
			}
		}
		s.check(values)
		if _, err := w.Write(littleEndian(raw, values)); err != nil {
			return fmt.Errorf("writing tensor %q: %w", s.name, err)
		}
	}
	return nil
}

func (s *stored) writeHeld(w io.Writer) error {
	s.check(s.floats)
	raw := littleEndian(make([]byte, 4*len(s.floats)), s.floats)
	for _, v := range s.ints {
		raw = binary.LittleEndian.AppendUint64(raw, uint64(v))
	}
	if _, err := w.Write(raw); err != nil {
		return fmt.Errorf("writing tensor %q: %w", s.name, err)
	}
	return nil
}

func littleEndian(dst []byte, values []float32) []byte {
	for i, v := range values {
		binary.LittleEndian.PutUint32(dst[4*i:], math.Float32bits(v))
	}
	return dst[:4*len(values)]
}

// check notes values that no sum survives.
func (s *stored) check(values []float32) {
	for _, v := range values {
		if v-v != 0 { // NaN or infinite
			s.nan = true
			return
		}
	}
}
