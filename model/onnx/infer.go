package onnx

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
)

// ErrUnknown is wrapped when the multiply-adds of a file cannot be told; the message names the node that stands in the way.
var ErrUnknown = errors.New("multiply-adds unknown")

// MultiplyAdds counts the multiplications followed by an addition that one picture takes: those of convolutions and matrix
// products, the customary measure. Shapes follow from the graph. The input shape (with a first dimension of 1) replaces what
// the file says about its first input; with nil every open first dimension is taken as 1. When an operator or a shape is not
// understood the error wraps [ErrUnknown].
func (f *File) MultiplyAdds(input []int64) (int64, error) {
	in := f.infer(input)
	return in.total, in.err
}

// tensor is what shape inference knows about a value.
type tensor struct {
	dims   []int64 // -1 is an open size
	ranked bool    // dims is known
	ints   []int64 // the values of a short integer tensor, when known
}

// open is a size that is not known.
const open = -1

// inference walks the nodes in order.
type inference struct {
	file   *File
	known  map[string]tensor
	total  int64
	opset  int64
	err    error // the first obstacle, wraps ErrUnknown
	stored map[string]tensor
}

// call is one node with the tensors that go in.
type call struct {
	*Node
	in    []tensor
	opset int64
	macs  int64
}

// rule gives the outputs of a node; an error says why they cannot be told.
type rule func(*call) ([]tensor, error)

func (f *File) infer(input []int64) *inference {
	in := &inference{file: f, known: map[string]tensor{}, stored: map[string]tensor{}}
	for _, o := range f.Opsets {
		if o.Domain == "" || o.Domain == "ai.onnx" {
			in.opset = o.Version
		}
	}
	for i := range f.Weights {
		w := &f.Weights[i]
		in.known[w.Name] = w.tensor()
	}
	for _, v := range f.inner {
		in.stored[v.Name] = v.tensor()
	}
	for i, v := range f.Inputs {
		t := v.tensor()
		if i == 0 && input != nil {
			t = tensor{dims: slices.Clone(input), ranked: true}
		}
		if t.ranked && len(t.dims) > 0 {
			t.dims[0] = 1
		}
		in.known[v.Name] = t
	}
	for i := range f.Nodes {
		in.node(&f.Nodes[i])
	}
	return in
}

func (t *Initializer) tensor() tensor {
	known := tensor{dims: t.Dims, ranked: true}
	if int64(len(t.ints)) == t.Elements() {
		known.ints = t.ints
	}
	return known
}

func (v *Value) tensor() tensor {
	if v.Shape == nil {
		return tensor{}
	}
	t := tensor{ranked: true}
	for _, d := range v.Shape {
		if d.Value > 0 {
			t.dims = append(t.dims, d.Value)
		} else {
			t.dims = append(t.dims, open)
		}
	}
	return t
}

// node infers one node. An operator without a rule is an obstacle, for it may multiply.
func (in *inference) node(n *Node) {
	c := &call{Node: n, opset: in.opset, in: make([]tensor, len(n.Inputs))}
	for i, name := range n.Inputs {
		c.in[i] = in.known[name]
	}
	apply, ok := rules[n.kind()]
	var out []tensor
	var err error
	if ok {
		out, err = apply(c)
	} else {
		err = errors.New("this operator is not understood")
	}
	if err != nil {
		in.obstacle(n, err)
	}
	var carry uint64
	sum, carry := bits.Add64(uint64(in.total), uint64(c.macs), 0)
	if carry != 0 || sum > math.MaxInt64 {
		in.obstacle(n, errOverflow)
		sum = 0
	}
	in.total = int64(sum)
	for i, name := range n.Outputs {
		var t tensor
		if i < len(out) {
			t = out[i]
		}
		in.known[name] = t.orStored(in.stored[name])
	}
}

// orStored fills what inference did not find with what the producer wrote down.
func (t tensor) orStored(s tensor) tensor {
	if !t.ranked {
		t.dims, t.ranked = s.dims, s.ranked
	} else if s.ranked && len(s.dims) == len(t.dims) {
		for i := range t.dims {
			if t.dims[i] == open && s.dims[i] != open {
				t.dims = slices.Clone(t.dims)
				t.dims[i] = s.dims[i]
			}
		}
	}
	if len(t.dims) > maxRank {
		return tensor{}
	}
	return t
}

func (in *inference) obstacle(n *Node, err error) {
	if in.err == nil {
		name := n.Name
		if name == "" && len(n.Outputs) > 0 {
			name = n.Outputs[0]
		}
		in.err = fmt.Errorf("%w: operator %.100q of node %.100q: %w", ErrUnknown, n.kind(), name, err)
	}
}

var (
	errShape    = errors.New("the shape that goes in is not known")
	errOverflow = errors.New("too many to count")
)

// multiply counts a·b·c… multiply-adds.
func (c *call) multiply(factors ...int64) error {
	product := uint64(1)
	for _, f := range factors {
		if f == open {
			return errShape
		}
		high, low := bits.Mul64(product, uint64(f))
		if f < 0 || high != 0 || low > math.MaxInt64 {
			return errOverflow
		}
		product = low
	}
	c.macs = int64(product)
	return nil
}

// arg is input i, or nothing when it is absent.
func (c *call) arg(i int) tensor {
	if i < len(c.in) {
		return c.in[i]
	}
	return tensor{}
}

func (n *Node) attribute(name string) *Attribute {
	for i := range n.Attributes {
		if n.Attributes[i].Name == name {
			return &n.Attributes[i]
		}
	}
	return nil
}

func (n *Node) integer(name string, absent int64) int64 {
	if a := n.attribute(name); a != nil {
		return a.Int
	}
	return absent
}

func (n *Node) integers(name string) []int64 {
	if a := n.attribute(name); a != nil {
		return a.Ints
	}
	return nil
}

// list is an integer list that is an attribute in older operator sets and an input in newer ones; given tells whether the node
// has it at all.
func (c *call) list(name string, input int) (values []int64, given, known bool) {
	if a := c.attribute(name); a != nil {
		return a.Ints, true, true
	}
	if input < len(c.Inputs) && c.Inputs[input] != "" {
		return c.in[input].ints, true, c.in[input].ints != nil
	}
	return nil, false, true
}

// axis brings an axis that may count from the end into 0..rank-1.
func axis(a int64, rank int) (int, error) {
	if a < 0 {
		a += int64(rank)
	}
	if a < 0 || a >= int64(rank) {
		return 0, fmt.Errorf("axis %d of a tensor of %d dimensions", a, rank)
	}
	return int(a), nil
}

func ranked(dims ...int64) []tensor { return []tensor{{dims: dims, ranked: true}} }
