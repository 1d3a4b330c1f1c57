package mxnet

import (
	"fmt"
	"io"
	"strings"
)

// Array is a stored tensor. Its values are read when asked for.
type Array struct {
	Name    string  // as stored
	Version int     // of the array's layout, 0 to 3
	Type    Type    // of the elements
	Dims    []int64 // empty for a scalar
	offset  int64
	source  io.ReaderAt
}

// Elements is the number of values.
func (a *Array) Elements() int64 {
	n := int64(1)
	for _, d := range a.Dims {
		n *= d
	}
	return n
}

// chunkElements is how many values are converted at a time.
const chunkElements = 8 << 10

// Floats reads len(dst) values from index first on, converted to float32. What float32 cannot hold is rounded to the nearest.
func (a *Array) Floats(dst []float32, first int64) error {
	if first < 0 || int64(len(dst)) > a.Elements()-first {
		return fmt.Errorf("reading array %q: values %d to %d of %d", a.Name, first, first+int64(len(dst)), a.Elements())
	}
	width := a.Type.width()
	raw := make([]byte, min(len(dst), chunkElements)*int(width))
	for len(dst) > 0 {
		n := min(len(dst), chunkElements)
		if read, err := a.source.ReadAt(raw[:int64(n)*width], a.offset+first*width); read < n*int(width) {
			return fmt.Errorf("reading array %q: %w", a.Name, err)
		}
		a.Type.floats(dst[:n], raw)
		dst, first = dst[n:], first+int64(n)
	}
	return nil
}

// All reads all values, converted to float32.
func (a *Array) All() ([]float32, error) {
	values := make([]float32, a.Elements())
	return values, a.Floats(values, 0)
}

// byVariable indexes arrays by their variable's name, which follows "arg:" or "aux:".
func byVariable(arrays []Array) (map[string]*Array, error) {
	named := make(map[string]*Array, len(arrays))
	for i := range arrays {
		a := &arrays[i]
		if a.Name == "" {
			return nil, fmt.Errorf("%w: array %d has no name", ErrArtifact, i)
		}
		name := a.Name
		if kind, rest, ok := strings.Cut(name, ":"); ok && (kind == "arg" || kind == "aux") {
			name = rest
		}
		if _, twice := named[name]; twice {
			return nil, fmt.Errorf("%w: two arrays named %.100q", ErrArtifact, name)
		}
		named[name] = a
	}
	return named, nil
}
