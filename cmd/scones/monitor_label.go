package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws/workflow"
	"github.com/scones-unlimited/scones/infer/drift"
	"github.com/scones-unlimited/scones/infer/monitor"
	"github.com/scones-unlimited/scones/infer/monitor/label"
	"github.com/scones-unlimited/scones/preprocess"
)

func monitorLabelCommand() *cli.Command {
	return &cli.Command{
		Name:      "label",
		Usage:     "name the classes of a few pictures in a page, for retraining",
		ArgsUsage: "SOURCE...",
		Description: "The pictures are those that carry a drift, with --baseline, and those whose confidence is nearest the threshold. The page is for this\n" +
			"machine alone. Each answer is kept at once: the folder -o has train.lst with the pictures, and truth.csv for scones monitor run --truth.\n" +
			"Run it again with the same folder to go on.\n\n" +
			"Examples:\n  scones monitor label --baseline baseline.json -o relabel/ captures/\n  scones monitor label --labels bicycle,motorcycle --most 20 captures/",
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "baseline", Usage: "also ask for the pictures that differ most from the baseline in `FILE`"},
			&cli.Float64Flag{Name: "threshold", Value: workflow.DefaultThreshold, Usage: "`SCORE` near which pictures are asked for, 0 to 1", DefaultText: "the baseline's, else 0.93"},
			&cli.IntFlag{Name: "most", Value: 50, Usage: "ask for at most `N` pictures"},
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Value: "relabel", Usage: "keep pictures and answers in `FOLDER`"},
			&cli.StringFlag{Name: "addr", Value: "127.0.0.1:0", Usage: "show the page at `ADDRESS` of this machine; port 0 is any free one"},
		}, sampleFlags(), monitorSourceFlags()),
		Action: monitorLabel,
	}
}

func monitorLabel(c *cli.Context) error {
	threshold, most := c.Float64("threshold"), c.Int("most")
	switch {
	case !(threshold >= 0 && threshold <= 1):
		return &usageError{fmt.Sprintf("--threshold %v: must be 0 to 1", threshold), ""}
	case most < 1 || most > label.MaxQuestions:
		return &usageError{fmt.Sprintf("--most %d: must be 1 to %d", most, label.MaxQuestions), ""}
	case c.String("out") == "":
		return &usageError{"--out names nothing", ""}
	}
	if err := loopback(c.String("addr")); err != nil {
		return err
	}
	session, err := openLabelling(c, threshold, most)
	if err != nil {
		return err
	}
	if err := serveLabelling(c, session); err != nil {
		return err
	}
	count, out := session.Count(), c.String("out")
	fmt.Fprintf(c.App.Writer, "%s of %d labelled in %s, %d not sure, %d of no class, %d open\n", counted(count.Labelled, "picture"), count.Questions, filepath.Join(out, label.ListFile), count.Skipped, count.Useless, count.Open)
	return nil
}

// loopback refuses an address that others reach.
func loopback(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err == nil && host == "localhost" {
		return nil
	}
	if at, parseErr := netip.ParseAddr(host); err == nil && parseErr == nil && at.IsLoopback() {
		return nil
	}
	return &usageError{fmt.Sprintf("--addr %q is no address of this machine alone", address), "such as 127.0.0.1:8081; from elsewhere, come through ssh -L"}
}

// openLabelling reads the sources and chooses the pictures.
func openLabelling(c *cli.Context, threshold float64, most int) (*label.Session, error) {
	wish := sampleWishes{threshold: threshold}
	var base *drift.Baseline
	if name := c.String("baseline"); name != "" {
		var err error
		if base, err = openBaseline(name); err != nil {
			return nil, err
		}
		wish = wishesOf(base)
		if !c.IsSet("threshold") && base.Threshold > 0 {
			threshold = base.Threshold
		}
	}
	s, err := sampleFromFlags(c, c.Args().Slice(), wish)
	if err != nil {
		return nil, err
	}
	labels := s.Labels
	if len(labels) == 0 && base != nil {
		labels = base.Labels
	}
	if len(labels) == 0 {
		return nil, &usageError{"the sources do not say what the classes are called", "--labels bicycle,motorcycle, or --model"}
	}
	candidates := label.Candidates{Sample: s.Sample, Threshold: threshold, Most: most}
	if base != nil {
		if candidates.Report, err = drift.Run(base, s.Sample, drift.Options{Seed: c.Uint64("seed")}); err != nil {
			return nil, err
		}
	}
	session, missing, err := label.Open(c.Context, c.String("out"), labels, label.Choose(candidates), func(ctx context.Context, place string) ([]byte, error) {
		return monitor.ReadPlace(ctx, monitor.ParsePlace(place), s.input.options.Fetch, preprocess.Limits{})
	})
	if errors.Is(err, label.ErrSession) {
		return nil, &hintedError{err, "name another folder with -o"}
	}
	if err != nil {
		return nil, err
	}
	if missing > 0 {
		fmt.Fprintf(c.App.ErrWriter, "scones: %s could not be read and left out\n", counted(missing, "picture"))
	}
	if session.Count().Questions == 0 {
		return nil, &hintedError{errors.New("there is no picture to ask for"), "the sources need pictures: captures with mode Input, or rows whose files are there"}
	}
	return session, nil
}

// serveLabelling shows the page until the person finishes or interrupts, which is an end like any other here: every answer is kept.
func serveLabelling(c *cli.Context, session *label.Session) error {
	listener, err := net.Listen("tcp", c.String("addr"))
	if err != nil {
		return fmt.Errorf("listen at --addr: %w", err)
	}
	handler := session.Handler()
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: time.Minute, IdleTimeout: time.Minute, MaxHeaderBytes: 64 << 10}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(listener) // it ends with Shutdown
	}()
	count := session.Count()
	fmt.Fprintf(c.App.ErrWriter, "scones: %s to label, %d open: http://%s%s\nscones: Finish on the page, or Ctrl-C, ends it; every answer is kept at once\n", counted(count.Questions, "picture"), count.Open, listener.Addr(), handler.Path())
	select {
	case <-handler.Done():
	case <-c.Context.Done():
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Context), 3*time.Second)
	defer cancel()
	_ = server.Shutdown(ctx) // who still reads then is cut off
	_ = server.Close()
	<-ended
	return nil
}
