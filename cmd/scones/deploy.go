package main

import (
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws/plan"
	"github.com/scones-unlimited/scones/aws/stack"
)

func deployCommand() *cli.Command {
	return &cli.Command{
		Name:  "deploy",
		Usage: "make a model a SageMaker endpoint, by a plan that can be read before anything is touched",
		Description: "The plan says what is made, changed and deleted, with the permissions in full and a price. The same command again changes\n" +
			"nothing; after an interruption it goes on. --artifact is served by AWS's own container, --model by scones' in --image.\n\n" +
			"Examples:\n  scones deploy --artifact s3://bucket/model.tar.gz --dry-run\n" +
			"  scones deploy --name bikes --model model.onnx --image 123456789012.dkr.ecr.us-east-1.amazonaws.com/scones:1 --serverless 2048\n" +
			"  scones deploy --name bikes --artifact model.tar.gz --capture 100 --canary 10%/5m --autoscale 1:4@200 --budget 0.50 --yes",
		Flags: slices.Concat([]cli.Flag{
			deploymentFlag(),
			&cli.StringFlag{Name: "artifact", Usage: "a SageMaker model.tar.gz: an s3:// `URI`, or a file that is uploaded"},
			&cli.StringFlag{Name: "model", Aliases: []string{"m"}, Usage: "an .onnx `FILE` that is packed and uploaded, or builtin; needs --image"},
			&cli.StringFlag{Name: "image", Usage: "the container's `URI` in ECR (default with --artifact: AWS's built-in image classification of the region)"},
			&cli.StringFlag{Name: "instance", Usage: "run on instances of `TYPE` (default: " + defaultInstance + ")"},
			&cli.IntFlag{Name: "count", Value: 1, Usage: "start with `N` instances"},
			&cli.IntFlag{Name: "serverless", Usage: "run without instances, on `MB` of memory: 1024 to 6144 in steps of 1024"},
			&cli.IntFlag{Name: "concurrency", Value: defaultConcurrency, Usage: "answer `N` requests at once, with --serverless: 1 to 200"},
			&cli.StringFlag{Name: "async", Usage: "answer later, into an s3:// `PREFIX`"},
			&cli.IntFlag{Name: "capture", Usage: "record `PERCENT` of requests and answers in the deployment's bucket, where they expire after 30 days"},
			&cli.StringFlag{Name: "canary", Usage: "let an update first answer `PERCENT/TIME` of the requests, such as 10%/5m, and roll it back on an alarm"},
			&cli.StringFlag{Name: "linear", Usage: "let an update take over in steps of `PERCENT/TIME`, such as 20%/2m, and roll it back on an alarm"},
			&cli.IntFlag{Name: "max-errors", Value: stack.DefaultMaxErrors, Usage: "roll back above `N` errors of status 5xx a minute"},
			&cli.DurationFlag{Name: "max-latency", Value: stack.DefaultMaxLatency, Usage: "roll back where the model takes longer than `TIME`, on average in a minute"},
			&cli.StringFlag{Name: "autoscale", Usage: "keep `MIN:MAX@TARGET` instances: 1:4@200 gives each about 200 requests a minute; with --async, 5 that wait"},
			&cli.Float64Flag{Name: "budget", Usage: "refuse a plan that may cost more than `USD` an hour"},
			&cli.StringFlag{Name: "format", Value: "table", Usage: "print the plan as table, json, cloudformation or terraform; the last two change nothing"},
			&cli.StringFlag{Name: "sample", Usage: "ask the endpoint about the picture in `FILE` when it is in service (default: one that is drawn)"},
			&cli.BoolFlag{Name: "no-sample", Usage: "ask it about no picture"},
			&cli.StringFlag{Name: "labels", Usage: "the classes' `NAMES` in order, separated by commas, for the sample's answer"},
			&cli.StringFlag{Name: "labels-file", Usage: "read the classes' names from `FILE`, one a line"},
		}, changeFlags(), accountFlags(), extraDeployFlags()),
		Action: func(c *cli.Context) error {
			o, err := deployFromFlags(c)
			if err != nil {
				return err
			}
			return runDeploy(c, o)
		},
	}
}

// A deployExtra is a stack that a flag of deploy adds to the endpoint's: it is part of the same plan.
type deployExtra struct {
	flag cli.Flag
	// stacks are the names that the resources describe wholly.
	stacks []string
	// resources of the stack; endpoint is the one that it works with.
	resources func(c *cli.Context, account *stack.Account, endpoint plan.Resource) ([]plan.Resource, error)
}

// deployExtras are --workflow, --monitor and what comes.
func deployExtras() []deployExtra { return []deployExtra{workflowExtra(), monitorExtra()} }

func extraDeployFlags() []cli.Flag {
	var flags []cli.Flag
	for _, extra := range deployExtras() {
		flags = append(flags, extra.flag)
	}
	return flags
}
