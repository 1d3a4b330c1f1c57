package onnx

import (
	"fmt"
	"slices"
)

func ruleReshape(c *call) ([]tensor, error) {
	t, want := c.arg(0), c.arg(1).ints
	if a := c.attribute("shape"); a != nil { // before operator set 5
		want = a.Ints
	}
	if want == nil {
		return []tensor{{}}, nil
	}
	dims := slices.Clone(want)
	rest, product, total := -1, int64(1), int64(1)
	for i, d := range dims {
		if d == 0 && c.integer("allowzero", 0) == 0 {
			if d = open; t.ranked && i < len(t.dims) {
				d = t.dims[i]
			}
			dims[i] = d
		} else if d == -1 {
			rest = i
			continue
		} else if d < -1 {
			return nil, fmt.Errorf("shape %v", want)
		}
		product = times(product, d)
	}
	for _, d := range t.dims {
		total = times(total, d)
	}
	if rest >= 0 && t.ranked && product > 0 && total >= 0 {
		dims[rest] = total / product
	}
	return []tensor{{dims: dims, ranked: true, ints: t.ints}}, nil
}

// times multiplies sizes; what is open or too large stays open.
func times(a, b int64) int64 {
	if a < 0 || b < 0 || a > 0 && b > maxElements/a {
		return open
	}
	return a * b
}

func ruleFlatten(c *call) ([]tensor, error) {
	t := c.arg(0)
	if !t.ranked {
		return ranked(open, open), nil
	}
	at := c.integer("axis", 1)
	if at < 0 {
		at += int64(len(t.dims))
	}
	if at < 0 || at > int64(len(t.dims)) {
		return nil, fmt.Errorf("axis %d of a tensor of %d dimensions", at, len(t.dims))
	}
	rows, columns := int64(1), int64(1)
	for i, d := range t.dims {
		if int64(i) < at {
			rows = times(rows, d)
		} else {
			columns = times(columns, d)
		}
	}
	return ranked(rows, columns), nil
}

func ruleTranspose(c *call) ([]tensor, error) {
	t, order := c.arg(0), c.integers("perm")
	if !t.ranked {
		return []tensor{{}}, nil
	}
	dims := slices.Clone(t.dims)
	if order == nil {
		slices.Reverse(dims)
		return ranked(dims...), nil
	}
	if len(order) != len(dims) {
		return nil, fmt.Errorf("order %v of a tensor of %d dimensions", order, len(dims))
	}
	for i, from := range order {
		j, err := axis(from, len(dims))
		if err != nil {
			return nil, err
		}
		dims[i] = t.dims[j]
	}
	return ranked(dims...), nil
}

func ruleConcat(c *call) ([]tensor, error) {
	var out tensor
	for i, t := range c.in {
		if !t.ranked || len(t.dims) == 0 {
			return []tensor{{}}, nil
		}
		if i == 0 {
			out = tensor{dims: slices.Clone(t.dims), ranked: true, ints: t.ints}
			continue
		}
		at, err := axis(c.integer("axis", 1), len(out.dims))
		if err != nil || len(t.dims) != len(out.dims) {
			return nil, fmt.Errorf("tensors of %d and %d dimensions", len(out.dims), len(t.dims))
		}
		if out.dims[at] == open || t.dims[at] == open || out.dims[at] > maxElements-t.dims[at] {
			out.dims[at] = open
		} else {
			out.dims[at] += t.dims[at]
		}
		if out.ints == nil || t.ints == nil || len(out.ints)+len(t.ints) > maxInts {
			out.ints = nil
		} else {
			out.ints = slices.Concat(out.ints, t.ints)
		}
	}
	return []tensor{out}, nil
}

func rulePad(c *call) ([]tensor, error) {
	t := c.arg(0)
	pads, _, known := c.list("pads", 1)
	if !t.ranked || !known || c.arg(3).ranked { // axes, since operator set 18
		return []tensor{{}}, nil
	}
	if len(pads) != 2*len(t.dims) {
		return nil, fmt.Errorf("%d pads for %d dimensions", len(pads), len(t.dims))
	}
	dims := slices.Clone(t.dims)
	for i, d := range dims {
		pad, ok := add(pads[i], pads[i+len(dims)])
		if d == open {
			continue
		}
		if !ok || d > maxSize || d+pad < 0 {
			return nil, fmt.Errorf("pads %v", pads)
		}
		dims[i] = d + pad
	}
	return ranked(dims...), nil
}

func ruleSqueeze(c *call) ([]tensor, error) {
	t := c.arg(0)
	axes, given, known := c.list("axes", 1)
	if !t.ranked || !known {
		return []tensor{{}}, nil
	}
	if !given {
		if slices.Contains(t.dims, open) {
			return []tensor{{}}, nil
		}
		dims := slices.DeleteFunc(slices.Clone(t.dims), func(d int64) bool { return d == 1 })
		return []tensor{{dims: dims, ranked: true, ints: t.ints}}, nil
	}
	dims, err := remove(t.dims, axes)
	return []tensor{{dims: dims, ranked: true, ints: t.ints}}, err
}

func ruleUnsqueeze(c *call) ([]tensor, error) {
	t := c.arg(0)
	axes, _, known := c.list("axes", 1)
	if !t.ranked || !known || len(t.dims)+len(axes) > maxRank {
		return []tensor{{}}, nil
	}
	const free = -2
	dims, err := mark(slices.Repeat([]int64{free}, len(t.dims)+len(axes)), axes, 1)
	if err != nil {
		return nil, err
	}
	next := 0
	for i := range dims {
		if dims[i] == free && next < len(t.dims) {
			dims[i] = t.dims[next]
			next++
		}
	}
	if next < len(t.dims) || slices.Contains(dims, free) {
		return nil, fmt.Errorf("axes %v", axes)
	}
	return []tensor{{dims: dims, ranked: true, ints: t.ints}}, nil
}
