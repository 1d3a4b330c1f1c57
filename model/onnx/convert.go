package onnx

import (
	"fmt"
	"strings"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/model/mxnet"
)

// converter turns a symbol into a graph, one node at a time.
type converter struct {
	artifact  *mxnet.Artifact
	symbol    *mxnet.Symbol
	graph     graph
	inputName string               // variable that takes the picture
	pixels    string               // tensor that it becomes, [N, C, H, W] in float32
	values    map[mxnet.Ref]*value // what has been converted
	uses      map[mxnet.Ref]int    // how often an output is read
	used      map[string]bool      // arrays by variable
	initial   map[string]*stored   // weights in the graph, by variable
	warnings  []string
	folded    int
}

func newConverter(a *mxnet.Artifact) *converter {
	return &converter{
		artifact: a, symbol: a.Symbol,
		values: map[mxnet.Ref]*value{}, uses: map[mxnet.Ref]int{}, used: map[string]bool{}, initial: map[string]*stored{},
	}
}

// conversion is one node of the symbol being converted.
type conversion struct {
	*converter
	*mxnet.Node
	ref mxnet.Ref
}

// convert builds the graph from the picture input to the output that holds the scores.
func (c *converter) convert(in mxnet.Input, element model.Element) error {
	head, err := c.head()
	if err != nil {
		return err
	}
	order, err := c.symbol.Reached(head)
	if err != nil {
		return err
	}
	c.uses[head]++
	for _, i := range order {
		for _, from := range c.symbol.Nodes[i].Inputs {
			c.uses[from]++
		}
	}
	if err := c.openInput(in, element, order); err != nil {
		return err
	}
	for _, i := range order {
		n := &c.symbol.Nodes[i]
		if n.Variable() {
			continue // converted when a node asks for it: labels of losses never are
		}
		call := &conversion{converter: c, Node: n, ref: mxnet.Ref{Node: i}}
		apply, ok := operators[n.Operator]
		if !ok {
			return call.problem("this operator cannot be converted")
		}
		out, err := apply(call)
		if err != nil {
			return err
		}
		if _, ok := product(out.dims); !ok {
			return call.problem("its output of shape %v is out of range", out.dims)
		}
		c.values[call.ref] = out
	}
	return c.close(head)
}

// openInput starts the graph with the picture. Pixels are converted inside the graph: a quarter of the bytes to hand over.
func (c *converter) openInput(in mxnet.Input, element model.Element, order []int) error {
	at := -1
	for _, i := range order {
		if n := &c.symbol.Nodes[i]; n.Variable() && n.Name == in.Name {
			at = i
		}
	}
	if at < 0 {
		return fmt.Errorf("%w: the network does not use the input %.100q of model-shapes.json", mxnet.ErrArtifact, in.Name)
	}
	c.inputName = in.Name
	channels, height, width := in.Dims[1], in.Dims[2], in.Dims[3]
	g := &c.graph
	name := g.free(in.Name)
	data := &value{name: name, element: elementFloat32, dims: []int64{batch, channels, height, width}}
	g.input = *data
	switch element {
	case model.Float32:
	case model.Uint8, "":
		pixels := []int64{batch, height, width, channels}
		g.input = value{name: name, element: elementUint8, dims: pixels}
		cast := g.emit("Cast", name+"_cast", []string{name}, pixels, intAttr("to", elementFloat32))
		data = g.emit("Transpose", name+"_nchw", []string{cast.name}, data.dims, intsAttr("perm", 0, 3, 1, 2))
	default:
		return fmt.Errorf("input element %q: want %q or %q", element, model.Uint8, model.Float32)
	}
	c.pixels = data.name
	c.values[mxnet.Ref{Node: at}] = data
	return nil
}

// close ends the graph at the head's value.
func (c *converter) close(head mxnet.Ref) error {
	out := c.values[head]
	name := c.symbol.Nodes[head.Node].Name
	if out == nil || head.Output != 0 {
		return fmt.Errorf("%w: the head %.100q gives no scores", mxnet.ErrArtifact, name)
	}
	flat := len(out.dims) == 4 && out.dims[2] == 1 && out.dims[3] == 1
	if len(out.dims) != 2 && !flat || out.dims[0] != batch || out.dims[1] < 1 || out.element != elementFloat32 {
		return fmt.Errorf("%w: the head %.100q has the shape %s, want one score a class", mxnet.ErrArtifact, name, shapeText(out.dims))
	}
	if out.name == c.pixels {
		return fmt.Errorf("%w: the head %.100q is the input itself", mxnet.ErrArtifact, name)
	}
	c.graph.output = *out
	return nil
}

// shapeText writes a shape with N for the batch.
func shapeText(dims []int64) string {
	sizes := make([]string, len(dims))
	for i, d := range dims {
		switch {
		case d == batch:
			sizes[i] = "N"
		case d < 0:
			sizes[i] = fmt.Sprintf("%d·N", -d)
		default:
			sizes[i] = fmt.Sprint(d)
		}
	}
	return "[" + strings.Join(sizes, ", ") + "]"
}

// problem is an error that names operator and node.
func (c *conversion) problem(format string, args ...any) error {
	return &OperatorError{c.Operator, c.Name, fmt.Sprintf(format, args...)}
}
