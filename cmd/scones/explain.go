package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/infer/explain"
	"github.com/scones-unlimited/scones/preprocess"
)

// explainOptions is an explain command line.
type explainOptions struct {
	paths           []string
	root, out, html string
	json            bool
	limits          preprocess.Limits
	run             explain.Options
}

func explainCommand() *cli.Command {
	return &cli.Command{
		Name:      "explain",
		Usage:     "show where in pictures a model looks",
		ArgsUsage: "PATH...",
		Description: "Patches of a picture are covered one at a time and the model is asked again: colour is where its evidence is. --out gets\n" +
			"NAME.explain.png, the map over the grey picture, and NAME.explain.json with all numbers; --html one page of all pictures.\n" +
			"Each map is put to the test. DELETION is the mean probability while the map's most important pixels are taken away\n" +
			"first, INSERTION while they are put back first: one should be low, the other high. RANDOM is the same for maps of the\n" +
			"same patches in random places; a map that is no better says so. PATH may be a folder, a .lst file or - as in classify.\n\n" +
			"Examples:\n  scones explain --out explained photos/cat.jpg\n  scones explain --model model.onnx --html page.html photos/",
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "write a PNG and a JSON file for each picture into `FOLDER`, which is made"},
			&cli.StringFlag{Name: "html", Usage: "write a page of all pictures to `FILE`"},
			&cli.BoolFlag{Name: "json", Usage: "print a JSON object a picture, with the map, in the place of the table"},
			&cli.StringFlag{Name: "class", Usage: "explain class `LABEL` (default: the one that the model answers)"},
			&cli.StringFlag{Name: "sizes", Usage: "sides of the patches in the model's pixels, such as `4,8,16` (default: an eighth, a quarter and a half of its picture)"},
			&cli.StringFlag{Name: "fill", Value: string(explain.Blur), Usage: "what a covered patch shows: `NAME` blur or mean"},
			&cli.StringFlag{Name: "root", Usage: "`FOLDER` that the paths in .lst files start from (default: the list's own)"},
			&cli.Int64Flag{Name: "max-pixels", Value: preprocess.DefaultMaxPixels, Usage: "largest width × height that is decoded"},
			&cli.Int64Flag{Name: "max-bytes", Value: preprocess.DefaultMaxBytes, Usage: "largest file that is read"},
		}, planFlags(), modelFlags(), recipeFlags(), runtimeFlags()),
		Action: func(c *cli.Context) error {
			o, err := explainFromFlags(c)
			if err != nil {
				return err
			}
			return o.explain(c)
		},
	}
}

func explainFromFlags(c *cli.Context) (*explainOptions, error) {
	o := &explainOptions{
		paths: c.Args().Slice(), root: c.String("root"), out: c.String("out"), html: c.String("html"), json: c.Bool("json"),
		limits: preprocess.Limits{MaxPixels: c.Int64("max-pixels"), MaxBytes: c.Int64("max-bytes")},
		run:    explain.Options{Class: c.String("class"), Fill: explain.Fill(c.String("fill"))},
	}
	switch {
	case len(o.paths) == 0:
		return nil, &usageError{"no pictures named", "scones explain --out explained photos/"}
	case !slices.Contains(explain.Fills, o.run.Fill):
		return nil, &usageError{fmt.Sprintf("--fill %q: must be one of %v", o.run.Fill, explain.Fills), ""}
	case o.limits.MaxPixels < 1:
		return nil, &usageError{fmt.Sprintf("--max-pixels %d: must be 1 or more", o.limits.MaxPixels), ""}
	case o.limits.MaxBytes < 1:
		return nil, &usageError{fmt.Sprintf("--max-bytes %d: must be 1 or more", o.limits.MaxBytes), ""}
	}
	if sizes := c.String("sizes"); c.IsSet("sizes") {
		for text := range strings.SplitSeq(sizes, ",") {
			size, err := strconv.Atoi(strings.TrimSpace(text))
			if err != nil || size < 1 {
				return nil, &usageError{fmt.Sprintf("--sizes %q: must be whole numbers of pixels, separated by commas", sizes), "--sizes 4,8,16"}
			}
			o.run.Sizes = append(o.run.Sizes, size)
		}
	}
	return o, checkPlanFlags(c)
}

// flagsOf says which flag an option came from.
func flagsOf(err error) error {
	if errors.Is(err, explain.ErrOptions) {
		return &hintedError{err, "see --sizes and --class; scones inspect shows the model's size and labels"}
	}
	return err
}
