package onnx

import (
	"errors"
	"fmt"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// ErrNoFeatures is wrapped when a model has no layer whose values describe a picture as a vector.
var ErrNoFeatures = errors.New("no layer of features")

// maxFeatures bounds their number.
const maxFeatures = 1 << 16

// Features names the tensor that goes into the last linear layer, and its width: what the model sees in a picture, pooled over its area,
// just before it decides. In a residual network it is the globally pooled output of the last block. Errors wrap [ErrNoFeatures].
func (f *File) Features() (name string, width int, err error) {
	for _, n := range slices.Backward(f.Nodes) {
		if n.Domain != "" || n.Operator != "Gemm" && n.Operator != "MatMul" || len(n.Inputs) < 2 {
			continue
		}
		weights := f.initializer(n.Inputs[1])
		if weights == nil || f.initializer(n.Inputs[0]) != nil || len(weights.Dims) != 2 {
			continue
		}
		size := weights.Dims[0]
		for _, a := range n.Attributes {
			if a.Name == "transB" && a.Int != 0 {
				size = weights.Dims[1]
			}
			if a.Name == "transA" && a.Int != 0 {
				return "", 0, fmt.Errorf("%w: the last linear layer %q turns its input", ErrNoFeatures, n.Name)
			}
		}
		if size < 1 || size > maxFeatures {
			return "", 0, fmt.Errorf("%w: the last linear layer takes %d numbers", ErrNoFeatures, size)
		}
		return n.Inputs[0], int(size), nil
	}
	return "", 0, fmt.Errorf("%w: there is no linear layer of constant weights", ErrNoFeatures)
}

func (f *File) initializer(name string) *Initializer {
	for i := range f.Weights {
		if f.Weights[i].Name == name {
			return &f.Weights[i]
		}
	}
	return nil
}

// WithOutput gives a model in which a float32 tensor of shape [N, width] is an output beside the others. Errors wrap [ErrFormat].
func WithOutput(data []byte, name string, width int) ([]byte, error) {
	out := value{name: name, element: elementFloat32, dims: []int64{batch, int64(width)}}
	added := message(nil, 12, out.encode())
	edited := make([]byte, 0, len(data)+len(added)+16)
	for rest := data; len(rest) > 0; {
		number, kind, tag := protowire.ConsumeTag(rest)
		if tag < 0 {
			return nil, fmt.Errorf("%w: %w", ErrFormat, protowire.ParseError(tag))
		}
		size := protowire.ConsumeFieldValue(number, kind, rest[tag:])
		if size < 0 {
			return nil, fmt.Errorf("%w: %w", ErrFormat, protowire.ParseError(size))
		}
		if number == 7 && kind == protowire.BytesType {
			graph, _ := protowire.ConsumeBytes(rest[tag:])
			edited = protowire.AppendTag(edited, number, kind)
			edited = protowire.AppendVarint(edited, uint64(len(graph)+len(added)))
			edited = append(append(edited, graph...), added...)
		} else {
			edited = append(edited, rest[:tag+size]...)
		}
		rest = rest[tag+size:]
	}
	return edited, nil
}
