package onnx

import (
	"math"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// prepare brings the graph into the shape in which integers pay, without changing what it computes: constants become stored
// tensors, a normalisation behind a convolution becomes part of it, and any other normalisation a convolution of 1 × 1 with one
// channel a group, for which ONNX Runtime has integer kernels while BatchNormalization has none (in a network that normalises
// before it activates each would cost two conversions and two transpositions).
func (e *editable) prepare() {
	e.storeConstants()
	if e.hasGraphs() { // which may read what would vanish
		return
	}
	uses := e.consumers()
	made := map[string]*editNode{}
	kept := e.nodes[:0:0]
	for _, n := range e.nodes {
		if norm := e.normalisation(n); norm != nil {
			if conv := made[n.Inputs[0]]; conv != nil && uses[n.Inputs[0]] == 1 && e.foldInto(conv, norm) {
				delete(made, n.Inputs[0])
				conv.Outputs[0] = n.Outputs[0]
				made[n.Outputs[0]] = conv
				continue
			}
			n = e.channelwise(n, norm)
		}
		if n.kind() == "Conv" {
			made[n.Outputs[0]] = n
		}
		kept = append(kept, n)
	}
	e.nodes = kept
}

// storeConstants makes stored tensors of Constant nodes that hold one, and of Identity nodes, by which PyTorch stores equal tensors once.
func (e *editable) storeConstants() {
	e.nodes = slices.DeleteFunc(e.nodes, func(n *editNode) bool {
		if n.kind() == "Identity" && len(n.Inputs) == 1 && len(n.Outputs) == 1 && !e.isOutput(n.Outputs[0]) {
			t := e.tensors[n.Inputs[0]]
			if t == nil || t.proto != nil {
				return false
			}
			e.tensors[n.Outputs[0]] = t
			return true
		}
		if n.kind() != "Constant" || len(n.Attributes) != 1 || n.Attributes[0].Tensor == nil || e.isOutput(n.Outputs[0]) {
			return false
		}
		var proto []byte
		_ = each(n.raw[0], func(num protowire.Number, content []byte) error {
			if num == 5 {
				proto = content
			}
			return nil
		})
		t, err := readTensor(n.Attributes[0].Tensor, proto)
		if err != nil || t.proto != nil && n.Attributes[0].Tensor.Name != n.Outputs[0] {
			return false
		}
		e.tensors[n.Outputs[0]] = t
		return true
	})
}

// affine is y = scale·x + shift, one pair a channel.
type affine struct{ scale, shift []float64 }

// normalisation is what a BatchNormalization computes; nil for other nodes, and for one whose numbers are not stored.
func (e *editable) normalisation(n *editNode) *affine {
	if n.kind() != "BatchNormalization" || len(n.Inputs) != 5 || len(n.Outputs) != 1 || n.integer("training_mode", 0) != 0 {
		return nil
	}
	if x := e.known[n.Inputs[0]]; !x.ranked || len(x.dims) != 4 {
		return nil
	}
	var v [4][]float32 // scale, bias, mean, variance
	for i := range v {
		values, ok := e.tensors[n.Inputs[1+i]].floats()
		if !ok || len(values) == 0 || i > 0 && len(values) != len(v[0]) {
			return nil
		}
		v[i] = values
	}
	epsilon := 1e-5 // ONNX's default
	if a := n.attribute("epsilon"); a != nil {
		epsilon = float64(a.Float)
	}
	norm := &affine{make([]float64, len(v[0])), make([]float64, len(v[0]))}
	for i := range v[0] {
		norm.scale[i] = float64(v[0][i]) / math.Sqrt(float64(v[3][i])+epsilon)
		norm.shift[i] = float64(v[1][i]) - float64(v[2][i])*norm.scale[i]
		if s := norm.scale[i] + norm.shift[i]; s-s != 0 { // NaN or infinite
			return nil
		}
	}
	return norm
}

// foldInto makes a normalisation part of the convolution before it.
func (e *editable) foldInto(conv *editNode, norm *affine) bool {
	weight, ok := e.tensors[conv.Inputs[1]].floats()
	channels := len(norm.scale)
	if !ok || len(weight)%channels != 0 || e.tensors[conv.Inputs[1]].dims[0] != int64(channels) {
		return false
	}
	bias := make([]float32, channels)
	if hasInput(&conv.Node, 2) {
		if bias, ok = e.tensors[conv.Inputs[2]].floats(); !ok || len(bias) != channels {
			return false
		}
	}
	inner := len(weight) / channels
	for i := range weight {
		weight[i] = float32(float64(weight[i]) * norm.scale[i/inner])
	}
	for i := range bias {
		bias[i] = float32(float64(bias[i])*norm.scale[i] + norm.shift[i])
	}
	conv.Inputs = []string{
		conv.Inputs[0],
		e.store(conv.Inputs[1]+"_folded", float32Tensor(e.tensors[conv.Inputs[1]].dims, weight)),
		e.store(conv.Inputs[1]+"_bias", float32Tensor([]int64{int64(channels)}, bias)),
	}
	return true
}

// channelwise is a normalisation as a convolution.
func (e *editable) channelwise(n *editNode, norm *affine) *editNode {
	channels := int64(len(norm.scale))
	scale, shift := make([]float32, channels), make([]float32, channels)
	for i := range scale {
		scale[i], shift[i] = float32(norm.scale[i]), float32(norm.shift[i])
	}
	weight := e.store(n.Outputs[0]+"_scale", float32Tensor([]int64{channels, 1, 1, 1}, scale))
	bias := e.store(n.Outputs[0]+"_shift", float32Tensor([]int64{channels}, shift))
	return newNode("Conv", n.Name, []string{n.Inputs[0], weight, bias}, n.Outputs[0],
		intAttr("group", channels), intsAttr("kernel_shape", 1, 1))
}

// hasInput tells whether a node has its optional input i.
func hasInput(n *Node, i int) bool { return i < len(n.Inputs) && n.Inputs[i] != "" }
