package onnx

// linear is a convolution or matrix product in the graph, with the weights that a following normalisation may be folded into.
type linear struct {
	node         *operation
	weight, bias *stored // bias is nil when there is none
	owned        bool    // nothing else reads the weights
}

// convConvolution converts two-dimensional convolutions. The weight is [filters, channels / groups, rows, columns] in both
// worlds.
func convConvolution(c *conversion) (*value, error) {
	w, err := c.window(true)
	if err != nil {
		return nil, err
	}
	x, err := c.picture(0)
	if err != nil {
		return nil, err
	}
	filters, err := c.positive("num_filter", 0)
	if err != nil {
		return nil, err
	}
	groups, err := c.positive("num_group", 1)
	if err != nil {
		return nil, err
	}
	if x.dims[1]%groups != 0 || filters%groups != 0 {
		return nil, c.problem("%d channels and %d filters do not divide into %d groups", x.dims[1], filters, groups)
	}
	rows, columns := w.places(x.dims[2], 0), w.places(x.dims[3], 1)
	if rows < 1 || columns < 1 {
		return nil, c.problem("a kernel of %v does not fit into data of shape %s", w.kernel, shapeText(x.dims))
	}
	l, err := c.linear([]int64{filters, x.dims[1] / groups, w.kernel[0], w.kernel[1]})
	if err != nil {
		return nil, err
	}
	out := c.emit("Conv", l.inputs(x), []int64{batch, filters, rows, columns},
		intsAttr("kernel_shape", w.kernel...), intsAttr("strides", w.stride...), intsAttr("dilations", w.dilate...),
		intsAttr("pads", w.pad[0], w.pad[1], w.pad[0], w.pad[1]), intAttr("group", groups))
	return c.foldable(out, l), nil
}

// convFullyConnected converts a matrix product with the weight [out, in]. With flatten (MXNet's default) everything but the
// batch is one row; without it the last dimension is.
func convFullyConnected(c *conversion) (*value, error) {
	x, err := c.data(0)
	if err != nil {
		return nil, err
	}
	hidden, err := c.positive("num_hidden", 0)
	if err != nil {
		return nil, err
	}
	flatten, err := c.Bool("flatten", true)
	if err != nil {
		return nil, err
	}
	if len(x.dims) < 2 || x.dims[0] != batch {
		return nil, c.problem("data of shape %s", shapeText(x.dims))
	}
	if !flatten && len(x.dims) > 2 {
		return c.product(x, hidden)
	}
	columns, ok := product(x.dims[1:])
	if !ok || columns < 1 {
		return nil, c.problem("data of shape %s", shapeText(x.dims))
	}
	if len(x.dims) > 2 {
		x = c.graph.emit("Flatten", c.Name+"_flatten", []string{x.name}, []int64{batch, columns}, intAttr("axis", 1))
	}
	l, err := c.linear([]int64{hidden, columns})
	if err != nil {
		return nil, err
	}
	out := c.emit("Gemm", l.inputs(x), []int64{batch, hidden}, intAttr("transB", 1))
	return c.foldable(out, l), nil
}

// product multiplies the last dimension of data with more than two.
func (c *conversion) product(x *value, hidden int64) (*value, error) {
	last := len(x.dims) - 1
	l, err := c.linear([]int64{hidden, x.dims[last]})
	if err != nil {
		return nil, err
	}
	g := &c.graph
	turned := g.emit("Transpose", c.Name+"_transposed", []string{l.weight.name}, []int64{x.dims[last], hidden}, intsAttr("perm", 1, 0))
	dims := append(append([]int64{}, x.dims[:last]...), hidden)
	inputs := []string{x.name, turned.name}
	if l.bias == nil {
		return c.emit("MatMul", inputs, dims), nil
	}
	out := g.emit("MatMul", c.Name+"_product", inputs, dims)
	return c.emit("Add", []string{out.name, l.bias.name}, dims), nil
}

// linear finds weight and bias, inputs 1 and 2.
func (c *conversion) linear(shape []int64) (*linear, error) {
	bare, err := c.Bool("no_bias", false)
	if err != nil {
		return nil, err
	}
	n := 3
	if bare {
		n = 2
	}
	if err := c.need(n, n); err != nil {
		return nil, err
	}
	a, err := c.array(1, shape)
	if err != nil {
		return nil, err
	}
	l := &linear{weight: c.weight(c.variable(1), a, shape), owned: c.alone(1)}
	if bare {
		return l, nil
	}
	if a, err = c.array(2, shape[:1]); err != nil {
		return nil, err
	}
	l.bias = c.weight(c.variable(2), a, shape[:1])
	l.owned = l.owned && c.alone(2)
	return l, nil
}

func (l *linear) inputs(x *value) []string {
	inputs := []string{x.name, l.weight.name}
	if l.bias != nil {
		inputs = append(inputs, l.bias.name)
	}
	return inputs
}

// foldable remembers where out comes from when this node's output and weights are read once.
func (c *conversion) foldable(out *value, l *linear) *value {
	if l.owned && c.uses[c.ref] == 1 {
		l.node = c.graph.nodes[len(c.graph.nodes)-1]
		out.linear = l
	}
	return out
}

// positive is a whole number of at least 1. absent 0 means that the attribute must be there.
func (c *conversion) positive(name string, absent int64) (int64, error) {
	v, err := c.Int(name, absent)
	if err != nil {
		return 0, err
	}
	if v < 1 || v > maxSizes {
		if !c.Has(name) {
			return 0, c.problem("attribute %q is missing", name)
		}
		return 0, c.problem("attribute %q is %d", name, v)
	}
	return v, nil
}
