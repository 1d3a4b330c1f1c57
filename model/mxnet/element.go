package mxnet

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Type is the element type of an array, numbered as MXNet stores it (3rdparty/mshadow/mshadow/base.h, enum TypeFlag).
type Type int32

// The element types.
const (
	Float32  Type = 0
	Float64  Type = 1
	Float16  Type = 2
	Uint8    Type = 3
	Int32    Type = 4
	Int8     Type = 5
	Int64    Type = 6
	Bool     Type = 7
	Int16    Type = 8
	Uint16   Type = 9
	Uint32   Type = 10
	Uint64   Type = 11
	Bfloat16 Type = 12
)

var typeNames = [...]string{
	"float32", "float64", "float16", "uint8", "int32", "int8", "int64", "bool", "int16", "uint16", "uint32", "uint64", "bfloat16",
}

var typeWidths = [len(typeNames)]int64{4, 8, 2, 1, 4, 1, 8, 1, 2, 2, 4, 8, 2}

// String is the type's name, such as "float16".
func (t Type) String() string {
	if t < 0 || int(t) >= len(typeNames) {
		return fmt.Sprintf("type%d", int32(t))
	}
	return typeNames[t]
}

// width is the size of an element in bytes, 0 for a type that is not known.
func (t Type) width() int64 {
	if t < 0 || int(t) >= len(typeWidths) {
		return 0
	}
	return typeWidths[t]
}

// floats converts stored values.
func (t Type) floats(dst []float32, raw []byte) {
	le := binary.LittleEndian
	for i := range dst {
		switch t {
		case Float32:
			dst[i] = math.Float32frombits(le.Uint32(raw[4*i:]))
		case Float64:
			dst[i] = float32(math.Float64frombits(le.Uint64(raw[8*i:])))
		case Float16:
			dst[i] = fromFloat16(le.Uint16(raw[2*i:]))
		case Bfloat16: // the upper half of a float32
			dst[i] = math.Float32frombits(uint32(le.Uint16(raw[2*i:])) << 16)
		case Uint8, Bool:
			dst[i] = float32(raw[i])
		case Int8:
			dst[i] = float32(int8(raw[i]))
		case Int16:
			dst[i] = float32(int16(le.Uint16(raw[2*i:])))
		case Uint16:
			dst[i] = float32(le.Uint16(raw[2*i:]))
		case Int32:
			dst[i] = float32(int32(le.Uint32(raw[4*i:])))
		case Uint32:
			dst[i] = float32(le.Uint32(raw[4*i:]))
		case Int64:
			dst[i] = float32(int64(le.Uint64(raw[8*i:])))
		case Uint64:
			dst[i] = float32(le.Uint64(raw[8*i:]))
		}
	}
}

// fromFloat16 widens an IEEE 754 binary16: 1 sign bit, 5 of exponent (bias 15), 10 of fraction. Every value fits exactly.
func fromFloat16(h uint16) float32 {
	sign, exponent, fraction := uint32(h>>15)<<31, uint32(h>>10)&31, uint32(h)&1023
	switch exponent {
	case 0: // zero and the subnormals, multiples of 2^-24
		v := float32(fraction) * (1.0 / (1 << 24))
		return math.Float32frombits(math.Float32bits(v) | sign)
	case 31: // infinities and NaN
		return math.Float32frombits(sign | 0xff<<23 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | fraction<<13)
}
