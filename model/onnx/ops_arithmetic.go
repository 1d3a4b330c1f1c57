package onnx

import "slices"

// convBinary converts an operator of two tensors, which may broadcast.
func convBinary(operator string) func(*conversion) (*value, error) {
	return func(c *conversion) (*value, error) {
		if err := c.need(2, 2); err != nil {
			return nil, err
		}
		a, err := c.data(0)
		if err != nil {
			return nil, err
		}
		b, err := c.data(1)
		if err != nil {
			return nil, err
		}
		dims, ok := broadcast(a.dims, b.dims)
		if !ok {
			return nil, c.problem("data of shapes %s and %s", shapeText(a.dims), shapeText(b.dims))
		}
		return c.emit(operator, []string{a.name, b.name}, dims), nil
	}
}

// broadcast aligns two shapes at their ends, a size of 1 gives way.
func broadcast(a, b []int64) ([]int64, bool) {
	if len(a) < len(b) {
		a, b = b, a
	}
	dims := slices.Clone(a)
	tail := dims[len(a)-len(b):]
	for i, d := range b {
		switch {
		case tail[i] == d || d == 1:
		case tail[i] == 1:
			tail[i] = d
		default:
			return nil, false
		}
	}
	return dims, true
}

// convSum adds any number of tensors of one shape.
func convSum(c *conversion) (*value, error) {
	var names []string
	var dims []int64
	for i := range max(1, len(c.Inputs)) {
		x, err := c.data(i)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			dims = x.dims
		} else if !same(dims, x.dims) {
			return nil, c.problem("data of shapes %s and %s", shapeText(dims), shapeText(x.dims))
		}
		names = append(names, x.name)
	}
	operator := "Sum"
	if len(names) == 2 { // the same, and every runtime has it fused and vectorised
		operator = "Add"
	}
	return c.emit(operator, names, dims), nil
}

// convScalar converts an operator of a tensor and a number; reversed puts the number first.
func convScalar(operator string, reversed bool) func(*conversion) (*value, error) {
	return func(c *conversion) (*value, error) {
		x, err := c.data(0)
		if err != nil {
			return nil, err
		}
		if !c.Has("scalar") {
			return nil, c.problem("attribute \"scalar\" is missing")
		}
		number, err := c.Float("scalar", 0)
		if err != nil {
			return nil, err
		}
		inputs := []string{x.name, c.graph.constant(c.Name+"_scalar", nil, float32(number))}
		if reversed {
			slices.Reverse(inputs)
		}
		return c.emit(operator, inputs, x.dims), nil
	}
}

// convClip limits values to a_min..a_max.
func convClip(c *conversion) (*value, error) {
	x, err := c.data(0)
	if err != nil {
		return nil, err
	}
	if !c.Has("a_min") || !c.Has("a_max") {
		return nil, c.problem("attributes \"a_min\" and \"a_max\" are missing")
	}
	least, err := c.Float("a_min", 0)
	if err != nil {
		return nil, err
	}
	most, err := c.Float("a_max", 0)
	if err != nil {
		return nil, err
	}
	g := &c.graph
	low, high := g.constant(c.Name+"_min", nil, float32(least)), g.constant(c.Name+"_max", nil, float32(most))
	return c.emit("Clip", []string{x.name, low, high}, x.dims), nil
}
