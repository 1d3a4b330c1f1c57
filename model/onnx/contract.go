package onnx

import (
	"cmp"
	"fmt"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/model/mxnet"
)

// pictureInput finds the input that takes the picture: the one with four dimensions in model-shapes.json.
func pictureInput(a *mxnet.Artifact) (mxnet.Input, error) {
	var found *mxnet.Input
	for i := range a.Inputs {
		in := &a.Inputs[i]
		if len(in.Dims) != 4 {
			continue
		}
		if found != nil {
			return mxnet.Input{}, fmt.Errorf("%w: two inputs take pictures, %.100q and %.100q", mxnet.ErrArtifact, found.Name, in.Name)
		}
		found = in
	}
	if found == nil {
		return mxnet.Input{}, fmt.Errorf("%w: model-shapes.json gives no input of four dimensions (N, C, H, W), so the picture's size is not known", mxnet.ErrArtifact)
	}
	if c, h, w := found.Dims[1], found.Dims[2], found.Dims[3]; c != 1 && c != 3 || h > model.MaxSide || w > model.MaxSide {
		return mxnet.Input{}, fmt.Errorf("%w: input %.100q of shape %v: want 1 or 3 channels and at most %d pixels a side",
			mxnet.ErrArtifact, found.Name, found.Dims, model.MaxSide)
	}
	return *found, nil
}

// contract is the manifest of the exported model. SageMaker's container stretches a picture to the size, takes RGB from 0 to
// 255 as it is and knows nothing of EXIF; all normalisation is part of the network.
func (c *converter) contract(in mxnet.Input, o ExportOptions, done *Exported) (*model.Model, error) {
	out := c.graph.output
	classes := out.dims[1]
	if classes > maxClasses {
		return nil, fmt.Errorf("%w: %d classes, at most %d are written", mxnet.ErrArtifact, classes, maxClasses)
	}
	labels := o.Labels
	if len(labels) == 0 {
		for i := range classes {
			labels = append(labels, fmt.Sprintf("class_%d", i))
		}
		done.warn("labels are in no artifact: the classes are called class_0 to class_%d", classes-1)
	}
	if int64(len(labels)) != classes {
		return nil, fmt.Errorf("%d labels given, the model has %d classes", len(labels), classes)
	}
	if out.kind == plainValue {
		done.warn("the network ends in neither a softmax nor a sigmoid: its outputs are taken for probabilities as they are")
	}
	m := &model.Model{
		Version: model.Version,
		Name:    o.Name,
		Labels:  labels,
		Input: model.Input{
			Name: c.graph.input.name, Element: model.Uint8, Layout: model.NHWC,
			Width: int(in.Dims[3]), Height: int(in.Dims[2]), Channels: int(in.Dims[1]),
			Resize:    model.Resize{Mode: model.Stretch, Filter: cmp.Or(o.Filter, model.Bilinear)},
			ApplyEXIF: o.ApplyEXIF,
		},
		Output: model.Output{Name: out.name, Activation: model.NoActivation, MultiLabel: out.kind == sigmoidValue},
		Provenance: model.Provenance{
			ArtifactSHA256: c.artifact.SHA256,
			Framework:      c.artifact.Symbol.Framework(),
			Epoch:          c.artifact.Epoch,
			Converter:      "scones converter " + ConverterRevision,
		},
	}
	if c.graph.input.element == elementFloat32 {
		m.Input.Element, m.Input.Layout = model.Float32, model.NCHW
	}
	if m.Input.Channels == 3 {
		m.Input.ChannelOrder = model.RGB
	}
	return m, m.Validate()
}

// maxClasses bounds the labels that are made up. ImageNet's largest set has 21,841 classes.
const maxClasses = 100_000
