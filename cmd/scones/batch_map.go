package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/aws/stepfunctions"
	"github.com/scones-unlimited/scones/aws/workflow"
	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/result"
	"github.com/scones-unlimited/scones/preprocess"
)

// runMap has the Distributed Map of a state machine answer. What an earlier execution of the same places answered is taken.
func (o *batchOptions) runMap(c *cli.Context) error {
	config, err := awsFromFlags(c)
	if err != nil {
		return err
	}
	machine := stepfunctions.Open(config, o.machine)
	execution, err := o.execution(c, machine)
	if err != nil {
		return err
	}
	if execution, err = o.watchMap(c, machine, execution); err != nil {
		return err
	}
	if execution.Status != "SUCCEEDED" {
		return &hintedError{fmt.Errorf("execution %s: %s: %s: %s", execution.Name, execution.Status, cmp.Or(execution.Error, "no error's name"), causeText(execution.Cause)),
			"--overwrite starts another; pictures that fail singly are rows, see the machine's ToleratedFailurePercentage"}
	}
	manifest, err := manifestOf(execution.Output)
	if err != nil {
		return fmt.Errorf("execution %s: %w", execution.Name, err)
	}
	store := aws.NewStore(config)
	read := func(key string) ([]byte, error) {
		data, _, err := store.Get(c.Context, workflow.Reference{Bucket: manifest.Bucket, Key: key}, maxResults)
		return data, err
	}
	meta := result.Meta{Model: machine.ARN, Runtime: "AWS Step Functions", Device: "Distributed Map"}
	results := o.mapped(resultsIn(manifest.Key, func(key string) string { return key }, read))
	return o.write(c, meta, o.complete(results, aws.List(c.Context, config, o.in), execution.Name))
}

// complete adds an error for every picture that has no result, so that none is lost in silence.
func (o *batchOptions) complete(results iter.Seq2[infer.Result, error], objects iter.Seq2[aws.Object, error], execution string) iter.Seq2[infer.Result, error] {
	return func(yield func(infer.Result, error) bool) {
		seen := map[string]bool{}
		for r, err := range results {
			seen[r.Name] = true
			if !yield(r, err) || err != nil {
				return
			}
		}
		for object, err := range objects {
			name := object.Key.String()
			if err == nil && (seen[name] || !preprocess.IsPictureName(name)) {
				continue
			}
			missing := &preprocess.ImageError{Code: preprocess.CodeInference, Err: fmt.Errorf("execution %s left no result", execution)}
			if !yield(infer.Result{Name: name, Err: missing}, err) || err != nil {
				return
			}
		}
	}
}

// mapped gives rows of scores the labels of the command line; a machine that knows labels of its own keeps them.
func (o *batchOptions) mapped(results iter.Seq2[infer.Result, error]) iter.Seq2[infer.Result, error] {
	r := &ranker{o.labels, o.rows.columns.TopK}
	return func(yield func(infer.Result, error) bool) {
		for row, err := range results {
			if err == nil && row.Err == nil && row.Scores != nil && (len(o.labels) > 0 || row.Top[0].Label == "" || r.topK != 1) {
				label := row.Top[0].Label
				if row, err = r.rank(row.Name, row.Scores); err == nil && len(o.labels) == 0 && label != "" && row.Err == nil {
					row.Top[0].Label = label
				}
			}
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}

// A resultPlace is where a ResultWriter left its manifest.
type resultPlace struct{ Bucket, Key string }

// manifestOf reads it out of an execution's output.
func manifestOf(output string) (*resultPlace, error) {
	var out struct{ ResultWriterDetails resultPlace }
	if err := json.Unmarshal([]byte(output), &out); err != nil || out.ResultWriterDetails.Key == "" {
		return nil, errors.New("its output names no results; is the machine one of scones workflow definition --mode map?")
	}
	return &out.ResultWriterDetails, nil
}

// execution finds the one that answers for these places, or starts it.
func (o *batchOptions) execution(c *cli.Context, machine *stepfunctions.Machine) (*stepfunctions.Execution, error) {
	sum := sha256.Sum256([]byte(o.in + "\n" + o.out))
	prefix := fmt.Sprintf("scones-batch-%x-", sum[:6])
	for e, err := range machine.List(c.Context, "") { // the newest first
		if err != nil {
			return nil, err
		}
		if !strings.HasPrefix(e.Name, prefix) {
			continue
		}
		switch {
		case e.Running():
			fmt.Fprintf(c.App.ErrWriter, "scones: execution %s runs already\n", e.Name)
			return e, nil
		case e.Status == "SUCCEEDED" && !o.overwrite && !o.stop:
			fmt.Fprintf(c.App.ErrWriter, "scones: execution %s has answered before; --overwrite asks again\n", e.Name)
			return e, nil
		}
		break
	}
	if o.stop {
		return nil, errors.New("no execution of these pictures runs")
	}
	bucket, key, _ := aws.ParseS3(o.in)
	results, to, _ := aws.ParseS3(o.out)
	input, err := json.Marshal(map[string]any{"bucket": bucket, "prefix": key, "results": map[string]string{"bucket": results, "prefix": strings.TrimSuffix(to, "/")}})
	if err != nil {
		return nil, err
	}
	e, err := machine.Start(c.Context, prefix+time.Now().UTC().Format("20060102-150405"), input)
	if err == nil {
		fmt.Fprintf(c.App.ErrWriter, "scones: execution %s\n", e.Name)
	}
	return e, err
}

// watchMap waits for an execution's end, or ends it.
func (o *batchOptions) watchMap(c *cli.Context, machine *stepfunctions.Machine, e *stepfunctions.Execution) (*stepfunctions.Execution, error) {
	if o.stop {
		return nil, &hintedError{fmt.Errorf("execution %s runs", e.Name), "aws stepfunctions stop-execution --execution-arn " + e.ARN}
	}
	bar := newProgress(c.App.ErrWriter, "in the cloud", -1, false)
	defer func() { _ = bar.Clear() }()
	for {
		now, err := machine.Execution(c.Context, e.ARN)
		if err == nil && now.Running() {
			var items stepfunctions.Items
			if items, err = machine.Items(c.Context, e.ARN); err == nil && items.Total > 0 {
				bar.ChangeMax64(items.Total)
				_ = bar.Set64(items.Done + items.Failed)
			}
		}
		if err == nil && !now.Running() {
			return now, nil
		}
		if err == nil {
			select {
			case <-c.Context.Done():
			case <-time.After(o.poll):
			}
		}
		if c.Context.Err() != nil {
			return nil, &hintedError{context.Cause(c.Context), fmt.Sprintf("execution %s runs on; the same command watches it again", e.Name)}
		}
		if err != nil {
			return nil, err
		}
	}
}
