package onnx

import "slices"

func convFlatten(c *conversion) (*value, error) {
	x, err := c.data(0)
	if err != nil {
		return nil, err
	}
	if len(x.dims) == 0 || x.dims[0] != batch {
		return nil, c.problem("data of shape %s", shapeText(x.dims))
	}
	columns, ok := product(x.dims[1:])
	if !ok {
		return nil, c.problem("data of shape %s", shapeText(x.dims))
	}
	return c.emit("Flatten", []string{x.name}, []int64{batch, columns}, intAttr("axis", 1)), nil
}

// convReshape resolves MXNet's codes here, where the sizes are known, and leaves ONNX one open size: the one with the batch.
func convReshape(c *conversion) (*value, error) {
	x, err := c.data(0)
	if err != nil {
		return nil, err
	}
	backwards, err := c.Bool("reverse", false)
	if err != nil {
		return nil, err
	}
	codes, err := c.Tuple("shape")
	if err != nil {
		return nil, err
	}
	if len(codes) == 0 || backwards {
		return nil, c.problem("only the attribute \"shape\" read forwards can be converted")
	}
	dims, ok := reshaped(x.dims, codes)
	if !ok || len(dims) > maxRank {
		return nil, c.problem("data of shape %s does not become %v", shapeText(x.dims), codes)
	}
	shape := slices.Clone(dims)
	for i, d := range shape {
		shape[i] = max(d, -1) // N, or a multiple of it
	}
	return c.emit("Reshape", []string{x.name, c.graph.integers(c.Name+"_shape", shape...)}, dims), nil
}

// reshaped applies codes to a shape: 0 keeps a size, -1 is what remains, -2 keeps all that are left, -3 merges two, -4 splits
// one into the two numbers that follow, one of which may be -1 (apache/mxnet, matrix_op-inl.h, InferReshapeShape).
func reshaped(dims, codes []int64) (out []int64, ok bool) {
	total, ok := product(dims)
	if !ok {
		return nil, false
	}
	next, rest := 0, -1
	take := func() int64 {
		if next == len(dims) {
			ok = false
			return 1
		}
		next++
		return dims[next-1]
	}
	for i := 0; i < len(codes) && ok; i++ {
		switch code := codes[i]; code {
		case 0:
			out = append(out, take())
		case -1:
			if rest >= 0 {
				return nil, false
			}
			rest = len(out)
			out = append(out, 1)
			next++
		case -2:
			out = append(out, dims[min(next, len(dims)):]...)
			next = len(dims)
		case -3:
			merged, fits := product([]int64{take(), take()})
			out, ok = append(out, merged), ok && fits
		case -4:
			if i+2 >= len(codes) {
				return nil, false
			}
			a, b, fits := split(take(), codes[i+1], codes[i+2])
			out, ok = append(out, a, b), ok && fits
			i += 2
		default:
			if code < 1 {
				return nil, false
			}
			out = append(out, code)
			next++
		}
	}
	n, fits := product(out)
	if !ok || !fits {
		return nil, false
	}
	if rest >= 0 {
		if total%n != 0 {
			return nil, false
		}
		out[rest] = total / n
		n = total
	}
	return out, n == total
}

// split divides a size in two, one of which may be -1.
func split(size, a, b int64) (int64, int64, bool) {
	switch {
	case a == -1 && b > 0:
		a = size / b
	case b == -1 && a > 0:
		b = size / a
	case a < 1 || b < 1:
		return 0, 0, false
	}
	n, ok := product([]int64{a, b})
	return a, b, ok && n == size
}

func convTranspose(c *conversion) (*value, error) {
	x, err := c.data(0)
	if err != nil {
		return nil, err
	}
	axes, err := c.Tuple("axes")
	if err != nil {
		return nil, err
	}
	if len(axes) == 0 { // turned around
		for i := range x.dims {
			axes = append(axes, int64(len(x.dims)-1-i))
		}
	}
	seen := make([]bool, len(x.dims))
	order, dims := make([]int64, len(axes)), make([]int64, len(axes))
	for i, a := range axes {
		j, err := axis(a, len(x.dims))
		if err != nil || len(axes) != len(x.dims) || seen[j] {
			return nil, c.problem("axes %v of data of shape %s", axes, shapeText(x.dims))
		}
		seen[j] = true
		order[i], dims[i] = int64(j), x.dims[j]
	}
	return c.emit("Transpose", []string{x.name}, dims, intsAttr("perm", order...)), nil
}

func convConcat(c *conversion) (*value, error) {
	along, err := c.Int("dim", 1)
	if err != nil {
		return nil, err
	}
	var names []string
	var dims []int64
	at := 0
	for i := range c.Inputs {
		x, err := c.data(i)
		if err != nil {
			return nil, err
		}
		names = append(names, x.name)
		if i == 0 {
			dims = slices.Clone(x.dims)
			if at, err = axis(along, len(dims)); err != nil || dims[at] < 0 {
				return nil, c.problem("dimension %d of data of shape %s", along, shapeText(dims))
			}
			continue
		}
		if len(x.dims) != len(dims) || x.dims[at] < 0 ||
			!same(slices.Delete(slices.Clone(dims), at, at+1), slices.Delete(slices.Clone(x.dims), at, at+1)) {
			return nil, c.problem("data of shapes %s and %s", shapeText(dims), shapeText(x.dims))
		}
		if dims[at] += x.dims[at]; dims[at] > maxSizes {
			return nil, c.problem("data of shape %s", shapeText(dims))
		}
	}
	if len(names) == 0 {
		return nil, c.problem("it has no inputs")
	}
	return c.emit("Concat", names, dims, intAttr("axis", int64(at))), nil
}
