package source

import (
	"bytes"
	"fmt"
	"io"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/model/onnx"
)

// apply lays what the user says over the contract, and checks the result against the graph.
func (s *Source) apply(o Options) error {
	m := *s.Model
	if len(o.Labels) > 0 {
		m.Labels = o.Labels
	}
	if o.Activation != "" {
		m.Output.Activation = o.Activation
	}
	if o.Input != nil {
		in, err := o.Input(&m.Input)
		if err != nil {
			return err
		}
		m.Input = *in
	}
	s.Model = &m
	if err := m.Validate(); err != nil {
		return err
	}
	return checkGraph(&m, s.File)
}

// checkGraph compares the contract with the graph's input and output: a wrong one would be found later, with a worse message, or
// not at all.
func checkGraph(m *model.Model, f *onnx.File) error {
	in, err := find("input.name", m.Input.Name, f.Inputs)
	if err != nil {
		return err
	}
	if in.Element != string(m.Input.Element) {
		return &model.FieldError{Field: "input.element", Problem: fmt.Sprintf("is %s, the graph's input %q takes %s", m.Input.Element, in.Name, in.Element)}
	}
	want := []int{0, m.Input.Channels, m.Input.Height, m.Input.Width}
	if m.Input.Layout == model.NHWC {
		want = []int{0, m.Input.Height, m.Input.Width, m.Input.Channels}
	}
	if in.Shape != nil && len(in.Shape) != len(want) {
		return &model.FieldError{Field: "input.layout", Problem: fmt.Sprintf("is %s, the graph's input %q has %d dimensions", m.Input.Layout, in.Name, len(in.Shape))}
	}
	for axis, dim := range in.Shape {
		if axis > 0 && dim.Value > 0 && dim.Value != int64(want[axis]) {
			return &model.FieldError{Field: "input", Problem: fmt.Sprintf("asks for %s %v, the graph's input %q takes %v", m.Input.Layout, want[1:], in.Name, in.Shape[1:])}
		}
	}
	out, err := find("output.name", m.Output.Name, f.Outputs)
	if err != nil {
		return err
	}
	classes := int64(1)
	for axis, dim := range out.Shape {
		if axis > 0 {
			classes *= dim.Value
		}
	}
	if len(out.Shape) > 1 && classes > 0 && classes != int64(len(m.Labels)) {
		return &model.FieldError{Field: "labels", Problem: fmt.Sprintf("holds %d names, the graph's output %q has %d classes", len(m.Labels), out.Name, classes)}
	}
	return nil
}

func find(field, name string, values []onnx.Value) (onnx.Value, error) {
	names := make([]string, len(values))
	for i, v := range values {
		if v.Name == name {
			return v, nil
		}
		names[i] = v.Name
	}
	return onnx.Value{}, &model.FieldError{Field: field, Problem: fmt.Sprintf("is %q, the graph has %q", name, names)}
}

func readerAt(data []byte) io.ReaderAt { return bytes.NewReader(data) }
