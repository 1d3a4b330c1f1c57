package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/result"
	"github.com/scones-unlimited/scones/preprocess"
)

// classifyOptions is a classify command line.
type classifyOptions struct {
	paths     []string
	root      string
	out       string
	format    result.Format
	columns   result.Columns
	resume    bool
	overwrite bool
	meta      string
	batch     infer.BatchOptions
	limits    preprocess.Limits
}

func classifyCommand() *cli.Command {
	return &cli.Command{
		Name:      "classify",
		Usage:     "name what is on pictures",
		ArgsUsage: "PATH...",
		Description: "PATH is a picture, a folder, a .lst file as SageMaker uses them, or - for paths on standard input.\n" +
			"A picture that cannot be read is a row with its error; the run goes on and ends with exit code 3.\n\n" +
			"Examples:\n  scones classify photos/\n  scones classify --model model.tar.gz --labels bicycle,motorcycle --out results.csv photos/\n" +
			"  scones classify --out results.csv --resume photos/",
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "format", Usage: "table, csv, jsonl or parquet (default: by --out's extension; else table on a terminal, csv in a pipe)"},
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "write the rows to `FILE`"},
			&cli.BoolFlag{Name: "resume", Usage: "go on where an interrupted --out stopped"},
			&cli.BoolFlag{Name: "overwrite", Usage: "replace an --out that holds an unfinished run"},
			&cli.StringFlag{Name: "meta", Usage: "write what produced the rows to `FILE`; with --out it always lies beside it"},
			&cli.IntFlag{Name: "top-k", Value: 1, Usage: "also give the `N` most probable classes; 0 for all"},
			&cli.Float64Flag{Name: "threshold", Usage: "add a field: is the score at least `SCORE`, 0 to 1"},
			&cli.StringFlag{Name: "root", Usage: "`FOLDER` that the paths in .lst files start from (default: the list's own)"},
			&cli.Int64Flag{Name: "max-pixels", Value: preprocess.DefaultMaxPixels, Usage: "largest width × height that is decoded"},
			&cli.Int64Flag{Name: "max-bytes", Value: preprocess.DefaultMaxBytes, Usage: "largest file that is read"},
		}, planFlags(), modelFlags(), recipeFlags(), runtimeFlags()),
		Action: func(c *cli.Context) error {
			o, err := classifyFromFlags(c)
			if err != nil {
				return err
			}
			return classify(c, o)
		},
	}
}

// classifyFromFlags checks everything that can be wrong before anything is loaded.
func classifyFromFlags(c *cli.Context) (*classifyOptions, error) {
	o := &classifyOptions{
		paths: c.Args().Slice(), root: c.String("root"), out: c.String("out"), meta: c.String("meta"),
		resume: c.Bool("resume"), overwrite: c.Bool("overwrite"),
		columns: result.Columns{TopK: c.Int("top-k")},
		batch:   infer.BatchOptions{TopK: c.Int("top-k")},
		limits:  preprocess.Limits{MaxPixels: c.Int64("max-pixels"), MaxBytes: c.Int64("max-bytes")},
	}
	if o.batch.TopK == 0 {
		o.batch.TopK = -1 // all, to BatchOptions
	}
	if c.IsSet("threshold") {
		o.columns.Threshold = new(c.Float64("threshold"))
	}
	switch t := o.columns.Threshold; {
	case len(o.paths) == 0:
		return nil, &usageError{"no pictures named", "scones classify photos/"}
	case o.columns.TopK < 0:
		return nil, &usageError{fmt.Sprintf("--top-k %d: must be 0 or more", o.columns.TopK), ""}
	case t != nil && !(*t >= 0 && *t <= 1):
		return nil, &usageError{fmt.Sprintf("--threshold %v: must be 0 to 1", *t), ""}
	case o.limits.MaxPixels < 1:
		return nil, &usageError{fmt.Sprintf("--max-pixels %d: must be 1 or more", o.limits.MaxPixels), ""}
	case o.limits.MaxBytes < 1:
		return nil, &usageError{fmt.Sprintf("--max-bytes %d: must be 1 or more", o.limits.MaxBytes), ""}
	case o.resume && o.out == "":
		return nil, &usageError{"--resume needs --out, the file to go on with", ""}
	case o.meta != "" && o.out != "":
		return nil, &usageError{"--meta and --out exclude each other", "with --out it lies beside, as FILE.meta.json"}
	case o.resume && o.overwrite:
		return nil, &usageError{"--resume and --overwrite exclude each other", ""}
	}
	if err := checkPlanFlags(c); err != nil {
		return nil, err
	}
	var err error
	o.format, err = chooseFormat(c, o.out)
	return o, err
}

// chooseFormat takes --format, else --out's extension, else what suits the stream.
func chooseFormat(c *cli.Context, out string) (result.Format, error) {
	var format result.Format
	var err error
	switch {
	case c.IsSet("format"):
		format, err = result.ParseFormat(c.String("format"))
	case out != "":
		format, err = result.FormatOf(out)
	case isTerminal(c.App.Writer):
		format = result.Table
	default:
		format = result.CSV
	}
	switch {
	case err != nil:
		return "", &usageError{err.Error(), "--format csv, for example"}
	case format == result.Table && out != "":
		return "", &usageError{"a table is for looking at, not for files", "--format csv, for example"}
	case format == result.Parquet && out == "":
		return "", &usageError{"parquet needs --out FILE", ""}
	}
	return format, nil
}

// A rowRun is pictures on their way to rows.
type rowRun struct {
	sink     *promptSink
	pictures iter.Seq2[preprocess.Image, error] // those without a row
	bar      *progressbar.ProgressBar
	skipped  preprocess.Skipped
}

// openRun opens what the rows go to and lists the pictures. Rows on a terminal are progress enough.
func openRun(c *cli.Context, o *classifyOptions, meta result.Meta, doing string) (*rowRun, error) {
	rows, err := openSink(c.App.Writer, o, meta)
	if err != nil {
		return nil, err
	}
	r := &rowRun{sink: &promptSink{sink: rows}, bar: progressbar.DefaultSilent(-1)}
	r.pictures = r.sink.Rest(c.Context, preprocess.Paths(c.Context, o.paths, o.root, c.App.Reader, &r.skipped))
	if o.out != "" || !isTerminal(c.App.Writer) {
		r.bar = newProgress(c.App.ErrWriter, doing, -1, false)
	}
	return r, nil
}

// classify runs a checked command line.
func classify(c *cli.Context, o *classifyOptions) error {
	classifier, meta, err := openClassifier(c, o.limits)
	if err != nil {
		return err
	}
	defer classifier.close()
	o.batch.Size, o.batch.Workers = classifier.plan.Batch, classifier.plan.Workers
	meta.Format, meta.Columns, meta.Sources = o.format, o.columns, o.paths
	run, err := openRun(c, o, meta, "classify")
	if err != nil {
		return err
	}
	if isTerminal(c.App.ErrWriter) && !slices.Contains(o.paths, "-") {
		go countPictures(c.Context, o, run.bar.ChangeMax64)
	}
	return writeRows(c, o, run.sink, run.bar, classifier.Batch(c.Context, run.pictures, o.batch), &run.skipped)
}

// writeRows writes what comes, draws bar, and sums up; it goes on behind the rows that sink already has.
func writeRows(c *cli.Context, o *classifyOptions, sink *promptSink, bar *progressbar.ProgressBar, rows iter.Seq2[infer.Result, error], skipped *preprocess.Skipped) error {
	start, done := time.Now(), 0
	if kept := sink.Kept(); kept > 0 {
		fmt.Fprintf(c.App.ErrWriter, "scones: resuming %s after %d pictures\n", o.out, kept)
		_ = bar.Set(kept)
	}
	for r, err := range rows {
		if err == nil {
			err = sink.Write(r)
			done++
			_ = bar.Add(1) // a bar that cannot be drawn is no reason to stop
		}
		if err != nil {
			_ = bar.Clear()
			return stopped(c, o, sink, err)
		}
	}
	_ = bar.Clear()
	if err := sink.Finish(); err != nil {
		return err
	}
	return summary(c.App.ErrWriter, sink, *skipped, done, time.Since(start))
}

// stopped keeps what is done and says how to go on.
func stopped(c *cli.Context, o *classifyOptions, sink sink, cause error) error {
	if err := sink.Close(); err != nil {
		return err
	}
	if o.out != "" && context.Cause(c.Context) != nil {
		fmt.Fprintf(c.App.ErrWriter, "scones: %d pictures are in %s; the same command with --resume goes on\n", sink.Rows(), o.out)
	}
	if errors.Is(cause, result.ErrDiffers) {
		return &hintedError{cause, startAnew}
	}
	return cause
}

// countPictures walks the sources once more, for the time left.
func countPictures(ctx context.Context, o *classifyOptions, set func(int64)) {
	var total int64
	for _, err := range preprocess.Paths(ctx, o.paths, o.root, nil, nil) {
		if err != nil {
			return
		}
		total++
	}
	set(total)
}

// summary is the one line at the end, and the error that some pictures failed.
func summary(stderr io.Writer, s sink, skipped preprocess.Skipped, done int, took time.Duration) error {
	fmt.Fprintf(stderr, "scones: %s, %d failed, %.1f pictures/s%s\n",
		counted(s.Rows(), "picture"), s.Failed(), float64(done)/max(took.Seconds(), 1e-9), leftOut(skipped))
	if s.Failed() > 0 {
		return &picturesError{s.Failed(), s.Rows()}
	}
	return nil
}

func leftOut(s preprocess.Skipped) string {
	if s.Hidden+s.Other == 0 {
		return ""
	}
	return fmt.Sprintf("; left out: %d hidden, %d without a picture's extension", s.Hidden, s.Other)
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
