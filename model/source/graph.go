package source

import (
	"fmt"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/model/onnx"
)

// fromGraph says what a graph says by itself: names, element type, layout and, where they are fixed, sizes. Preprocessing and
// labels stay empty, for flags to fill.
func fromGraph(f *onnx.File) (*model.Model, error) {
	m := &model.Model{Version: model.Version, Name: f.GraphName}
	if len(f.Inputs) != 1 {
		return nil, &model.FieldError{Field: "input.name", Problem: fmt.Sprintf("cannot be told: the graph has %d inputs, a classifier has one", len(f.Inputs))}
	}
	in := f.Inputs[0]
	m.Input.Name, m.Input.Element = in.Name, model.Element(in.Element)
	if layout, channels, height, width, ok := f.Layout(); ok {
		m.Input.Layout, m.Input.Channels, m.Input.Height, m.Input.Width = layout, channels, height, width
	}
	if m.Input.Channels == 3 {
		m.Input.ChannelOrder = model.RGB
	}
	if len(f.Outputs) != 1 {
		return nil, &model.FieldError{Field: "output.name", Problem: fmt.Sprintf("cannot be told: the graph has %d outputs", len(f.Outputs))}
	}
	m.Output = model.Output{Name: f.Outputs[0].Name, Activation: activationOf(f, f.Outputs[0].Name)}
	return m, nil
}

// activationOf tells whether an output holds probabilities or logits by the operator that makes it; it is empty when that operator
// says nothing. A matrix product's or convolution's output is not bounded, so it cannot be a probability.
func activationOf(f *onnx.File, output string) model.Activation {
	makers := make(map[string]*onnx.Node)
	for i := range f.Nodes {
		for _, name := range f.Nodes[i].Outputs {
			makers[name] = &f.Nodes[i]
		}
	}
	for range len(f.Nodes) + 1 { // a hostile graph may be a circle
		node := makers[output]
		if node == nil {
			return ""
		}
		switch node.Operator {
		case "Softmax", "Sigmoid":
			return model.NoActivation
		case "Gemm", "MatMul", "Add", "Conv":
			return model.Softmax
		case "Flatten", "Reshape", "Squeeze", "Identity", "Cast", "GlobalAveragePool":
			if len(node.Inputs) == 0 {
				return ""
			}
			output = node.Inputs[0]
		default:
			return ""
		}
	}
	return ""
}
