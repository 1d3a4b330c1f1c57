package onnx

import "fmt"

// The numbers of TensorProto.DataType that this package writes or computes with.
const (
	elementFloat32  = 1
	elementUint8    = 2
	elementInt8     = 3
	elementInt32    = 6
	elementInt64    = 7
	elementString   = 8
	elementBool     = 9
	elementFloat16  = 10
	elementFloat64  = 11
	elementBfloat16 = 16
)

// elements holds name and width in bits by TensorProto.DataType (onnx.proto, enum DataType).
var elements = [...]struct {
	name string
	bits int64
}{
	{"undefined", 0},
	{"float32", 32},
	{"uint8", 8},
	{"int8", 8},
	{"uint16", 16},
	{"int16", 16},
	{"int32", 32},
	{"int64", 64},
	{"string", 0},
	{"bool", 8},
	{"float16", 16},
	{"float64", 64},
	{"uint32", 32},
	{"uint64", 64},
	{"complex64", 64},
	{"complex128", 128},
	{"bfloat16", 16},
	{"float8e4m3fn", 8},
	{"float8e4m3fnuz", 8},
	{"float8e5m2", 8},
	{"float8e5m2fnuz", 8},
	{"uint4", 4},
	{"int4", 4},
	{"float4e2m1", 4},
}

func elementName(number int64) string {
	if number < 0 || number >= int64(len(elements)) {
		return fmt.Sprintf("type%d", number)
	}
	return elements[number].name
}
