package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/infer/result"
)

// batchOptions is a batch command line.
type batchOptions struct {
	in, out         string
	engine          string
	name, model     string
	instance        string
	instances       int
	concurrent      int
	machine         string
	stop, overwrite bool
	poll            time.Duration
	rate            float64
	labels          []string
	rows            classifyOptions // where the rows go
}

// The engines of scones batch.
const (
	transformEngine = "transform"
	mapEngine       = "stepfunctions"
)

func batchCommand() *cli.Command {
	return &cli.Command{
		Name:      "batch",
		Usage:     "classify pictures that lie in S3, with SageMaker Batch Transform or Step Functions",
		ArgsUsage: "s3://IN/ s3://OUT/",
		Description: "IN is the prefix of the pictures, OUT where the service leaves its answers, which then become rows as scones classify writes them.\n" +
			"What has an answer is not asked for again; a job that runs is watched, not started twice. Ctrl-C leaves it running.\n" +
			"scones batch compare says from how many pictures on which way is faster or cheaper.\n\n" +
			"Examples:\n  scones batch --name scones-prod --labels bicycle,motorcycle -o rows.parquet s3://my-bucket/in/ s3://my-bucket/out/\n" +
			"  scones batch --engine stepfunctions --machine arn:aws:states:... -o rows.csv s3://my-bucket/in/ s3://my-bucket/out/",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "name", Usage: "`NAME` of the deployment whose model answers: its endpoint's"},
			&cli.StringFlag{Name: "model", Usage: "SageMaker's `NAME` of the model, in the place of a deployment's"},
			&cli.StringFlag{Name: "instance", Usage: "`TYPE` of the instances (default: the endpoint's, or " + defaultBatchInstance + ")"},
			&cli.IntFlag{Name: "instances", Value: 1, Usage: "`N` instances"},
			&cli.IntFlag{Name: "concurrency", Usage: "`N` requests at a time to each instance (default: two for each processor, within the service's limit)"},
			&cli.StringFlag{Name: "engine", Value: transformEngine, Usage: "`NAME`: transform, or stepfunctions for the Distributed Map of scones workflow definition --mode map"},
			&cli.StringFlag{Name: "machine", Usage: "`ARN` of the state machine, with --engine stepfunctions"},
			&cli.StringFlag{Name: "labels", Usage: "`LABELS` of the classes, with commas between (default: class_0, class_1, …)"},
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "write the rows to `FILE` (.csv, .jsonl, .parquet)"},
			&cli.StringFlag{Name: "format", Usage: "table, csv, jsonl or parquet (default: by --out's extension; else table on a terminal, csv in a pipe)"},
			&cli.Float64Flag{Name: "threshold", Usage: "add a field confident: score ≥ `SCORE`"},
			&cli.IntFlag{Name: "top-k", Value: 1, Usage: "add the `K` most probable classes; 0 means all"},
			&cli.BoolFlag{Name: "overwrite", Usage: "ask again for pictures that have an answer"},
			&cli.BoolFlag{Name: "stop", Usage: "stop the job that runs, and keep what it has answered"},
			&cli.Float64Flag{Name: "rate", Usage: "`N` pictures a second of each instance, for the price that is expected"},
			&cli.DurationFlag{Name: "poll", Value: 15 * time.Second, Usage: "`TIME` between two questions how it stands"},
			&cli.StringFlag{Name: "region", Usage: "AWS `REGION` (default: that of the environment)"},
			&cli.StringFlag{Name: "profile", Usage: "AWS `PROFILE` of the shared configuration"},
		},
		Subcommands: []*cli.Command{batchCompareCommand()},
		Action: func(c *cli.Context) error {
			o, err := batchFromFlags(c)
			if err != nil {
				return err
			}
			if o.engine == mapEngine {
				return o.runMap(c)
			}
			return o.runTransform(c)
		},
	}
}

// defaultBatchInstance is what runs where nothing says otherwise.
const defaultBatchInstance = "ml.m5.xlarge"

// batchFromFlags checks everything that can be wrong before anything is asked.
func batchFromFlags(c *cli.Context) (*batchOptions, error) {
	o := &batchOptions{
		in: c.Args().Get(0), out: c.Args().Get(1), engine: c.String("engine"), name: c.String("name"), model: c.String("model"), instance: c.String("instance"),
		instances: c.Int("instances"), concurrent: c.Int("concurrency"), machine: c.String("machine"), stop: c.Bool("stop"), overwrite: c.Bool("overwrite"),
		poll: c.Duration("poll"), rate: c.Float64("rate"),
	}
	const example = "scones batch --name scones-prod s3://my-bucket/in/ s3://my-bucket/out/"
	_, _, inOK := aws.ParseS3(o.in)
	_, _, outOK := aws.ParseS3(o.out)
	switch {
	case c.NArg() != 2:
		return nil, &usageError{fmt.Sprintf("%d places named, want two: of the pictures and of the answers", c.NArg()), example}
	case !inOK || !outOK:
		return nil, &usageError{fmt.Sprintf("%q and %q: want s3://BUCKET/PREFIX twice", o.in, o.out), example}
	case o.engine != transformEngine && o.engine != mapEngine:
		return nil, &usageError{fmt.Sprintf("--engine %q: must be %s or %s", o.engine, transformEngine, mapEngine), ""}
	case o.engine == mapEngine && o.machine == "":
		return nil, &usageError{"--engine stepfunctions needs a state machine", "--machine arn:aws:states:REGION:ACCOUNT:stateMachine:NAME"}
	case o.engine == mapEngine && (o.name != "" || o.model != ""):
		return nil, &usageError{"--engine stepfunctions takes no model: its state machine has one", ""}
	case o.engine == transformEngine && (o.name == "") == (o.model == ""):
		return nil, &usageError{"say whose model answers, with --name or with --model", example}
	case o.engine == transformEngine && o.machine != "":
		return nil, &usageError{"--machine is for --engine stepfunctions", ""}
	case o.instances < 1 || o.instances > 1000:
		return nil, &usageError{fmt.Sprintf("--instances %d: must be 1 to 1000", o.instances), ""}
	case o.concurrent < 0 || o.concurrent > 100:
		return nil, &usageError{fmt.Sprintf("--concurrency %d: must be 1 to 100", o.concurrent), ""}
	case o.poll < time.Millisecond:
		return nil, &usageError{fmt.Sprintf("--poll %v: must be a millisecond or more", o.poll), ""}
	case c.IsSet("rate") && !(o.rate > 0):
		return nil, &usageError{fmt.Sprintf("--rate %v: must be above 0", o.rate), ""}
	case c.Int("top-k") < 0:
		return nil, &usageError{fmt.Sprintf("--top-k %d: must be 0 or more", c.Int("top-k")), ""}
	}
	if text := c.String("labels"); text != "" {
		o.labels = strings.Split(text, ",")
		if slices.Contains(o.labels, "") {
			return nil, &usageError{fmt.Sprintf("--labels %q: a name is empty", text), ""}
		}
	}
	o.rows = classifyOptions{out: c.String("out"), overwrite: true, columns: result.Columns{TopK: c.Int("top-k")}}
	if c.IsSet("threshold") {
		threshold := c.Float64("threshold")
		if !(threshold >= 0 && threshold <= 1) {
			return nil, &usageError{fmt.Sprintf("--threshold %v: must be 0 to 1", threshold), ""}
		}
		o.rows.columns.Threshold = &threshold
	}
	var err error
	o.rows.format, err = chooseFormat(c, o.rows.out)
	return o, err
}
