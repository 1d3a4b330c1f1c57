package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/bench"
	"github.com/scones-unlimited/scones/preprocess"
)

// maxBenchPictures bounds the names that are kept; a benchmark needs no more.
const maxBenchPictures = 100_000

// benchOptions is a bench command line.
type benchOptions struct {
	paths     []string
	synthetic bench.Synthetic
	compare   string
	count     int
	time      time.Duration
	rounds    int
	grid      bool
	json      bool
	plot      string
	limits    preprocess.Limits
	device    infer.Device
}

func benchCommand() *cli.Command {
	return &cli.Command{
		Name:      "bench",
		Usage:     "measure how fast a model is here, and what bounds it",
		ArgsUsage: "[PATH...]",
		Description: "PATH is a picture, a folder or a .lst file; without one, pictures are drawn in memory, the same on every machine.\n" +
			"Decoding, resizing and the runtime are each measured alone, as time of one core; together they are the combined limit.\n" +
			"The whole pipeline's rate divided by the limit is its efficiency. Figures of a busy machine are marked as doubtful.\n\n" +
			"Examples:\n  scones bench\n  scones bench --model model.onnx --synthetic photo --plot speed.png\n  scones bench --model a.onnx --compare b.onnx photos/",
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "synthetic", Usage: "draw pictures of `KIND` small (PNG 32x32), imagenet (JPEG 500x375) or photo (JPEG 4000x3000) (default: by the model's input)"},
			&cli.StringFlag{Name: "compare", Usage: "also measure `MODEL2`, in alternating pairs"},
			&cli.BoolFlag{Name: "grid", Usage: "run every combination of workers, threads and batch"},
			&cli.IntFlag{Name: "pictures", Usage: "run `N` pictures each time (default: as many as --seconds take)"},
			&cli.Float64Flag{Name: "seconds", Value: 3, Usage: "let each run take about `SECONDS`, 0.01 to 600"},
			&cli.IntFlag{Name: "rounds", Value: 3, Usage: "take the median of `N` rounds, 1 to 100"},
			&cli.BoolFlag{Name: "json", Usage: "print the figures for programs"},
			&cli.StringFlag{Name: "plot", Usage: "draw the figures as a PNG `FILE`"},
			&cli.Int64Flag{Name: "max-pixels", Value: preprocess.DefaultMaxPixels, Usage: "largest width × height that is decoded"},
			&cli.Int64Flag{Name: "max-bytes", Value: preprocess.DefaultMaxBytes, Usage: "largest file that is read"},
		}, loadFlags(), planFlags(), modelFlags(), recipeFlags(), runtimeFlags()),
		Action: func(c *cli.Context) error {
			o, err := benchFromFlags(c)
			if err != nil {
				return err
			}
			if c.IsSet("serve") {
				return benchServe(c, o)
			}
			return runBench(c, o)
		},
	}
}

func benchFromFlags(c *cli.Context) (*benchOptions, error) {
	o := &benchOptions{
		paths: c.Args().Slice(), compare: c.String("compare"), count: c.Int("pictures"), rounds: c.Int("rounds"),
		time: time.Duration(c.Float64("seconds") * float64(time.Second)), grid: c.Bool("grid"), json: c.Bool("json"), plot: c.String("plot"),
		limits: preprocess.Limits{MaxPixels: c.Int64("max-pixels"), MaxBytes: c.Int64("max-bytes")},
	}
	seconds := c.Float64("seconds")
	switch {
	case len(o.paths) > 0 && c.IsSet("synthetic"):
		return nil, &usageError{"--synthetic and PATH exclude each other", ""}
	case slices.Contains(o.paths, "-"):
		return nil, &usageError{"standard input cannot be read twice", "name the folder or a .lst file"}
	case c.IsSet("pictures") && (o.count < 1 || o.count > maxBenchPictures):
		return nil, &usageError{fmt.Sprintf("--pictures %d: must be 1 to %d", o.count, maxBenchPictures), ""}
	case !(seconds >= 0.01 && seconds <= 600):
		return nil, &usageError{fmt.Sprintf("--seconds %v: must be 0.01 to 600", seconds), ""}
	case o.rounds < 1 || o.rounds > 100:
		return nil, &usageError{fmt.Sprintf("--rounds %d: must be 1 to 100", o.rounds), ""}
	case o.limits.MaxPixels < 1:
		return nil, &usageError{fmt.Sprintf("--max-pixels %d: must be 1 or more", o.limits.MaxPixels), ""}
	case o.limits.MaxBytes < 1:
		return nil, &usageError{fmt.Sprintf("--max-bytes %d: must be 1 or more", o.limits.MaxBytes), ""}
	case o.grid && o.compare != "":
		return nil, &usageError{"--grid and --compare exclude each other", ""}
	case c.IsSet("compare") && o.compare == "":
		return nil, &usageError{"--compare names no model", ""}
	}
	if err := checkPlanFlags(c); err != nil {
		return nil, err
	}
	var err error
	if o.device, err = infer.ParseDevice(c.String("device")); err != nil {
		return nil, &usageError{"--device: " + err.Error(), ""}
	}
	if c.IsSet("synthetic") {
		if o.synthetic, err = bench.ParseSynthetic(c.String("synthetic")); err != nil {
			return nil, &usageError{"--synthetic: " + err.Error(), ""}
		}
	}
	return o, nil
}

// runBench measures what a checked command line asks for, and writes it.
func runBench(c *cli.Context, o *benchOptions) error {
	models, report, err := benchModels(c, o)
	if err != nil {
		return err
	}
	say, clear := stepLine(c.App.ErrWriter)
	defer clear()
	options := bench.Options{Count: o.count, Time: o.time, Rounds: o.rounds, Cores: min(coresFromFlags(c), report.Machine.Cores), Say: say}
	if options.Pictures, report.Pictures, err = benchPictures(c.Context, o, models[0], say); err != nil {
		return err
	}
	if err := measure(c.Context, o, models, options, report); err != nil {
		return err
	}
	clear()
	if report.Machine.Doubtful() {
		fmt.Fprintf(c.App.ErrWriter, "scones: warning: other processes had %.0f %% of the processor meanwhile; the figures are doubtful\n",
			100*report.Machine.OthersShare)
	}
	return writeBench(c, o, report)
}

// measure fills the report.
func measure(ctx context.Context, o *benchOptions, models []*benchModel, options bench.Options, report *bench.Report) error {
	for _, m := range models {
		options.Plan = m.plan
		r, err := bench.Run(ctx, &m.Subject, options, &report.Machine)
		if err != nil {
			return fmt.Errorf("measuring %q: %w", m.Name, err)
		}
		r.SHA = m.sha
		report.Models = append(report.Models, r)
	}
	if o.grid {
		g, err := bench.Grid(ctx, &models[0].Subject, report.Models[0], options, &report.Machine)
		if err != nil {
			return fmt.Errorf("measuring the grid: %w", err)
		}
		report.Grid = g
	}
	if o.compare != "" {
		comparison, err := bench.Compare(ctx, &models[0].Subject, &models[1].Subject, [2]bench.ModelReport(report.Models), options, &report.Machine)
		if err != nil {
			return fmt.Errorf("comparing the models: %w", err)
		}
		report.Comparison = &comparison
	}
	return nil
}
