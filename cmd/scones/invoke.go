package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/result"
	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/preprocess"
)

func invokeCommand() *cli.Command {
	return &cli.Command{
		Name:      "invoke",
		Usage:     "ask a SageMaker endpoint about pictures, or the workflow before it",
		ArgsUsage: "NAME PICTURE...",
		Description: "The rows are those of scones classify, in the pictures' order: a picture that the endpoint refuses is a row too. Endpoints do\n" +
			"not tell the names of classes; --labels does.\n\n" +
			"--workflow starts an execution of the deployment NAME for each picture, as scones workflow start does: s3://BUCKET/KEY is read where\n" +
			"it lies, a picture of this machine travels in the event. A picture below the threshold has its row, and exit code 4 says that there is one.\n\n" +
			"Examples:\n  scones invoke bikes photos/ --labels bicycle,motorcycle\n  scones invoke bikes photos/ --out answers.csv --resume\n" +
			"  scones invoke bikes --workflow s3://bucket/test/a.png photos/b.jpg",
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "format", Usage: "table, csv, jsonl or parquet (default: by --out's extension; else table on a terminal, csv in a pipe)"},
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "write the rows to `FILE`"},
			&cli.BoolFlag{Name: "resume", Usage: "go on where an interrupted --out stopped; nobody is asked twice"},
			&cli.BoolFlag{Name: "overwrite", Usage: "replace an --out that holds an unfinished run"},
			&cli.IntFlag{Name: "top-k", Value: 1, Usage: "also give the `N` most probable classes; 0 for all"},
			&cli.Float64Flag{Name: "threshold", Usage: "add a field: is the score at least `SCORE`, 0 to 1"},
			&cli.StringFlag{Name: "root", Usage: "`FOLDER` that the paths in .lst files start from (default: the list's own)"},
			&cli.StringFlag{Name: "labels", Usage: "the classes' `NAMES` in order, separated by commas"},
			&cli.StringFlag{Name: "labels-file", Usage: "read the classes' names from `FILE`, one a line"},
			&cli.BoolFlag{Name: "workflow", Usage: "start an execution of the deployment's workflow for each picture"},
			&cli.StringFlag{Name: "variant", Usage: "ask this production `VARIANT` of the endpoint"},
			&cli.IntFlag{Name: "concurrency", Value: 4, Usage: "have `N` pictures under way at once, 1 to 256"},
			&cli.Int64Flag{Name: "max-pixels", Value: preprocess.DefaultMaxPixels, Usage: "largest width × height that is sent"},
			&cli.Int64Flag{Name: "max-bytes", Value: aws.MaxPayload, Usage: "largest file that is sent"},
		}, accountFlags()),
		Action: func(c *cli.Context) error {
			if c.NArg() < 2 {
				return &usageError{"an endpoint and pictures are to be named", "scones invoke NAME photos/"}
			}
			if n := c.Int("concurrency"); n < 1 || n > 256 {
				return &usageError{fmt.Sprintf("--concurrency %d: must be 1 to 256", n), ""}
			}
			o, err := classifyFromFlags(c)
			if err != nil {
				return err
			}
			o.paths = c.Args().Slice()[1:]
			if c.Bool("workflow") {
				return invokeWorkflow(c, o, c.Args().First())
			}
			return invoke(c, o, c.Args().First())
		},
	}
}

// invoke asks the endpoint about each picture.
func invoke(c *cli.Context, o *classifyOptions, name string) error {
	labels, err := labelsFromFlags(c)
	if err != nil {
		return err
	}
	config, err := awsFromFlags(c)
	if err != nil {
		return err
	}
	endpoint := aws.NewEndpoint(config, name, aws.EndpointOptions{Variant: c.String("variant"), MaxPayload: o.limits.MaxBytes})
	ask := func(ctx context.Context, image preprocess.Image) (infer.Result, error) {
		return askEndpoint(ctx, endpoint, image, o, labels)
	}
	return askRows(c, o, result.Meta{Model: name, Runtime: "SageMaker endpoint in " + config.Region()}, ask)
}

// askRows asks about each picture, several at once, and writes rows in their order. The meta data say whom.
func askRows(c *cli.Context, o *classifyOptions, meta result.Meta, ask func(context.Context, preprocess.Image) (infer.Result, error)) error {
	meta.Scones, meta.Format, meta.Columns, meta.Sources = buildInfo().version, o.format, o.columns, o.paths
	run, err := openRun(c, o, meta, "invoke")
	if err != nil {
		return err
	}
	return writeRows(c, o, run.sink, run.bar, sideBySide(c.Context, run.pictures, c.Int("concurrency"), ask), &run.skipped)
}

// askEndpoint is one picture's result. An error that every other picture would meet too is final.
func askEndpoint(ctx context.Context, endpoint *aws.Endpoint, image preprocess.Image, o *classifyOptions, labels []string) (infer.Result, error) {
	began := time.Now()
	r := infer.Result{Name: image.Name}
	fail := func(err error) (infer.Result, error) {
		r.Err, r.Elapsed = err, time.Since(began)
		return r, nil
	}
	data, err := readPicture(image, o.limits)
	if err != nil {
		return fail(err)
	}
	r.Width, r.Height, _ = preprocess.Size(data) // what is no picture is the endpoint's to refuse
	r.Scores, err = endpoint.Classify(ctx, data)
	if err != nil {
		refused, is := errors.AsType[*aws.EndpointError](err)
		if !is || refused.Fatal() {
			return r, err
		}
		r.Scores = nil
		return fail(&preprocess.ImageError{Code: preprocess.CodeInference, Err: err})
	}
	r.Elapsed = time.Since(began)
	if len(labels) == 0 {
		labels = make([]string, len(r.Scores)) // nobody named the classes
	}
	err = rank(&r, o, labels, "endpoint")
	return r, err
}

// rank names the most probable classes of a result's scores. An error is final: every other picture would meet it too.
func rank(r *infer.Result, o *classifyOptions, labels []string, who string) (err error) {
	r.Top, err = (&model.Model{Labels: labels}).Rank(r.Scores, max(o.batch.TopK, 0))
	if errors.Is(err, model.ErrScores) {
		return &hintedError{fmt.Errorf("%s answers for %d classes, --labels names %d", who, len(r.Scores), len(labels)), "are these the model's labels?"}
	}
	return err
}
