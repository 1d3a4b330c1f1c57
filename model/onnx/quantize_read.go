package onnx

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// ReadRanges gives the ranges that an INT8 model of [Quantizer.Build] was built with, by the tensors' names in the float32 model.
// Building again with them gives the same bytes. Errors about the content wrap [ErrFormat].
func ReadRanges(data []byte) (map[string]Range, error) {
	e, err := readEditable(data, nil)
	if err != nil {
		return nil, err
	}
	ranges := map[string]Range{}
	for _, n := range e.nodes {
		if n.kind() != "QuantizeLinear" || len(n.Inputs) != 3 {
			continue
		}
		scale, ok := e.tensors[n.Inputs[1]].floats()
		zero := e.tensors[n.Inputs[2]].bytes()
		if !ok || len(scale) != 1 || len(zero) != 1 {
			return nil, fmt.Errorf("%w: node %.100q has no single scale and zero point", ErrFormat, n.label())
		}
		below := float32(zero[0])
		ranges[strings.TrimSuffix(n.Inputs[0], realSuffix)] = Range{Min: -below * scale[0], Max: (255 - below) * scale[0]}
	}
	return ranges, nil
}

// bytes are the values of a uint8 tensor, where they are raw data.
func (t *editTensor) bytes() (values []byte) {
	if t == nil || t.element != elementUint8 {
		return nil
	}
	if t.proto == nil {
		return t.raw
	}
	_ = each(t.proto, func(num protowire.Number, content []byte) error {
		if num == 9 {
			values = content
		}
		return nil
	})
	return values
}
