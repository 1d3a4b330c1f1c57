package onnx

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// editable is a model that is held whole and can be changed: nodes and stored tensors by name, everything else as it was.
type editable struct {
	file    *File
	nodes   []*editNode
	tensors map[string]*editTensor
	inputs  [][]byte          // ValueInfoProto, stored tensors left out
	outputs [][]byte          // ValueInfoProto
	name    string            // of the graph
	opset   int64             // of ONNX's own operators
	known   map[string]tensor // shapes of one picture
	taken   map[string]bool   // every name that a tensor has
}

// editNode is a node with its attributes as they were stored.
type editNode struct {
	Node
	raw [][]byte // AttributeProto
}

// editTensor is a stored tensor: its TensorProto as it was, or new values.
type editTensor struct {
	element int64
	dims    []int64
	raw     []byte // TensorProto.raw_data, little-endian
	proto   []byte // the whole TensorProto when its values are not understood; raw is nil
}

// readEditable reads a model. Errors about the content wrap [ErrFormat].
func readEditable(data []byte, input []int64) (*editable, error) {
	f, err := Read(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	e := &editable{file: f, name: f.GraphName, tensors: map[string]*editTensor{}, taken: map[string]bool{}}
	for _, o := range f.Opsets {
		if o.Domain == "" || o.Domain == "ai.onnx" {
			e.opset = o.Version
		}
	}
	e.known = f.infer(input).known
	maps.Copy(e.taken, names(f))
	err = each(data, func(num protowire.Number, content []byte) error {
		if num != 7 {
			return nil
		}
		return each(content, e.graphField)
	})
	return e, err
}

// names are the tensors of a graph.
func names(f *File) map[string]bool {
	taken := map[string]bool{}
	for i := range f.Nodes {
		for _, name := range f.Nodes[i].Outputs {
			taken[name] = true
		}
	}
	for i := range f.Weights {
		taken[f.Weights[i].Name] = true
	}
	for _, v := range f.Inputs {
		taken[v.Name] = true
	}
	return taken
}

// each calls visit for every field of a message whose content is bytes. [Read] has seen the message, so an error is a surprise.
func each(b []byte, visit func(protowire.Number, []byte) error) error {
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return fmt.Errorf("%w: %w", ErrFormat, protowire.ParseError(n))
		}
		b = b[n:]
		if n = protowire.ConsumeFieldValue(num, typ, b); n < 0 {
			return fmt.Errorf("%w: %w", ErrFormat, protowire.ParseError(n))
		}
		if typ == protowire.BytesType {
			content, _ := protowire.ConsumeBytes(b)
			if err := visit(num, content); err != nil {
				return err
			}
		}
		b = b[n:]
	}
	return nil
}

// graphField reads a field of GraphProto. Nodes and tensors come in the order in which Read saw them.
func (e *editable) graphField(num protowire.Number, content []byte) error {
	switch num {
	case 1:
		n := &editNode{Node: e.file.Nodes[len(e.nodes)]}
		n.Inputs, n.Outputs = slices.Clone(n.Inputs), slices.Clone(n.Outputs)
		e.nodes = append(e.nodes, n)
		return each(content, func(num protowire.Number, content []byte) error {
			if num == 5 {
				n.raw = append(n.raw, content)
			}
			return nil
		})
	case 5:
		t := &e.file.Weights[len(e.tensors)]
		if e.tensors[t.Name] != nil {
			return fmt.Errorf("%w: tensor %.100q is stored twice", ErrFormat, t.Name)
		}
		if t.External != nil {
			return fmt.Errorf("tensor %.100q lies in the file %.100q beside the model: save the model as one file first", t.Name, t.External.Location)
		}
		var err error
		e.tensors[t.Name], err = readTensor(t, content)
		return err
	case 11:
		if name := valueName(content); slices.ContainsFunc(e.file.Inputs, func(v Value) bool { return v.Name == name }) {
			e.inputs = append(e.inputs, content)
		}
	case 12:
		e.outputs = append(e.outputs, content)
	}
	return nil
}

func valueName(content []byte) (name string) {
	_ = each(content, func(num protowire.Number, content []byte) error {
		if num == 1 {
			name = string(content)
		}
		return nil
	})
	return name
}

// readTensor takes float32 and int64 values out of a TensorProto, wherever it keeps them; other tensors stay as they are.
func readTensor(t *Initializer, proto []byte) (*editTensor, error) {
	e := &editTensor{dims: t.Dims, element: elementNumber(t.Element), proto: proto}
	var width int64
	switch e.element {
	case elementFloat32:
		width = 4
	case elementInt64:
		width = 8
	default:
		return e, nil
	}
	var raw, listed []byte
	err := each(proto, func(num protowire.Number, content []byte) error {
		switch {
		case num == 9:
			raw = content
		case num == 4 && e.element == elementFloat32: // float_data, packed
			listed = append(listed, content...)
		case num == 7 && e.element == elementInt64: // int64_data, packed varints
			for len(content) > 0 {
				v, n := protowire.ConsumeVarint(content)
				if n < 0 {
					return fmt.Errorf("%w: tensor %.100q: %w", ErrFormat, t.Name, protowire.ParseError(n))
				}
				listed, content = binary.LittleEndian.AppendUint64(listed, v), content[n:]
			}
		}
		return nil
	})
	if len(raw) == 0 {
		raw = listed
	}
	if int64(len(raw)) != width*t.Elements() {
		return e, err // unpacked lists of old writers; a layer with such a weight is left as it is
	}
	e.raw, e.proto = raw, nil
	return e, err
}

func elementNumber(name string) int64 {
	for i := range elements {
		if elements[i].name == name {
			return int64(i)
		}
	}
	return 0
}

// floats are the values of a float32 tensor; ok is false for any other.
func (t *editTensor) floats() (values []float32, ok bool) {
	if t == nil || t.element != elementFloat32 || t.proto != nil {
		return nil, false
	}
	values = make([]float32, len(t.raw)/4)
	for i := range values {
		values[i] = math.Float32frombits(binary.LittleEndian.Uint32(t.raw[4*i:]))
	}
	return values, true
}

// clone copies what building a changed model changes. Tensors are shared; they are replaced, never written to.
func (e *editable) clone() *editable {
	c := *e
	c.tensors, c.taken, c.nodes = maps.Clone(e.tensors), maps.Clone(e.taken), make([]*editNode, len(e.nodes))
	for i, n := range e.nodes {
		c.nodes[i] = n.clone()
	}
	return &c
}

func (n *editNode) clone() *editNode {
	c := *n
	c.Inputs, c.Outputs = slices.Clone(n.Inputs), slices.Clone(n.Outputs)
	return &c
}

// free is a name that no tensor has, close to want.
func (e *editable) free(want string) string {
	name := want
	for i := 2; e.taken[name]; i++ {
		name = fmt.Sprintf("%s_%d", want, i)
	}
	e.taken[name] = true
	return name
}

// store adds a tensor and returns its name.
func (e *editable) store(want string, t *editTensor) string {
	name := e.free(want)
	e.tensors[name] = t
	return name
}

// isOutput tells whether a tensor leaves the graph.
func (e *editable) isOutput(name string) bool {
	return slices.ContainsFunc(e.file.Outputs, func(v Value) bool { return v.Name == name })
}

// consumers counts the readers of each tensor, the caller of the graph among them.
func (e *editable) consumers() map[string]int {
	uses := map[string]int{}
	for _, n := range e.nodes {
		for _, in := range n.Inputs {
			uses[in]++
		}
	}
	for _, v := range e.file.Outputs {
		uses[v.Name]++
	}
	return uses
}

func float32Tensor(dims []int64, values []float32) *editTensor {
	return &editTensor{element: elementFloat32, dims: dims, raw: littleEndian(make([]byte, 4*len(values)), values)}
}

func int64Tensor(values ...int64) *editTensor {
	t := &editTensor{element: elementInt64, dims: []int64{int64(len(values))}}
	for _, v := range values {
		t.raw = binary.LittleEndian.AppendUint64(t.raw, uint64(v))
	}
	return t
}
