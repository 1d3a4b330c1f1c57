package onnx

// convPooling converts maximum and average pooling. MXNet's conventions are written as explicit padding, because ONNX's
// ceil_mode leaves out last windows that MXNet counts, and divides them by another number.
func convPooling(c *conversion) (*value, error) {
	x, err := c.picture(0)
	if err != nil {
		return nil, err
	}
	kind := c.Text("pool_type", "max")
	if kind != "max" && kind != "avg" {
		return nil, c.problem("attribute \"pool_type\" is %.100q, only \"max\" and \"avg\" can be converted", kind)
	}
	global, err := c.Bool("global_pool", false)
	if err != nil {
		return nil, err
	}
	if global {
		operator := map[string]string{"max": "GlobalMaxPool", "avg": "GlobalAveragePool"}[kind]
		return c.emit(operator, []string{x.name}, []int64{batch, x.dims[1], 1, 1}), nil
	}
	w, err := c.window(false)
	if err != nil {
		return nil, err
	}
	counted, err := c.Bool("count_include_pad", true)
	if err != nil {
		return nil, err
	}
	places, extra, err := c.pooled(x, w)
	if err != nil {
		return nil, err
	}
	dims := []int64{batch, x.dims[1], places[0], places[1]}
	pads := []int64{w.pad[0], w.pad[1], w.pad[0] + extra[0], w.pad[1] + extra[1]}
	for i, k := range w.kernel {
		if pads[i] >= k || pads[i+2] >= k {
			return nil, c.problem("padding %v lets a window of %v lie outside the data", pads, w.kernel)
		}
	}
	shape := []attribute{intsAttr("kernel_shape", w.kernel...), intsAttr("strides", w.stride...)}
	if kind == "max" {
		return c.emit("MaxPool", []string{x.name}, dims, append(shape, intsAttr("pads", pads...))...), nil
	}
	if counted && extra[0]+extra[1] > 0 {
		// The symmetric padding counts, the extra one at the end does not: pad with zeros first.
		x = c.padded(x, w.pad)
		pads = []int64{0, 0, extra[0], extra[1]}
		counted = false
	}
	count := int64(0)
	if counted {
		count = 1
	}
	shape = append(shape, intsAttr("pads", pads...), intAttr("count_include_pad", count))
	return c.emit("AveragePool", []string{x.name}, dims, shape...), nil
}

// pooled gives the output's size and the padding that the convention needs at the end beyond the symmetric one: "valid" rounds
// down, "full" rounds up (apache/mxnet, src/operator/nn/pooling.cc, PoolingShape).
func (c *conversion) pooled(x *value, w window) (places, extra [2]int64, err error) {
	convention := c.Text("pooling_convention", "valid")
	for i := range places {
		size := x.dims[2+i]
		free := w.free(size, i)
		if free < 0 {
			return places, extra, c.problem("a window of %v does not fit into data of shape %s", w.kernel, shapeText(x.dims))
		}
		places[i] = w.places(size, i)
		switch convention {
		case "valid":
		case "full":
			places[i] = (free+w.stride[i]-1)/w.stride[i] + 1
		default: // "same" exists for one-dimensional data only (the same function)
			return places, extra, c.problem("attribute \"pooling_convention\" is %.100q, only \"valid\" and \"full\" can be converted", convention)
		}
		extra[i] = max(0, (places[i]-1)*w.stride[i]-free)
	}
	return places, extra, nil
}

// padded adds zeros around the picture, the same number on both sides.
func (c *conversion) padded(x *value, pad []int64) *value {
	if pad[0]+pad[1] == 0 {
		return x
	}
	g := &c.graph
	dims := []int64{x.dims[0], x.dims[1], x.dims[2] + 2*pad[0], x.dims[3] + 2*pad[1]}
	pads := g.integers(c.Name+"_pads", 0, 0, pad[0], pad[1], 0, 0, pad[0], pad[1])
	return g.emit("Pad", c.Name+"_padded", []string{x.name, pads}, dims)
}
