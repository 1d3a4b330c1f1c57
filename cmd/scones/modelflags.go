package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/model/source"
)

// modelFlags name a model and what it does not say of itself.
func modelFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "model", Aliases: []string{"m"}, Usage: "an .onnx `FILE`, a Hugging Face folder or a SageMaker model.tar.gz (default: the built-in model)"},
		&cli.StringFlag{Name: "labels", Usage: "the classes' `NAMES` in order, separated by commas"},
		&cli.StringFlag{Name: "labels-file", Usage: "read the classes' names from `FILE`, one a line"},
		&cli.IntFlag{Name: "epoch", Usage: "take the checkpoint of epoch `N` of a SageMaker artifact (default: the last)"},
		&cli.StringFlag{Name: "activation", Usage: "what turns the model's output into probabilities: `NAME` none, softmax or sigmoid"},
	}
}

// openSource finds the model of modelFlags, with recipeFlags laid over its contract, and prints its warnings.
func openSource(c *cli.Context) (*source.Source, error) { return openModel(c, c.String("model")) }

// openModel is openSource for a model that another flag or an argument names.
func openModel(c *cli.Context, name string) (*source.Source, error) {
	if n := c.Int("epoch"); n < 0 || c.IsSet("epoch") && n == 0 {
		return nil, &usageError{fmt.Sprintf("--epoch %d: must be 1 or more", n), ""}
	}
	activation := model.Activation(c.String("activation"))
	if known := []model.Activation{"", model.NoActivation, model.Softmax, model.Sigmoid}; !slices.Contains(known, activation) {
		return nil, &usageError{fmt.Sprintf("--activation %q: must be none, softmax or sigmoid", activation), ""}
	}
	labels, err := labelsFromFlags(c)
	if err != nil {
		return nil, err
	}
	s, err := source.Open(c.Context, name, source.Options{
		Labels:     labels,
		Activation: activation,
		Epoch:      c.Int("epoch"),
		Input: func(base *model.Input) (*model.Input, error) {
			in, _, err := recipeFromFlags(c, base)
			return in, err
		},
	})
	if field, ok := errors.AsType[*model.FieldError](err); ok {
		return nil, &hintedError{err, flagFor(field.Field)}
	}
	if err != nil {
		return nil, err
	}
	for _, warning := range s.Warnings {
		fmt.Fprintf(c.App.ErrWriter, "scones: warning: %s\n", warning)
	}
	return s, nil
}

// flagFor says which flag fills a field that a model does not have.
func flagFor(field string) string {
	switch field {
	case "labels":
		return "name the classes with --labels or --labels-file"
	case "output.activation":
		return "say what the output needs with --activation none, softmax or sigmoid"
	case "input.width", "input.height", "input.resize.mode", "input.resize.filter", "input.resize.short_side":
		return "say how pictures are resized, such as --resize short-side:256 --crop center:224 --filter bilinear"
	case "input.layout", "input.channels":
		return "say it with --layout and --channel-order or --grey"
	}
	return ""
}
