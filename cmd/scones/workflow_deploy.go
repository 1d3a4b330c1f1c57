package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/aws/lambdazip"
	"github.com/scones-unlimited/scones/aws/plan"
	"github.com/scones-unlimited/scones/aws/stack"
	"github.com/scones-unlimited/scones/aws/workflow"
)

// lambdaProgram is the functions' program in this module.
const lambdaProgram = "cmd/scones-lambda"

func workflowDeployCommand() *cli.Command {
	return &cli.Command{
		Name:      "deploy",
		Usage:     "make the three functions and their state machine in AWS, by a plan that can be read before anything is touched",
		ArgsUsage: " ",
		Description: "The functions read pictures below --pictures and ask --endpoint. Callers stay on a published version; --canary lets a new one try\n" +
			"first. The same command again changes nothing; after an interruption it goes on.\n\n" +
			"The functions' program is taken from --code, from scones-lambda-ARCHITECTURE.zip beside scones, or built by the go command.\n\n" +
			"Examples:\n  scones workflow deploy --endpoint bikes --pictures s3://bucket/test/ --labels bicycle,motorcycle --dry-run\n" +
			"  scones workflow deploy --name bikes --threshold 0.9 --canary 10%/5m --notify arn:aws:sns:us-east-1:123456789012:people --yes",
		Flags: slices.Concat([]cli.Flag{deploymentFlag()}, workflowFlags(), modeFlags(), changeFlags(), accountFlags()),
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return &usageError{fmt.Sprintf("unexpected argument %q", c.Args().First()), "pictures are named by --pictures"}
			}
			return workflowDeploy(c)
		},
	}
}

// workflowFlags say what a workflow in AWS is.
func workflowFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "pictures", Usage: "read pictures below s3://`BUCKET/PREFIX` (default: pictures/ in the deployment's own bucket)"},
		&cli.StringFlag{Name: "endpoint", Usage: "ask the SageMaker endpoint `NAME` (default: the deployment's name)"},
		&cli.StringFlag{Name: "labels", Usage: "the classes' `NAMES` in order, separated by commas"},
		&cli.StringFlag{Name: "labels-file", Usage: "read the classes' names from `FILE`, one a line"},
		&cli.Float64Flag{Name: "threshold", Value: workflow.DefaultThreshold, Usage: "`SCORE` that a picture needs, 0 to 1"},
		&cli.StringFlag{Name: "code", Usage: "take the functions' program from `FILE`, a zip or the executable"},
		&cli.StringFlag{Name: "architecture", Value: workflow.DefaultArchitecture, Usage: "`NAME` of the functions' processor: arm64 or x86_64"},
		&cli.IntFlag{Name: "memory", Value: workflow.DefaultMemory, Usage: "`MB` that each function has"},
		&cli.DurationFlag{Name: "timeout", Value: 30 * time.Second, Usage: "`TIME` that each function has"},
		&cli.StringFlag{Name: "canary", Usage: "let a new version try `PERCENT/TIME` of the calls, such as 10%/5m, and roll it back when half of them fail"},
		&cli.BoolFlag{Name: "trigger", Usage: "start an execution for each picture that is new below --pictures"},
		&cli.StringFlag{Name: "schedule", Usage: "with --mode map: classify all pictures at fixed times, such as 'rate(1 day)' or 'cron(0 6 * * ? *)' in UTC"},
		&cli.StringSliceFlag{Name: "notify", Usage: "tell the SNS topic of this `ARN` when an alarm goes off"},
		&cli.Float64Flag{Name: "max-below", Value: stack.DefaultMaxBelow, Usage: "alarm when more than this `SHARE` of the pictures is below the threshold, 0 to 1"},
	}
}

func workflowDeploy(c *cli.Context) error {
	o, err := workflowFromFlags(c)
	if err != nil {
		return err
	}
	if err := checkChangeFlags(c); err != nil {
		return err
	}
	account, err := openAccount(c)
	if err != nil {
		return err
	}
	resources, err := workflowResources(c, account, &o)
	if err != nil {
		return err
	}
	p, err := plan.Make(c.Context, plan.Options{Name: o.Name, Place: account.Place(), Want: resources, Stacks: stack.WorkflowStacks, Finders: account.Finders()})
	if err != nil {
		return err
	}
	if _, err := change(c, p); err != nil || c.Bool("dry-run") || c.Bool("json") {
		return err
	}
	if current, err := plan.Make(c.Context, plan.Options{Name: o.Name, Want: resources}); err != nil || !current.Empty() {
		return err // somebody did not agree
	}
	fmt.Fprintf(c.App.Writer, "\n%s\nscones workflow start --name %s --watch s3://%s/%s...\n", account.StateMachineARN(o.Name), o.Name, o.Bucket, o.Prefix)
	return nil
}

// workflowFromFlags checks everything that can be wrong before anything is called. The zip is not made yet.
func workflowFromFlags(c *cli.Context) (stack.WorkflowOptions, error) {
	o := stack.WorkflowOptions{
		Name: c.String("name"), Endpoint: c.String("endpoint"), Threshold: c.Float64("threshold"), Architecture: c.String("architecture"), MemoryMB: int32(c.Int("memory")),
		Timeout: c.Duration("timeout"), Mode: workflow.Mode(c.String("mode")), Items: c.String("items"), Review: c.String("review"), Trigger: c.Bool("trigger"),
		Schedule: c.String("schedule"), Notify: c.StringSlice("notify"), MaxBelow: c.Float64("max-below"),
	}
	labels, err := labelsFromFlags(c)
	if err != nil {
		return o, err
	}
	o.Labels = strings.Join(labels, ",")
	if o.Values, err = valuesFromFlags(c); err != nil {
		return o, err
	}
	if text := c.String("pictures"); text != "" {
		var ok bool
		if o.Bucket, o.Prefix, ok = aws.ParseS3(text); !ok {
			return o, &usageError{fmt.Sprintf("--pictures %s: want s3://BUCKET/PREFIX", text), ""}
		}
		if o.Prefix != "" && !strings.HasSuffix(o.Prefix, "/") {
			o.Prefix += "/"
		}
	}
	if text := c.String("canary"); text != "" {
		shift, err := stack.ParseShift(text, false)
		if err != nil {
			return o, &usageError{fmt.Sprintf("--canary %v", err), ""}
		}
		o.Canary = stack.Canary{Percent: int(shift.Percent), Bake: shift.Wait}
	}
	switch {
	case !(o.Threshold >= 0 && o.Threshold <= 1):
		err = &usageError{fmt.Sprintf("--threshold %v: must be 0 to 1", o.Threshold), ""}
	case !(o.MaxBelow >= 0 && o.MaxBelow <= 1):
		err = &usageError{fmt.Sprintf("--max-below %v: must be 0 to 1", o.MaxBelow), ""}
	case o.MemoryMB < 128 || o.MemoryMB > 10_240:
		err = &usageError{fmt.Sprintf("--memory %d: must be 128 to 10240", o.MemoryMB), ""}
	case o.Timeout < time.Second || o.Timeout > 15*time.Minute:
		err = &usageError{fmt.Sprintf("--timeout %v: must be 1s to 15m", o.Timeout), ""}
	case o.Architecture != lambdazip.ARM64 && o.Architecture != lambdazip.X86:
		err = &usageError{fmt.Sprintf("--architecture %q: must be %s or %s", o.Architecture, lambdazip.ARM64, lambdazip.X86), ""}
	case o.Trigger && o.Mode == workflow.MapMode:
		err = &usageError{"--trigger starts an execution for one picture, mode map takes many", ""}
	}
	if o.Schedule != "" && (o.Mode != workflow.MapMode || o.Items != "" && o.Items != "prefix") {
		err = &usageError{"--schedule is for --mode map over a prefix", "--trigger starts an execution for each new picture"}
	}
	if err != nil {
		return o, err
	}
	if err := stack.CheckName(o.Name); err != nil {
		return o, &usageError{"--name: " + err.Error(), ""}
	}
	if o.Endpoint == "" {
		o.Endpoint = o.Name
	}
	if _, err := workflow.Definition(o.Mode, workflow.DefinitionOptions{Values: o.Values, Items: o.Items, Review: o.Review}); err != nil {
		return o, &usageError{err.Error(), ""}
	}
	return o, nil
}

// workflowResources makes the zip, looks at the bucket where a trigger needs it, and describes the resources.
func workflowResources(c *cli.Context, account *stack.Account, o *stack.WorkflowOptions) ([]plan.Resource, error) {
	say, clear := stepLine(c.App.ErrWriter)
	defer clear()
	say("making the functions' program")
	zip, err := lambdazip.Make(c.Context, lambdazip.Options{Program: lambdaProgram, Architecture: o.Architecture, File: c.String("code")})
	if err != nil {
		return nil, err
	}
	o.Zip = zip
	if o.Bucket != "" && o.Trigger {
		sends, err := account.SendsEvents(c.Context, o.Bucket)
		if err != nil {
			return nil, fmt.Errorf("ask whether s3://%s tells of new objects: %w", o.Bucket, err)
		}
		if !sends {
			return nil, &hintedError{fmt.Errorf("s3://%s does not tell EventBridge of new objects, so --trigger would wait for ever", o.Bucket),
				"aws s3api put-bucket-notification-configuration --bucket " + o.Bucket + ` --notification-configuration '{"EventBridgeConfiguration": {}}' has it tell; what else the bucket tells must stand there, too`}
		}
	}
	resources, err := account.WorkflowStack(*o)
	if err != nil {
		return nil, err
	}
	if o.Bucket == "" {
		o.Bucket, o.Prefix = account.BucketName(o.Name), stack.PicturePrefix
	}
	return resources, nil
}

// workflowExtra is --workflow of scones deploy.
func workflowExtra() deployExtra {
	return deployExtra{
		flag:   &cli.StringFlag{Name: "workflow", Usage: "also the workflow that asks the endpoint about pictures below s3://`BUCKET/PREFIX`, with the defaults of scones workflow deploy"},
		stacks: stack.WorkflowStacks,
		resources: func(c *cli.Context, account *stack.Account, endpoint plan.Resource) ([]plan.Resource, error) {
			bucket, prefix, ok := aws.ParseS3(c.String("workflow"))
			if !ok {
				return nil, &usageError{fmt.Sprintf("--workflow %s: want s3://BUCKET/PREFIX", c.String("workflow")), ""}
			}
			if prefix != "" && !strings.HasSuffix(prefix, "/") {
				prefix += "/"
			}
			labels, err := labelsFromFlags(c)
			if err != nil {
				return nil, err
			}
			zip, err := lambdazip.Make(c.Context, lambdazip.Options{Program: lambdaProgram, Architecture: workflow.DefaultArchitecture})
			if err != nil {
				return nil, err
			}
			if endpoint == nil {
				return nil, errors.New("there is no endpoint for the workflow to ask")
			}
			return account.WorkflowStack(stack.WorkflowOptions{
				Name: c.String("name"), Zip: zip, Endpoint: endpoint.Name(), Labels: strings.Join(labels, ","), Threshold: workflow.DefaultThreshold, Bucket: bucket, Prefix: prefix,
				Mode: workflow.Seed, MaxBelow: stack.DefaultMaxBelow,
			})
		},
	}
}
