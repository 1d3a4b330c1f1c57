package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws/train"
)

// trainOptions is a train command line.
type trainOptions struct {
	name, data, list, role, out string
	labels                      []string
	job                         train.Job
	ranges                      []train.Range
	trials, parallel            int
	records                     bool
	every                       time.Duration
}

func trainCommand() *cli.Command {
	return &cli.Command{
		Name:  "train",
		Usage: "train SageMaker's built-in image classification, and bring the model home",
		Description: "The hyperparameters are checked as the algorithm checks them, the pictures are counted in the list, the price is said and a role\n" +
			"with no more than the job needs is made before anything is begun. Then the log is read to a table and a curve; Ctrl-C leaves the\n" +
			"job running. At the end the model is fetched, exported and evaluated on the test pictures.\n\n" +
			"DATA is laid out as scones stage does: train/, test/ and perhaps validation/, with train.lst and so on beside them.\n\n" +
			"Examples:\n  scones train --data s3://my-bucket/vehicles --labels bicycle,motorcycle\n" +
			"  scones train --data s3://my-bucket/vehicles --epochs 60 --set num_layers=50 --spot --yes\n" +
			"  scones train --local --data staged/",
		Flags:  slices.Concat(trainFlags(), trainFollowFlags()),
		Action: func(c *cli.Context) error { return trainAction(c) },
		Subcommands: []*cli.Command{
			{
				Name:        "follow",
				Usage:       "go on watching a job, or a search, and bring its model home",
				ArgsUsage:   "JOB",
				Description: "Example:\n  scones train follow scones-20261125-211500",
				Flags:       trainFollowFlags(),
				Action:      followTraining,
			},
			{
				Name:        "stop",
				Usage:       "stop a job, or a search; what a job has learned is stored where it can be",
				ArgsUsage:   "JOB",
				Description: "Example:\n  scones train stop scones-20261125-211500",
				Flags:       accountFlags(),
				Action:      stopTraining,
			},
		},
	}
}

func trainFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "data", Usage: "the pictures lie below `DATA`, s3://BUCKET/PREFIX; with --local a folder will do"},
		&cli.StringFlag{Name: "name", Value: "scones", Usage: "the job is called `NAME` and the time; the role is NAME-training"},
		&cli.StringFlag{Name: "instance", Value: "ml.g4dn.xlarge", Usage: "train on machines of `TYPE`; the algorithm wants a GPU"},
		&cli.IntFlag{Name: "instances", Value: 1, Usage: "on `N` machines"},
		&cli.IntFlag{Name: "volume", Value: 30, Usage: "with a disk of `GB` each"},
		&cli.IntFlag{Name: "epochs", Usage: "pass `N` times over the pictures (default: the algorithm's 30)"},
		&cli.StringSliceFlag{Name: "set", Usage: "set the hyperparameter `NAME=VALUE`; may be repeated"},
		&cli.StringSliceFlag{Name: "tune", Usage: "search the best `NAME=MIN:MAX`, or NAME=VALUE,VALUE; may be repeated"},
		&cli.IntFlag{Name: "tune-jobs", Value: 10, Usage: "with `N` training jobs"},
		&cli.IntFlag{Name: "tune-parallel", Value: 2, Usage: "`N` of them at once"},
		&cli.BoolFlag{Name: "spot", Usage: "take cheaper machines, which AWS may take back"},
		&cli.DurationFlag{Name: "max-runtime", Value: time.Hour, Usage: "stop the job after `TIME`; this is what it can cost at most"},
		&cli.DurationFlag{Name: "max-wait", Usage: "with --spot, wait and run `TIME` together", DefaultText: "twice --max-runtime"},
		&cli.BoolFlag{Name: "records", Usage: "train on train.rec and its likes instead of pictures"},
		&cli.StringFlag{Name: "lst", Usage: "count the training pictures in `FILE` (default: DATA's train.lst)"},
		&cli.StringFlag{Name: "output", Usage: "store the model below `URI`", DefaultText: "DATA/models"},
		&cli.StringFlag{Name: "role", Usage: "run the job as the role `ARN` instead of making one"},
		&cli.BoolFlag{Name: "local", Usage: "train nothing and call nobody: check, and print what would run"},
		&cli.BoolFlag{Name: "yes", Aliases: []string{"y"}, Usage: "do not ask before the job is begun"},
		&cli.BoolFlag{Name: "detach", Usage: "do not wait for the job; scones train follow does"},
	}
}

// trainFollowFlags are those of whoever brings a model home.
func trainFollowFlags() []cli.Flag {
	return slices.Concat(accountFlags(), []cli.Flag{
		&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "put model and curve into `FOLDER`", DefaultText: "the job's name"},
		&cli.StringFlag{Name: "labels", Usage: "the classes' `NAMES` in order, separated by commas", DefaultText: "DATA's labels.txt"},
		&cli.StringFlag{Name: "labels-file", Usage: "read the classes' names from `FILE`, one a line"},
		&cli.StringFlag{Name: "test", Usage: "evaluate on the pictures of the staged `FOLDER`", DefaultText: "those of DATA"},
		&cli.BoolFlag{Name: "json", Usage: "print one JSON object at the end"},
		&cli.DurationFlag{Name: "poll", Value: train.DefaultEvery, Usage: "look at the job every `TIME`"},
		&cli.StringFlag{Name: "onnxruntime", Usage: "use this ONNX Runtime library `FILE` (default: find it, or install it)"},
	})
}

// trainFromFlags checks all that needs neither the data nor AWS.
func trainFromFlags(c *cli.Context) (*trainOptions, error) {
	o := &trainOptions{
		name: c.String("name"), data: strings.TrimRight(c.String("data"), "/"), list: c.String("lst"), role: c.String("role"), out: c.String("out"),
		trials: c.Int("tune-jobs"), parallel: c.Int("tune-parallel"), records: c.Bool("records"), every: c.Duration("poll"),
	}
	local := c.Bool("local")
	switch {
	case c.Args().Present():
		return nil, unknownCommand(c.Command.Subcommands, c.Args().First())
	case o.data == "":
		return nil, &usageError{"--data is missing: where the pictures lie", "scones train --data s3://BUCKET/PREFIX; scones stage puts them there"}
	case !local && !strings.HasPrefix(o.data, "s3://"):
		return nil, &usageError{fmt.Sprintf("--data %q: SageMaker reads from S3", o.data), "scones stage … --to s3://BUCKET/PREFIX uploads it; --local says what would run"}
	case local && c.Bool("yes"), local && c.Bool("detach"):
		return nil, &usageError{"--local begins nothing, so there is nothing to agree to or to leave", ""}
	case !local && !c.Bool("yes") && !isTerminal(c.App.Reader):
		return nil, &usageError{"nobody is there to agree to the costs", "look at it with --local, then agree with --yes"}
	case o.every < 0 || o.every > time.Hour:
		return nil, &usageError{fmt.Sprintf("--poll %v: must be 0s to 1h", o.every), ""}
	}
	settings, err := train.Parse(c.StringSlice("set"))
	if err != nil {
		return nil, asUsage(err)
	}
	if c.IsSet("epochs") {
		if settings["epochs"] != "" {
			return nil, &usageError{"--epochs and --set epochs say the same", "leave one out"}
		}
		settings["epochs"] = strconv.Itoa(c.Int("epochs"))
	}
	if o.ranges, err = train.ParseRanges(c.StringSlice("tune")); err != nil {
		return nil, asUsage(err)
	}
	for _, r := range o.ranges {
		if settings[r.Name] != "" {
			return nil, &usageError{fmt.Sprintf("%s is both set and tuned", r.Name), "leave one out"}
		}
	}
	if o.labels, err = labelsFromFlags(c); err != nil {
		return nil, err
	}
	o.job = train.Job{
		Name: o.name + "-" + time.Now().UTC().Format("20060102-150405"), Settings: settings, Output: c.String("output"), Role: o.role,
		Instance: c.String("instance"), Instances: c.Int("instances"), VolumeGB: c.Int("volume"),
		MaxRuntime: c.Duration("max-runtime"), Spot: c.Bool("spot"), MaxWait: c.Duration("max-wait"),
	}
	if o.job.Spot && o.job.MaxWait == 0 {
		o.job.MaxWait = 2 * o.job.MaxRuntime
	}
	if !o.job.Spot && c.IsSet("max-wait") {
		return nil, &usageError{"--max-wait is for --spot", ""}
	}
	return o, asUsage(o.check())
}

// asUsage makes what flags said wrong a usage error.
func asUsage(err error) error {
	if hinted, ok := errors.AsType[hinter](err); ok {
		return &usageError{err.Error(), hinted.Hint()}
	}
	return err
}

// check holds the job against what is known before its data is.
func (o *trainOptions) check() error {
	if o.ranges == nil {
		return o.job.Check()
	}
	t := o.tuning()
	return t.Check()
}

func (o *trainOptions) tuning() *train.Tuning {
	return &train.Tuning{Job: o.job, Ranges: o.ranges, Jobs: o.trials, Parallel: o.parallel}
}

// folder is where the model goes.
func (o *trainOptions) folder(job string) string {
	if o.out != "" {
		return o.out
	}
	return filepath.Clean(job)
}
