package onnx

import (
	"slices"
)

// convSliceAxis cuts a range out of one axis; negative numbers count from its end.
func convSliceAxis(c *conversion) (*value, error) {
	x, err := c.data(0)
	if err != nil {
		return nil, err
	}
	if !c.Has("axis") || !c.Has("begin") {
		return nil, c.problem("attributes \"axis\" and \"begin\" are missing")
	}
	along, err := c.Int("axis", 0)
	if err != nil {
		return nil, err
	}
	at, err := axis(along, len(x.dims))
	if err != nil || x.dims[at] < 1 {
		return nil, c.problem("axis %d of data of shape %s", along, shapeText(x.dims))
	}
	size := x.dims[at]
	from, err := c.Int("begin", 0)
	if err != nil {
		return nil, err
	}
	to, err := c.Int("end", size)
	if err != nil {
		return nil, err
	}
	if from < 0 {
		from += size
	}
	if to < 0 {
		to += size
	}
	if from < 0 || from >= to || to > size {
		return nil, c.problem("%d to %d of %d", from, to, size)
	}
	g := &c.graph
	dims := slices.Clone(x.dims)
	dims[at] = to - from
	inputs := []string{
		x.name, g.integers(c.Name+"_begin", from), g.integers(c.Name+"_end", to), g.integers(c.Name+"_axis", int64(at)),
	}
	return c.emit("Slice", inputs, dims), nil
}

// padModes holds ONNX's modes by MXNet's.
var padModes = map[string]string{"constant": "constant", "edge": "edge", "reflect": "reflect"}

// convPad turns MXNet's (before, after) pairs into ONNX's list of all befores and all afters.
func convPad(c *conversion) (*value, error) {
	x, err := c.data(0)
	if err != nil {
		return nil, err
	}
	mode, ok := padModes[c.Text("mode", "")]
	if !ok {
		return nil, c.problem("attribute \"mode\" is %.100q", c.Text("mode", ""))
	}
	widths, err := c.Tuple("pad_width")
	if err != nil {
		return nil, err
	}
	fill, err := c.Float("constant_value", 0)
	if err != nil {
		return nil, err
	}
	n := len(x.dims)
	if len(widths) != 2*n {
		return nil, c.problem("%d widths for data of shape %s", len(widths), shapeText(x.dims))
	}
	pads, dims := make([]int64, 2*n), slices.Clone(x.dims)
	for i, d := range dims {
		before, after := widths[2*i], widths[2*i+1]
		if min(before, after) < 0 || max(before, after) > maxWindow || d < 0 && before+after != 0 ||
			mode == "reflect" && max(before, after) >= max(d, 1) {
			return nil, c.problem("padding %v of data of shape %s", widths, shapeText(x.dims))
		}
		pads[i], pads[n+i] = before, after
		if d > 0 {
			dims[i] += before + after
		}
	}
	g := &c.graph
	inputs := []string{x.name, g.integers(c.Name+"_pads", pads...)}
	if mode == "constant" {
		inputs = append(inputs, g.constant(c.Name+"_value", nil, float32(fill)))
	}
	return c.emit("Pad", inputs, dims, textAttr("mode", mode)), nil
}

// convMean averages over axes, or with exclude over all others. The batch cannot be averaged over.
func convMean(c *conversion) (*value, error) {
	x, err := c.data(0)
	if err != nil {
		return nil, err
	}
	given, err := c.Tuple("axis")
	if err != nil {
		return nil, err
	}
	exclude, err := c.Bool("exclude", false)
	if err != nil {
		return nil, err
	}
	keep, err := c.Bool("keepdims", false)
	if err != nil {
		return nil, err
	}
	chosen := make([]bool, len(x.dims))
	for _, a := range given {
		i, err := axis(a, len(x.dims))
		if err != nil {
			return nil, c.problem("axis %d of data of shape %s", a, shapeText(x.dims))
		}
		chosen[i] = true
	}
	var axes, dims []int64
	for i, d := range x.dims {
		if over := chosen[i] != exclude || len(given) == 0; !over {
			dims = append(dims, d)
			continue
		}
		if d < 0 {
			return nil, c.problem("it averages over the batch")
		}
		axes = append(axes, int64(i))
		if keep {
			dims = append(dims, 1)
		}
	}
	if len(axes) == 0 {
		return nil, c.problem("it averages over nothing")
	}
	kept := int64(0)
	if keep {
		kept = 1
	}
	return c.emit("ReduceMean", []string{x.name}, dims, intsAttr("axes", axes...), intAttr("keepdims", kept)), nil
}
