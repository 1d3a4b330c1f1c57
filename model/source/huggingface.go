package source

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strconv"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/model/onnx"
)

// fromHuggingFace reads what transformers' save_pretrained left: config.json for the classes and preprocessor_config.json for the
// picture. The contract is that of transformers' image classification pipeline (pipelines/image_classification.py), checked with
// version 5.24.0. Its load_image turns pictures upright by EXIF and makes RGB of every picture, so do_convert_rgb changes nothing.
func (s *Source) fromHuggingFace(c *config, dir *modelFolder) (*model.Model, error) {
	m, err := fromEnds(s.File, "pixel_values", "logits")
	if err != nil {
		return nil, err
	}
	m.Name = get(c, "_name_or_path", m.Name)
	m.Labels = c.labels("id2label")
	// num_channels is 3 where a configuration has no such key.
	if channels := get(c, "num_channels", 3); channels != 3 {
		c.fail("num_channels", "is %d, the pipeline gives pictures of 3 channels", channels)
	}
	c.activation(m, s.File)
	if c.err != nil {
		return nil, c.err
	}
	data, err := dir.read("preprocessor_config.json")
	if errors.Is(err, fs.ErrNotExist) {
		s.Warnings = append(s.Warnings, "the folder has no preprocessor_config.json: what becomes of a picture comes from flags alone")
		return m, nil
	}
	if err != nil {
		return nil, err
	}
	p, err := newConfig("preprocessor_config.json", "", data)
	if err != nil {
		return nil, err
	}
	warnings, err := imageProcessor(p, &m.Input)
	s.Warnings = append(s.Warnings, warnings...)
	return m, err
}

// activation sets what the pipeline applies to the logits: sigmoid for several or one label, else softmax. A graph that ends in a
// softmax or sigmoid of its own needs neither.
func (c *config) activation(m *model.Model, f *onnx.File) {
	m.Output.Activation = model.Softmax
	switch kind := get(c, "problem_type", ""); kind {
	case "", "single_label_classification":
		if len(m.Labels) == 1 {
			m.Output.Activation, m.Output.MultiLabel = model.Sigmoid, true
		}
	case "multi_label_classification":
		m.Output.Activation, m.Output.MultiLabel = model.Sigmoid, true
	default:
		c.fail("problem_type", "is %q, must be single_label_classification or multi_label_classification", kind)
	}
	if activationOf(f, m.Output.Name) == model.NoActivation {
		m.Output.Activation = model.NoActivation
	}
}

// labels reads names by class index, {"0": "cat", "1": "dog"} in any order. Every index from 0 must be there.
func (c *config) labels(key string) []string {
	if !c.has(key) {
		return nil
	}
	var byIndex map[string]string
	if err := json.Unmarshal(c.values[key], &byIndex); err != nil {
		c.fail(key, "is %.60s, which is no object of texts", c.values[key])
		return nil
	}
	labels := make([]string, len(byIndex))
	for i := range labels {
		name, ok := byIndex[strconv.Itoa(i)]
		if !ok {
			c.fail(key, "has %d names and none for class %d", len(byIndex), i)
			return nil
		}
		labels[i] = name
	}
	return labels
}

// fromEnds is fromGraph for a library whose exports name their ends: input and output are preferred where a graph has several,
// and pictures are RGB in channels, rows, columns even where the graph leaves every size open.
func fromEnds(f *onnx.File, input, output string) (*model.Model, error) {
	if len(f.Inputs) != 1 {
		return nil, &model.FieldError{Field: "input.name", Problem: fmt.Sprintf("cannot be told: the graph has %d inputs, a classifier has one", len(f.Inputs))}
	}
	m := &model.Model{Version: model.Version}
	in := f.Inputs[0]
	m.Input = model.Input{Name: in.Name, Element: model.Element(in.Element), Layout: model.NCHW, Channels: 3, ChannelOrder: model.RGB}
	if len(in.Shape) != 4 {
		return nil, &model.FieldError{Field: "input.layout", Problem: fmt.Sprintf("cannot be told: the graph's input %q has %d dimensions, a picture %s has 4", in.Name, len(in.Shape), input)}
	}
	switch name, err := find("output.name", output, f.Outputs); {
	case len(f.Outputs) == 1:
		m.Output.Name = f.Outputs[0].Name
	case err != nil:
		return nil, err
	default:
		m.Output.Name = name.Name
	}
	return m, nil
}
