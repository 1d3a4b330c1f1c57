package onnx

import (
	"slices"
	"strings"

	"github.com/scones-unlimited/scones/model/mxnet"
)

// need checks the number of inputs.
func (c *conversion) need(least, most int) error {
	if n := len(c.Inputs); n < least || n > most {
		if least == most {
			return c.problem("%d inputs, want %d", n, least)
		}
		return c.problem("%d inputs, want %d to %d", n, least, most)
	}
	return nil
}

// data is input i as a value of the graph; a weight becomes an initializer.
func (c *conversion) data(i int) (*value, error) {
	if i >= len(c.Inputs) {
		return nil, c.problem("%d inputs, want at least %d", len(c.Inputs), i+1)
	}
	from := c.Inputs[i]
	if v := c.values[from]; v != nil {
		if v.element != elementFloat32 && !strings.EqualFold(c.Operator, "Cast") {
			return nil, c.problem("it computes with %s, which cannot be converted", elementName(v.element))
		}
		return v, nil
	}
	n := &c.symbol.Nodes[from.Node]
	if !n.Variable() {
		return nil, c.problem("it reads output %d of node %.100q, which is not needed to infer", from.Output, n.Name)
	}
	a, err := c.array(i, nil)
	if err != nil {
		return nil, err
	}
	s := c.weight(n.Name, a, a.Dims)
	return &value{name: s.name, element: elementFloat32, dims: a.Dims}, nil
}

// picture is input i, which must have four dimensions.
func (c *conversion) picture(i int) (*value, error) {
	v, err := c.data(i)
	if err != nil {
		return nil, err
	}
	if len(v.dims) != 4 || v.dims[0] != batch || slices.Min(v.dims[1:]) < 1 {
		return nil, c.problem("data of shape %s, want [N, C, H, W]", shapeText(v.dims))
	}
	return v, nil
}

// array is the stored array behind input i. Its shape must be want, unless want is nil.
func (c *conversion) array(i int, want []int64) (*mxnet.Array, error) {
	if i >= len(c.Inputs) {
		return nil, c.problem("%d inputs, want at least %d", len(c.Inputs), i+1)
	}
	n := &c.symbol.Nodes[c.Inputs[i].Node]
	if !n.Variable() || n.Name == c.inputName {
		return nil, c.problem("input %d is node %.100q, want a stored array", i, n.Name)
	}
	a := c.artifact.Arrays[n.Name]
	if a == nil {
		return nil, c.problem("array %.100q is missing in %q", n.Name, c.artifact.Params)
	}
	if want != nil && !same(a.Dims, want) {
		return nil, c.problem("array %.100q has the shape %v, want %v", n.Name, a.Dims, want)
	}
	if slices.Contains(a.Dims, 0) {
		return nil, c.problem("array %.100q is empty", n.Name)
	}
	c.used[n.Name] = true
	return a, nil
}

// weight puts an array into the graph, once however many nodes use it in the same shape.
func (c *converter) weight(variable string, a *mxnet.Array, dims []int64) *stored {
	if s := c.initial[variable]; s != nil && same(s.dims, dims) && s.scale == nil {
		return s
	}
	s := &stored{name: c.graph.free(variable), element: elementFloat32, dims: dims, array: a}
	c.graph.weights = append(c.graph.weights, s)
	c.initial[variable] = s
	return s
}

// variable is the name of the variable behind input i.
func (c *conversion) variable(i int) string { return c.symbol.Nodes[c.Inputs[i].Node].Name }

// alone tells whether this node is the only one to read input i.
func (c *conversion) alone(i int) bool { return c.uses[c.Inputs[i]] == 1 }

// pass hands a value on unchanged. Only what is read once may still be folded into.
func (c *conversion) pass(v *value) *value {
	out := *v
	if c.uses[c.ref] != 1 {
		out.linear = nil
	}
	return &out
}

// emit adds a node named like this one.
func (c *conversion) emit(operator string, inputs []string, dims []int64, attributes ...attribute) *value {
	return c.graph.emit(operator, c.Name, inputs, dims, attributes...)
}
