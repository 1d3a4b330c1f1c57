package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/aws/stack"
)

// The defaults of deploy. ml.m5.large is the smallest that is no burstable one; a serverless endpoint's limit is the one of SageMaker's
// own console.
const (
	defaultInstance    = "ml.m5.large"
	defaultConcurrency = 20
)

// deployOptions is a deploy command line.
type deployOptions struct {
	stack           stack.EndpointOptions
	artifact, model string // files or URIs
	format          string
	sample          string
	noSample        bool
	labels          []string
	budget          float64
	hasBudget       bool
}

// deployFromFlags checks everything that can be wrong before anything is called.
func deployFromFlags(c *cli.Context) (*deployOptions, error) {
	o := &deployOptions{
		artifact: c.String("artifact"), model: c.String("model"), format: c.String("format"), sample: c.String("sample"), noSample: c.Bool("no-sample"),
		budget: c.Float64("budget"), hasBudget: c.IsSet("budget"),
		stack: stack.EndpointOptions{
			Name: c.String("name"), Image: c.String("image"), AsyncURI: c.String("async"), CapturePercent: int32(c.Int("capture")),
			MaxErrors: int32(c.Int("max-errors")), MaxLatency: c.Duration("max-latency"),
		},
	}
	if c.Bool("json") {
		o.format = "json"
	}
	_, _, s3 := aws.ParseS3(o.artifact)
	switch {
	case c.NArg() > 0:
		return nil, &usageError{fmt.Sprintf("%q is no flag", c.Args().First()), "the model is named by --artifact or --model"}
	case o.artifact == "" && o.model == "":
		return nil, &usageError{"no model is named", "--artifact model.tar.gz for AWS's own container, --model model.onnx for scones'"}
	case o.artifact != "" && o.model != "":
		return nil, &usageError{"--artifact and --model exclude each other", ""}
	case strings.HasPrefix(o.artifact, "s3://") && (!s3 || strings.HasSuffix(o.artifact, "/")):
		return nil, &usageError{fmt.Sprintf("--artifact %s: want s3://BUCKET/KEY", o.artifact), ""}
	case o.model != "" && o.stack.Image == "":
		return nil, &usageError{"--model needs --image: the container that serves it", "scones image push makes one"}
	case c.IsSet("capture") && (c.Int("capture") < 0 || c.Int("capture") > 100):
		return nil, &usageError{fmt.Sprintf("--capture %d: must be 0 to 100", c.Int("capture")), ""}
	case o.hasBudget && !(o.budget > 0):
		return nil, &usageError{fmt.Sprintf("--budget %v: must be more than 0", o.budget), ""}
	case c.Int("max-errors") < 0:
		return nil, &usageError{fmt.Sprintf("--max-errors %d: must be 0 or more", c.Int("max-errors")), ""}
	case o.stack.MaxLatency < time.Millisecond:
		return nil, &usageError{fmt.Sprintf("--max-latency %v: must be 1ms or more", o.stack.MaxLatency), ""}
	case o.sample != "" && o.noSample:
		return nil, &usageError{"--sample and --no-sample exclude each other", ""}
	case c.IsSet("canary") && c.IsSet("linear"):
		return nil, &usageError{"--canary and --linear exclude each other", ""}
	}
	if err := stack.CheckName(o.stack.Name); err != nil {
		return nil, &usageError{"--name: " + err.Error(), ""}
	}
	for _, check := range []func(*cli.Context, *deployOptions) error{computeFromFlags, shiftFromFlags, scaleFromFlags, formatFromFlags} {
		if err := check(c, o); err != nil {
			return nil, err
		}
	}
	var err error
	o.labels, err = labelsFromFlags(c)
	return o, err
}

// computeFromFlags reads what the endpoint runs on. What a serverless endpoint cannot do is in SageMaker's guide, "Serverless Inference".
func computeFromFlags(c *cli.Context, o *deployOptions) error {
	if !c.IsSet("serverless") {
		o.stack.Compute = stack.Compute{Instance: c.String("instance"), Count: int32(c.Int("count"))}
		if o.stack.Compute.Instance == "" {
			o.stack.Compute.Instance = defaultInstance
		}
		switch {
		case c.IsSet("concurrency"):
			return &usageError{"--concurrency is of --serverless", ""}
		case !strings.HasPrefix(o.stack.Compute.Instance, "ml."):
			return &usageError{fmt.Sprintf("--instance %s: SageMaker's types begin with ml.", o.stack.Compute.Instance), "--instance " + defaultInstance}
		case o.stack.Compute.Count < 1 || o.stack.Compute.Count > 1000:
			return &usageError{fmt.Sprintf("--count %d: must be 1 to 1000", o.stack.Compute.Count), ""}
		}
		return nil
	}
	memory, concurrency := c.Int("serverless"), c.Int("concurrency")
	o.stack.Compute = stack.Compute{MemoryMB: int32(memory), Concurrency: int32(concurrency)}
	switch {
	case memory < 1024 || memory > 6144 || memory%1024 != 0:
		return &usageError{fmt.Sprintf("--serverless %d: must be 1024, 2048, 3072, 4096, 5120 or 6144", memory), ""}
	case concurrency < 1 || concurrency > 200:
		return &usageError{fmt.Sprintf("--concurrency %d: must be 1 to 200", concurrency), ""}
	}
	for _, flag := range []string{"instance", "count", "async", "capture", "autoscale", "canary", "linear"} {
		if c.IsSet(flag) {
			return &usageError{fmt.Sprintf("--serverless and --%s exclude each other: SageMaker does not offer it", flag), ""}
		}
	}
	return nil
}

func shiftFromFlags(c *cli.Context, o *deployOptions) (err error) {
	for _, flag := range []string{"canary", "linear"} {
		if c.IsSet(flag) {
			if o.stack.Shift, err = stack.ParseShift(c.String(flag), flag == "linear"); err != nil {
				return &usageError{fmt.Sprintf("--%s %v", flag, err), ""}
			}
		}
	}
	for _, flag := range []string{"max-errors", "max-latency"} {
		if c.IsSet(flag) && o.stack.Shift.Percent == 0 {
			return &usageError{fmt.Sprintf("--%s is for --canary or --linear", flag), ""}
		}
	}
	return nil
}

// scaleFromFlags reads MIN:MAX@TARGET.
func scaleFromFlags(c *cli.Context, o *deployOptions) error {
	text := c.String("autoscale")
	if text == "" {
		return nil
	}
	bounds, target, ok := strings.Cut(text, "@")
	low, high, ok2 := strings.Cut(bounds, ":")
	least, err1 := strconv.Atoi(low)
	most, err2 := strconv.Atoi(high)
	value, err3 := strconv.ParseFloat(target, 64)
	floor := 1
	if o.stack.AsyncURI != "" {
		floor = 0 // only those may have no instance at all
	}
	switch {
	case !ok || !ok2 || err1 != nil || err2 != nil || err3 != nil:
		return &usageError{fmt.Sprintf("--autoscale %s: want MIN:MAX@TARGET", text), "--autoscale 1:4@200"}
	case least < floor || most < least || most > 1000:
		return &usageError{fmt.Sprintf("--autoscale %s: want %d ≤ MIN ≤ MAX ≤ 1000", text, floor), ""}
	case !(value > 0):
		return &usageError{fmt.Sprintf("--autoscale %s: the target must be more than 0", text), ""}
	case strings.HasPrefix(o.stack.Compute.Instance, "ml.t"):
		return &usageError{"--autoscale does not go with burstable instances such as " + o.stack.Compute.Instance, "--instance " + defaultInstance}
	}
	o.stack.Scale = &stack.Scale{Min: int32(least), Max: int32(most), Target: value}
	if !c.IsSet("count") {
		o.stack.Compute.Count = int32(max(least, 1))
	}
	return nil
}

func formatFromFlags(c *cli.Context, o *deployOptions) error {
	switch o.format {
	case "table":
		return nil
	case "json":
		return c.Set("json", "true")
	case "cloudformation", "terraform":
		if c.Bool("yes") || c.String("plan") != "" {
			return &usageError{"--format " + o.format + " changes nothing: --yes and --plan have no place", ""}
		}
		return nil
	}
	return &usageError{fmt.Sprintf("--format %q: must be table, json, cloudformation or terraform", o.format), ""}
}
