package main

import (
	"fmt"
	"os"

	"github.com/schollz/progressbar/v3"
	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/quantize"
	"github.com/scones-unlimited/scones/model/atomicfile"
	"github.com/scones-unlimited/scones/model/onnx"
	"github.com/scones-unlimited/scones/model/source"
	"github.com/scones-unlimited/scones/preprocess"
)

// quantizeOptions is a quantize command line.
type quantizeOptions struct {
	out, folder, labels string
	json                bool
	run                 quantize.Options
}

func quantizeCommand() *cli.Command {
	return &cli.Command{
		Name:      "quantize",
		Usage:     "make a faster INT8 twin of a model, if its answers stay the same",
		ArgsUsage: "MODEL",
		Description: "The calibration pictures should look like those that will be classified: half of them choose how numbers become\n" +
			"bytes, the other half judge. The twin is written when it agrees with the float32 model and is faster on this\n" +
			"machine; layers that are too sensitive stay in float32. Otherwise nothing is written and the exit code is 4.\n\n" +
			"Example:\n  scones quantize --calibration photos/ --labels-from folders -o model.int8.onnx model.onnx",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "write the twin to `FILE`"},
			&cli.StringFlag{Name: "calibration", Usage: "a `FOLDER` of typical pictures"},
			&cli.StringFlag{Name: "labels-from", Usage: "where the pictures' true classes stand: `folders` (named by label), or a .lst file (index, class, path)"},
			&cli.IntFlag{Name: "pictures", Value: 1000, Usage: "take at most `N` pictures, evenly spread"},
			&cli.StringFlag{Name: "method", Usage: "calibrate by `NAME` minmax, percentile-99.99, percentile-99.9 or entropy (default: the one that agrees best)"},
			&cli.IntFlag{Name: "weight-bits", Usage: "`N` bits a weight: 7 is right everywhere, 8 on processors with VNNI and on ARM (default: as this processor likes them)"},
			&cli.Float64Flag{Name: "max-drop", Value: quantize.DefaultMaxDrop, Usage: "let the accuracy fall by `POINTS` of 100 at most; without --labels-from 99 of 100 labels must stay"},
			&cli.Float64Flag{Name: "min-speedup", Value: quantize.DefaultMinSpeedup, Usage: "be at least `X` times as fast as float32"},
			&cli.BoolFlag{Name: "json", Usage: "print one JSON object"},
		}, append(quantizeModelFlags(), recipeFlags()...)...),
		Action: func(c *cli.Context) error {
			o, err := quantizeFromFlags(c)
			if err != nil {
				return err
			}
			return quantizeModel(c, o)
		},
	}
}

// quantizeModelFlags are [modelFlags] without the model, which is the argument.
func quantizeModelFlags() []cli.Flag {
	return append(modelFlags()[1:],
		&cli.StringFlag{Name: "onnxruntime", Usage: "use this ONNX Runtime library `FILE` (default: find it, or install it)"})
}

func quantizeFromFlags(c *cli.Context) (*quantizeOptions, error) {
	const example = "scones quantize --calibration photos/ -o model.int8.onnx model.onnx"
	o := &quantizeOptions{out: c.String("out"), folder: c.String("calibration"), labels: c.String("labels-from"), json: c.Bool("json")}
	o.run = quantize.Options{
		Pictures: c.Int("pictures"), Method: quantize.Method(c.String("method")), Bits: onnx.WeightBits(c.Int("weight-bits")),
		MaxDrop: c.Float64("max-drop"), MinSpeedup: c.Float64("min-speedup"),
	}
	switch {
	case c.NArg() != 1:
		return nil, &usageError{fmt.Sprintf("%d models named, want one", c.NArg()), example}
	case o.out == "":
		return nil, &usageError{"--out is missing: the file to write", example}
	case o.folder == "":
		return nil, &usageError{"--calibration is missing: a folder of typical pictures", example}
	case o.run.Pictures < quantize.MinPictures:
		return nil, &usageError{fmt.Sprintf("--pictures %d: must be %d or more", o.run.Pictures, quantize.MinPictures), ""}
	case o.run.Bits != 0 && o.run.Bits != onnx.SevenBits && o.run.Bits != onnx.EightBits:
		return nil, &usageError{fmt.Sprintf("--weight-bits %d: must be 7 or 8", o.run.Bits), ""}
	case !(o.run.MaxDrop >= 0 && o.run.MaxDrop <= 100):
		return nil, &usageError{fmt.Sprintf("--max-drop %v: must be 0 to 100 points", o.run.MaxDrop), ""}
	case !(o.run.MinSpeedup > 0):
		return nil, &usageError{fmt.Sprintf("--min-speedup %v: must be more than 0", o.run.MinSpeedup), ""}
	}
	if o.run.Method != "" && !o.run.Method.Known() {
		return nil, &usageError{fmt.Sprintf("--method %q: must be one of %v", o.run.Method, quantize.Methods), ""}
	}
	return o, nil
}

// quantizeModel runs a checked command line.
func quantizeModel(c *cli.Context, o *quantizeOptions) error {
	s, err := openModel(c, c.Args().First())
	if err != nil {
		return err
	}
	data, err := wholeModel(s)
	if err != nil {
		return err
	}
	if o.run.Class, err = classesOf(o.labels, o.folder, s.Model); err != nil {
		return err
	}
	if o.run.Session.Library, err = ensureRuntime(c, infer.CPU); err != nil {
		return err
	}
	o.run.Progress = stepProgress(c)
	result, err := quantize.Run(c.Context, s.Model, data, preprocess.Folder(c.Context, o.folder, nil), o.run)
	o.run.Progress("", 0, 0)
	if err != nil {
		return fmt.Errorf("quantizing %q: %w", s.Name, err)
	}
	if result.Data != nil {
		if err := atomicfile.Write(o.out, result.Data); err != nil {
			return fmt.Errorf("writing %q: %w", o.out, err)
		}
	}
	if err := o.print(c, &result.Report); err != nil {
		return err
	}
	if result.Data == nil {
		return &gateError{fmt.Sprintf("%s is not written: %s", o.out, joined(result.Report.Problems))}
	}
	return nil
}

func (o *quantizeOptions) print(c *cli.Context, r *quantize.Report) error {
	if !o.json {
		return writeQuantized(c.App.Writer, r)
	}
	return writeJSON(c.App.Writer, r)
}

// wholeModel gives the bytes of a model; quantizing holds them.
func wholeModel(s *source.Source) ([]byte, error) {
	if s.Data != nil {
		return s.Data, nil
	}
	if s.File.Size > onnx.MaxQuantizedBytes {
		return nil, fmt.Errorf("quantizing %q: it has %s, models of up to %s can be quantized", s.Name, byteText(s.File.Size), byteText(onnx.MaxQuantizedBytes))
	}
	return os.ReadFile(s.Path)
}

// stepProgress shows a bar for each step on a terminal; an empty step ends the last one.
func stepProgress(c *cli.Context) func(step string, done, total int) {
	var bar *progressbar.ProgressBar
	last := ""
	return func(step string, done, total int) {
		if step != last {
			if bar != nil {
				_ = bar.Clear()
			}
			bar, last = nil, step
			if step != "" {
				bar = newProgress(c.App.ErrWriter, step, int64(total), false)
			}
		}
		if bar != nil {
			_ = bar.Set(done)
		}
	}
}
