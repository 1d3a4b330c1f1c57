package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/model/atomicfile"
	"github.com/scones-unlimited/scones/model/mxnet"
	"github.com/scones-unlimited/scones/model/onnx"
)

// exportOptions is an export command line.
type exportOptions struct {
	artifact, out string
	from          mxnet.Options
	to            onnx.ExportOptions
}

func exportCommand() *cli.Command {
	return &cli.Command{
		Name:      "export",
		Usage:     "convert a SageMaker model.tar.gz to ONNX",
		ArgsUsage: "ARTIFACT",
		Description: "ARTIFACT is the model.tar.gz that the built-in image classification wrote, or a folder with the same files.\n" +
			"The ONNX file carries its own preprocessing and labels, so it needs no flags later.\n\n" +
			"Example:\n  scones export --labels bicycle,motorcycle --out model.onnx model.tar.gz",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "write the model to `FILE`"},
			&cli.StringFlag{Name: "input", Value: string(model.Uint8), Usage: "uint8 (pixels, converted inside the graph) or float32 (MXNet's own input)"},
			&cli.BoolFlag{Name: "exif", Usage: "turn pictures upright by their EXIF orientation, which SageMaker's own container does not do"},
			&cli.StringFlag{Name: "name", Usage: "`NAME` of the model in its manifest"},
		}, artifactFlags()...),
		Action: func(c *cli.Context) error {
			o, err := exportFromFlags(c)
			if err != nil {
				return err
			}
			return export(c, o)
		},
	}
}

func exportFromFlags(c *cli.Context) (*exportOptions, error) {
	o := &exportOptions{artifact: c.Args().First(), out: c.String("out")}
	switch {
	case c.NArg() != 1:
		return nil, &usageError{fmt.Sprintf("%d artifacts named, want one", c.NArg()), "scones export --out model.onnx model.tar.gz"}
	case o.out == "":
		return nil, &usageError{"--out is missing: the file to write", "scones export --out model.onnx model.tar.gz"}
	}
	var err error
	if o.from, o.to, err = artifactFromFlags(c); err != nil {
		return nil, err
	}
	o.to.Name, o.to.ApplyEXIF = c.String("name"), c.Bool("exif")
	switch o.to.Input = model.Element(c.String("input")); o.to.Input {
	case model.Uint8, model.Float32:
		return o, nil
	}
	return nil, &usageError{fmt.Sprintf("--input %q: must be uint8 or float32", o.to.Input), ""}
}

// export runs a checked command line; a broken run leaves the old file or none.
func export(c *cli.Context, o *exportOptions) error {
	a, err := mxnet.Open(o.artifact, o.from)
	if err != nil {
		return err
	}
	defer a.Close()
	file, err := atomicfile.Create(o.out)
	if err != nil {
		return fmt.Errorf("writing %q: %w", o.out, err)
	}
	defer file.Close()
	done, err := onnx.Export(file, a, o.to)
	if err != nil {
		return fmt.Errorf("exporting %q: %w", o.artifact, err)
	}
	if err := file.Commit(); err != nil {
		return fmt.Errorf("writing %q: %w", o.out, err)
	}
	for _, w := range done.Warnings {
		fmt.Fprintf(c.App.ErrWriter, "scones: warning: %s\n", w)
	}
	in := done.Model.Input
	fmt.Fprintf(c.App.ErrWriter, "%s: %d classes, %d × %d pixels, %s\n", o.out, len(done.Model.Labels), in.Width, in.Height, epochText(a))
	return nil
}

// epochText says which checkpoint was taken and what others there were.
func epochText(a *mxnet.Artifact) string {
	n := len(a.Epochs)
	if n == 1 {
		return fmt.Sprintf("epoch %d, the only checkpoint", a.Epoch)
	}
	which := "as asked"
	if a.Epoch == a.Epochs[n-1] {
		which = "the last"
	}
	return fmt.Sprintf("epoch %d, %s of %d checkpoints from %d to %d (--epoch takes another)", a.Epoch, which, n, a.Epochs[0], a.Epochs[n-1])
}
