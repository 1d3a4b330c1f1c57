package source

import (
	"os"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// tinyONNX is an ONNX file with an input x of 1 × 3 × 4 × 4, an output y of 2 classes and metadata, whose only weight lies in the file side, or inside when side is empty.
func tinyONNX(side string, metadata map[string]string) []byte {
	number := func(b []byte, field protowire.Number, v uint64) []byte {
		return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), v)
	}
	bytes := func(b []byte, field protowire.Number, v []byte) []byte {
		return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), v)
	}
	entry := func(key, value string) []byte { return bytes(bytes(nil, 1, []byte(key)), 2, []byte(value)) }
	value := func(name string, dims ...uint64) []byte {
		var shape []byte
		for _, dim := range dims {
			shape = bytes(shape, 1, number(nil, 1, dim))
		}
		tensor := bytes(number(nil, 1, 1), 2, shape) // float32
		return bytes(bytes(nil, 1, []byte(name)), 2, bytes(nil, 1, tensor))
	}
	weight := bytes(number(number(nil, 1, 2), 2, 1), 8, []byte("w")) // 2 × float32
	if side == "" {
		weight = bytes(weight, 9, make([]byte, 8))
	} else {
		weight = number(bytes(weight, 13, entry("location", side)), 14, 1)
	}
	node := bytes(bytes(bytes(bytes(nil, 1, []byte("x")), 1, []byte("w")), 2, []byte("y")), 4, []byte("MatMul"))
	graph := bytes(bytes(bytes(nil, 1, node), 2, []byte("g")), 5, weight)
	graph = bytes(bytes(graph, 11, value("x", 1, 3, 4, 4)), 12, value("y", 1, 2))
	file := bytes(bytes(number(nil, 1, 8), 7, graph), 8, number(nil, 2, 17))
	for key, text := range metadata {
		file = bytes(file, 14, entry(key, text))
	}
	return file
}

func writeTest(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
