package onnx

import (
	"fmt"
	"slices"
)

// BuildOptions say how a model becomes an integer one.
type BuildOptions struct {
	// Ranges of the values between layers, one for each of [Quantizer.Tensors].
	Ranges map[string]Range
	// Bits of the weights; zero means [SevenBits], which is right on every processor.
	Bits WeightBits
	// Float names layers that stay in float32.
	Float []string
	// Metadata replaces the file's.
	Metadata map[string]string
}

// Build gives the INT8 model as the bytes of an ONNX file, the same for the same options.
func (q *Quantizer) Build(o BuildOptions) ([]byte, error) {
	b := &builder{
		q: q, options: o, net: q.net.clone(), uses: q.net.consumers(), integer: map[string]byteScale{}, read: map[string]string{},
		fused: map[*editNode]bool{}, readers: map[string][]*editNode{}, scales: map[byteScale][2]string{},
	}
	if b.options.Bits == 0 {
		b.options.Bits = SevenBits
	}
	for _, n := range q.net.nodes {
		for _, in := range n.Inputs {
			b.readers[in] = append(b.readers[in], n)
		}
	}
	for _, n := range q.net.nodes {
		if err := b.node(n); err != nil {
			return nil, fmt.Errorf("quantizing node %.100q: %w", n.label(), err)
		}
	}
	b.net.nodes = b.made
	return b.net.encode(o.Metadata), nil
}

// builder makes the integer model, node by node.
type builder struct {
	q       *Quantizer
	options BuildOptions
	net     *editable
	made    []*editNode
	uses    map[string]int
	readers map[string][]*editNode
	integer map[string]byteScale // tensors that exist as bytes
	read    map[string]string    // what an integer node reads for a tensor: the output of its DequantizeLinear
	fused   map[*editNode]bool   // clamps that a byte's range does
	scales  map[byteScale][2]string
}

// node adds what a node of the float32 model becomes.
func (b *builder) node(n *editNode) error {
	switch r := b.q.roles[n]; {
	case b.fused[n]:
	case r == pixelsRole:
		b.emit("DequantizeLinear", n.Outputs[0], n.Inputs[0], n.Outputs[0], pixels)
		b.integer[n.Outputs[0]], b.read[n.Outputs[0]] = pixels, n.Outputs[0]
	case r == layerRole && !slices.Contains(b.options.Float, n.label()):
		return b.layer(n)
	case r == rescaleRole && slices.ContainsFunc(n.Inputs, b.isInteger):
		return b.rescale(n)
	case r == keepRole && b.isInteger(n.Inputs[0]):
		c := n.clone()
		c.Inputs[0] = b.read[n.Inputs[0]]
		b.leave(c, n.Outputs[0], b.integer[n.Inputs[0]])
	default:
		b.made = append(b.made, n.clone())
	}
	return nil
}

func (b *builder) isInteger(name string) bool {
	_, ok := b.integer[name]
	return ok
}

// layer adds a node with weights.
func (b *builder) layer(n *editNode) error {
	in, err := b.enter(n.Inputs[0])
	if err != nil {
		return err
	}
	w, axis := b.net.tensors[n.Inputs[1]], channelAxis(n)
	whole := b.integerLayer(n)
	channels := []int64{int64(len(whole.scales))}
	stem := n.Inputs[1]
	c := n.clone()
	c.Inputs = []string{in, b.dequantize(stem, axis,
		&editTensor{element: elementInt8, dims: w.dims, raw: whole.weights}, channels, whole.scales)}
	if hasInput(&n.Node, 2) {
		scales := make([]float32, len(whole.scales))
		for i, s := range whole.scales {
			scales[i] = s * b.integer[n.Inputs[0]].scale
		}
		c.Inputs = append(c.Inputs, b.dequantize(n.Inputs[2], 0,
			&editTensor{element: elementInt32, dims: channels, raw: whole.bias}, channels, scales))
	}
	if n.Operator == "Gemm" && !b.feedsLayer(n.Outputs[0]) {
		b.made = append(b.made, c) // the last layer's sums stay as exact as they are
		return nil
	}
	return b.close(c, n)
}

// integerLayer gives a layer's weights and bias as integers, from the last Build where that was asked for the same.
func (b *builder) integerLayer(n *editNode) *integerLayer {
	scale := b.integer[n.Inputs[0]].scale
	if last, ok := b.q.done[n]; ok && last.scale == scale && last.bits == b.options.Bits {
		return last.integerLayer
	}
	w := b.net.tensors[n.Inputs[1]]
	values, _ := w.floats()
	var bias []float32
	if hasInput(&n.Node, 2) {
		bias, _ = b.net.tensors[n.Inputs[2]].floats()
	}
	made := quantizeLayer(values, bias, w.dims, channelAxis(n), scale, b.options.Bits)
	b.q.done[n] = doneLayer{scale, b.options.Bits, made}
	return made
}

// rescale adds a node whose inputs and output are bytes of different scales.
func (b *builder) rescale(n *editNode) error {
	c := n.clone()
	for i, name := range n.Inputs {
		in, err := b.enter(name)
		if err != nil {
			return err
		}
		c.Inputs[i] = in
	}
	return b.close(c, n)
}

// feedsLayer tells whether an integer layer reads a tensor, a clamp between them aside.
func (b *builder) feedsLayer(name string) bool {
	return slices.ContainsFunc(b.readers[name], func(n *editNode) bool {
		switch b.q.roles[n] {
		case layerRole:
			return !slices.Contains(b.options.Float, n.label())
		case clampRole:
			return b.feedsLayer(n.Outputs[0])
		}
		return false
	})
}

// close ends a node that gives bytes of a scale of their own. A clamp that alone reads it is left to the limits of the bytes.
func (b *builder) close(c, n *editNode) error {
	name, clamp := n.Outputs[0], (*editNode)(nil)
	if readers := b.readers[name]; len(readers) == 1 && b.uses[name] == 1 && !b.net.hasGraphs() && b.q.roles[readers[0]] == clampRole && readers[0].Inputs[0] == name {
		clamp = readers[0]
		b.fused[clamp] = true
		name = clamp.Outputs[0]
	}
	r, err := b.rangeOf(name)
	if err != nil {
		return err
	}
	if clamp != nil {
		r.Min = 0
		if limit, ok := b.q.net.clipMax(clamp); ok {
			r.Max = min(r.Max, limit)
		}
	}
	b.leave(c, name, r.scale())
	return nil
}

// enter gives what an integer node reads for a tensor; a float32 one is turned into bytes once.
func (b *builder) enter(name string) (string, error) {
	if b.isInteger(name) {
		return b.read[name], nil
	}
	r, err := b.rangeOf(name)
	if err != nil {
		return "", err
	}
	s := r.scale()
	bytes, back := b.net.free(name+"/int8"), b.net.free(name+"/back")
	b.emit("QuantizeLinear", bytes, name, bytes, s)
	b.emit("DequantizeLinear", back, bytes, back, s)
	b.integer[name], b.read[name] = s, back
	return back, nil
}

// realSuffix is behind the name of a value before it becomes bytes.
const realSuffix = "/real"

// leave adds a node whose output becomes bytes. The tensor's name stays with the real values, for whoever wants them.
func (b *builder) leave(c *editNode, name string, s byteScale) {
	sum, bytes := b.net.free(name+realSuffix), b.net.free(name+"/int8")
	c.Outputs = []string{sum}
	b.made = append(b.made, c)
	b.emit("QuantizeLinear", bytes, sum, bytes, s)
	b.emit("DequantizeLinear", name+"/back", bytes, name, s)
	b.integer[name], b.read[name] = s, name
}

func (b *builder) rangeOf(name string) (Range, error) {
	r, ok := b.options.Ranges[name]
	if !ok {
		return r, fmt.Errorf("no range is given for tensor %.100q", name)
	}
	if width := r.Max - r.Min; width-width != 0 || width < 0 {
		return r, fmt.Errorf("tensor %.100q has the impossible range %v to %v", name, r.Min, r.Max)
	}
	return r, nil
}

// emit adds a QuantizeLinear or DequantizeLinear with one scale.
func (b *builder) emit(operator, name, in, out string, s byteScale) {
	numbers, ok := b.scales[s]
	if !ok {
		numbers = [2]string{
			b.net.store(out+"/scale", float32Tensor(nil, []float32{s.scale})),
			b.net.store(out+"/zero", &editTensor{element: elementUint8, raw: []byte{s.zero}}),
		}
		b.scales[s] = numbers
	}
	b.made = append(b.made, newNode(operator, name+"/"+operator, []string{in, numbers[0], numbers[1]}, out))
}

// dequantize stores integers with a scale a channel and adds their DequantizeLinear.
func (b *builder) dequantize(stem string, axis int, t *editTensor, channels []int64, scales []float32) string {
	zeros := &editTensor{element: t.element, dims: channels, raw: make([]byte, channels[0]*elements[t.element].bits/8)}
	out := b.net.free(stem + "/back")
	b.made = append(b.made, newNode("DequantizeLinear", out, []string{
		b.net.store(stem+"/int", t), b.net.store(stem+"/scale", float32Tensor(channels, scales)), b.net.store(stem+"/zero", zeros),
	}, out, intAttr("axis", int64(axis))))
	return out
}
