package onnx

import (
	"bytes"
	"fmt"
	"maps"

	"google.golang.org/protobuf/encoding/protowire"
)

// Logits gives a model that has the logits as an output, shaped as the contract's output, and that output's name. Nothing else is
// changed. The softmax of the logits is what the model answers.
func (c *Calibrator) Logits() (data []byte, output string, err error) {
	if c.place == atOutput {
		return c.data, c.logits, nil
	}
	taken := c.names()
	e := edit{before: len(c.file.Nodes)}
	out := value{name: c.logits, element: elementNumber(c.output.Element), dims: []int64{batch, int64(c.classes)}}
	if c.place == fromProbabilities {
		out.name = e.logarithm(taken, c, c.output.Name)
		out.element = elementFloat32
	}
	if c.rank == 4 {
		out.dims = append(out.dims, 1, 1)
	}
	e.outputs = append(e.outputs, out.encode())
	data, err = e.apply(c.data)
	return data, out.name, err
}

// Build gives the calibrated model with the given metadata in the place of the file's entries of the same keys: its scores are
// softmax(logits / T), or softmax(weights · logits + biases). Names, shapes and meaning of input and output stay. Errors wrap
// [ErrCalibrate].
func (c *Calibrator) Build(s Scaling, metadata map[string]string) ([]byte, error) {
	if err := s.check(c.classes); err != nil {
		return nil, err
	}
	taken := c.names()
	e := edit{before: len(c.file.Nodes), rename: map[string]string{}}
	if c.place == beforeSoftmax {
		scaled := e.scale(taken, c, c.logits, s)
		if c.Half() {
			scaled = e.cast(taken, scaled, elementFloat16, "")
		}
		e.before, e.input = c.softmax, scaled
	} else {
		raw := taken.free(c.output.Name + "/uncalibrated")
		e.rename[c.output.Name] = raw
		from := raw
		if c.place == fromProbabilities {
			from = e.logarithm(taken, c, raw)
		}
		scaled := e.scale(taken, c, from, s)
		if c.place == fromProbabilities {
			name := taken.free(c.output.Name + "/calibrated")
			e.nodes = append(e.nodes, newNode("Softmax", name, []string{scaled}, name, intAttr("axis", 1)))
			scaled = name
		}
		last := e.nodes[len(e.nodes)-1]
		if c.Half() {
			e.cast(taken, scaled, elementFloat16, c.output.Name)
		} else {
			last.Outputs[0] = c.output.Name
		}
	}
	data, err := e.apply(c.data)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = Rewrite(&out, bytes.NewReader(data), int64(len(data)), metadata)
	return out.Bytes(), err
}

// Half tells whether the scores are float16. They are scaled as float32.
func (c *Calibrator) Half() bool { return elementNumber(c.output.Element) == elementFloat16 }

// names are the tensors' names, to be added to.
func (c *Calibrator) names() *editable { return &editable{taken: maps.Clone(c.taken)} }

// edit is what changes in a file.
type edit struct {
	nodes   []*editNode       // new ones
	before  int               // index of the node that they stand before
	input   string            // replaces the first input of that node
	rename  map[string]string // tensors of the main graph
	outputs [][]byte          // ValueInfoProto, added
}

// smallest is added to probabilities before their logarithm, so that 0 has one: float32's smallest normal number.
const smallest = 0x1p-126

// logarithm adds what makes logits of probabilities.
func (e *edit) logarithm(taken *editable, c *Calibrator, from string) string {
	if c.Half() {
		from = e.cast(taken, from, elementFloat32, "")
	}
	raised, out := taken.free(c.output.Name+"/raised"), taken.free(c.output.Name+"/logits")
	e.nodes = append(e.nodes,
		newNode("Add", raised, []string{from, e.constant(taken, c.output.Name+"/smallest", nil, smallest)}, raised),
		newNode("Log", out, []string{raised}, out))
	return out
}

// scale adds the scaling of logits.
func (e *edit) scale(taken *editable, c *Calibrator, from string, s Scaling) string {
	if c.Half() && c.place != fromProbabilities {
		from = e.cast(taken, from, elementFloat32, "")
	}
	if s.Weights == nil {
		out := taken.free(c.logits + "/cooled")
		e.nodes = append(e.nodes, newNode("Div", out, []string{from, e.constant(taken, c.logits+"/temperature", nil, s.Temperature)}, out))
		return out
	}
	dims := []int64{int64(c.classes)}
	if c.rank == 4 {
		dims = append(dims, 1, 1)
	}
	weighted, out := taken.free(c.logits+"/weighted"), taken.free(c.logits+"/scaled")
	e.nodes = append(e.nodes,
		newNode("Mul", weighted, []string{from, e.constant(taken, c.logits+"/weights", dims, s.Weights...)}, weighted),
		newNode("Add", out, []string{weighted, e.constant(taken, c.logits+"/biases", dims, s.Biases...)}, out))
	return out
}

// cast adds a conversion; name is its output, one that is free when empty.
func (e *edit) cast(taken *editable, from string, element int64, name string) string {
	if name == "" {
		name = taken.free(from + "/" + elementName(element))
	}
	e.nodes = append(e.nodes, newNode("Cast", name, []string{from}, name, intAttr("to", element)))
	return name
}

// constant adds a tensor as a node, which every version of the file format takes; a stored tensor would have to be an input before IR
// version 4.
func (e *edit) constant(taken *editable, want string, dims []int64, values ...float32) string {
	name := taken.free(want)
	n := newNode("Constant", name, nil, name)
	attribute := message(text(nil, 1, "value"), 5, float32Tensor(dims, values).encode(name))
	n.raw = append(n.raw, number(attribute, 20, 4)) // type TENSOR
	e.nodes = append(e.nodes, n)
	return name
}

// apply copies a model with the changes. What it does not know it copies as it is.
func (e *edit) apply(data []byte) ([]byte, error) {
	return mapFields(data, func(out []byte, num protowire.Number, whole, content []byte) ([]byte, error) {
		if num != 7 {
			return append(out, whole...), nil
		}
		graph, err := e.graph(content)
		return message(out, 7, graph), err
	})
}

// graph copies a GraphProto with the changes.
func (e *edit) graph(content []byte) ([]byte, error) {
	at := 0
	graph, err := mapFields(content, func(out []byte, num protowire.Number, whole, content []byte) ([]byte, error) {
		if num != 1 {
			return append(out, whole...), nil
		}
		input := ""
		if at == e.before {
			out, input = e.insert(out), e.input
		}
		at++
		node, err := e.node(content, input)
		return message(out, 1, node), err
	})
	if e.before >= at {
		graph = e.insert(graph)
	}
	for _, v := range e.outputs {
		graph = message(graph, 12, v)
	}
	return graph, err
}

func (e *edit) insert(graph []byte) []byte {
	for _, n := range e.nodes {
		graph = message(graph, 1, n.encode())
	}
	return graph
}

// node copies a NodeProto under the new names; input, if not empty, is its first input.
func (e *edit) node(content []byte, input string) ([]byte, error) {
	return mapFields(content, func(out []byte, num protowire.Number, whole, content []byte) ([]byte, error) {
		if num == 1 && input != "" {
			out, input = text(out, 1, input), ""
			return out, nil
		}
		if name, ok := e.rename[string(content)]; ok && (num == 1 || num == 2) {
			return text(out, num, name), nil
		}
		return append(out, whole...), nil
	})
}

// mapFields rebuilds a message field by field. Whole is the field with its tag; content is what a field of bytes holds.
func mapFields(b []byte, copied func(out []byte, num protowire.Number, whole, content []byte) ([]byte, error)) ([]byte, error) {
	out := make([]byte, 0, len(b))
	for len(b) > 0 {
		num, typ, tag := protowire.ConsumeTag(b)
		if tag < 0 {
			return nil, fmt.Errorf("%w: %w", ErrFormat, protowire.ParseError(tag))
		}
		n := protowire.ConsumeFieldValue(num, typ, b[tag:])
		if n < 0 {
			return nil, fmt.Errorf("%w: %w", ErrFormat, protowire.ParseError(n))
		}
		var content []byte
		if typ == protowire.BytesType {
			content, _ = protowire.ConsumeBytes(b[tag:])
		}
		var err error
		if out, err = copied(out, num, b[:tag+n], content); err != nil {
			return nil, err
		}
		b = b[tag+n:]
	}
	return out, nil
}
