// Package outcome reads out of an execution's history what the model said, also where the execution failed afterwards.
package outcome

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/scones-unlimited/scones/aws/workflow"
	"github.com/scones-unlimited/scones/aws/workflow/asl"
)

// An Outcome is what an execution came to.
type Outcome struct {
	// Answers for its pictures. That of an execution which failed has the error's name; one whose picture was not sure enough has the
	// scores as well.
	Answers     []workflow.Answer
	Start, Stop time.Time
}

// ErrUnfinished is returned for a history that does not reach the execution's end.
var ErrUnfinished = errors.New("the execution has not ended")

// Of reads a history, in order. A part of one will do that reaches from any state that holds the scores to the end.
func Of(events []asl.Event) (Outcome, error) {
	var o Outcome
	if len(events) == 0 {
		return o, errors.New("the history has no events")
	}
	o.Start, o.Stop = events[0].Timestamp, events[len(events)-1].Timestamp
	last := events[len(events)-1]
	switch last.Type {
	case "ExecutionSucceeded":
		if answers := answersIn(last.Details); len(answers) > 0 {
			o.Answers = answers
			return o, nil
		}
		// The last state made something else of it.
		if o.Answers = lastAnswers(events); len(o.Answers) == 0 {
			return o, errors.New("no state of the execution holds inferences")
		}
		return o, nil
	case "ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut":
	default:
		return o, fmt.Errorf("%w: its last event is %s", ErrUnfinished, last.Type)
	}
	a := workflow.Answer{Error: workflow.Unknown}
	if last.Details != nil && last.Details.Error != "" {
		a.Error, a.Cause = last.Details.Error, last.Details.Cause
	}
	found := lastAnswers(events)
	if a.Error == workflow.ThresholdNotMet && len(found) > 0 {
		for i := range found {
			found[i].Error, found[i].Cause = a.Error, a.Cause
		}
		o.Answers = found
		return o, nil
	}
	if input := events[0].Details; input != nil {
		a.Object = workflow.ObjectOf(json.RawMessage(input.Input))
	}
	o.Answers = []workflow.Answer{a}
	return o, nil
}

// lastAnswers are those of the last state that holds any.
func lastAnswers(events []asl.Event) []workflow.Answer {
	for i := len(events) - 1; i >= 0; i-- {
		if answers := answersIn(events[i].Details); len(answers) > 0 {
			return answers
		}
	}
	return nil
}

// answersIn are the answers with scores in an event's output or input.
func answersIn(d *asl.Details) []workflow.Answer {
	if d == nil {
		return nil
	}
	for _, text := range []string{d.Output, d.Input} {
		if text == "" {
			continue
		}
		var answers []workflow.Answer
		for a, err := range workflow.Answers(json.RawMessage(text)) {
			if err != nil || len(a.Scores) == 0 && a.Error == "" {
				answers = nil
				break
			}
			answers = append(answers, a)
		}
		for i := range answers {
			if len(answers[i].Scores) > 0 {
				return answers
			}
		}
	}
	return nil
}

// Parse reads a history as scones workflow run --trace and the AWS CLI write it.
func Parse(data []byte) (Outcome, error) {
	var h asl.History
	if err := json.Unmarshal(data, &h); err != nil {
		return Outcome{}, fmt.Errorf("read history: %w", err)
	}
	return Of(h.Events)
}
