package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/aws/lambdazip"
	"github.com/scones-unlimited/scones/aws/stack"
	"github.com/scones-unlimited/scones/infer/drift"
	"github.com/scones-unlimited/scones/infer/monitor/job"
)

// monitorProgram is the program of a monitor's function in this module.
const monitorProgram = "cmd/scones-monitor-lambda"

func monitorDeployCommand() *cli.Command {
	return &cli.Command{
		Name:      "deploy",
		Usage:     "let a function in AWS compare captures with a baseline, at fixed times",
		ArgsUsage: " ",
		Description: "Each run leaves a report in S3 and metrics in CloudWatch under the names that SageMaker's Model Monitor used; drift, its end, and a\n" +
			"monitor that has fallen silent are told through an SNS topic. All runs share one false-alarm rate. The plan can be read before anything\n" +
			"is touched; the same command again changes nothing. scones destroy --stack monitor takes it away.\n\n" +
			"The function's program is taken from --code, from scones-monitor-lambda-ARCHITECTURE.zip beside scones, or built by the go command.\n\n" +
			"Examples:\n  scones monitor baseline -o baseline.json validation/\n  scones monitor deploy --name bikes --baseline baseline.json --email you@example.com --dry-run\n" +
			"  scones monitor deploy --name bikes --endpoint theirs --captures s3://bucket/data-capture/theirs/AllTraffic --baseline baseline.json --every 6h --yes",
		Flags: slices.Concat([]cli.Flag{deploymentFlag()}, monitorDeployFlags(), changeFlags(), accountFlags()),
		Action: func(c *cli.Context) error {
			o, err := monitorDeployFromFlags(c)
			if err != nil {
				return err
			}
			return runMonitorDeploy(c, o)
		},
	}
}

func monitorDeployFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "baseline", Usage: "what is normal: a `FILE` of scones monitor baseline (or Model Monitor's statistics.json), which is uploaded, or an s3:// address"},
		&cli.StringFlag{Name: "endpoint", Usage: "watch the endpoint `NAME` (default: the deployment's own)"},
		&cli.StringFlag{Name: "captures", Usage: "read captures below `s3://BUCKET/PREFIX`, down to the variant (default: those of the deployment's endpoint)"},
		&cli.StringFlag{Name: "output", Usage: "write reports below `s3://BUCKET/PREFIX` (default: monitor/ in the deployment's bucket)"},
		&cli.StringFlag{Name: "every", Value: "1h", Usage: "run at this `INTERVAL`: 1h, 2h, 3h, 4h, 6h, 8h, 12h or 1d"},
		&cli.StringFlag{Name: "window", Usage: "look back for `TIME`, such as 7d (default: the interval)"},
		&cli.DurationFlag{Name: "delay", Value: job.DefaultDelay, Usage: "run `TIME` after the full hour: captures may take that long to arrive"},
		&cli.Float64Flag{Name: "alpha", Value: drift.DefaultAlpha, Usage: "the chance of a false alarm, `P`, over what --guarantee says"},
		&cli.StringFlag{Name: "guarantee", Value: string(job.Year), Usage: "`SPAN` of --alpha: year (evenly among a year's runs) or ever (the first runs have most)"},
		&cli.Float64Flag{Name: "min-effect", Value: drift.DefaultMinEffect, Usage: "no drift below an effect of `D`, as Cohen's d: 0.2 is small, 0.8 large"},
		&cli.StringFlag{Name: "labels", Usage: "the classes' `NAMES` in order, separated by commas (default: the baseline's)"},
		&cli.StringFlag{Name: "labels-file", Usage: "read the classes' names from `FILE`, one a line"},
		&cli.IntFlag{Name: "max-pictures", Value: job.DefaultMaxPictures, Usage: "measure `N` pictures of a window; of more a sample is drawn"},
		&cli.StringFlag{Name: "metrics", Value: string(job.Endpoints), Usage: "`SPELLINGS` of Model Monitor's metrics: endpoints, dashboard (the SDK's), guide, container (the guide's two), or none"},
		&cli.StringFlag{Name: "distance", Value: "simple", Usage: "Model Monitor's `DISTANCE` in those metrics: simple or robust"},
		&cli.StringSliceFlag{Name: "email", Usage: "tell `ADDRESS`, which is asked first whether it wants that; may be repeated"},
		&cli.StringFlag{Name: "key", Usage: "encrypt messages with the KMS key of this `ARN`, whose policy must let cloudwatch.amazonaws.com use it"},
		&cli.StringFlag{Name: "code", Usage: "take the function's program from `FILE`, a zip or the executable"},
		&cli.StringFlag{Name: "architecture", Value: lambdazip.ARM64, Usage: "`NAME` of the function's processor: arm64 or x86_64"},
		&cli.IntFlag{Name: "memory", Value: stack.DefaultMonitorMemory, Usage: "`MB` that the function has; a whole processor comes with 1769"},
		&cli.BoolFlag{Name: "no-run", Usage: "do not run it once when it is made"},
	}
}

// monitorDeployOptions is a command line of scones monitor deploy.
type monitorDeployOptions struct {
	stack     stack.MonitorOptions
	baseline  string
	code      string
	spellings []job.Spelling
	labels    []string
	noRun     bool
	config    job.Config
}

// monitorDeployFromFlags checks everything that can be wrong before anything is read or called.
func monitorDeployFromFlags(c *cli.Context) (*monitorDeployOptions, error) {
	o := &monitorDeployOptions{
		baseline: c.String("baseline"), code: c.String("code"), noRun: c.Bool("no-run"),
		config: job.Config{Alpha: c.Float64("alpha"), Guarantee: job.Guarantee(c.String("guarantee")), MinEffect: c.Float64("min-effect"), MaxPictures: c.Int("max-pictures")},
		stack: stack.MonitorOptions{
			Name: c.String("name"), Endpoint: c.String("endpoint"), Captures: c.String("captures"), Output: c.String("output"), Delay: c.Duration("delay"),
			Architecture: c.String("architecture"), MemoryMB: int32(c.Int("memory")), Emails: c.StringSlice("email"), KMSKey: c.String("key"),
		},
	}
	switch {
	case c.Args().Present():
		return nil, &usageError{fmt.Sprintf("unexpected argument %q", c.Args().First()), "captures are named by --captures"}
	case o.baseline == "":
		return nil, &usageError{"nothing says what is normal", "scones monitor baseline -o baseline.json SOURCE, then --baseline baseline.json"}
	case !(o.config.Alpha > 0 && o.config.Alpha < 1):
		return nil, &usageError{fmt.Sprintf("--alpha %v: must be between 0 and 1", o.config.Alpha), ""}
	case o.config.Guarantee != job.Year && o.config.Guarantee != job.Ever:
		return nil, &usageError{fmt.Sprintf("--guarantee %q: must be %s or %s", o.config.Guarantee, job.Year, job.Ever), ""}
	case !(o.config.MinEffect > 0 && o.config.MinEffect <= 10):
		return nil, &usageError{fmt.Sprintf("--min-effect %v: must be more than 0, and 10 at most", o.config.MinEffect), ""}
	case o.config.MaxPictures < 1 || o.config.MaxPictures > drift.MaxRows:
		return nil, &usageError{fmt.Sprintf("--max-pictures %d: must be 1 to %d", o.config.MaxPictures, drift.MaxRows), ""}
	case o.stack.MemoryMB < 512 || o.stack.MemoryMB > 10_240:
		return nil, &usageError{fmt.Sprintf("--memory %d: must be 512 to 10240", o.stack.MemoryMB), ""}
	case o.stack.Architecture != lambdazip.ARM64 && o.stack.Architecture != lambdazip.X86:
		return nil, &usageError{fmt.Sprintf("--architecture %q: must be %s or %s", o.stack.Architecture, lambdazip.ARM64, lambdazip.X86), ""}
	case !slices.Contains([]string{"simple", "robust"}, c.String("distance")):
		return nil, &usageError{fmt.Sprintf("--distance %q: must be simple or robust", c.String("distance")), ""}
	case o.stack.KMSKey != "" && !strings.HasPrefix(o.stack.KMSKey, "arn:"):
		return nil, &usageError{fmt.Sprintf("--key %s: want the key's ARN", o.stack.KMSKey), "aws kms describe-key says it; alias/aws/sns would not do: it lets no alarm publish"}
	case o.stack.Endpoint != "" && o.stack.Endpoint != o.stack.Name && o.stack.Captures == "":
		return nil, &usageError{"--endpoint of another deployment needs --captures", "aws sagemaker describe-endpoint says where they go, under DataCaptureConfig"}
	}
	if err := stack.CheckName(o.stack.Name); err != nil {
		return nil, &usageError{"--name: " + err.Error(), ""}
	}
	for _, flag := range []string{"captures", "output", "baseline"} {
		text := c.String(flag)
		if _, prefix, ok := aws.ParseS3(text); text != "" && (flag != "baseline" || strings.HasPrefix(text, "s3://")) && (!ok || strings.Trim(prefix, "/") == "") {
			return nil, &usageError{fmt.Sprintf("--%s %s: want s3://BUCKET/PREFIX", flag, text), ""}
		}
	}
	for _, address := range o.stack.Emails {
		if name, host, ok := strings.Cut(address, "@"); !ok || name == "" || !strings.Contains(host, ".") {
			return nil, &usageError{fmt.Sprintf("--email %q is no address", address), ""}
		}
	}
	if err := o.times(c); err != nil {
		return nil, err
	}
	var err error
	if o.spellings, err = job.ParseSpellings(c.String("metrics")); err != nil {
		return nil, &usageError{"--" + err.Error(), ""}
	}
	if o.labels, err = labelsFromFlags(c); err != nil {
		return nil, err
	}
	o.environment(c.String("distance"))
	return o, nil
}

// times reads the interval and the window.
func (o *monitorDeployOptions) times(c *cli.Context) (err error) {
	if o.stack.Every, err = parseInterval(c.String("every")); err != nil {
		return &usageError{fmt.Sprintf("--every %q: %v", c.String("every"), err), "such as 1h, 6h or 1d"}
	}
	if hours := o.stack.Every / time.Hour; o.stack.Every%time.Hour != 0 || hours < 1 || hours > 24 || 24%hours != 0 {
		return &usageError{fmt.Sprintf("--every %s: must be 1h, 2h, 3h, 4h, 6h, 8h, 12h or 1d", c.String("every")), "scones monitor run --every works at any interval"}
	}
	if o.stack.Delay < 0 || o.stack.Delay >= time.Hour || o.stack.Delay%time.Minute != 0 {
		return &usageError{fmt.Sprintf("--delay %v: must be whole minutes, less than an hour", o.stack.Delay), ""}
	}
	if c.IsSet("window") {
		if o.config.Window, err = parseInterval(c.String("window")); err == nil && (o.config.Window < time.Hour || o.config.Window > 31*24*time.Hour) {
			err = errors.New("must be an hour to 31 days")
		}
		if err != nil {
			return &usageError{fmt.Sprintf("--window %q: %v", c.String("window"), err), ""}
		}
	}
	return nil
}

// environment is what the function is told; see its program.
func (o *monitorDeployOptions) environment(distance string) {
	var names []string
	for _, s := range o.spellings {
		names = append(names, string(s))
		if !slices.Contains(o.stack.Namespaces, s.Namespace()) {
			o.stack.Namespaces = append(o.stack.Namespaces, s.Namespace())
		}
	}
	if len(names) == 0 {
		names = []string{"none"}
	}
	if !slices.Contains(o.stack.Namespaces, drift.MetricsNamespace) {
		o.stack.Namespaces = append(o.stack.Namespaces, drift.MetricsNamespace)
	}
	o.stack.Metrics = stack.MonitorMetrics{Namespace: drift.MetricsNamespace, Drift: drift.DriftMetric, Rows: drift.RowsMetric}
	plain := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	o.stack.Environment = map[string]string{
		"ALPHA": plain(o.config.Alpha), "GUARANTEE": string(o.config.Guarantee), "MIN_EFFECT": plain(o.config.MinEffect), "MAX_PICTURES": strconv.Itoa(o.config.MaxPictures),
		"METRICS": strings.Join(names, ","), "DISTANCE": distance,
	}
	if o.config.Window > 0 {
		o.stack.Environment["WINDOW"] = o.config.Window.String()
	}
	if len(o.labels) > 0 {
		o.stack.Environment["LABELS"] = strings.Join(o.labels, ",")
	}
}
