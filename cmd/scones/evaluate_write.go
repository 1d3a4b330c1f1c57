package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/infer/evaluate"
	"github.com/scones-unlimited/scones/infer/evaluate/figure"
	"github.com/scones-unlimited/scones/infer/evaluate/page"
	"github.com/scones-unlimited/scones/infer/thumbnail"
	"github.com/scones-unlimited/scones/model/atomicfile"
)

// write puts the report where the command line says.
func (o *evaluateOptions) write(c *cli.Context, r *evaluate.Report) error {
	if o.html != "" {
		if err := o.writePage(c, r); err != nil {
			return err
		}
	}
	if o.plots != "" {
		if err := o.writePlots(r); err != nil {
			return err
		}
	}
	if !o.json {
		return writeEvaluated(c.App.Writer, r)
	}
	return writeJSON(c.App.Writer, r)
}

func (o *evaluateOptions) writePage(c *cli.Context, r *evaluate.Report) error {
	var names []string
	for _, w := range r.Worst {
		names = append(names, w.Picture)
	}
	thumbnails, err := thumbnail.All(c.Context, names, o.open, o.limits)
	if err != nil {
		return err
	}
	return writeFile(o.html, func(w io.Writer) error { return page.Write(w, r, thumbnails) })
}

func (o *evaluateOptions) writePlots(r *evaluate.Report) error {
	if err := os.MkdirAll(o.plots, 0o755); err != nil {
		return fmt.Errorf("writing --plots: %w", err)
	}
	for _, kind := range figure.Kinds(r) {
		for _, format := range figure.Formats {
			name := filepath.Join(o.plots, string(kind)+"."+format)
			if err := writeFile(name, func(w io.Writer) error { return figure.Write(w, r, kind, format) }); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeFile writes a file that is whole or absent.
func writeFile(name string, write func(io.Writer) error) error {
	f, err := atomicfile.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := write(f); err != nil {
		return fmt.Errorf("%q: %w", name, err)
	}
	return f.Commit()
}
