package main

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/aws/stepfunctions"
	"github.com/scones-unlimited/scones/aws/workflow"
	"github.com/scones-unlimited/scones/infer/load"
	"github.com/scones-unlimited/scones/model/atomicfile"
)

func workflowLoadCommand() *cli.Command {
	return &cli.Command{
		Name:      "load",
		Usage:     "start executions at a rate; say how they went, how long they took and what 1,000 cost",
		ArgsUsage: " ",
		Description: "Each execution gets a picture of --data, drawn at random from --seed, in the seed's first event. Executions start at their time\n" +
			"whatever became of the others: a workflow that falls behind does not look fast.\n\n" +
			"--local runs the state machine here. --arn runs it in the cloud, which costs money: it needs --yes and --budget.\n\n" +
			"Examples:\n  scones workflow load --local --rate 20/s --for 30s --data test/ --plot load.png\n" +
			"  scones workflow load --arn arn:aws:states:...:stateMachine:scones --rate 1/s..50/s --for 5m --data s3://bucket/test/ --yes --budget 2",
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "rate", Value: "10/s", Usage: "start executions at `RATE` per s, m or h, or on a line from one rate to another: 5/s..50/s"},
			&cli.DurationFlag{Name: "for", Value: time.Minute, Usage: "start executions for `TIME`"},
			&cli.StringFlag{Name: "data", Usage: "draw pictures from `FOLDER`, or with --arn from s3://BUCKET/PREFIX"},
			&cli.StringFlag{Name: "objects", Usage: "with --arn and a folder: its pictures lie below s3://`BUCKET/PREFIX` under the same names"},
			&cli.BoolFlag{Name: "local", Usage: "run the state machine on this machine"},
			&cli.StringFlag{Name: "arn", Usage: "run the state machine in the cloud that has this `ARN`"},
			&cli.IntFlag{Name: "in-flight", Usage: "at most `N` executions under way at once; what finds no room is counted", DefaultText: "64, with --arn 1000"},
			&cli.Uint64Flag{Name: "seed", Value: 1, Usage: "draw with this `SEED`"},
			&cli.BoolFlag{Name: "yes", Usage: "a load on the cloud is meant"},
			&cli.Float64Flag{Name: "budget", Usage: "spend at most `USD` in the cloud"},
			&cli.IntFlag{Name: "memory", Value: workflow.DefaultMemory, Usage: "`MB` that the functions have, for the price"},
			&cli.StringFlag{Name: "architecture", Value: workflow.DefaultArchitecture, Usage: "of the functions, for the price: `NAME` arm64 or x86_64"},
			&cli.StringFlag{Name: "instance", Usage: "the endpoint runs on instances of this `TYPE`, for the price; several as TYPE*COUNT"},
			&cli.StringFlag{Name: "plot", Usage: "draw rates and times to `FILE`, .png or .svg"},
			&cli.BoolFlag{Name: "json", Usage: "print the report as JSON"},
		}, machineFlags(), modeFlags(), modelFlags(), recipeFlags(), runtimeFlags()),
		Action: workflowLoad,
	}
}

// A loadReport is what scones workflow load --json prints.
type loadReport struct {
	*load.Report
	// Cost is absent where the region's prices are not known.
	Cost *loadCost `json:"cost_of_1000,omitempty"`
}

func workflowLoad(c *cli.Context) error {
	o, err := loadOptionsFromFlags(c)
	if err != nil {
		return err
	}
	target, err := openLoadTarget(c)
	if err != nil {
		return err
	}
	defer target.close()
	if target.costs {
		if o.Budget, o.Estimate, err = target.meter.affordable(c.Float64("budget"), o.Rate.Count(o.Time)); err != nil {
			return err
		}
	}
	bar := newProgress(c.App.ErrWriter, "load", int64(o.Rate.Count(o.Time)), false)
	o.Inputs, o.Progress = len(target.inputs), func(_, ended int) { _ = bar.Set(ended) }
	o.Do, o.Below = target.do, workflow.ThresholdNotMet
	report, err := load.Run(c.Context, o)
	_ = bar.Exit()
	if report == nil {
		return err
	}
	report.Target = target.name
	return errors.Join(err, writeLoad(c, target, report))
}

// loadOptionsFromFlags checks the flags, and refuses a load that costs money and is not meant.
func loadOptionsFromFlags(c *cli.Context) (load.Options, error) {
	o := load.Options{Time: c.Duration("for"), InFlight: c.Int("in-flight"), Seed: c.Uint64("seed")}
	arn, endpoint := c.String("arn"), c.String("endpoint")
	cloud := arn != "" || endpoint != "" && !isURL(endpoint)
	var err error
	if o.Rate, err = load.ParseRate(c.String("rate")); err != nil {
		return o, &usageError{"--" + err.Error(), ""}
	}
	if name := c.String("plot"); name != "" {
		if _, err = load.FormatOf(name); err != nil {
			return o, &usageError{"--" + err.Error(), ""}
		}
	}
	switch {
	case c.Args().Present():
		err = &usageError{fmt.Sprintf("unexpected argument %q", c.Args().First()), "pictures are named by --data"}
	case c.Bool("local") == (arn != ""):
		err = &usageError{"say where: --local, or --arn with a state machine of the cloud", ""}
	case arn != "" && !stepfunctions.IsARN(arn):
		err = &usageError{fmt.Sprintf("--arn %q: want arn:aws:states:REGION:ACCOUNT:stateMachine:NAME", arn), "scones workflow status prints it"}
	case arn != "" && endpoint != "":
		err = &usageError{"--arn and --endpoint exclude each other", "a deployed workflow asks the endpoint that it was deployed with"}
	case c.String("data") == "":
		err = &usageError{"nothing to draw from", "--data test/"}
	case o.Time <= 0:
		err = &usageError{fmt.Sprintf("--for %v: must be more than 0", o.Time), ""}
	case c.IsSet("in-flight") && o.InFlight < 1:
		err = &usageError{fmt.Sprintf("--in-flight %d: must be 1 or more", o.InFlight), ""}
	case c.Int("memory") < 128 || c.Int("memory") > 10_240:
		err = &usageError{fmt.Sprintf("--memory %d: must be 128 to 10240", c.Int("memory")), ""}
	case c.String("architecture") != "arm64" && c.String("architecture") != "x86_64":
		err = &usageError{fmt.Sprintf("--architecture %q: must be arm64 or x86_64", c.String("architecture")), ""}
	case cloud && !c.Bool("yes"):
		err = &usageError{"this load would run in the cloud and cost money", "--yes with --budget USD says that it is meant"}
	case cloud && !(c.Float64("budget") > 0):
		err = &usageError{"a load in the cloud needs a budget", "--budget 2 stops it at two dollars"}
	}
	if o.InFlight == 0 {
		o.InFlight = map[bool]int{false: 64, true: 1000}[arn != ""]
	}
	return o, err
}

// writeLoad draws the plot and prints the report.
func writeLoad(c *cli.Context, target *loadTarget, r *load.Report) error {
	if name := c.String("plot"); name != "" {
		format, err := load.FormatOf(name)
		if err != nil {
			return err
		}
		var picture bytes.Buffer
		if err := load.WritePlot(&picture, format, r); err != nil {
			return err
		}
		if err := atomicfile.Write(name, picture.Bytes()); err != nil {
			return err
		}
	}
	price := target.meter.cost(r)
	if c.Bool("json") {
		if err := writeJSON(c.App.Writer, loadReport{r, price}); err != nil {
			return err
		}
	} else if err := loadReportTable(c.App.Writer, r, price); err != nil {
		return err
	}
	if failed := r.Failed + r.Refused; failed > 0 {
		fmt.Fprintf(c.App.ErrWriter, "scones: %d of %s failed\n", failed, counted(r.Started, "execution"))
		return &picturesError{failed, r.Started}
	}
	return nil
}

// openLoadTarget opens what executions run on, with the events that they may start with.
func openLoadTarget(c *cli.Context) (*loadTarget, error) {
	if c.String("arn") == "" {
		return openLocalLoad(c)
	}
	return openCloudLoad(c)
}

// objectsFromFlags are the bucket and the prefix, which ends in a slash or is empty, below which the pictures of a folder lie.
func objectsFromFlags(c *cli.Context) (bucket, prefix string, err error) {
	bucket, prefix, ok := aws.ParseS3(c.String("objects"))
	if !ok {
		return "", "", &usageError{"where in S3 do the pictures of --data lie?", "--objects s3://BUCKET/PREFIX, or --data s3://BUCKET/PREFIX"}
	}
	if prefix != "" && !strings.HasSuffix(prefix, "/") {
		prefix += "/"
	}
	return bucket, prefix, nil
}
