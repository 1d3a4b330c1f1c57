package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/infer/drift"
	"github.com/scones-unlimited/scones/infer/drift/modelmonitor"
)

func monitorRunCommand() *cli.Command {
	return &cli.Command{
		Name:      "run",
		Usage:     "compare a window of answers with a baseline",
		ArgsUsage: "SOURCE...",
		Description: "The verdict is drift (exit code 4), quiet, or cannot say, when there are too few rows to see even a large shift. All tests of a run share\n" +
			"one false-alarm rate, and so do all runs against a baseline: they are counted in a file beside it, and the same rows count once.\n" +
			"--every promises the rate over a year of runs instead and needs no file; --once spends it all on this run.\n\n" +
			"Examples:\n  scones monitor run --baseline baseline.json captures/\n  scones monitor run --baseline baseline.json --every 1h --from 1h s3://bucket/data-capture/endpoint/\n" +
			"  scones monitor run --baseline baseline.json --truth truth.csv --html report.html captures/",
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "baseline", Usage: "`FILE` of scones monitor baseline, or Model Monitor's statistics.json"},
			&cli.Float64Flag{Name: "alpha", Value: drift.DefaultAlpha, Usage: "the chance of a false alarm, `P`"},
			&cli.Float64Flag{Name: "min-effect", Value: drift.DefaultMinEffect, Usage: "no drift below an effect of `D`, as Cohen's d: 0.2 is small, 0.8 large"},
			&cli.Float64Flag{Name: "must-see", Value: drift.DefaultLarge, Usage: "cannot say unless an effect of `D` would be seen with 80 %"},
			&cli.StringFlag{Name: "every", Usage: "runs come at this `INTERVAL`, such as 15m, 1h or 1d: --alpha holds over a year of them"},
			&cli.BoolFlag{Name: "once", Usage: "this run stands alone: --alpha is for it"},
			&cli.StringFlag{Name: "state", Usage: "count the runs in `FILE` (default: the baseline's name with .runs)"},
			&cli.StringFlag{Name: "constraints", Usage: "also check Model Monitor's constraints in `FILE`"},
			&cli.StringFlag{Name: "violations", Usage: "write what does not meet them to `FILE`, as Model Monitor's constraint_violations.json"},
			&cli.BoolFlag{Name: "json", Usage: "print one JSON object"},
			&cli.BoolFlag{Name: "emf", Usage: "print metrics in CloudWatch's embedded metric format, with Model Monitor's names"},
			&cli.StringFlag{Name: "endpoint", Value: "scones", Usage: "the metrics' dimension Endpoint, `NAME`"},
			&cli.StringFlag{Name: "schedule", Value: "scones", Usage: "the metrics' dimension MonitoringSchedule, `NAME`"},
		}, monitorPageFlags(), sampleFlags(), monitorSourceFlags()),
		Action: func(c *cli.Context) error {
			o, err := monitorRunFromFlags(c)
			if err != nil {
				return err
			}
			return runMonitor(c, o)
		},
	}
}

// monitorRunOptions is a command line of scones monitor run.
type monitorRunOptions struct {
	baseline, state         string
	alpha                   float64
	every                   time.Duration
	once                    bool
	constraints, violations string
	run                     drift.Options
}

// monitorRunFromFlags checks everything that can be wrong before anything is read.
func monitorRunFromFlags(c *cli.Context) (*monitorRunOptions, error) {
	o := &monitorRunOptions{
		baseline: c.String("baseline"), state: c.String("state"), alpha: c.Float64("alpha"), once: c.Bool("once"),
		constraints: c.String("constraints"), violations: c.String("violations"),
		run: drift.Options{MinEffect: c.Float64("min-effect"), Large: c.Float64("must-see"), Seed: c.Uint64("seed")},
	}
	if o.run.MinEffect == 0 {
		o.run.MinEffect = -1 // none
	}
	kinds := 0
	for _, name := range []string{"every", "once", "state"} {
		if c.IsSet(name) {
			kinds++
		}
	}
	switch {
	case o.baseline == "":
		return nil, &usageError{"nothing says what is normal", "scones monitor baseline -o baseline.json SOURCE, then --baseline baseline.json"}
	case !(o.alpha > 0 && o.alpha < 1):
		return nil, &usageError{fmt.Sprintf("--alpha %v: must be between 0 and 1", o.alpha), ""}
	case !(c.Float64("min-effect") >= 0 && c.Float64("min-effect") <= 10):
		return nil, &usageError{fmt.Sprintf("--min-effect %v: must be 0 to 10", c.Float64("min-effect")), ""}
	case !(o.run.Large > 0 && o.run.Large <= 10):
		return nil, &usageError{fmt.Sprintf("--must-see %v: must be more than 0, and 10 at most", o.run.Large), ""}
	case kinds > 1:
		return nil, &usageError{"--every, --once and --state exclude each other", ""}
	case c.Bool("json") && c.Bool("emf"):
		return nil, &usageError{"--json and --emf exclude each other", ""}
	case o.violations != "" && o.constraints == "":
		return nil, &usageError{"--violations needs --constraints", ""}
	}
	if text := c.String("every"); c.IsSet("every") {
		var err error
		if o.every, err = parseInterval(text); err != nil {
			return nil, &usageError{fmt.Sprintf("--every %q: %v", text, err), "such as 15m, 1h or 1d"}
		}
	}
	if o.state == "" {
		o.state = o.baseline + ".runs"
	}
	return o, nil
}

// parseInterval reads a duration that may be of days.
func parseInterval(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		var n float64
		n, err = strconv.ParseFloat(days, 64)
		d = time.Duration(n * float64(24*time.Hour))
	}
	switch {
	case err != nil:
		return 0, errors.New("is no length of time")
	case d < time.Second || d > 366*24*time.Hour:
		return 0, errors.New("must be a second to a year")
	}
	return d, nil
}

func runMonitor(c *cli.Context, o *monitorRunOptions) error {
	base, err := openBaseline(o.baseline)
	if err != nil {
		return err
	}
	s, err := sampleFromFlags(c, c.Args().Slice(), wishesOf(base))
	if err != nil {
		return err
	}
	if len(s.Labels) == 0 {
		s.Labels = base.Labels
	}
	o.run.Truth = s.truth
	report, err := o.judge(base, s.Sample)
	if err != nil {
		return err
	}
	report.Scones = buildInfo().version
	report.Notes = append(report.Notes, s.notes...)
	if base.Column(drift.EmbeddingColumn) != nil && !c.IsSet("model") {
		report.Notes = append(report.Notes, "the baseline has embeddings: --model would compare them")
	}
	if err := o.check(base, s.Sample, report); err != nil {
		return err
	}
	if err := writeMonitorPage(c, report, s); err != nil {
		return err
	}
	switch {
	case c.Bool("json"):
		err = writeJSON(c.App.Writer, report)
	case c.Bool("emf"):
		err = report.WriteEMF(c.App.Writer, c.String("endpoint"), c.String("schedule"), time.Now())
	default:
		err = writeMonitorRun(c.App.Writer, report)
	}
	if err == nil && report.Verdict == drift.Drift {
		err = &gateError{report.Sentence}
	}
	return err
}

// openBaseline reads a baseline of either format.
func openBaseline(name string) (*drift.Baseline, error) {
	in, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("reading the baseline: %w", err)
	}
	defer in.Close()
	data, err := io.ReadAll(io.LimitReader(in, drift.MaxBaselineBytes+1))
	if err != nil {
		return nil, fmt.Errorf("reading the baseline: %w", err)
	}
	var b *drift.Baseline
	if isStatistics(data) {
		b, err = baselineOfStatistics(data)
	} else {
		b, err = drift.ReadBaseline(bytes.NewReader(data))
	}
	if err != nil {
		return nil, &hintedError{fmt.Errorf("reading %q: %w", name, err), "scones monitor baseline writes one"}
	}
	b.Source = name
	return b, nil
}

// isStatistics tells Model Monitor's statistics from a baseline of ours.
func isStatistics(data []byte) bool {
	var head struct {
		Dataset  json.RawMessage `json:"dataset"`
		Features json.RawMessage `json:"features"`
	}
	return json.Unmarshal(data, &head) == nil && head.Features != nil
}

func baselineOfStatistics(data []byte) (*drift.Baseline, error) {
	statistics, err := modelmonitor.ReadStatistics(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	return drift.NewBaseline(statistics.Sample(), 1)
}

// check compares the window with Model Monitor's constraints.
func (o *monitorRunOptions) check(base *drift.Baseline, window *drift.Sample, r *drift.Report) error {
	if o.constraints == "" {
		return nil
	}
	in, err := os.Open(o.constraints)
	if err != nil {
		return fmt.Errorf("reading --constraints: %w", err)
	}
	defer in.Close()
	constraints, err := modelmonitor.ReadConstraints(in)
	if err != nil {
		return fmt.Errorf("reading %q: %w", o.constraints, err)
	}
	r.Violations = modelmonitor.Check(constraints, modelmonitor.Describe(&base.Sample), modelmonitor.Describe(window))
	if o.violations == "" {
		return nil
	}
	return writeFile(o.violations, func(w io.Writer) error {
		return modelmonitor.Write(w, modelmonitor.Violations{Violations: r.Violations})
	})
}
