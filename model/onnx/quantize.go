package onnx

import (
	"errors"
	"fmt"
	"slices"
)

// ErrQuantized is wrapped when a model holds integers already.
var ErrQuantized = errors.New("the model is quantized already")

// ErrNoLayers is wrapped when no layer of a model can be computed in integers.
var ErrNoLayers = errors.New("no layer can be quantized")

// ErrOldOperators is wrapped when a model's operator set is older than [MinQuantizedOpset].
var ErrOldOperators = errors.New("the operator set is too old to quantize")

// MinQuantizedOpset is the first of ONNX's operator sets whose QuantizeLinear has one scale a channel.
const MinQuantizedOpset = 13

// MaxQuantizedBytes bounds the models that are quantized, for they are held whole; a protocol buffer message ends at 2 GiB.
const MaxQuantizedBytes = 1<<31 - 1

// A Quantizer makes an INT8 model of a float32 one. First [Quantizer.Probe] gives a model that observes the values that flow
// through the layers; run it on typical pictures, choose a [Range] for each of [Quantizer.Tensors], and call [Quantizer.Build].
//
// Weights become signed bytes with a scale for each output channel, values between layers unsigned bytes with a scale and a zero
// point for each tensor (real = scale · (byte − zero), ONNX QuantizeLinear), biases 32-bit integers. The pairs of
// QuantizeLinear and DequantizeLinear stand where ONNX Runtime's optimiser makes integer kernels of what lies between.
//
// It serves one goroutine at a time.
type Quantizer struct {
	net    *editable
	roles  map[*editNode]role // of the nodes that can be computed in integers
	layers []Layer
	ranges []string // tensors that need a range
	done   map[*editNode]doneLayer
}

// A doneLayer is what the last Build made of a layer. A search builds many models that differ in one.
type doneLayer struct {
	scale float32 // of the input
	bits  WeightBits
	*integerLayer
}

// A Layer is a node with weights that can be computed in integers.
type Layer struct {
	// Name of the node, or of its output when it has none.
	Name string `json:"name"`
	// Operator such as "Conv".
	Operator string `json:"operator"`
	// Weights is the number of its weights.
	Weights int64 `json:"weights"`

	node *editNode
}

// A Range is the span of real values that the 256 numbers of a byte stand for. It always takes in zero, which must be exact
// because borders are padded with it.
type Range struct{ Min, Max float32 }

// NewQuantizer reads a float32 model. Its weights must lie in the same bytes; input is the shape of one picture, as for
// [File.MultiplyAdds], nil when the file says it. Errors wrap [ErrFormat], [ErrQuantized], [ErrOldOperators] or [ErrNoLayers].
func NewQuantizer(data []byte, input []int64) (*Quantizer, error) {
	if len(data) > MaxQuantizedBytes {
		return nil, fmt.Errorf("%w: %d bytes, at most %d can be quantized", ErrFormat, len(data), MaxQuantizedBytes)
	}
	e, err := readEditable(data, input)
	if err != nil {
		return nil, err
	}
	for _, n := range e.nodes {
		switch n.Operator {
		case "QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "QLinearConv", "QLinearMatMul", "ConvInteger", "MatMulInteger":
			return nil, fmt.Errorf("%w: node %.100q is a %s", ErrQuantized, n.label(), n.Operator)
		}
	}
	if e.opset < MinQuantizedOpset {
		return nil, fmt.Errorf("%w: it is %d, %d or later is needed", ErrOldOperators, e.opset, MinQuantizedOpset)
	}
	e.prepare()
	q := &Quantizer{net: e, roles: map[*editNode]role{}, done: map[*editNode]doneLayer{}}
	q.plan()
	if len(q.layers) == 0 {
		return nil, fmt.Errorf("%w: it has neither a convolution nor a Gemm with stored float32 weights", ErrNoLayers)
	}
	return q, nil
}

// Layers lists the layers that [Quantizer.Build] computes in integers unless it is told not to, in the graph's order.
func (q *Quantizer) Layers() []Layer { return slices.Clone(q.layers) }

// Tensors lists the values that need a [Range], in the graph's order.
func (q *Quantizer) Tensors() []string { return slices.Clone(q.ranges) }

// Unsupported counts the operators with stored weights or large matrix products that stay in float32, by name.
func (q *Quantizer) Unsupported() map[string]int {
	left := map[string]int{}
	for _, n := range q.net.nodes {
		switch n.Operator {
		case "Conv", "ConvTranspose", "Gemm", "MatMul", "LSTM", "GRU":
			if _, ok := q.roles[n]; !ok {
				left[n.kind()]++
			}
		}
	}
	return left
}

// Metadata is what the float32 file carries.
func (q *Quantizer) Metadata() map[string]string { return q.net.file.Metadata }

// label names a node for people.
func (n *editNode) label() string {
	if n.Name == "" && len(n.Outputs) > 0 {
		return n.Outputs[0]
	}
	return n.Name
}
