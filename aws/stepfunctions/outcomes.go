package stepfunctions

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"github.com/scones-unlimited/scones/aws/workflow"
	"github.com/scones-unlimited/scones/aws/workflow/asl"
	"github.com/scones-unlimited/scones/aws/workflow/outcome"
)

// An Ended is an execution that has ended, with what the model said in it.
type Ended struct {
	Name, ARN string
	outcome.Outcome
	// Err says why its answers cannot be read; the others' can.
	Err error
}

// HasExecutions tells an ARN that [Machine.Outcomes] takes: of a state machine, a map run, or one execution.
func HasExecutions(arn string) bool {
	parts := strings.Split(arn, ":")
	return len(parts) >= 7 && parts[0] == "arn" && parts[2] == "states" && (parts[5] == "stateMachine" || parts[5] == "mapRun" || parts[5] == "execution")
}

// Outcomes yields the executions of a state machine, or the children of a map run, that began in from ≤ time < until, the newest first;
// zero times do not bound. The ARN of one execution yields itself. Those that still run are left out. An execution costs a call, one that
// failed a second. An error in the second value is final; it wraps an [*Error]. Express machines keep no list of their executions.
func (m *Machine) Outcomes(ctx context.Context, from, until time.Time) iter.Seq2[Ended, error] {
	return func(yield func(Ended, error) bool) {
		if strings.Contains(m.ARN, ":execution:") {
			yield(m.ended(ctx, m.ARN))
			return
		}
		for e, err := range m.List(ctx, "") {
			if err != nil {
				yield(Ended{}, err)
				return
			}
			if !from.IsZero() && e.Start.Before(from) {
				return // all others began before it
			}
			if e.Running() || !until.IsZero() && !e.Start.Before(until) {
				continue
			}
			one, err := m.ended(ctx, e.ARN)
			if err != nil {
				if ctx.Err() != nil {
					yield(Ended{}, ctx.Err())
					return
				}
				one = Ended{Name: e.Name, ARN: e.ARN, Err: err}
				one.Start, one.Stop = e.Start, e.Stop
			}
			if !yield(one, nil) {
				return
			}
		}
	}
}

// ended reads one execution: its output, or, where it has none that can be read, its last events.
func (m *Machine) ended(ctx context.Context, arn string) (e Ended, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	out, err := m.client.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: &arn})
	if err != nil {
		return e, fmt.Errorf("describe execution %s: %w", arn, plain(err))
	}
	e = Ended{Name: awssdk.ToString(out.Name), ARN: arn}
	e.Start, e.Stop = awssdk.ToTime(out.StartDate).UTC(), awssdk.ToTime(out.StopDate).UTC()
	succeeded := asl.Status(out.Status) == asl.Succeeded
	if succeeded {
		var answers []workflow.Answer
		for a, err := range workflow.Answers(json.RawMessage(awssdk.ToString(out.Output))) {
			if err != nil {
				answers = nil
				break
			}
			answers = append(answers, a)
		}
		if e.Answers = answers; len(answers) > 0 {
			return e, nil
		}
	}
	last, err := m.lastEvents(ctx, arn)
	if err != nil {
		return e, err
	}
	events := append([]asl.Event{{Timestamp: e.Start, Type: "ExecutionStarted", Details: &asl.Details{Input: awssdk.ToString(out.Input)}}}, last...)
	end := asl.Event{Timestamp: e.Stop, Type: "ExecutionFailed", Details: &asl.Details{Error: awssdk.ToString(out.Error), Cause: awssdk.ToString(out.Cause)}}
	if succeeded {
		end = asl.Event{Timestamp: e.Stop, Type: "ExecutionSucceeded"}
	}
	o, err := outcome.Of(append(events, end))
	e.Answers, e.Err = o.Answers, err
	return e, nil
}

// lastEvents are the states' inputs and outputs at a history's end, in order: enough of them to reach from a failed filter back to the
// answer.
func (m *Machine) lastEvents(ctx context.Context, arn string) ([]asl.Event, error) {
	out, err := m.client.GetExecutionHistory(ctx, &sfn.GetExecutionHistoryInput{ExecutionArn: &arn, ReverseOrder: true, MaxResults: 100, IncludeExecutionData: awssdk.Bool(true)})
	if err != nil {
		return nil, fmt.Errorf("read the history of %s: %w", arn, plain(err))
	}
	var events []asl.Event
	for i := len(out.Events) - 1; i >= 0; i-- {
		event, err := eventOf(&out.Events[i])
		if err != nil {
			return nil, fmt.Errorf("read the history of %s: event %d: %w", arn, out.Events[i].Id, err)
		}
		if strings.Contains(event.Type, "State") {
			events = append(events, event)
		}
	}
	return events, nil
}
