package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws/workflow"
	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/result"
	"github.com/scones-unlimited/scones/model"
)

// maxResults bounds a results file that is read whole.
const maxResults = 1 << 30

func workflowResultsCommand() *cli.Command {
	return &cli.Command{
		Name:      "results",
		Usage:     "turn what a Distributed Map wrote into rows as classify has them",
		ArgsUsage: "MANIFEST.json|RESULTS.json|RESULTS.jsonl...",
		Description: "MANIFEST.json is what ResultWriter leaves; the files that it names are looked for below --store, or beside it.\n" +
			"RESULTS are such files themselves, or outputs of single executions.\n\n" +
			"Example:\n  scones workflow results --out rows.csv bucket/results/3f1c/manifest.json",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "store", Usage: "`FOLDER` that stands for the bucket of a manifest"},
			&cli.Float64Flag{Name: "threshold", Value: workflow.DefaultThreshold, Usage: "`SCORE` of the confident field, 0 to 1"},
			&cli.StringFlag{Name: "format", Usage: "table, csv, jsonl or parquet (default: by --out's extension; else table on a terminal, csv in a pipe)"},
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "write the rows to `FILE`"},
		},
		Action: workflowResults,
	}
}

func workflowResults(c *cli.Context) error {
	threshold := c.Float64("threshold")
	o := &classifyOptions{paths: c.Args().Slice(), out: c.String("out"), overwrite: true, columns: result.Columns{TopK: 1, Threshold: &threshold}}
	switch {
	case len(o.paths) == 0:
		return &usageError{"no results named", "scones workflow results bucket/results/ID/manifest.json"}
	case !(threshold >= 0 && threshold <= 1):
		return &usageError{fmt.Sprintf("--threshold %v: must be 0 to 1", threshold), ""}
	}
	var err error
	if o.format, err = chooseFormat(c, o.out); err != nil {
		return err
	}
	sink, err := openSink(c.App.Writer, o, result.Meta{Scones: buildInfo().version, Format: o.format, Columns: o.columns, Sources: o.paths})
	if err != nil {
		return err
	}
	for _, name := range o.paths {
		for r, err := range resultsOf(name, c.String("store")) {
			if err == nil {
				err = sink.Write(r)
			}
			if err != nil {
				return errors.Join(err, sink.Close())
			}
		}
	}
	if err := sink.Finish(); err != nil {
		return err
	}
	fmt.Fprintf(c.App.ErrWriter, "scones: %s, %d failed\n", counted(sink.Rows(), "picture"), sink.Failed())
	if sink.Failed() > 0 {
		return &picturesError{sink.Failed(), sink.Rows()}
	}
	return nil
}

// resultsOf yields the rows of one file on this machine; a manifest's files lie below a store, or beside it.
func resultsOf(name, store string) iter.Seq2[infer.Result, error] {
	place := func(key string) string {
		if store != "" {
			return filepath.Join(store, filepath.FromSlash(path.Clean("/"+key)))
		}
		return filepath.Join(filepath.Dir(name), path.Base(key))
	}
	return resultsIn(name, place, func(name string) ([]byte, error) { return readLimited(name, maxResults) })
}

// resultsIn yields the rows of one file; a manifest's files one after the other, those that succeeded first. Place says where the file of
// a key is, read gives a file.
func resultsIn(name string, place func(key string) string, read func(name string) ([]byte, error)) iter.Seq2[infer.Result, error] {
	return func(yield func(infer.Result, error) bool) {
		data, err := read(name)
		if err != nil {
			yield(infer.Result{}, err)
			return
		}
		var manifest struct {
			ResultFiles map[string][]struct{ Key string }
		}
		if json.Unmarshal(data, &manifest) != nil || manifest.ResultFiles == nil {
			rows(name, data, yield)
			return
		}
		for _, status := range []string{"SUCCEEDED", "FAILED", "PENDING"} {
			for _, file := range manifest.ResultFiles[status] {
				at := place(file.Key)
				data, err := read(at)
				if err != nil {
					yield(infer.Result{}, fmt.Errorf("results that %q names: %w", name, err))
					return
				}
				if !rows(at, data, yield) {
					return
				}
			}
		}
	}
}

// rows yields a file's results, and tells whether to go on.
func rows(name string, data []byte, yield func(infer.Result, error) bool) bool {
	entries := [][]byte{data}
	if strings.EqualFold(filepath.Ext(name), ".jsonl") {
		entries = slices.Collect(bytes.Lines(data))
	}
	for i, entry := range entries {
		if len(bytes.TrimSpace(entry)) == 0 {
			continue
		}
		for answer, err := range workflow.Answers(entry) {
			if err != nil {
				yield(infer.Result{}, fmt.Errorf("read results %q, entry %d: %w", name, i+1, err))
				return false
			}
			if !yield(rowOf(answer), nil) {
				return false
			}
		}
	}
	return true
}

func rowOf(a workflow.Answer) infer.Result {
	r := infer.Result{Name: "s3://" + a.Object.Bucket + "/" + a.Object.Key}
	if a.Error != "" && a.Error != workflow.ThresholdNotMet || len(a.Scores) == 0 {
		r.Err = coded(&workflow.Error{Name: a.Error, Err: errors.New(a.Error + ": " + causeText(a.Cause))})
		return r
	}
	best := a.Best()
	for _, score := range a.Scores {
		r.Scores = append(r.Scores, float32(score))
	}
	r.Top = []model.Class{{Index: best, Label: a.Label, Score: float32(a.Scores[best])}}
	return r
}
