package onnx

import (
	"math"
	"slices"
)

// convBatchNorm converts y = gamma·(x − mean)/√(var + eps) + beta with the moving statistics. With fix_gamma, MXNet's default,
// gamma is 1 whatever is stored. Directly behind a convolution or matrix product that nothing else reads the normalisation
// becomes part of its weights. Elsewhere it stays: in front of a convolution with padding folding would change the border.
func convBatchNorm(c *conversion) (*value, error) {
	if err := c.need(5, 5); err != nil {
		return nil, err
	}
	x, err := c.data(0)
	if err != nil {
		return nil, err
	}
	axis, err := c.Int("axis", 1)
	if err != nil {
		return nil, err
	}
	if len(x.dims) < 2 || x.dims[0] != batch || x.dims[1] < 1 || axis != 1 && axis != 1-int64(len(x.dims)) {
		return nil, c.problem("axis %d of data of shape %s, only axis 1 can be converted", axis, shapeText(x.dims))
	}
	epsilon, err := c.Float("eps", 1e-3)
	if err != nil {
		return nil, err
	}
	fixed, err := c.Bool("fix_gamma", true)
	if err != nil {
		return nil, err
	}
	n := &normalisation{epsilon: epsilon}
	for i, values := range []*[]float32{&n.gamma, &n.beta, &n.mean, &n.variance} {
		a, err := c.array(1+i, x.dims[1:2])
		if err != nil {
			return nil, err
		}
		if *values, err = a.All(); err != nil {
			return nil, err
		}
	}
	if fixed {
		n.gamma = slices.Repeat([]float32{1}, len(n.gamma))
	}
	if x.linear != nil {
		return c.fold(x, n)
	}
	g := &c.graph
	inputs := []string{x.name}
	for i, values := range [][]float32{n.gamma, n.beta, n.mean, n.variance} {
		inputs = append(inputs, g.constant(c.variable(1+i), x.dims[1:2], values...))
	}
	return c.emit("BatchNormalization", inputs, x.dims, floatAttr("epsilon", epsilon)), nil
}

// normalisation holds the numbers of a BatchNorm, one a channel.
type normalisation struct {
	gamma, beta, mean, variance []float32
	epsilon                     float64
}

// fold multiplies the weights of x by gamma/√(var + eps) and moves its bias, in float64. The convolution keeps its name, its
// output takes the normalisation's.
func (c *conversion) fold(x *value, n *normalisation) (*value, error) {
	g, l := &c.graph, x.linear
	factors := make([]float64, len(n.gamma))
	bias := make([]float32, len(n.gamma))
	before := make([]float32, len(n.gamma))
	if l.bias != nil {
		var err error
		if before, err = l.bias.values(); err != nil {
			return nil, err
		}
	}
	for i := range factors {
		factors[i] = float64(n.gamma[i]) / math.Sqrt(float64(n.variance[i])+n.epsilon)
		bias[i] = float32(float64(n.beta[i]) + (float64(before[i])-float64(n.mean[i]))*factors[i])
	}
	if l.weight.scale == nil {
		l.weight.scale = factors
	} else {
		for i := range factors {
			l.weight.scale[i] *= factors[i]
		}
	}
	if l.bias == nil {
		l.bias = &stored{name: g.free(l.node.name + "_bias"), element: elementFloat32, dims: []int64{int64(len(bias))}}
		g.weights = append(g.weights, l.bias)
		l.node.inputs = append(l.node.inputs, l.bias.name)
	}
	l.bias.floats, l.bias.array = bias, nil
	l.node.output = g.free(c.Name)
	c.folded++
	out := *x
	out.name, out.kind = l.node.output, plainValue
	if c.uses[c.ref] != 1 {
		out.linear = nil
	}
	return &out, nil
}
