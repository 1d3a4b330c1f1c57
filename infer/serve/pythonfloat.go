package serve

import (
	"bytes"
	"math"
	"strconv"
)

// appendFloat appends a number as Python's repr and json.dumps write it: the shortest digits that read back the same, with an
// exponent below 1e-4 and from 1e16 on, and with ".0" where a whole number would look like an integer (CPython's
// float_repr_style "short", Python/pystrtod.c). A float32 is widened first, as numpy's tolist does.
func appendFloat(dst []byte, v float64) []byte {
	switch size := math.Abs(v); {
	case v != v:
		return append(dst, "NaN"...)
	case size > math.MaxFloat64:
		if v < 0 {
			dst = append(dst, '-')
		}
		return append(dst, "Infinity"...)
	case size != 0 && (size < 1e-4 || size >= 1e16):
		return strconv.AppendFloat(dst, v, 'e', -1, 64)
	}
	start := len(dst)
	dst = strconv.AppendFloat(dst, v, 'f', -1, 64)
	if bytes.IndexByte(dst[start:], '.') < 0 {
		dst = append(dst, ".0"...)
	}
	return dst
}

// appendArray appends scores as the built-in algorithm answers: a flat array, a comma and a blank between two numbers.
func appendArray(dst []byte, scores []float32) []byte {
	dst = append(dst, '[')
	for i, s := range scores {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = appendFloat(dst, float64(s))
	}
	return append(dst, ']')
}
