package onnx

import (
	"maps"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// newNode makes a node of ONNX's own operators.
func newNode(operator, name string, inputs []string, output string, attributes ...attribute) *editNode {
	n := &editNode{Node: Node{Operator: operator, Name: name, Inputs: inputs, Outputs: []string{output}}}
	for _, a := range attributes {
		n.raw = append(n.raw, a.encode())
		kept := Attribute{Name: a.name, Ints: a.ints, String: a.text}
		if a.int != nil {
			kept.Int = *a.int
		}
		if a.float != nil {
			kept.Float = *a.float
		}
		n.Attributes = append(n.Attributes, kept)
	}
	return n
}

// encode gives the model as a file with the given metadata. Only tensors that a node reads are written, in name order, so that the
// same model gives the same bytes.
func (e *editable) encode(metadata map[string]string) []byte {
	var graph []byte
	used := map[string]bool{}
	for _, n := range e.nodes {
		graph = message(graph, 1, n.encode())
		for _, in := range n.Inputs {
			used[in] = true
		}
	}
	graph = text(graph, 2, e.name)
	for _, name := range slices.Sorted(maps.Keys(e.tensors)) {
		if used[name] || e.isOutput(name) || e.hasGraphs() {
			graph = message(graph, 5, e.tensors[name].encode(name))
		}
	}
	for _, in := range e.inputs {
		graph = message(graph, 11, in)
	}
	for _, out := range e.outputs {
		graph = message(graph, 12, out)
	}
	b := number(nil, 1, max(e.file.IRVersion, 4)) // 4 is the first whose stored tensors need not be inputs
	b = text(text(b, 2, "scones"), 3, ConverterRevision)
	b = message(b, 7, graph)
	for _, o := range e.file.Opsets {
		b = message(b, 8, number(text(nil, 1, o.Domain), 2, o.Version))
	}
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		if metadata[key] != "" {
			b = appendProperty(b, key, metadata[key])
		}
	}
	return b
}

// hasGraphs tells whether a node holds a graph, which may read any tensor.
func (e *editable) hasGraphs() bool {
	return slices.ContainsFunc(e.nodes, func(n *editNode) bool {
		return slices.ContainsFunc(n.Attributes, func(a Attribute) bool { return a.Graph })
	})
}

// encode gives a NodeProto.
func (n *editNode) encode() []byte {
	var b []byte
	for _, in := range n.Inputs {
		b = text(b, 1, in)
	}
	for _, out := range n.Outputs {
		b = text(b, 2, out)
	}
	b = text(b, 3, n.Name)
	b = text(b, 4, n.Operator)
	for _, a := range n.raw {
		b = message(b, 5, a)
	}
	if n.Domain != "" {
		b = text(b, 7, n.Domain)
	}
	return b
}

// encode gives a TensorProto.
func (t *editTensor) encode(name string) []byte {
	if t.proto != nil {
		return t.proto
	}
	var b []byte
	for _, d := range t.dims {
		b = number(b, 1, d)
	}
	b = number(b, 2, t.element)
	b = text(b, 8, name)
	b = protowire.AppendTag(b, 9, protowire.BytesType)
	return protowire.AppendBytes(b, t.raw)
}
