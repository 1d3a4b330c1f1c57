package main

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/model/source"
)

// A modelRef is a model to serve: where it lies, and its name in paths.
type modelRef struct{ name, path string }

// servedModelFlags are modelFlags with a --model that may be repeated.
func servedModelFlags() []cli.Flag {
	flags := slices.DeleteFunc(modelFlags(), func(f cli.Flag) bool { return slices.Contains(f.Names(), "model") })
	return append([]cli.Flag{&cli.StringSliceFlag{
		Name: "model", Aliases: []string{"m"},
		Usage: "`[NAME=]MODEL`: an .onnx file, a Hugging Face folder or a SageMaker model.tar.gz; may be repeated, the first answers /invocations (default: the built-in model)",
	}}, flags...)
}

// named matches NAME=MODEL.
var named = regexp.MustCompile(`^([a-zA-Z0-9][a-zA-Z0-9._-]*)=(.+)$`)

// modelRefs are the models of the flags; inside a container, the one that SageMaker unpacked.
func modelRefs(c *cli.Context, inside bool) ([]modelRef, error) {
	values := c.StringSlice("model")
	if len(values) == 0 && modelStore(c) != "" {
		return nil, nil
	}
	if len(values) == 0 {
		values = []string{source.BuiltinName}
		if inside {
			values = []string{"model=" + containerModel}
		}
	}
	var refs []modelRef
	for _, value := range values {
		ref := modelRef{modelName(value), value}
		if parts := named.FindStringSubmatch(value); parts != nil {
			ref = modelRef{parts[1], parts[2]}
		}
		if slices.ContainsFunc(refs, func(r modelRef) bool { return r.name == ref.name }) {
			return nil, &usageError{fmt.Sprintf("--model %s: two models are called %q", value, ref.name), "give each a name: --model NAME=" + ref.path}
		}
		refs = append(refs, ref)
	}
	return refs, nil
}

// unfit is what no name may hold.
var unfit = regexp.MustCompile(`[^a-zA-Z0-9._-]+`)

// modelName makes a file's name fit for paths: cats.onnx becomes cats.
func modelName(path string) string {
	base := filepath.Base(path)
	for _, ending := range []string{".onnx", ".tar.gz", ".tgz", ".tar"} {
		base = strings.TrimSuffix(base, ending)
	}
	name := strings.Trim(unfit.ReplaceAllString(base, "-"), "-._")
	if name == "" {
		return "model"
	}
	return name[:min(len(name), 63)]
}
