package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/model/mxnet"
	"github.com/scones-unlimited/scones/model/onnx"
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
		Description: "MODEL is an ONNX file, a SageMaker model.tar.gz or a folder with the artifact's files.\n" +
			"What classifying needs and the model does not say is listed as missing.\n\n" +
			"Example:\n  scones inspect model.onnx",
		Flags: append([]cli.Flag{
			&cli.BoolFlag{Name: "json", Usage: "print one JSON object"},
		}, artifactFlags()...),
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return &usageError{fmt.Sprintf("%d models named, want one", c.NArg()), "scones inspect model.onnx"}
			}
			o := &inspectOptions{path: c.Args().First(), json: c.Bool("json")}
			var err error
			if o.from, o.to, err = artifactFromFlags(c); err != nil {
				return err
			}
			return inspect(c, o)
		},
	}
}

func inspect(c *cli.Context, o *inspectOptions) error {
	d, err := describe(o)
	if err != nil {
		return err
	}
	for _, w := range d.Warnings {
		fmt.Fprintf(c.App.ErrWriter, "scones: warning: %s\n", w)
	}
	if !o.json {
		return writeDescription(c.App.Writer, d)
	}
	enc := json.NewEncoder(c.App.Writer)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(d)
}

// describe tells artifacts from ONNX files by their first bytes, whatever they are called.
func describe(o *inspectOptions) (*onnx.Description, error) {
	info, err := os.Stat(o.path)
	if err != nil {
		return nil, fmt.Errorf("inspecting: %w", err)
	}
	if info.IsDir() || mxnet.IsArchive(o.path) {
		return onnx.DescribeArtifact(o.path, o.from, o.to)
	}
	d, err := onnx.Describe(o.path)
	if errors.Is(err, onnx.ErrFormat) && !strings.HasSuffix(o.path, ".onnx") {
		return nil, fmt.Errorf("%w (models are .onnx files and .tar.gz artifacts)", err)
	}
	return d, err
}
