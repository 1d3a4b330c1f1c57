package npy

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"
)

// headerAlign is the multiple of bytes at which NumPy starts the elements, so that they can be mapped.
const headerAlign = 64

// chunk is the number of elements that are converted at a time.
const chunk = 16 << 10

// Write writes the array as version 1.0, byte for byte as numpy.save does. It fails when the shape does not fit the elements
// (wrapping [ErrFormat]) or when w fails.
func Write(w io.Writer, a *Array) error {
	n, err := elements(a.Shape)
	if err != nil {
		return err
	}
	descr, have := descrF32, int64(len(a.F32))
	if a.F32 == nil {
		descr, have = descrU8, int64(len(a.U8))
	}
	if n != have {
		return fmt.Errorf("%w: shape %v needs %d elements, the array has %d", ErrFormat, a.Shape, n, have)
	}
	if _, err := w.Write(header(descr, a.Shape)); err != nil {
		return fmt.Errorf("write .npy header: %w", err)
	}
	if a.F32 == nil {
		if _, err := w.Write(a.U8); err != nil {
			return fmt.Errorf("write .npy elements: %w", err)
		}
		return nil
	}
	return writeFloats(w, a.F32)
}

// writeFloats writes little-endian float32 in pieces.
func writeFloats(w io.Writer, values []float32) error {
	buf := make([]byte, 0, 4*min(chunk, len(values)))
	for len(values) > 0 {
		n := min(chunk, len(values))
		buf = buf[:0]
		for _, v := range values[:n] {
			buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(v))
		}
		if _, err := w.Write(buf); err != nil {
			return fmt.Errorf("write .npy elements: %w", err)
		}
		values = values[n:]
	}
	return nil
}

// header makes everything before the elements.
func header(descr string, shape []int64) []byte {
	var dict strings.Builder
	fmt.Fprintf(&dict, "{'descr': '%s', 'fortran_order': False, 'shape': (", descr)
	for i, side := range shape {
		if i > 0 {
			dict.WriteString(" ")
		}
		fmt.Fprintf(&dict, "%d", side)
		if i < len(shape)-1 || len(shape) == 1 { // Python writes a tuple of one as (1,)
			dict.WriteString(",")
		}
	}
	dict.WriteString("), }")
	const fixed = len(magic) + 2 + 2 // magic, version, length
	// NumPy leaves room for the outermost axis to grow to 21 digits, so that a file can be appended to in place.
	if len(shape) > 0 {
		dict.WriteString(strings.Repeat(" ", 21-len(fmt.Sprint(shape[0]))))
	}
	pad := headerAlign - (fixed+dict.Len()+1)%headerAlign
	dict.WriteString(strings.Repeat(" ", pad))
	dict.WriteString("\n")
	out := append(make([]byte, 0, fixed+dict.Len()), magic...)
	out = append(out, 1, 0)
	out = binary.LittleEndian.AppendUint16(out, uint16(dict.Len()))
	return append(out, dict.String()...)
}
