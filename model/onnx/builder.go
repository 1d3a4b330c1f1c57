package onnx

import (
	"fmt"
	"slices"
)

// graph is an ONNX graph being built.
type graph struct {
	input   value
	output  value
	nodes   []*operation
	weights []*stored
	taken   map[string]bool // names of tensors
	last    map[string]int  // numbers given to names that came again
}

// batch is the size of a dimension that is only known when the model runs, N. Sizes are signed so that they survive reshapes:
// -k means k·N.
const batch = -1

// value is a tensor that flows through the graph.
type value struct {
	name    string
	element int64 // TensorProto.DataType
	dims    []int64
	kind    activation
	// linear is the convolution or matrix product that the value comes from and nothing else reads, so that a following
	// normalisation can be folded into it.
	linear *linear
}

// activation says what made probabilities of a value.
type activation int

const (
	plainValue activation = iota
	softmaxValue
	sigmoidValue
)

// operation is a node of the ONNX graph.
type operation struct {
	operator   string
	name       string
	inputs     []string
	output     string
	attributes []attribute
}

// attribute is a constant of a node; exactly one of the values is set.
type attribute struct {
	name  string
	int   *int64
	ints  []int64
	float *float32
	text  string
}

func intAttr(name string, v int64) attribute     { return attribute{name: name, int: &v} }
func intsAttr(name string, v ...int64) attribute { return attribute{name: name, ints: v} }
func floatAttr(name string, v float64) attribute {
	return attribute{name: name, float: new(float32(v))}
}
func textAttr(name string, text string) attribute { return attribute{name: name, text: text} }

// free returns name, or name with a number behind it when a tensor has that name already. It remembers the last number, for a
// symbol may call all of its nodes the same.
func (g *graph) free(name string) string {
	if g.taken == nil {
		g.taken, g.last = map[string]bool{}, map[string]int{}
	}
	unique := name
	for unique == "" || g.taken[unique] {
		g.last[name]++
		unique = fmt.Sprintf("%s_%d", name, g.last[name]+1)
	}
	g.taken[unique] = true
	return unique
}

// emit adds a node whose output has the node's name.
func (g *graph) emit(operator, name string, inputs []string, dims []int64, attributes ...attribute) *value {
	name = g.free(name)
	g.nodes = append(g.nodes, &operation{operator, name, inputs, name, attributes})
	return &value{name: name, element: elementFloat32, dims: dims}
}

// constant adds a small tensor of numbers.
func (g *graph) constant(name string, dims []int64, values ...float32) string {
	s := &stored{name: g.free(name), element: elementFloat32, dims: dims, floats: values}
	g.weights = append(g.weights, s)
	return s.name
}

// integers adds a list of whole numbers, such as a shape.
func (g *graph) integers(name string, values ...int64) string {
	s := &stored{name: g.free(name), element: elementInt64, dims: []int64{int64(len(values))}, ints: values}
	g.weights = append(g.weights, s)
	return s.name
}

// maxSizes bounds the elements that one picture may take in a tensor of the graph; a 4 GiB tensor is no classifier's.
const maxSizes = 1 << 30

// product multiplies sizes, N included as in value.dims. ok is false when N occurs twice or the product is too large.
func product(dims []int64) (n int64, ok bool) {
	n = 1
	for _, d := range dims {
		if d == 0 || d < 0 && n < 0 || abs(d) > maxSizes/abs(n) {
			return 0, false
		}
		n *= d
	}
	return n, true
}

func abs(v int64) int64 { return max(v, -v) }

// same tells whether two shapes agree.
func same(a, b []int64) bool { return slices.Equal(a, b) }
