package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/calibrate"
	"github.com/scones-unlimited/scones/model/atomicfile"
	"github.com/scones-unlimited/scones/preprocess"
)

// calibrateOptions is a calibrate command line.
type calibrateOptions struct {
	out, folder string
	json        bool
	run         calibrate.Options
}

func calibrateCommand() *cli.Command {
	return &cli.Command{
		Name:      "calibrate",
		Usage:     "make a model's scores mean what they say, if that is better",
		ArgsUsage: "MODEL",
		Description: "Of the pictures that score .93, 93 of 100 should be right. The pictures of --data, whose classes are known, fit a\n" +
			"temperature that the logits are divided by, or for three classes and more a weight and a bias a class. Cross-validation\n" +
			"decides which, or neither: every figure of the table is of pictures that the scaling had not seen. The scaling goes into\n" +
			"the graph before the softmax, so the file is a model like any other. When it would not be better nothing is written and\n" +
			"the exit code is 4. Take pictures that the model was not trained on.\n\n" +
			"Example:\n  scones calibrate --data validation/ -o calibrated.onnx model.onnx",
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "data", Usage: "`FOLDER` of the pictures, with a folder for each class unless a list says the classes"},
			&cli.StringFlag{Name: "lst", Usage: "the true classes stand in a .lst `FILE`: index, class, path"},
			&cli.StringFlag{Name: "labels-csv", Usage: "the true classes stand in a CSV `FILE` with columns path and label"},
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "write the calibrated model to `FILE`; without it only the table is shown"},
			&cli.StringFlag{Name: "method", Usage: "try only `NAME` temperature or vector (default: the best)"},
			&cli.IntFlag{Name: "folds", Value: calibrate.DefaultFolds, Usage: "parts of the cross-validation, `N` from 2 to 20"},
			&cli.Float64Flag{Name: "threshold", Value: calibrate.DefaultThreshold, Usage: "count the pictures that score `SCORE` and more"},
			&cli.BoolFlag{Name: "json", Usage: "print one JSON object"},
		}, planFlags(), modelFlags()[1:], recipeFlags(), runtimeFlags()),
		Action: func(c *cli.Context) error {
			o, err := calibrateFromFlags(c)
			if err != nil {
				return err
			}
			return calibrateModel(c, o)
		},
	}
}

func calibrateFromFlags(c *cli.Context) (*calibrateOptions, error) {
	const example = "scones calibrate --data validation/ -o calibrated.onnx model.onnx"
	o := &calibrateOptions{out: c.String("out"), folder: c.String("data"), json: c.Bool("json")}
	o.run = calibrate.Options{Method: calibrate.Method(c.String("method")), Folds: c.Int("folds"), Threshold: c.Float64("threshold")}
	switch {
	case c.NArg() != 1:
		return nil, &usageError{fmt.Sprintf("%d models named, want one", c.NArg()), example}
	case o.folder == "":
		return nil, &usageError{"--data is missing: a folder of pictures whose classes are known", example}
	case c.IsSet("lst") && c.IsSet("labels-csv"):
		return nil, &usageError{"--lst and --labels-csv exclude each other", ""}
	case o.run.Method != "" && !slices.Contains(calibrate.Methods, o.run.Method):
		return nil, &usageError{fmt.Sprintf("--method %q: must be one of %v", o.run.Method, calibrate.Methods), ""}
	case o.run.Folds < 2 || o.run.Folds > 20:
		return nil, &usageError{fmt.Sprintf("--folds %d: must be 2 to 20", o.run.Folds), ""}
	case !(o.run.Threshold > 0 && o.run.Threshold <= 1):
		return nil, &usageError{fmt.Sprintf("--threshold %v: must be above 0 and at most 1", o.run.Threshold), ""}
	}
	return o, checkPlanFlags(c)
}

// calibrateModel runs a checked command line.
func calibrateModel(c *cli.Context, o *calibrateOptions) error {
	device, err := infer.ParseDevice(c.String("device"))
	if err != nil {
		return &usageError{"--device: " + err.Error(), ""}
	}
	s, err := openModel(c, c.Args().First())
	if err != nil {
		return err
	}
	data, err := wholeModel(s)
	if err != nil {
		return err
	}
	where := &evaluateOptions{data: o.folder, lst: c.String("lst"), csv: c.String("labels-csv")}
	known, _, err := where.truth(&classNames{labels: s.Model.Labels})
	if err != nil {
		return err
	}
	o.run.Class = known.of
	if o.run.Session.Library, err = ensureRuntime(c, device); err != nil {
		return err
	}
	plan := planFromFlags(c, s, coresFromFlags(c), device)
	o.run.Session.Device, o.run.Session.Threads = device, plan.Threads
	o.run.Batch = infer.BatchOptions{Size: plan.Batch, Workers: plan.Workers}
	o.run.FromSHA256 = s.SHA256
	bar := newProgress(c.App.ErrWriter, "calibrate", -1, false)
	o.run.Progress = func(done int) { _ = bar.Set(done) } // a bar that cannot be drawn is no reason to stop
	result, err := calibrate.Run(c.Context, s.Model, data, preprocess.Folder(c.Context, o.folder, nil), o.run)
	_ = bar.Clear()
	if err != nil {
		return fmt.Errorf("calibrating %q: %w", s.Name, err)
	}
	return o.finish(c, s.Name, result)
}

// finish writes what was asked for and says how it went.
func (o *calibrateOptions) finish(c *cli.Context, name string, result *calibrate.Result) error {
	r := &result.Report
	r.Model = name
	if result.Data != nil && o.out != "" {
		if err := atomicfile.Write(o.out, result.Data); err != nil {
			return fmt.Errorf("writing %q: %w", o.out, err)
		}
	}
	if err := o.print(c, r); err != nil {
		return err
	}
	for _, f := range r.Failed {
		fmt.Fprintf(c.App.ErrWriter, "scones: %s: %s: %s\n", printable(f.Picture), f.Code, printable(f.Text))
	}
	switch {
	case !r.Passed && o.out != "":
		return &gateError{fmt.Sprintf("%s is not written: %s", o.out, strings.Join(r.Problems, "; "))}
	case !r.Passed:
		return &gateError{"calibrating would not make it better: " + strings.Join(r.Problems, "; ")}
	case len(r.Failed) > 0:
		return &picturesError{len(r.Failed), len(r.Failed) + r.Pictures}
	}
	return nil
}

func (o *calibrateOptions) print(c *cli.Context, r *calibrate.Report) error {
	if !o.json {
		return writeCalibrated(c.App.Writer, r)
	}
	return writeJSON(c.App.Writer, r)
}
