package onnx

import (
	"errors"
	"slices"
)

func ruleShape(c *call) ([]tensor, error) {
	t := c.arg(0)
	if !t.ranked {
		return ranked(open), nil
	}
	rank := int64(len(t.dims))
	start, end := clampIndex(c.integer("start", 0), rank), clampIndex(c.integer("end", rank), rank)
	dims := t.dims[min(start, end):end]
	out := ranked(int64(len(dims)))
	if !slices.Contains(dims, open) {
		out[0].ints = append([]int64{}, dims...)
	}
	return out, nil
}

// clampIndex brings an index that may count from the end into 0..n.
func clampIndex(i, n int64) int64 {
	if i < 0 {
		i += n
	}
	return min(max(i, 0), n)
}

func ruleGather(c *call) ([]tensor, error) {
	t, index := c.arg(0), c.arg(1)
	if !t.ranked || !index.ranked {
		return []tensor{{}}, nil
	}
	at, err := axis(c.integer("axis", 0), len(t.dims))
	if err != nil {
		return nil, err
	}
	out := tensor{dims: slices.Concat(t.dims[:at], index.dims, t.dims[at+1:]), ranked: true}
	if t.ints != nil && index.ints != nil && len(t.dims) == 1 {
		for _, i := range index.ints {
			j, err := axis(i, len(t.ints))
			if err != nil {
				return nil, err
			}
			out.ints = append(out.ints, t.ints[j])
		}
	}
	return []tensor{out}, nil
}

func ruleConstant(c *call) ([]tensor, error) {
	if a := c.attribute("value"); a != nil && a.Tensor != nil {
		return []tensor{a.Tensor.tensor()}, nil
	}
	if a := c.attribute("value_int"); a != nil {
		return []tensor{{ranked: true, ints: []int64{a.Int}}}, nil
	}
	if a := c.attribute("value_ints"); a != nil {
		return []tensor{{dims: []int64{int64(len(a.Ints))}, ranked: true, ints: a.Ints}}, nil
	}
	if c.attribute("value_float") != nil {
		return ranked(), nil
	}
	return []tensor{{}}, nil
}

// ruleOfShape takes the output's shape from an input's values.
func ruleOfShape(input int) rule {
	return func(c *call) ([]tensor, error) {
		dims := c.arg(input).ints
		if dims == nil || slices.ContainsFunc(dims, func(d int64) bool { return d < 0 }) {
			return []tensor{{}}, nil
		}
		return ranked(slices.Clone(dims)...), nil
	}
}

func ruleExpand(c *call) ([]tensor, error) {
	shape, err := ruleOfShape(1)(c)
	if err != nil || !shape[0].ranked {
		return shape, err
	}
	return ruleBroadcast(&call{Node: c.Node, in: []tensor{c.arg(0), shape[0]}})
}

func ruleSlice(c *call) ([]tensor, error) {
	t := c.arg(0)
	starts, _, known := c.list("starts", 1)
	ends, _, known2 := c.list("ends", 2)
	axes, given, known3 := c.list("axes", 3)
	steps, _, known4 := c.list("steps", 4)
	if !t.ranked || !known || !known2 || !known3 || !known4 {
		return []tensor{{}}, nil
	}
	if len(starts) != len(ends) || given && len(axes) != len(starts) {
		return nil, errors.New("starts, ends and axes of different lengths")
	}
	out := tensor{dims: slices.Clone(t.dims), ranked: true}
	for i := range starts {
		a := int64(i)
		if given {
			a = axes[i]
		}
		j, err := axis(a, len(t.dims))
		if err != nil {
			return nil, err
		}
		size, step := t.dims[j], at(steps, i, 1)
		if size == open || step < 1 {
			out.dims[j] = open
			continue
		}
		from, to := clampIndex(starts[i], size), clampIndex(ends[i], size)
		out.dims[j] = max(0, (to-from+min(step, maxSize)-1)/step)
		if t.ints != nil && len(t.dims) == 1 && step == 1 && to <= int64(len(t.ints)) {
			out.ints = t.ints[min(from, to):to]
		}
	}
	return []tensor{out}, nil
}

func ruleSplit(c *call) ([]tensor, error) {
	t := c.arg(0)
	parts, given, known := c.list("split", 1)
	out := make([]tensor, len(c.Outputs))
	if !t.ranked || !known || given && len(parts) != len(out) {
		return out, nil
	}
	at, err := axis(c.integer("axis", 0), len(t.dims))
	if err != nil {
		return nil, err
	}
	for i := range out {
		out[i] = tensor{dims: slices.Clone(t.dims), ranked: true}
		switch size, n := t.dims[at], int64(len(out)); {
		case given:
			out[i].dims[at] = max(open, parts[i])
		case size != open:
			chunk := (size + n - 1) / n
			out[i].dims[at] = min(chunk, max(0, size-int64(i)*chunk))
		}
	}
	return out, nil
}
