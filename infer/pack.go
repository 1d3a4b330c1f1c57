package infer

import (
	"encoding/binary"
	"math"
	"unsafe"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/preprocess"
)

// size of one element in bytes.
func size(element model.Element) int {
	switch element {
	case model.Uint8:
		return 1
	case model.Float16:
		return 2
	default:
		return 4
	}
}

// elements of a shape.
func elements(shape []int64) int {
	n := 1
	for _, side := range shape {
		n *= int(side)
	}
	return n
}

// alignedBytes makes n zero bytes that floats may lie in.
func alignedBytes(n int) []byte {
	words := make([]uint64, (n+7)/8)
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(words))), n)
}

// pack writes count pictures of a batch, from first on, into a runtime's input of the element type. What is left of dst becomes zero,
// so that nothing of an earlier batch decides how long a run takes.
func pack(dst []byte, batch *preprocess.Tensor, element model.Element, first, count int) {
	from, to := first*batch.PerPicture, (first+count)*batch.PerPicture
	var used int
	switch element {
	case model.Uint8:
		used = copy(dst, batch.U8[from:to])
	case model.Float16:
		for i, v := range batch.F32[from:to] {
			binary.NativeEndian.PutUint16(dst[2*i:], halfFromFloat(v))
		}
		used = 2 * (to - from)
	default:
		values := batch.F32[from:to]
		used = copy(dst, unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(values))), 4*len(values)))
	}
	clear(dst[used:])
}

// unpack reads len(dst) values of a runtime's output.
func unpack(dst []float32, src []byte, element model.Element) {
	for i := range dst {
		if element == model.Float16 {
			dst[i] = FloatFromHalf(binary.NativeEndian.Uint16(src[2*i:]))
		} else {
			dst[i] = math.Float32frombits(binary.NativeEndian.Uint32(src[4*i:]))
		}
	}
}
