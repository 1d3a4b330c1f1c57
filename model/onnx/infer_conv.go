package onnx

import (
	"errors"
	"fmt"
)

// ruleConv counts outputs × (input channels of a group × kernel) multiply-adds. x and w are the inputs that hold data and
// weight.
func ruleConv(x, w int) rule {
	return func(c *call) ([]tensor, error) {
		data, weight := c.arg(x), c.arg(w)
		if !data.ranked || !weight.ranked {
			return nil, errShape
		}
		if len(data.dims) < 3 || len(weight.dims) != len(data.dims) {
			return nil, fmt.Errorf("data of shape %v and weight of shape %v", data.dims, weight.dims)
		}
		dims := []int64{data.dims[0], weight.dims[0]}
		spatial, err := c.window(data.dims[2:], weight.dims[2:])
		if err != nil {
			return nil, err
		}
		dims = append(dims, spatial...)
		factors := append([]int64{}, dims...)
		factors = append(factors, weight.dims[1:]...)
		return ranked(dims...), c.multiply(factors...)
	}
}

func rulePool(c *call) ([]tensor, error) {
	t, kernel := c.arg(0), c.integers("kernel_shape")
	if !t.ranked {
		return []tensor{{}, {}}, nil
	}
	if len(t.dims) < 3 || len(kernel) != len(t.dims)-2 {
		return nil, fmt.Errorf("data of shape %v and a window of %v", t.dims, kernel)
	}
	spatial, err := c.window(t.dims[2:], kernel)
	if err != nil {
		return nil, err
	}
	out := ranked(append([]int64{t.dims[0], t.dims[1]}, spatial...)...)
	return append(out, out[0]), nil
}

func ruleGlobal(c *call) ([]tensor, error) {
	t := c.arg(0)
	if !t.ranked || len(t.dims) < 2 {
		return []tensor{{}}, nil
	}
	dims := append([]int64{}, t.dims...)
	for i := range dims[2:] {
		dims[2+i] = 1
	}
	return ranked(dims...), nil
}

// maxSize bounds a dimension in the arithmetic of windows, so that nothing overflows.
const maxSize = 1 << 40

// window is the number of places where a kernel fits along each spatial axis (ONNX "Conv" and "MaxPool").
func (c *call) window(in, kernel []int64) ([]int64, error) {
	strides, dilations, pads := c.integers("strides"), c.integers("dilations"), c.integers("pads")
	auto := ""
	if a := c.attribute("auto_pad"); a != nil {
		auto = a.String
	}
	out := make([]int64, len(in))
	for i, size := range in {
		if size == open || kernel[i] == open {
			out[i] = open
			continue
		}
		stride, dilation := at(strides, i, 1), at(dilations, i, 1)
		pad, ok := add(at(pads, i, 0), at(pads, i+len(in), 0))
		if stride < 1 || dilation < 1 || kernel[i] < 1 || !ok || size > maxSize || kernel[i] > maxSize/dilation {
			return nil, errors.New("a window out of range")
		}
		reach := dilation*(kernel[i]-1) + 1
		switch auto {
		case "SAME_UPPER", "SAME_LOWER":
			out[i] = (size-1)/stride + 1
			continue
		case "VALID":
			pad = 0
		}
		free := size + pad - reach
		if free < 0 {
			return nil, fmt.Errorf("a window of %d over %d", reach, size+pad)
		}
		out[i] = free/stride + 1
		if c.integer("ceil_mode", 0) == 1 && free%stride != 0 && (free/stride+1)*stride < size+at(pads, i, 0) {
			out[i]++ // a last window counts only when it starts inside the data or the leading padding
		}
	}
	return out, nil
}

func at(list []int64, i int, absent int64) int64 {
	if i < len(list) {
		return list[i]
	}
	return absent
}

func add(a, b int64) (sum int64, ok bool) {
	if a < -maxSize || a > maxSize || b < -maxSize || b > maxSize {
		return 0, false
	}
	return a + b, true
}

func ruleGemm(c *call) ([]tensor, error) {
	a, b := c.arg(0), c.arg(1)
	if !a.ranked || !b.ranked {
		return nil, errShape
	}
	if len(a.dims) != 2 || len(b.dims) != 2 {
		return nil, fmt.Errorf("matrices of shapes %v and %v", a.dims, b.dims)
	}
	m, k, n := a.dims[0], a.dims[1], b.dims[1]
	if c.integer("transA", 0) != 0 {
		m, k = k, m
	}
	if c.integer("transB", 0) != 0 {
		n = b.dims[0]
	}
	if k == open {
		k = b.dims[0]
		if c.integer("transB", 0) != 0 {
			k = b.dims[1]
		}
	}
	return ranked(m, n), c.multiply(m, k, n)
}

func ruleMatMul(x, y int) rule {
	return func(c *call) ([]tensor, error) {
		a, b := c.arg(x), c.arg(y)
		if !a.ranked || !b.ranked {
			return nil, errShape
		}
		if len(a.dims) < 2 || len(b.dims) < 2 {
			return nil, fmt.Errorf("matrices of shapes %v and %v", a.dims, b.dims)
		}
		m, k, n := a.dims[len(a.dims)-2], a.dims[len(a.dims)-1], b.dims[len(b.dims)-1]
		batch := &call{Node: c.Node, in: []tensor{
			{dims: a.dims[:len(a.dims)-2], ranked: true},
			{dims: b.dims[:len(b.dims)-2], ranked: true},
		}}
		lead, err := ruleBroadcast(batch)
		if err != nil {
			return nil, err
		}
		factors := append([]int64{m, k, n}, lead[0].dims...)
		return ranked(append(lead[0].dims, m, n)...), c.multiply(factors...)
	}
}
