package onnx

import (
	"slices"

	"github.com/scones-unlimited/scones/model"
)

// SideFiles lists the files beside the model that hold its weights, as slash-separated paths below its folder.
func (f *File) SideFiles() []string {
	var names []string
	for i := range f.Weights {
		if x := f.Weights[i].External; x != nil && !slices.Contains(names, x.Location) {
			names = append(names, x.Location)
		}
	}
	slices.Sort(names)
	return names
}

// Layout tells the axis order of the picture input, its channels, and height and width where the file fixes them (0 where it
// does not). ok is false when the file has several inputs or the input is no picture.
func (f *File) Layout() (layout model.Layout, channels, height, width int, ok bool) {
	if len(f.Inputs) != 1 || len(f.Inputs[0].Shape) != 4 {
		return "", 0, 0, 0, false
	}
	size := func(i int) int {
		if v := f.Inputs[0].Shape[i].Value; v <= model.MaxSide {
			return int(v)
		}
		return 0
	}
	colours := func(i int) bool { return size(i) == 1 || size(i) == 3 }
	switch first, last := colours(1), colours(3); {
	case first && !last:
		return model.NCHW, size(1), size(2), size(3), true
	case last && !first:
		return model.NHWC, size(3), size(1), size(2), true
	}
	return "", 0, 0, 0, false
}

// missing names the manifest fields that the graph itself does not give.
func (f *File) missing() []string {
	fields := []string{"labels"}
	_, _, height, width, ok := f.Layout()
	if len(f.Inputs) != 1 {
		fields = append(fields, "input.name")
	}
	if !ok {
		fields = append(fields, "input.layout", "input.channels")
	}
	if width == 0 {
		fields = append(fields, "input.width")
	}
	if height == 0 {
		fields = append(fields, "input.height")
	}
	fields = append(fields, "input.channel_order", "input.resize.mode", "input.resize.filter")
	if len(f.Inputs) != 1 || f.Inputs[0].Element != "uint8" {
		fields = append(fields, "input.scale", "input.mean", "input.std")
	}
	if len(f.Outputs) != 1 {
		fields = append(fields, "output.name")
	}
	if !f.endsInProbabilities() {
		fields = append(fields, "output.activation")
	}
	return fields
}

// endsInProbabilities tells whether the only output comes out of a softmax or sigmoid.
func (f *File) endsInProbabilities() bool {
	if len(f.Outputs) != 1 {
		return false
	}
	for i := range f.Nodes {
		if n := &f.Nodes[i]; slices.Contains(n.Outputs, f.Outputs[0].Name) {
			return n.kind() == "Softmax" || n.kind() == "Sigmoid"
		}
	}
	return false
}

// shapeOf is the tensor of one picture that the contract asks for.
func shapeOf(m *model.Model) []int64 {
	if m == nil {
		return nil
	}
	c, h, w := int64(m.Input.Channels), int64(m.Input.Height), int64(m.Input.Width)
	if m.Input.Layout == model.NHWC {
		return []int64{1, h, w, c}
	}
	return []int64{1, c, h, w}
}
