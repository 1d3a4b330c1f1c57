package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/infer/drift"
	"github.com/scones-unlimited/scones/infer/drift/figure"
	"github.com/scones-unlimited/scones/infer/drift/page"
	"github.com/scones-unlimited/scones/infer/monitor"
	"github.com/scones-unlimited/scones/preprocess"
)

// monitorPageFlags say where pictures of a report go.
func monitorPageFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "html", Usage: "write the report as a page that needs nothing else to `FILE`"},
		&cli.StringFlag{Name: "plots", Usage: "write its figures as PNG and SVG into `FOLDER`"},
	}
}

// writeMonitorPage draws a report where the command line says.
func writeMonitorPage(c *cli.Context, r *drift.Report, s *monitorSample) error {
	if name := c.String("html"); name != "" {
		o := pageOptions(s)
		if err := writeFile(name, func(w io.Writer) error { return page.Write(c.Context, w, r, o) }); err != nil {
			return err
		}
	}
	if folder := c.String("plots"); folder != "" {
		return writeMonitorPlots(folder, r)
	}
	return nil
}

// pageOptions show the pictures of a sample, and what of it could not be read.
func pageOptions(s *monitorSample) page.Options {
	o := page.Options{Picture: func(ctx context.Context, at string) ([]byte, error) {
		return monitor.ReadPlace(ctx, monitor.ParsePlace(at), s.input.options.Fetch, preprocess.Limits{})
	}}
	for _, cause := range s.summary.Causes {
		o.Problems = append(o.Problems, page.Problem{Concerns: string(cause.Kind), Code: cause.Code, Count: cause.Count, First: cause.First + ": " + cause.Text})
	}
	if n := s.summary.Duplicates; n > 0 {
		o.Problems = append(o.Problems, page.Problem{Concerns: string(monitor.BadRecord), Code: "duplicate", Count: n, First: "left out by event id"})
	}
	return o
}

// writeMonitorPlots writes each figure as PNG and SVG.
func writeMonitorPlots(folder string, r *drift.Report) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("making --plots: %w", err)
	}
	for _, f := range figure.Of(r) {
		for _, format := range figure.Formats {
			if err := writeFile(filepath.Join(folder, f.Name+"."+format), func(w io.Writer) error { return f.Write(w, format) }); err != nil {
				return err
			}
		}
	}
	return nil
}
