package onnx

import (
	"errors"
	"fmt"
	"slices"
)

// ErrTwin is wrapped when a model has no twin of the kind that was asked for; the message says what stands in the way.
var ErrTwin = errors.New("no such twin")

// FloatInput gives the same model with an input of float32 where it took uint8, so that it can be fed what no byte holds. The caller's
// manifest must say so too. Data is the whole file; input is the input's shape, N as 1. Errors wrap [ErrFormat] or [ErrTwin].
func FloatInput(data []byte, input []int64) ([]byte, error) {
	e, err := readEditable(data, input)
	if err != nil {
		return nil, err
	}
	if len(e.file.Inputs) != 1 || e.file.Inputs[0].Element != "uint8" || len(e.inputs) != 1 {
		return nil, fmt.Errorf("%w: the model has not one input of uint8", ErrTwin)
	}
	pixels := map[string]bool{e.file.Inputs[0].Name: true}
	for _, n := range e.nodes {
		if !slices.ContainsFunc(n.Inputs, func(name string) bool { return pixels[name] }) {
			continue
		}
		switch n.Operator {
		case "Transpose", "Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze":
			pixels[n.Outputs[0]] = true
		case "Cast": // to float, which does nothing now
		default:
			return nil, fmt.Errorf("%w: %s reads the bytes of the pictures", ErrTwin, n.Operator)
		}
	}
	v := value{name: e.file.Inputs[0].Name, element: elementFloat32, dims: slices.Clone(input)}
	v.dims[0] = batch
	e.inputs[0] = v.encode()
	return e.encode(e.file.Metadata), nil
}

// HalfPrecision gives a float32 model that computes as a float16 one does where sums are kept in float32, as graphics cards and ONNX
// Runtime do: every weight, and every value between two layers, is rounded to float16. It is as exact as float16, and no faster.
// Errors wrap [ErrFormat] or [ErrTwin].
func HalfPrecision(data []byte, input []int64) ([]byte, error) { return halve(data, input, true) }

// HalfWeights is [HalfPrecision] for the weights alone: a model that is stored in float16 and computes in float32, as ONNX Runtime makes
// of one on a processor. Errors wrap [ErrFormat] or [ErrTwin].
func HalfWeights(data []byte, input []int64) ([]byte, error) { return halve(data, input, false) }

func halve(data []byte, input []int64, values bool) ([]byte, error) {
	e, err := readEditable(data, input)
	if err != nil {
		return nil, err
	}
	if e.hasGraphs() {
		return nil, fmt.Errorf("%w: the model has control flow", ErrTwin)
	}
	h := &halver{net: e, values: values, real: map[string]bool{}, narrow: map[string]string{}}
	for name, t := range e.tensors {
		h.real[name] = t.element == elementFloat32
	}
	for _, in := range e.file.Inputs {
		h.real[in.Name] = in.Element == "float32"
	}
	for _, n := range e.nodes {
		h.node(n)
	}
	if !h.rounded {
		return nil, fmt.Errorf("%w: no layer of float32 is known in it", ErrTwin)
	}
	e.nodes = h.made
	return e.encode(e.file.Metadata), nil
}

// halver rounds the values of a graph, node by node.
type halver struct {
	net     *editable
	values  bool // between layers are rounded too
	made    []*editNode
	real    map[string]bool   // tensors of float32
	narrow  map[string]string // what is read for a stored tensor
	rounded bool
}

// node adds a node whose weights and whose result are rounded.
func (h *halver) node(n *editNode) {
	c := n.clone()
	if !h.computes(n) {
		h.made = append(h.made, c)
		for _, out := range n.Outputs {
			h.real[out] = h.keeps(n)
		}
		return
	}
	for i, in := range c.Inputs {
		if h.net.tensors[in] != nil && h.real[in] {
			c.Inputs[i] = h.stored(in)
		}
	}
	out := n.Outputs[0]
	h.real[out], h.rounded = true, true
	if !h.values {
		h.made = append(h.made, c)
		return
	}
	c.Outputs[0] = h.net.free(out + "/exact")
	h.made = append(h.made, c)
	h.round(c.Outputs[0], out)
}

// computes tells a node whose one result is float32 and newly computed.
func (h *halver) computes(n *editNode) bool {
	switch n.Operator {
	case "Conv", "Gemm", "MatMul", "BatchNormalization", "LayerNormalization", "InstanceNormalization", "GroupNormalization", "Sigmoid", "Tanh",
		"Softmax", "AveragePool", "GlobalAveragePool", "HardSigmoid", "HardSwish", "Elu", "Selu", "LeakyRelu", "PRelu", "Erf", "Gelu",
		"Exp", "Sqrt", "Softplus", "ReduceMean", "LRN":
		return len(n.Outputs) == 1
	case "Add", "Sub", "Mul", "Div", "Pow", "Sum":
		return len(n.Outputs) == 1 && slices.ContainsFunc(n.Inputs, func(in string) bool { return h.real[in] })
	}
	return false
}

// keeps tells a node that hands float32 on.
func (h *halver) keeps(n *editNode) bool {
	switch n.Operator {
	case "Cast":
		for _, a := range n.Attributes {
			if a.Name == "to" {
				return a.Int == elementFloat32
			}
		}
	case "DequantizeLinear":
		return true
	case "Shape", "Constant", "Size", "ArgMax", "NonZero", "QuantizeLinear":
		return false
	}
	return len(n.Inputs) > 0 && h.real[n.Inputs[0]]
}

// stored gives the rounded copy of a weight.
func (h *halver) stored(name string) string {
	if h.narrow[name] == "" {
		h.narrow[name] = h.net.free(name + "/half")
		h.round(name, h.narrow[name])
	}
	return h.narrow[name]
}

// round adds a way through float16.
func (h *halver) round(from, to string) {
	half := h.net.free(to + "/float16")
	h.made = append(h.made,
		newNode("Cast", half, []string{from}, half, intAttr("to", elementFloat16)),
		newNode("Cast", to+"/float32", []string{half}, to, intAttr("to", elementFloat32)))
}
