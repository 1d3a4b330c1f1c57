package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/infer/drift"
	"github.com/scones-unlimited/scones/infer/drift/live"
	"github.com/scones-unlimited/scones/infer/drift/page"
	"github.com/scones-unlimited/scones/infer/hostcheck"
)

func monitorWatchCommand() *cli.Command {
	return &cli.Command{
		Name:      "watch",
		Usage:     "compare with a baseline again and again",
		ArgsUsage: "SOURCE...",
		Description: "Each check reads what is there and judges it as scones monitor run does; --from 24h makes the window move along. The false-alarm rate\n" +
			"holds over a year of checks. Without new rows there is no new judgement. A check that cannot be made is said and made again.\n\n" +
			"Examples:\n  scones monitor watch --baseline baseline.json --from 24h --html report.html captures/\n" +
			"  scones monitor watch --baseline baseline.json --every 15m --serve 127.0.0.1:9464 s3://bucket/data-capture/endpoint/",
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "baseline", Usage: "`FILE` of scones monitor baseline, or Model Monitor's statistics.json"},
			&cli.StringFlag{Name: "every", Value: "1m", Usage: "check at this `INTERVAL`, such as 30s, 15m or 1h"},
			&cli.IntFlag{Name: "checks", Usage: "end after `N` checks, with exit code 4 if the last one found drift (default: go on)"},
			&cli.StringFlag{Name: "serve", Usage: "show the page, /report.json and Prometheus' /metrics at `ADDRESS`, such as 127.0.0.1:9464"},
			&cli.Float64Flag{Name: "alpha", Value: drift.DefaultAlpha, Usage: "the chance of a false alarm in a year of checks, `P`"},
			&cli.Float64Flag{Name: "min-effect", Value: drift.DefaultMinEffect, Usage: "no drift below an effect of `D`, as Cohen's d: 0.2 is small, 0.8 large"},
			&cli.StringFlag{Name: "html", Usage: "write the page to `FILE` at each check"},
		}, sampleFlags(), monitorSourceFlags()),
		Action: func(c *cli.Context) error {
			w, err := watchFromFlags(c)
			if err != nil {
				return err
			}
			return w.run()
		},
	}
}

// A watch is a command line of scones monitor watch while it runs.
type watch struct {
	c       *cli.Context
	base    *drift.Baseline
	every   time.Duration
	checks  int
	options drift.Options
	server  *live.Server // nil without --serve
	view    *watchView
	last    string // digest of the rows that were judged
	report  *drift.Report
}

func watchFromFlags(c *cli.Context) (*watch, error) {
	w := &watch{c: c, checks: c.Int("checks"), options: drift.Options{MinEffect: c.Float64("min-effect"), Seed: c.Uint64("seed")}}
	if w.options.MinEffect == 0 {
		w.options.MinEffect = -1 // none
	}
	alpha := c.Float64("alpha")
	var err error
	w.every, err = parseInterval(c.String("every"))
	switch {
	case err != nil:
		return nil, &usageError{fmt.Sprintf("--every %q: %v", c.String("every"), err), "such as 30s, 15m or 1h"}
	case c.String("baseline") == "":
		return nil, &usageError{"nothing says what is normal", "scones monitor baseline -o baseline.json SOURCE, then --baseline baseline.json"}
	case c.NArg() == 0:
		return nil, &usageError{"no source named", "scones monitor watch --baseline baseline.json captures/"}
	case !(alpha > 0 && alpha < 1):
		return nil, &usageError{fmt.Sprintf("--alpha %v: must be between 0 and 1", alpha), ""}
	case !(c.Float64("min-effect") >= 0 && c.Float64("min-effect") <= 10):
		return nil, &usageError{fmt.Sprintf("--min-effect %v: must be 0 to 10", c.Float64("min-effect")), ""}
	case w.checks < 0 || c.IsSet("checks") && w.checks == 0:
		return nil, &usageError{fmt.Sprintf("--checks %d: must be 1 or more", w.checks), ""}
	}
	if _, _, err := windowFromFlags(c); err != nil {
		return nil, err
	}
	w.options.Level = drift.Every(alpha, w.every)
	if w.base, err = openBaseline(c.String("baseline")); err != nil {
		return nil, err
	}
	w.view = newWatchView(c.App.Writer)
	return w, nil
}

// run checks until it is told to end.
func (w *watch) run() error {
	stop, err := w.listen()
	if err != nil {
		return err
	}
	defer stop()
	ticker := time.NewTicker(w.every)
	defer ticker.Stop()
	for n := 1; ; n++ {
		if err := w.check(); err != nil {
			return err
		}
		if n == w.checks {
			if w.report != nil && w.report.Verdict == drift.Drift {
				return &gateError{w.report.Sentence}
			}
			return nil
		}
		select {
		case <-w.c.Context.Done():
			return w.c.Context.Err()
		case <-ticker.C:
		}
	}
}

// check makes one check. What keeps it from being made is shown, and only a command line that cannot be meant is an error.
func (w *watch) check() error {
	at := time.Now()
	err := w.judge(at)
	if w.c.Context.Err() != nil {
		return w.c.Context.Err()
	}
	if usage, ok := errors.AsType[*usageError](err); ok {
		return usage
	}
	if err != nil && w.server != nil {
		w.server.Failed()
	}
	return w.view.show(w.report, err, at, at.Add(w.every))
}

func (w *watch) judge(at time.Time) error {
	s, err := sampleFromFlags(w.c, w.c.Args().Slice(), wishesOf(w.base))
	if err != nil {
		return err
	}
	digest := drift.Digest(s.Sample)
	if digest == w.last {
		if w.server != nil {
			w.server.Unchanged(at)
		}
		return nil
	}
	if len(s.Labels) == 0 {
		s.Labels = w.base.Labels
	}
	o := w.options
	o.Truth = s.truth
	report, err := drift.Run(w.base, s.Sample, o)
	if err != nil {
		return err
	}
	report.Scones = buildInfo().version
	report.Notes = append(report.Notes, s.notes...)
	pages := pageOptions(s)
	pages.Refresh = int(max(w.every, 5*time.Second) / time.Second)
	var html bytes.Buffer
	if w.server != nil || w.c.IsSet("html") {
		if err := page.Write(w.c.Context, &html, report, pages); err != nil {
			return err
		}
	}
	if name := w.c.String("html"); name != "" {
		if err := writeFile(name, func(to io.Writer) error { _, err := to.Write(html.Bytes()); return err }); err != nil {
			return err
		}
	}
	if w.server != nil {
		if err := w.server.Update(report, html.Bytes(), at); err != nil {
			return err
		}
	}
	w.last, w.report = digest, report
	return nil
}

// listen serves the page; stop ends it.
func (w *watch) listen() (stop func(), err error) {
	address := w.c.String("serve")
	if address == "" {
		return func() {}, nil
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil || host == "" {
		return nil, &usageError{fmt.Sprintf("--serve %q is no address", address), "such as 127.0.0.1:9464; 0.0.0.0:9464 is for everybody who reaches this machine"}
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen at --serve: %w", err)
	}
	w.server = live.NewServer(w.every)
	server := &http.Server{Handler: hostcheck.Handler(w.server, host), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: time.Minute, IdleTimeout: time.Minute, MaxHeaderBytes: 64 << 10}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // it ends with Shutdown
	}()
	fmt.Fprintf(w.c.App.ErrWriter, "scones: the page is at http://%s/, figures for Prometheus at /metrics\n", listener.Addr())
	return func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(w.c.Context), 5*time.Second)
		defer cancel()
		_ = server.Shutdown(ctx) // who still reads then is cut off
		_ = server.Close()
		<-done
	}, nil
}
