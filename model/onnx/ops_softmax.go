package onnx

// convSoftmaxOutput converts the head that training ends in. Its label, input 1, is left out.
func convSoftmaxOutput(c *conversion) (*value, error) {
	multi, err := c.Bool("multi_output", false)
	if err != nil {
		return nil, err
	}
	last, err := c.Bool("preserve_shape", false)
	if err != nil {
		return nil, err
	}
	x, err := c.data(0)
	if err != nil {
		return nil, err
	}
	switch {
	case multi:
		return c.softmax(x, 1)
	case last || len(x.dims) == 2:
		return c.softmax(x, -1)
	}
	// MXNet 1.9.1 answers with a softmax over the last dimension when built with oneDNN, over all of a picture without.
	return nil, c.problem("data of shape %s without \"multi_output\" or \"preserve_shape\" means different things to different builds of MXNet", shapeText(x.dims))
}

func convSoftmaxActivation(c *conversion) (*value, error) {
	x, err := c.data(0)
	if err != nil {
		return nil, err
	}
	switch mode := c.Text("mode", "instance"); mode {
	case "channel":
		return c.softmax(x, 1)
	case "instance":
		return c.softmax(x, -1)
	default:
		return nil, c.problem("attribute \"mode\" is %.100q, want \"instance\" or \"channel\"", mode)
	}
}

// convSoftmax converts the plain operator, which may divide by a temperature first.
func convSoftmax(c *conversion) (*value, error) {
	if err := c.need(1, 1); err != nil {
		return nil, err
	}
	x, err := c.data(0)
	if err != nil {
		return nil, err
	}
	axis, err := c.Int("axis", -1)
	if err != nil {
		return nil, err
	}
	temperature, err := c.Float("temperature", 1)
	if err != nil {
		return nil, err
	}
	if temperature <= 0 {
		return nil, c.problem("attribute \"temperature\" is %v", temperature)
	}
	if temperature != 1 {
		by := c.graph.constant(c.Name+"_temperature", nil, float32(temperature))
		x = c.graph.emit("Div", c.Name+"_cooled", []string{x.name, by}, x.dims)
	}
	return c.softmax(x, axis)
}

func (c *conversion) softmax(x *value, along int64) (*value, error) {
	i, err := axis(along, len(x.dims))
	if err != nil || x.dims[i] < 1 {
		return nil, c.problem("axis %d of data of shape %s", along, shapeText(x.dims))
	}
	out := c.emit("Softmax", []string{x.name}, x.dims, intAttr("axis", int64(i)))
	if i == 1 {
		out.kind = softmaxValue
	}
	return out, nil
}
