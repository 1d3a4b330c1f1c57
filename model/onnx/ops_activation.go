package onnx

import "math"

// convUnary converts an operator of one input that needs no attributes. Further inputs are labels of a loss.
func convUnary(operator string, kind activation) func(*conversion) (*value, error) {
	return func(c *conversion) (*value, error) {
		x, err := c.data(0)
		if err != nil {
			return nil, err
		}
		out := c.emit(operator, []string{x.name}, x.dims)
		out.kind = kind
		return out, nil
	}
}

// activations holds the ONNX operators by MXNet's act_type.
var activations = map[string]string{
	"relu": "Relu", "sigmoid": "Sigmoid", "tanh": "Tanh", "softrelu": "Softplus", "softsign": "Softsign",
}

func convActivation(c *conversion) (*value, error) {
	operator, ok := activations[c.Text("act_type", "")]
	if !ok {
		return nil, c.problem("attribute \"act_type\" is %.100q, which cannot be converted", c.Text("act_type", ""))
	}
	kind := plainValue
	if operator == "Sigmoid" {
		kind = sigmoidValue
	}
	return convUnary(operator, kind)(c)
}

func convLeakyReLU(c *conversion) (*value, error) {
	x, err := c.data(0)
	if err != nil {
		return nil, err
	}
	slope, err := c.Float("slope", 0.25)
	if err != nil {
		return nil, err
	}
	switch kind := c.Text("act_type", "leaky"); kind {
	case "leaky":
		return c.emit("LeakyRelu", []string{x.name}, x.dims, floatAttr("alpha", slope)), nil
	case "elu":
		return c.emit("Elu", []string{x.name}, x.dims, floatAttr("alpha", slope)), nil
	case "selu": // both use the constants of Klambauer et al. 2017
		return c.emit("Selu", []string{x.name}, x.dims), nil
	case "gelu":
		return c.gelu(x), nil
	case "prelu":
		return c.prelu(x)
	default:
		return nil, c.problem("attribute \"act_type\" is %.100q, which cannot be converted", kind)
	}
}

// gelu is x/2 · (1 + erf(x/√2)); operator set 17 has no operator for it.
func (c *conversion) gelu(x *value) *value {
	g := &c.graph
	root := g.constant(c.Name+"_sqrt2", nil, math.Sqrt2)
	one := g.constant(c.Name+"_one", nil, 1)
	half := g.constant(c.Name+"_half", nil, 0.5)
	scaled := g.emit("Div", c.Name+"_scaled", []string{x.name, root}, x.dims)
	erf := g.emit("Erf", c.Name+"_erf", []string{scaled.name}, x.dims)
	raised := g.emit("Add", c.Name+"_raised", []string{erf.name, one}, x.dims)
	gated := g.emit("Mul", c.Name+"_gated", []string{x.name, raised.name}, x.dims)
	return c.emit("Mul", []string{gated.name, half}, x.dims)
}

// prelu stores the slopes, one a channel or one for all, so that they line up with the channel dimension.
func (c *conversion) prelu(x *value) (*value, error) {
	if err := c.need(2, 2); err != nil {
		return nil, err
	}
	a, err := c.array(1, nil)
	if err != nil {
		return nil, err
	}
	n := a.Elements()
	if len(a.Dims) != 1 || len(x.dims) < 2 || n != 1 && n != x.dims[1] {
		return nil, c.problem("slopes of shape %v for data of shape %s", a.Dims, shapeText(x.dims))
	}
	dims := []int64{n}
	for range x.dims[2:] {
		dims = append(dims, 1)
	}
	return c.emit("PRelu", []string{x.name, c.weight(c.variable(1), a, dims).name}, x.dims), nil
}
