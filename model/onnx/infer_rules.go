package onnx

import (
	"errors"
	"maps"
	"slices"
)

// rules holds the operators whose outputs can be told, by name.
var rules = map[string]rule{}

func init() {
	maps.Copy(rules, map[string]rule{
		"Conv": ruleConv(0, 1), "QLinearConv": ruleConv(0, 3), "ConvInteger": ruleConv(0, 1),
		"MaxPool": rulePool, "AveragePool": rulePool, "LpPool": rulePool,
		"GlobalAveragePool": ruleGlobal, "GlobalMaxPool": ruleGlobal, "GlobalLpPool": ruleGlobal,
		"Gemm": ruleGemm, "MatMul": ruleMatMul(0, 1), "QLinearMatMul": ruleMatMul(0, 3), "MatMulInteger": ruleMatMul(0, 1),
		"Reshape": ruleReshape, "Flatten": ruleFlatten, "Transpose": ruleTranspose, "Concat": ruleConcat, "Pad": rulePad,
		"Squeeze": ruleSqueeze, "Unsqueeze": ruleUnsqueeze, "Slice": ruleSlice, "Split": ruleSplit,
		"Shape": ruleShape, "Size": ruleUnknownInts, "Gather": ruleGather, "Constant": ruleConstant,
		"ConstantOfShape": ruleOfShape(0), "Expand": ruleExpand, "ArgMax": ruleReduce,
		"BatchNormalization": ruleSame, "Cast": ruleCast, "Identity": ruleCast,
	})
	for _, name := range []string{
		"Relu", "LeakyRelu", "PRelu", "Elu", "Selu", "Celu", "Gelu", "Mish", "Sigmoid", "HardSigmoid", "HardSwish", "Tanh",
		"Softplus", "Softsign", "Softmax", "LogSoftmax", "Hardmax", "Erf", "Exp", "Log", "Sqrt", "Neg", "Abs", "Sign", "Floor",
		"Ceil", "Round", "Reciprocal", "Clip", "Dropout", "LRN", "Not", "ThresholdedRelu", "InstanceNormalization",
		"LayerNormalization", "GroupNormalization", "LpNormalization", "QuantizeLinear", "DequantizeLinear", "Swish",
	} {
		rules[name] = ruleSame
	}
	for _, name := range []string{
		"Add", "Sub", "Mul", "Div", "Pow", "Min", "Max", "Sum", "Mean", "Mod", "Where",
		"Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual", "And", "Or", "Xor",
	} {
		rules[name] = ruleBroadcast
	}
	for _, name := range []string{
		"ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare",
		"ReduceLogSumExp",
	} {
		rules[name] = ruleReduce
	}
}

// ruleSame is for what works element by element.
func ruleSame(c *call) ([]tensor, error) {
	t := c.arg(0)
	t.ints = nil
	return []tensor{t}, nil
}

// ruleCast keeps integer values too.
func ruleCast(c *call) ([]tensor, error) { return []tensor{c.arg(0)}, nil }

func ruleUnknownInts(*call) ([]tensor, error) { return ranked(), nil }

// ruleBroadcast aligns shapes at their ends, a size of 1 gives way (ONNX "Broadcasting").
func ruleBroadcast(c *call) ([]tensor, error) {
	rank := 0
	for _, t := range c.in {
		if !t.ranked {
			return []tensor{{}}, nil
		}
		rank = max(rank, len(t.dims))
	}
	dims := slices.Repeat([]int64{1}, rank)
	for _, t := range c.in {
		tail := dims[rank-len(t.dims):]
		for i, d := range t.dims {
			switch {
			case d == 1 || tail[i] == d:
			case tail[i] == 1:
				tail[i] = d
			case tail[i] == open || d == open:
				tail[i] = max(tail[i], d)
			default:
				return nil, errors.New("the shapes that go in do not fit together")
			}
		}
	}
	out := ranked(dims...)
	out[0].ints = c.arithmetic()
	return out, nil
}

// arithmetic computes a short integer result, which exporters use for shapes.
func (c *call) arithmetic() []int64 {
	if len(c.in) != 2 || c.in[0].ints == nil || c.in[1].ints == nil {
		return nil
	}
	a, b := c.in[0].ints, c.in[1].ints
	if len(a) == 1 {
		a = slices.Repeat(a, len(b))
	}
	if len(b) == 1 {
		b = slices.Repeat(b, len(a))
	}
	if len(a) != len(b) {
		return nil
	}
	out := make([]int64, len(a))
	for i := range a {
		switch c.Operator {
		case "Add":
			out[i] = a[i] + b[i]
		case "Sub":
			out[i] = a[i] - b[i]
		case "Mul":
			out[i] = a[i] * b[i]
		case "Div":
			if b[i] == 0 {
				return nil
			}
			out[i] = a[i] / b[i]
		default:
			return nil
		}
	}
	return out
}

// ruleReduce removes the reduced axes, or leaves them as 1.
func ruleReduce(c *call) ([]tensor, error) {
	t := c.arg(0)
	axes, given, known := c.list("axes", 1)
	if a := c.attribute("axis"); a != nil || c.Operator == "ArgMax" { // ArgMax has one axis, 0 when not given
		axes, given, known = []int64{c.integer("axis", 0)}, true, true
	}
	if !t.ranked || !known {
		return []tensor{{}}, nil
	}
	if !given || len(axes) == 0 {
		if c.integer("noop_with_empty_axes", 0) == 1 {
			return []tensor{{dims: t.dims, ranked: true}}, nil
		}
		axes = make([]int64, len(t.dims))
		for i := range axes {
			axes[i] = int64(i)
		}
	}
	dims, err := mark(t.dims, axes, 1)
	if err != nil {
		return nil, err
	}
	if c.integer("keepdims", 1) == 0 {
		dims, err = remove(t.dims, axes)
	}
	return ranked(dims...), err
}

// mark sets the axes of dims to size.
func mark(dims, axes []int64, size int64) ([]int64, error) {
	out := slices.Clone(dims)
	for _, a := range axes {
		i, err := axis(a, len(dims))
		if err != nil {
			return nil, err
		}
		out[i] = size
	}
	return out, nil
}

// remove cuts the axes out of dims.
func remove(dims, axes []int64) ([]int64, error) {
	const gone = -2
	out, err := mark(dims, axes, gone)
	return slices.DeleteFunc(out, func(d int64) bool { return d == gone }), err
}
