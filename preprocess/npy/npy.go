// Package npy reads and writes arrays in NumPy's .npy format, versions 1.0 to 3.0, for the element types that tensors have here:
// float32 and uint8, little-endian, in C order.
//
// The format is described by NumPy as numpy.lib.format: a magic string, a version, the length of a header, the header (a Python
// dictionary with descr, fortran_order and shape) and the elements.
package npy

import (
	"errors"
	"fmt"
	"math"
)

// An Array is a tensor of any shape. Exactly one of U8 and F32 is used.
type Array struct {
	// Shape holds the length of each axis, outermost first; an empty shape is a single number.
	Shape []int64
	// U8 holds the elements of a uint8 array in C order.
	U8 []uint8
	// F32 holds the elements of a float32 array in C order.
	F32 []float32
}

// ErrFormat is wrapped by errors about bytes that are not an array which this package reads.
var ErrFormat = errors.New("bad .npy file")

// magic begins every .npy file.
const magic = "\x93NUMPY"

// The type descriptions, as NumPy writes them. One byte has no byte order.
const (
	descrF32 = "<f4"
	descrU8  = "|u1"
)

// maxAxes is the largest number of axes that NumPy 2 supports (NPY_MAXDIMS).
const maxAxes = 64

// Len returns the number of elements that the shape asks for.
func (a *Array) Len() int64 {
	n, err := elements(a.Shape)
	if err != nil {
		return 0
	}
	return n
}

// elements multiplies a shape out and reports what cannot be one.
func elements(shape []int64) (int64, error) {
	if len(shape) > maxAxes {
		return 0, fmt.Errorf("%w: %d axes, at most %d are read", ErrFormat, len(shape), maxAxes)
	}
	n := int64(1)
	empty := false
	for _, side := range shape {
		if side < 0 {
			return 0, fmt.Errorf("%w: shape %v has a negative axis", ErrFormat, shape)
		}
		if side == 0 {
			empty = true
			continue
		}
		if n > math.MaxInt64/side {
			return 0, fmt.Errorf("%w: shape %v is too large", ErrFormat, shape)
		}
		n *= side
	}
	if empty {
		return 0, nil
	}
	return n, nil
}
