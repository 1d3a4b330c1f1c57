package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"iter"
	"path"
	"path/filepath"
	"sync"
	"time"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/aws/stepfunctions"
	"github.com/scones-unlimited/scones/aws/workflow"
	"github.com/scones-unlimited/scones/aws/workflow/outcome"
	"github.com/scones-unlimited/scones/infer/monitor"
)

// executionRows are the answers of a state machine's executions.
func executionRows(ctx context.Context, config *aws.Config, arn string, from, until time.Time) iter.Seq2[monitor.Recorded, error] {
	return func(yield func(monitor.Recorded, error) bool) {
		for e, err := range stepfunctions.Open(config, arn).Outcomes(ctx, from, until) {
			if err != nil {
				yield(monitor.Recorded{}, err)
				return
			}
			for _, row := range recordedRowsOf(e.Outcome, e.ARN, e.Name, e.Err) {
				if !yield(row, nil) {
					return
				}
			}
		}
	}
}

// traceRows are the answers in a history that lies in a file.
func traceRows(name string, data []byte) ([]monitor.Recorded, error) {
	o, err := outcome.Parse(data)
	if err != nil {
		return nil, err
	}
	base := filepath.Base(name)
	return recordedRowsOf(o, "", base, nil), nil
}

// recordedRowsOf makes a row of each answer of an execution.
func recordedRowsOf(o outcome.Outcome, id, name string, err error) []monitor.Recorded {
	base := monitor.Row{Time: o.Start.UTC(), EventID: id, InferenceID: name, Index: -1, Latency: monitor.NoLatency}
	if took := o.Stop.Sub(o.Start); took > 0 {
		base.Latency = took
	}
	if err != nil {
		return []monitor.Recorded{{Row: base, Err: err}}
	}
	var rows []monitor.Recorded
	for i, a := range o.Answers {
		r := monitor.Recorded{Row: base}
		if id != "" && len(o.Answers) > 1 {
			r.EventID = fmt.Sprintf("%s/%d", id, i)
		}
		r.Place = objectPlace(a.Object)
		if a.Image != "" {
			if data, err := base64.StdEncoding.DecodeString(a.Image); err == nil {
				r.Bytes = data
			}
		}
		if a.Error != "" && a.Error != workflow.ThresholdNotMet || len(a.Scores) == 0 {
			r.Error = a.Error
			if r.Error == "" {
				r.Error = workflow.Unknown
			}
			rows = append(rows, r)
			continue
		}
		r.Scores = make([]float32, len(a.Scores))
		for k, s := range a.Scores {
			r.Scores[k] = float32(s)
		}
		r.Index, r.Label = a.Best(), a.Label
		rows = append(rows, r)
	}
	return rows
}

// objectPlace is where a picture lies: in a bucket, or in the folder that stood for one in a run on this machine.
func objectPlace(object workflow.Reference) monitor.Place {
	if object.Key == "" {
		return monitor.Place{}
	}
	if local := path.Join(object.Bucket, object.Key); object.Bucket == "" || isFile(filepath.FromSlash(local)) {
		return monitor.Place{File: local}
	}
	return monitor.Place{File: "s3://" + object.Bucket + "/" + object.Key}
}

// once finds out how to open addresses when the first one is asked for, and keeps to it.
func once(find func() (func(context.Context, string) (io.ReadCloser, error), error)) func(context.Context, string) (io.ReadCloser, error) {
	get := sync.OnceValues(find)
	return func(ctx context.Context, uri string) (io.ReadCloser, error) {
		open, err := get()
		if err != nil {
			return nil, err
		}
		return open(ctx, uri)
	}
}
