package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/scones-unlimited/scones/aws/stepfunctions"
	"github.com/scones-unlimited/scones/aws/workflow"
	"github.com/scones-unlimited/scones/aws/workflow/asl"
	"github.com/scones-unlimited/scones/aws/workflow/outcome"
	"github.com/scones-unlimited/scones/infer"
)

// watchEvery is how often an execution under way is asked for its events.
const watchEvery = 500 * time.Millisecond

// followExecution stays with an execution until it has ended, and hands its events on as they happen. It goes on without us where ctx ends.
func followExecution(ctx context.Context, machine *stepfunctions.Machine, arn string, event func(asl.Event)) (*stepfunctions.Execution, []asl.Event, error) {
	var history []asl.Event
	for {
		// Asked for the execution first: its events are all there once it has ended.
		e, err := machine.Execution(ctx, arn)
		if err != nil {
			return nil, history, err
		}
		after := int64(0)
		if len(history) > 0 {
			after = history[len(history)-1].ID
		}
		events, err := machine.History(ctx, arn, after)
		if err != nil {
			return nil, history, err
		}
		for _, one := range events {
			event(one)
		}
		if history = append(history, events...); !e.Running() {
			return e, history, nil
		}
		select {
		case <-time.After(watchEvery):
		case <-ctx.Done():
			return nil, history, ctx.Err()
		}
	}
}

// An executionError is an execution that failed.
type executionError struct{ text string }

func (e *executionError) Error() string { return e.text }

// endOf is how an execution ended, as an error where it did not succeed: a [gateError] below the threshold, else an [executionError].
func endOf(e *stepfunctions.Execution) error {
	if e.Status == asl.Succeeded {
		return nil
	}
	text := e.Error
	if text == "" {
		text = string(e.Status)
	}
	if cause := causeText(e.Cause); cause != "" {
		text += ": " + cause
	}
	if e.Error == workflow.ThresholdNotMet {
		return &gateError{text}
	}
	return &executionError{text}
}

// answerIn is what the model said in an execution, also where it failed afterwards.
func answerIn(history []asl.Event) infer.Result {
	o, err := outcome.Of(history)
	if err != nil {
		return infer.Result{} // it asked no model
	}
	for _, answer := range o.Answers {
		if len(answer.Scores) > 0 {
			answer.Error = "" // the execution has it
			return rowOf(answer)
		}
	}
	return infer.Result{}
}

// An executionTally counts how executions ended, for the exit code.
type executionTally struct {
	unsure, failed int
	last           error
}

// add counts an end, and tells whether it is one.
func (t *executionTally) add(err error) bool {
	if _, is := errors.AsType[*gateError](err); is {
		t.unsure++
	} else if _, is := errors.AsType[*executionError](err); is {
		t.failed++
	} else {
		return err == nil
	}
	t.last = err
	return true
}

// err sums up: of one execution it is its own.
func (t *executionTally) err(total int) error {
	switch {
	case total == 1 || t.unsure+t.failed == 0:
		return t.last
	case t.failed > 0:
		return &picturesError{t.failed, total}
	}
	return &gateError{fmt.Sprintf("%s: it stopped %s", workflow.ThresholdNotMet, counted(t.unsure, "picture"))}
}
