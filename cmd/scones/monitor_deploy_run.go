package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/aws/lambdazip"
	"github.com/scones-unlimited/scones/aws/plan"
	"github.com/scones-unlimited/scones/aws/price"
	"github.com/scones-unlimited/scones/aws/stack"
	"github.com/scones-unlimited/scones/infer/drift"
	"github.com/scones-unlimited/scones/infer/monitor/job"
)

// runMonitorDeploy plans, shows, applies, and runs the monitor once.
func runMonitorDeploy(c *cli.Context, o *monitorDeployOptions) error {
	if err := checkChangeFlags(c); err != nil {
		return err
	}
	config, err := awsFromFlags(c)
	if err != nil {
		return err
	}
	account, err := stack.Open(c.Context, config)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "scones-monitor-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }() // a temporary copy
	resources, err := o.resources(c, account, config, folder)
	if err != nil {
		return err
	}
	p, err := plan.Make(c.Context, plan.Options{Name: o.stack.Name, Place: account.Place(), Want: resources, Stacks: stack.MonitorStacks, Finders: account.Finders()})
	if err != nil {
		return err
	}
	applied, err := change(c, p)
	if err != nil {
		return err
	}
	if !c.Bool("json") {
		o.costs(c.App.Writer, account.Region)
	}
	if !applied || o.noRun {
		return nil
	}
	return o.firstRun(c, account)
}

// resources are the stack's; what is packed lies in folder until it is uploaded.
func (o *monitorDeployOptions) resources(c *cli.Context, account *stack.Account, config *aws.Config, folder string) ([]plan.Resource, error) {
	base, err := o.findBaseline(c, config, folder)
	if err != nil {
		return nil, err
	}
	o.stack.Count = 3 + len(o.spellings)*job.MetricsOf(base.Columns) // the verdict's own besides
	if o.stack.Zip, err = lambdazip.Make(c.Context, lambdazip.Options{Program: monitorProgram, Architecture: o.stack.Architecture, File: o.code}); err != nil {
		return nil, err
	}
	return account.MonitorStack(o.stack)
}

// findBaseline reads the baseline, so that one that is none is found out here and not by the function.
func (o *monitorDeployOptions) findBaseline(c *cli.Context, config *aws.Config, folder string) (*drift.Baseline, error) {
	if strings.HasPrefix(o.baseline, "s3://") {
		data, _, err := aws.NewObjects(config).Get(c.Context, o.baseline, drift.MaxBaselineBytes)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", o.baseline, err)
		}
		base, err := drift.ReadBaseline(bytes.NewReader(data))
		if err != nil {
			return nil, &hintedError{fmt.Errorf("reading %s: %w", o.baseline, err), "scones monitor baseline writes one"}
		}
		o.stack.BaselineURI = o.baseline
		return base, nil
	}
	return o.readBaseline(folder)
}

// readBaseline reads the file that is uploaded. Model Monitor's statistics become a baseline in folder; without one they are refused.
func (o *monitorDeployOptions) readBaseline(folder string) (*drift.Baseline, error) {
	base, err := openBaseline(o.baseline)
	if err != nil {
		return nil, err
	}
	data, err := readLimited(o.baseline, drift.MaxBaselineBytes)
	if err != nil {
		return nil, err
	}
	name := o.baseline
	if isStatistics(data) {
		if folder == "" {
			return nil, &hintedError{fmt.Errorf("%q holds Model Monitor's statistics", name), "scones monitor deploy --baseline takes them"}
		}
		base.Source, base.Created = "", time.Time{} // the same statistics are the same file
		var b bytes.Buffer
		if err := base.Write(&b); err != nil {
			return nil, err
		}
		name = filepath.Join(folder, "baseline.json")
		if err := os.WriteFile(name, b.Bytes(), 0o600); err != nil {
			return nil, err
		}
	}
	file, err := stack.OpenFile(name)
	o.stack.Baseline = &file
	return base, err
}

// costs says what a month of runs comes to: what they need cannot be known beforehand, but bounded.
func (o *monitorDeployOptions) costs(w io.Writer, region string) {
	runs := plan.HoursPerMonth / o.stack.Every.Hours()
	fmt.Fprintf(w, "%.0f runs a month", runs)
	second, ok := price.Find(region, "lambda "+map[string]string{lambdazip.ARM64: "arm", lambdazip.X86: "x86"}[o.stack.Architecture]+" time")
	if ok {
		usd := func(seconds float64) float64 { return float64(o.stack.MemoryMB) / 1024 * seconds * second.USD }
		most := stack.MaxMonitorTimeout.Seconds()
		fmt.Fprintf(w, "; one that takes half a minute costs $%.4f, the longest of %.0f min $%.4f: $%.2f to $%.2f a month", usd(30), most/60, usd(most), runs*usd(30), runs*usd(most))
	}
	fmt.Fprintf(w, "\nthe function's price by the hour is that of the %d metrics that it writes\n", o.stack.Count)
}

// firstRun judges the last whole interval, which also shows that the function may do all that it has to.
func (o *monitorDeployOptions) firstRun(c *cli.Context, account *stack.Account) error {
	name := o.stack.Name + "-monitor"
	fmt.Fprintf(c.App.ErrWriter, "scones: the first run is under way\n")
	answer, err := account.Invoke(c.Context, name, []byte("{}"))
	if err != nil {
		return &hintedError{fmt.Errorf("the first run of the monitor: %w", err), "everything is made; scones logs and the function's log group /aws/lambda/" + name + " say more"}
	}
	var outcome job.Outcome
	if err := json.Unmarshal(answer, &outcome); err != nil {
		return fmt.Errorf("the first run of the monitor answered %.200q: %w", answer, err)
	}
	w := c.App.Writer
	if c.Bool("json") {
		w = c.App.ErrWriter // standard output holds one JSON object
	}
	fmt.Fprintf(w, "\n%s to %s UTC, %s: %s\n%sreport.html\n", outcome.From.Format("2006-01-02 15:04"), outcome.To.Format("15:04"), counted(outcome.Rows, "row"), outcome.Sentence, outcome.Report)
	return nil
}

// monitorExtra is deploy's --monitor.
func monitorExtra() deployExtra {
	return deployExtra{
		flag:   &cli.StringFlag{Name: "monitor", Usage: "also a monitor that compares what is captured with the baseline in `FILE`, with the defaults of scones monitor deploy"},
		stacks: stack.MonitorStacks,
		resources: func(c *cli.Context, account *stack.Account, _ plan.Resource) ([]plan.Resource, error) {
			if c.Int("capture") == 0 {
				return nil, &usageError{"--monitor needs --capture: it reads what the endpoint captures", "--capture 100"}
			}
			o := &monitorDeployOptions{
				baseline: c.String("monitor"), spellings: []job.Spelling{job.Endpoints},
				config: job.Config{Alpha: drift.DefaultAlpha, Guarantee: job.Year, MinEffect: drift.DefaultMinEffect, MaxPictures: job.DefaultMaxPictures},
				stack:  stack.MonitorOptions{Name: c.String("name"), Every: job.DefaultEvery, Delay: job.DefaultDelay, Architecture: lambdazip.ARM64, MemoryMB: stack.DefaultMonitorMemory},
			}
			var err error
			if o.labels, err = labelsFromFlags(c); err != nil {
				return nil, err
			}
			o.environment("simple")
			base, err := o.readBaseline("")
			if err != nil {
				return nil, err
			}
			o.stack.Count = 3 + len(o.spellings)*job.MetricsOf(base.Columns)
			if o.stack.Zip, err = lambdazip.Make(c.Context, lambdazip.Options{Program: monitorProgram, Architecture: o.stack.Architecture}); err != nil {
				return nil, err
			}
			return account.MonitorStack(o.stack)
		},
	}
}
