package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/aws/stepfunctions"
	"github.com/scones-unlimited/scones/infer/capture"
	"github.com/scones-unlimited/scones/infer/monitor"
)

// monitorSourceFlags say what of the sources is read.
func monitorSourceFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "from", Usage: "leave out what was answered before `TIME`: 2026-01-31, 2026-01-31T12:00 in UTC, or 24h for that long ago"},
		&cli.StringFlag{Name: "to", Usage: "leave out what was answered at `TIME` or later"},
		&cli.StringFlag{Name: "labels", Usage: "the classes' `NAMES` in order, separated by commas (default: those that the source has, else class 0, class 1, …)"},
		&cli.StringFlag{Name: "labels-file", Usage: "read the classes' names from `FILE`, one a line"},
		&cli.BoolFlag{Name: "no-pictures", Usage: "do not look at the pictures"},
		&cli.StringFlag{Name: "store", Usage: "`FOLDER` that stands for the buckets of s3:// addresses within the sources"},
		&cli.StringFlag{Name: "region", Usage: "AWS `REGION` (default: that of the environment)"},
		&cli.StringFlag{Name: "profile", Usage: "AWS `PROFILE` of the shared configuration"},
	}
}

// parseWhen reads a time of --from or --to; empty is the zero time.
func parseWhen(flag, text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if ago, err := time.ParseDuration(text); err == nil && ago >= 0 {
		return now.Add(-ago).UTC(), nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02"} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC(), nil
		}
	}
	return time.Time{}, &usageError{fmt.Sprintf("--%s %q is no time", flag, text), "such as 2026-01-31, 2026-01-31T12:00, or 24h for that long ago"}
}

// windowFromFlags reads --from and --to.
func windowFromFlags(c *cli.Context) (from, until time.Time, err error) {
	now := time.Now()
	if from, err = parseWhen("from", c.String("from"), now); err != nil {
		return from, until, err
	}
	if until, err = parseWhen("to", c.String("to"), now); err != nil {
		return from, until, err
	}
	if !from.IsZero() && !until.IsZero() && !from.Before(until) {
		return from, until, &usageError{fmt.Sprintf("--from %s is not before --to %s", c.String("from"), c.String("to")), ""}
	}
	return from, until, nil
}

// A monitorInput is what a command of scones monitor reads, with all that finds it.
type monitorInput struct {
	sources []monitor.Source
	options monitor.Options
}

// openMonitorInput finds the sources of a command line. Nothing is read yet, but for the AWS credentials where a source lies there.
func openMonitorInput(c *cli.Context, names []string) (*monitorInput, error) {
	if len(names) == 0 {
		return nil, &usageError{"no source named", c.Command.HelpName + " captures/"}
	}
	from, until, err := windowFromFlags(c)
	if err != nil {
		return nil, err
	}
	labels, err := labelsFromFlags(c)
	if err != nil {
		return nil, err
	}
	in := &monitorInput{options: monitor.Options{From: from, Until: until, Labels: labels, SkipPictures: c.Bool("no-pictures"), Trace: traceRows}}
	var config *aws.Config
	cloud := func() (*aws.Config, error) {
		if config == nil {
			config, err = awsFromFlags(c)
		}
		return config, err
	}
	if in.options.Fetch, err = fetcher(c, cloud); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, name := range names {
		if seen[name] {
			continue
		}
		seen[name] = true
		source, err := monitorSource(c, name, from, until, cloud)
		if err != nil {
			return nil, err
		}
		in.sources = append(in.sources, source)
	}
	return in, nil
}

func monitorSource(c *cli.Context, name string, from, until time.Time, cloud func() (*aws.Config, error)) (monitor.Source, error) {
	if strings.HasPrefix(name, "s3://") {
		config, err := cloud()
		if err != nil {
			return monitor.Source{}, err
		}
		return monitor.Source{Name: name, Far: true, Files: aws.CapturesWithin(c.Context, config, name, capture.Options{From: from, Until: until})}, nil
	}
	if strings.HasPrefix(name, "arn:") {
		if !stepfunctions.HasExecutions(name) {
			return monitor.Source{}, &usageError{fmt.Sprintf("%s is the ARN of no state machine", name), "arn:aws:states:REGION:ACCOUNT:stateMachine:NAME"}
		}
		config, err := cloud()
		if err != nil {
			return monitor.Source{}, err
		}
		return monitor.Source{Name: name, Rows: executionRows(c.Context, config, name, from, until)}, nil
	}
	if _, err := os.Stat(name); err != nil {
		return monitor.Source{}, err
	}
	return monitor.Path(c.Context, name), nil
}

// fetcher opens s3:// addresses: below --store, or in S3 with the first one that is asked for.
func fetcher(c *cli.Context, cloud func() (*aws.Config, error)) (func(context.Context, string) (io.ReadCloser, error), error) {
	if store := c.String("store"); store != "" {
		s, err := openFolderStore(store)
		if err != nil {
			return nil, err
		}
		return func(_ context.Context, uri string) (io.ReadCloser, error) {
			bucket, key, ok := aws.ParseS3(uri)
			if !ok {
				return nil, fmt.Errorf("%q is no s3:// address", uri)
			}
			file, err := s.root.Open(filepath.FromSlash(s.name(bucket, key)))
			if err != nil {
				return nil, err
			}
			if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
				return nil, errors.Join(fmt.Errorf("%q is no file below %q", uri, store), file.Close())
			}
			return file, nil
		}, nil
	}
	// Without credentials an address within a source leads nowhere, which is counted with all else that cannot be read.
	return once(func() (func(context.Context, string) (io.ReadCloser, error), error) {
		config, err := cloud()
		if err != nil {
			return nil, err
		}
		return aws.OpenObject(config), nil
	}), nil
}

// rows yields the rows of all sources, with progress on a terminal. The summary is complete when they end.
func (in *monitorInput) rows(c *cli.Context, summary *monitor.Summary) iter.Seq2[monitor.Row, error] {
	return func(yield func(monitor.Row, error) bool) {
		loader, err := monitor.NewLoader(in.options)
		if err != nil {
			yield(monitor.Row{}, err)
			return
		}
		defer loader.Close()
		bar := newProgress(c.App.ErrWriter, "reading", -1, false, progressbar.OptionSetItsString("records"))
		defer func() { _ = bar.Clear() }() // a bar that cannot be drawn is no reason to stop
		for row, err := range loader.Load(c.Context, in.sources) {
			_ = bar.Add(1)
			if !yield(row, err) {
				break
			}
		}
		*summary = loader.Summary()
	}
}
