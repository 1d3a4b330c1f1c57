package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws/stack"
	"github.com/scones-unlimited/scones/aws/stepfunctions"
	"github.com/scones-unlimited/scones/aws/workflow"
	"github.com/scones-unlimited/scones/aws/workflow/asl"
	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/result"
	"github.com/scones-unlimited/scones/preprocess"
)

// checkInvokeWorkflow refuses what an execution cannot be told.
func checkInvokeWorkflow(c *cli.Context, o *classifyOptions, name string) error {
	if c.IsSet("variant") {
		return &usageError{"--variant is the endpoint's; the workflow chooses for itself", ""}
	}
	if err := stack.CheckName(name); err != nil {
		return &usageError{err.Error(), "scones status shows the names of deployments"}
	}
	for _, path := range o.paths {
		if strings.HasPrefix(path, "s3://") {
			if _, err := objectEvent(path); err != nil {
				return err
			}
		}
	}
	return nil
}

// invokeWorkflow starts an execution for each picture, several at once, and writes rows of what the model said in them. An unsure picture
// has its answer; the exit code is that of scones workflow start --watch.
func invokeWorkflow(c *cli.Context, o *classifyOptions, name string) error {
	if err := checkInvokeWorkflow(c, o, name); err != nil {
		return err
	}
	labels, err := labelsFromFlags(c)
	if err != nil {
		return err
	}
	machine, err := deployedMachine(c, name)
	if err != nil {
		return err
	}
	o.limits.MaxBytes = min(o.limits.MaxBytes, maxInline)
	var ends executionTally
	var counting sync.Mutex
	asked := 0
	ask := func(ctx context.Context, image preprocess.Image) (infer.Result, error) {
		r, end, err := execute(ctx, machine, image, o, labels)
		counting.Lock()
		defer counting.Unlock()
		asked++
		ends.add(end)
		return r, err
	}
	err = askRows(c, o, result.Meta{Model: name, Runtime: "state machine " + machine.ARN}, ask)
	if c.Context.Err() != nil {
		fmt.Fprintf(c.App.ErrWriter, "scones: executions that were started go on; scones workflow executions --name %s shows them\n", name)
	}
	if some, is := errors.AsType[*picturesError](err); is && some.total == 1 && ends.last != nil {
		return ends.last // it says more
	}
	if err != nil {
		return err
	}
	return ends.err(asked)
}

// execute has an execution answer for a picture. How it ended is end; err is what every other picture would meet, too.
func execute(ctx context.Context, machine *stepfunctions.Machine, image preprocess.Image, o *classifyOptions, labels []string) (r infer.Result, end, err error) {
	began := time.Now()
	r = infer.Result{Name: image.Name}
	fail := func(err error) (infer.Result, error, error) {
		r.Err, r.Elapsed = err, time.Since(began)
		return r, end, nil
	}
	var event []byte
	if strings.HasPrefix(image.Name, "s3://") {
		event, err = objectEvent(image.Name)
	} else {
		data, unread := readPicture(image, o.limits)
		if unread != nil {
			return fail(unread)
		}
		r.Width, r.Height, _ = preprocess.Size(data) // what is no picture is the workflow's to refuse
		event, err = inlineEvent(image.Name, data)
	}
	if err != nil {
		return r, nil, err
	}
	started, err := machine.Start(ctx, uuid.NewString(), event)
	if err != nil {
		return r, nil, err
	}
	e, history, err := followExecution(ctx, machine, started.ARN, func(asl.Event) {})
	if err != nil {
		return r, nil, err
	}
	end = endOf(e)
	answer := answerIn(history)
	if _, failed := errors.AsType[*executionError](end); failed || len(answer.Top) == 0 {
		text := "it ended without an answer"
		if end != nil {
			text = end.Error()
		}
		return fail(coded(&workflow.Error{Name: e.Error, Err: errors.New(text)}))
	}
	if len(labels) == 0 { // the workflow names the best class alone
		labels = make([]string, len(answer.Scores))
		labels[answer.Top[0].Index] = answer.Top[0].Label
	}
	r.Scores, r.Elapsed = answer.Scores, time.Since(began)
	err = rank(&r, o, labels, "workflow")
	return r, end, err
}
