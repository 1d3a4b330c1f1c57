package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/model/mxnet"
	"github.com/scones-unlimited/scones/model/onnx"
	"github.com/scones-unlimited/scones/model/source"
)

// inspectOptions is an inspect command line.
type inspectOptions struct {
	path string
	json bool
	from mxnet.Options
	to   onnx.ExportOptions
}

func inspectCommand() *cli.Command {
	return &cli.Command{
		Name:      "inspect",
		Usage:     "show what a model expects, answers and is made of",
		ArgsUsage: "MODEL",
		Description: "MODEL is an ONNX file, a Hugging Face folder, a SageMaker model.tar.gz or a folder with the artifact's files;\n" +
			"without one the built-in model is shown. What classifying needs and the model does not say is listed as missing.\n\n" +
			"Example:\n  scones inspect model.onnx",
		Flags: append([]cli.Flag{
			&cli.BoolFlag{Name: "json", Usage: "print one JSON object"},
		}, artifactFlags()...),
		Action: func(c *cli.Context) error {
			if c.NArg() > 1 {
				return &usageError{fmt.Sprintf("%d models named, want one", c.NArg()), "scones inspect model.onnx"}
			}
			o := &inspectOptions{path: cmp.Or(c.Args().First(), source.BuiltinName), json: c.Bool("json")}
			var err error
			if o.from, o.to, err = artifactFromFlags(c); err != nil {
				return err
			}
			return inspect(c, o)
		},
	}
}

func inspect(c *cli.Context, o *inspectOptions) error {
	d, err := describe(c.Context, o)
	if err != nil {
		return err
	}
	for _, w := range d.Warnings {
		fmt.Fprintf(c.App.ErrWriter, "scones: warning: %s\n", w)
	}
	if !o.json {
		return writeDescription(c.App.Writer, d)
	}
	return writeJSON(c.App.Writer, d)
}

// describe tells artifacts from other models by their content, whatever they are called. The contract of a model from elsewhere
// comes from package source, as when classifying.
func describe(ctx context.Context, o *inspectOptions) (*onnx.Description, error) {
	if mxnet.IsArchive(o.path) || mxnet.IsFolder(o.path) {
		return onnx.DescribeArtifact(o.path, o.from, o.to)
	}
	s, missing, err := findContract(ctx, o.path, o.to.Labels)
	if _, ok := errors.AsType[*model.FieldError](err); ok && isFile(o.path) {
		return onnx.Describe(o.path) // not even the graph's ends can be told; the rest can
	}
	if errors.Is(err, onnx.ErrFormat) {
		return nil, &hintedError{err, "a model is an .onnx file, a Hugging Face folder or a SageMaker model.tar.gz"}
	}
	if err != nil {
		return nil, err
	}
	if s == nil {
		d, err := onnx.Describe(o.path)
		if err == nil {
			d.SetManifest(nil)
			d.Missing = missing
		}
		return d, err
	}
	var d *onnx.Description
	if s.Data != nil {
		d, err = onnx.DescribeFrom(bytes.NewReader(s.Data), int64(len(s.Data)), s.Name)
	} else {
		d, err = onnx.Describe(s.Path)
	}
	if err != nil {
		return nil, err
	}
	d.Warnings = s.Warnings
	if d.SetManifest(s.Model); len(missing) > 0 {
		d.SetManifest(nil)
		d.Missing = missing
	}
	return d, nil
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
