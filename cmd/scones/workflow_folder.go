package main

import (
	"context"
	"fmt"
	"iter"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws/workflow"
	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/result"
	"github.com/scones-unlimited/scones/preprocess"
)

// folder runs an execution for each picture and writes a row for each, in the pictures' order.
func (m *localMachine) folder(c *cli.Context, name string, meta result.Meta) error {
	o, err := m.options(c, name)
	if err != nil {
		return err
	}
	meta.Format, meta.Columns, meta.Sources = o.format, o.columns, o.paths
	rows, err := openSink(c.App.Writer, o, meta)
	if err != nil {
		return err
	}
	sink := &promptSink{sink: rows}
	var skipped preprocess.Skipped
	src := sink.Rest(c.Context, preprocess.Folder(c.Context, name, &skipped))
	bar := newProgress(c.App.ErrWriter, "workflow", -1, false)
	if isTerminal(c.App.ErrWriter) {
		go countPictures(c.Context, o, bar.ChangeMax64)
	}
	unsure := 0
	err = writeRows(c, o, sink, bar, func(yield func(infer.Result, error) bool) {
		for r, err := range m.each(c, name, src) {
			if r.unsure {
				unsure++
			}
			if !yield(r.Result, err) {
				return
			}
		}
	}, &skipped)
	if unsure == 0 {
		return err
	}
	stopped := &gateError{fmt.Sprintf("%s: it stopped %s", workflow.ThresholdNotMet, counted(unsure, "picture"))}
	if err != nil { // the exit code tells of what failed
		fmt.Fprintf(c.App.ErrWriter, "scones: %v\n", stopped)
		return err
	}
	return stopped
}

// A folderResult is a picture's result; unsure tells that the threshold ended its execution.
type folderResult struct {
	infer.Result
	unsure bool
}

// each yields a result for each picture, in order; several executions run at once.
func (m *localMachine) each(c *cli.Context, root string, src iter.Seq2[preprocess.Image, error]) iter.Seq2[folderResult, error] {
	n := c.Int("concurrency")
	if n == 0 {
		n = coresFromFlags(c)
	}
	return sideBySide(c.Context, src, n, func(ctx context.Context, image preprocess.Image) (folderResult, error) {
		return m.picture(ctx, root, image)
	})
}

// picture is one picture's execution.
func (m *localMachine) picture(ctx context.Context, root string, image preprocess.Image) (folderResult, error) {
	key, err := filepath.Rel(root, image.Name)
	if err != nil {
		return folderResult{}, err
	}
	e, r, err := m.execute(ctx, pictureEvent(root, filepath.ToSlash(key)), nil)
	r.Name = image.Name
	return folderResult{r, err == nil && e.Error != nil && e.Error.Name == workflow.ThresholdNotMet}, err
}
