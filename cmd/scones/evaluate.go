package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/infer/evaluate"
	"github.com/scones-unlimited/scones/infer/result"
	"github.com/scones-unlimited/scones/preprocess"
)

// evaluateOptions is an evaluate command line.
type evaluateOptions struct {
	rows, data, lst, csv string
	train, compare       string
	json                 bool
	html, plots          string
	limits               preprocess.Limits
	run                  evaluate.Options
}

// shownWorst answers are on the page.
const shownWorst = 24

func evaluateCommand() *cli.Command {
	return &cli.Command{
		Name:  "evaluate",
		Usage: "measure how good a model is on pictures whose class is known, and how far its scores can be trusted",
		Description: "The true classes are the names of --data's folders, or stand in --lst or --labels-csv. Answers come from the model, or from\n" +
			"--rows that scones classify wrote. Doubts about the pictures come before the figures; with --train, leakage comes first.\n" +
			"A gate that is not met ends with exit code 4.\n\n" +
			"Examples:\n  scones evaluate --data photos/ --html report.html\n  scones evaluate --model model.onnx --data test/ --train train/ --min-accuracy 0.9 --strict\n" +
			"  scones evaluate --rows results.csv --labels-csv truth.csv --target-accuracy 0.98",
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "data", Usage: "`FOLDER` of the pictures, with a folder for each class unless a list says the classes"},
			&cli.StringFlag{Name: "lst", Usage: "the true classes stand in a .lst `FILE`: index, class, path"},
			&cli.StringFlag{Name: "labels-csv", Usage: "the true classes stand in a CSV `FILE` with columns path and label"},
			&cli.StringFlag{Name: "rows", Usage: "take the answers from `FILE` of scones classify (.csv, .jsonl, .parquet) instead of a model"},
			&cli.StringFlag{Name: "train", Usage: "`FOLDER` or .lst file of the pictures that the model was trained on, to find leakage"},
			&cli.StringFlag{Name: "compare", Usage: "also evaluate `MODEL2`, a model or a file of rows, on the same pictures"},
			&cli.Float64Flag{Name: "threshold", Value: 0.93, Usage: "the filter's `SCORE`, 0 to 1, to show on the curve"},
			&cli.Float64Flag{Name: "target-accuracy", Usage: "find the lowest threshold whose accepted pictures are right with probability `X`, with 95 % confidence"},
			&cli.Float64Flag{Name: "min-accuracy", Usage: "exit with 4 unless the accuracy is `X` or more"},
			&cli.Float64Flag{Name: "max-ece", Usage: "exit with 4 unless the calibration error (equal-mass bins) is `X` or less"},
			&cli.BoolFlag{Name: "strict", Usage: "judge gates by the worse end of the 95 % interval"},
			&cli.IntFlag{Name: "bins", Value: evaluate.DefaultBins, Usage: "`N` bins of the calibration error, 1 to 1000"},
			&cli.BoolFlag{Name: "json", Usage: "print one JSON object"},
			&cli.StringFlag{Name: "html", Usage: "write a page to `FILE`"},
			&cli.StringFlag{Name: "plots", Usage: "write the figures as PNG and SVG into `FOLDER`"},
			&cli.Int64Flag{Name: "max-pixels", Value: preprocess.DefaultMaxPixels, Usage: "largest width × height that is decoded"},
			&cli.Int64Flag{Name: "max-bytes", Value: preprocess.DefaultMaxBytes, Usage: "largest file that is read"},
		}, planFlags(), modelFlags(), recipeFlags(), runtimeFlags()),
		Action: func(c *cli.Context) error {
			o, err := evaluateFromFlags(c)
			if err != nil {
				return err
			}
			return runEvaluate(c, o)
		},
	}
}

// evaluateFromFlags checks everything that can be wrong before anything is loaded.
func evaluateFromFlags(c *cli.Context) (*evaluateOptions, error) {
	o := &evaluateOptions{
		rows: c.String("rows"), data: c.String("data"), lst: c.String("lst"), csv: c.String("labels-csv"), train: c.String("train"),
		compare: c.String("compare"), json: c.Bool("json"), html: c.String("html"), plots: c.String("plots"),
		limits: preprocess.Limits{MaxPixels: c.Int64("max-pixels"), MaxBytes: c.Int64("max-bytes")},
		run: evaluate.Options{
			Bins: c.Int("bins"), Threshold: c.Float64("threshold"), Target: c.Float64("target-accuracy"), Worst: shownWorst,
			Gates: evaluate.Gates{MinAccuracy: c.Float64("min-accuracy"), MaxECE: c.Float64("max-ece"), Strict: c.Bool("strict")},
		},
	}
	const example = "scones evaluate --data photos/"
	switch {
	case c.NArg() > 0:
		return nil, &usageError{fmt.Sprintf("%q: evaluate takes no paths", c.Args().First()), "scones evaluate --data " + c.Args().First()}
	case o.lst != "" && o.csv != "":
		return nil, &usageError{"--lst and --labels-csv exclude each other", ""}
	case o.data == "" && o.lst == "" && o.csv == "":
		return nil, &usageError{"nothing says the true classes", example}
	case o.rows != "" && c.IsSet("model"):
		return nil, &usageError{"--rows and --model exclude each other: rows are a model's answers", ""}
	case o.rows != "" && !isRows(o.rows):
		return nil, &usageError{fmt.Sprintf("--rows %q: must be a .csv, .jsonl or .parquet file", o.rows), ""}
	case o.run.Bins < 1 || o.run.Bins > 1000:
		return nil, &usageError{fmt.Sprintf("--bins %d: must be 1 to 1000", o.run.Bins), ""}
	case o.limits.MaxPixels < 1:
		return nil, &usageError{fmt.Sprintf("--max-pixels %d: must be 1 or more", o.limits.MaxPixels), ""}
	case o.limits.MaxBytes < 1:
		return nil, &usageError{fmt.Sprintf("--max-bytes %d: must be 1 or more", o.limits.MaxBytes), ""}
	case o.run.Gates.Strict && !c.IsSet("min-accuracy") && !c.IsSet("max-ece"):
		return nil, &usageError{"--strict needs a gate, --min-accuracy or --max-ece", ""}
	}
	for _, name := range []string{"threshold", "target-accuracy", "min-accuracy", "max-ece"} {
		v := c.Float64(name)
		if low := name != "threshold" && c.IsSet(name) && v == 0; !(v >= 0 && v <= 1) || low {
			return nil, &usageError{fmt.Sprintf("--%s %v: must be 0 to 1", name, v), ""}
		}
	}
	for _, name := range []string{"data", "lst", "labels-csv", "rows", "train", "compare", "html", "plots"} {
		if c.IsSet(name) && c.String(name) == "" {
			return nil, &usageError{fmt.Sprintf("--%s names nothing", name), ""}
		}
	}
	return o, checkPlanFlags(c)
}

// isRows tells a file of rows from a model.
func isRows(name string) bool {
	format, err := result.FormatOf(name)
	return err == nil && format != result.Table
}

// truth reads where the true classes stand, and says it.
func (o *evaluateOptions) truth(classes *classNames) (*truth, string, error) {
	switch {
	case o.lst != "":
		t, err := listTruth(o.lst, o.data, classes)
		return t, o.lst, err
	case o.csv != "":
		t, err := csvTruth(o.csv, o.data, classes)
		return t, o.csv, err
	}
	t, err := folderTruth(o.data, classes)
	if err != nil {
		err = &hintedError{err, "name the folders by label, or say the classes with --lst or --labels-csv"}
	}
	return t, "folders of " + o.data, err
}

// where says which pictures were evaluated.
func (o *evaluateOptions) where() string {
	for _, name := range []string{o.data, o.lst, o.csv} {
		if name != "" {
			return strings.TrimSuffix(filepath.ToSlash(name), "/")
		}
	}
	return ""
}
