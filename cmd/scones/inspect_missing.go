package main

import (
	"context"
	"errors"
	"slices"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/model/source"
)

// contractFields are the manifest fields that classifying needs, in the order in which people are told about them.
var contractFields = []string{
	"labels", "input.name", "input.element", "input.layout", "input.channels", "input.channel_order", "input.width", "input.height",
	"input.resize.mode", "input.resize.filter", "input.scale", "input.mean", "input.std", "output.name", "output.activation",
}

// findContract asks package source for a model's contract, and when it is not whole for all that is missing: what is found
// missing is filled in and asked for again.
func findContract(ctx context.Context, path string, labels []string) (s *source.Source, missing []string, err error) {
	note := func(field string) {
		if !slices.Contains(missing, field) {
			missing = append(missing, field)
		}
	}
	o := source.Options{Labels: labels, Input: func(base *model.Input) (*model.Input, error) {
		whole := *base
		fillInput(&whole, note)
		return &whole, nil
	}}
	for range contractFields {
		if s, err = source.Open(ctx, path, o); err == nil {
			break
		}
		field, ok := errors.AsType[*model.FieldError](err)
		if !ok {
			return nil, nil, err
		}
		switch {
		case field.Field == "labels" && len(o.Labels) == 0:
			o.Labels = []string{"?"}
		case field.Field == "output.activation" && o.Activation == "":
			o.Activation = model.NoActivation
		case len(missing) > 0:
			return nil, inOrder(missing), nil // what was filled in does not fit the graph, which says nothing
		default:
			return nil, nil, err
		}
		note(field.Field)
	}
	return s, inOrder(missing), err
}

// fillInput puts something into every field that is empty and notes it.
func fillInput(in *model.Input, note func(string)) {
	if in.Layout == "" {
		in.Layout = model.NCHW
		note("input.layout")
	}
	if in.Channels == 0 {
		in.Channels, in.ChannelOrder = 3, model.RGB
		note("input.channels")
		note("input.channel_order")
	}
	if in.Width == 0 {
		in.Width = 1
		note("input.width")
	}
	if in.Height == 0 {
		in.Height = 1
		note("input.height")
	}
	if in.Resize.Mode != "" {
		return
	}
	in.Resize = model.Resize{Mode: model.None}
	note("input.resize.mode")
	note("input.resize.filter")
	if in.Element != model.Uint8 && in.Scale == 0 && len(in.Mean) == 0 && len(in.Std) == 0 {
		note("input.scale")
		note("input.mean")
		note("input.std")
	}
}

func inOrder(missing []string) []string {
	slices.SortStableFunc(missing, func(a, b string) int {
		return slices.Index(contractFields, a) - slices.Index(contractFields, b)
	})
	return missing
}
