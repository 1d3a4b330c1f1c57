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
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/aws/workflow"
	"github.com/scones-unlimited/scones/aws/workflow/asl"
	"github.com/scones-unlimited/scones/aws/workflow/outcome"
)

// An EndedExecution is one run of a state machine that has ended, with what it came to.
type EndedExecution struct {
	ARN  string
	Name string
	outcome.Outcome
	// Err says why its answers cannot be read; the others' can.
	Err error
}

// IsSource tells an ARN of Step Functions that [Ended] takes: of a state machine, a map run or an execution.
func IsSource(arn string) bool {
	parts := strings.Split(arn, ":")
	return len(parts) >= 7 && parts[0] == "arn" && parts[2] == "states" && (parts[5] == "stateMachine" || parts[5] == "mapRun" || parts[5] == "execution")
}

// Ended yields the executions of a state machine, or the children of a map run, that began in from ≤ time < until, the latest first;
// zero times do not bound. The ARN of one execution yields itself. Those that still run are left out. An execution costs a call, one that
// failed a second; an error in the second value is final. Express machines keep no list of their executions.
func Ended(ctx context.Context, c *aws.Config, arn string, from, until time.Time) iter.Seq2[EndedExecution, error] {
	return func(yield func(EndedExecution, error) bool) {
		client := Open(c, arn).client
		kind := ""
		if parts := strings.Split(arn, ":"); len(parts) > 5 {
			kind = parts[5]
		}
		if kind == "execution" {
			e, err := describe(ctx, client, arn)
			if err != nil {
				err = fmt.Errorf("read execution %q: %w", arn, plain(err))
			}
			yield(e, err)
			return
		}
		in := &sfn.ListExecutionsInput{MaxResults: 1000}
		if kind == "mapRun" {
			in.MapRunArn = &arn
		} else {
			in.StateMachineArn = &arn
		}
		pages := sfn.NewListExecutionsPaginator(client, in)
		for pages.HasMorePages() {
			page, err := next(ctx, pages.NextPage)
			if err != nil {
				yield(EndedExecution{}, fmt.Errorf("list executions of %q: %w", arn, plain(err)))
				return
			}
			for _, item := range page.Executions {
				began := awssdk.ToTime(item.StartDate)
				if !from.IsZero() && began.Before(from) {
					return // all others began before it
				}
				if item.Status == types.ExecutionStatusRunning || item.Status == types.ExecutionStatusPendingRedrive || !until.IsZero() && !began.Before(until) {
					continue
				}
				e, err := describe(ctx, client, awssdk.ToString(item.ExecutionArn))
				if err != nil {
					if ctx.Err() != nil {
						yield(EndedExecution{}, ctx.Err())
						return
					}
					e = EndedExecution{ARN: awssdk.ToString(item.ExecutionArn), Name: awssdk.ToString(item.Name), Err: plain(err)}
					e.Start, e.Stop = began, awssdk.ToTime(item.StopDate)
				}
				if !yield(e, nil) {
					return
				}
			}
		}
	}
}

// describe reads one execution: its output, or, where it has none that can be read, its last events.
func describe(ctx context.Context, client *sfn.Client, arn string) (e EndedExecution, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	out, err := client.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: &arn})
	if err != nil {
		return e, err
	}
	e = EndedExecution{ARN: arn, Name: awssdk.ToString(out.Name)}
	e.Start, e.Stop = awssdk.ToTime(out.StartDate).UTC(), awssdk.ToTime(out.StopDate).UTC()
	if out.Status == types.ExecutionStatusSucceeded {
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
	events := []asl.Event{{Timestamp: e.Start, Type: "ExecutionStarted", Details: &asl.Details{Input: awssdk.ToString(out.Input)}}}
	last, err := lastEvents(ctx, client, arn)
	if err != nil {
		return e, err
	}
	end := asl.Event{Timestamp: e.Stop, Type: "ExecutionFailed", Details: &asl.Details{Error: awssdk.ToString(out.Error), Cause: awssdk.ToString(out.Cause)}}
	if out.Status == types.ExecutionStatusSucceeded {
		end = asl.Event{Timestamp: e.Stop, Type: "ExecutionSucceeded"}
	}
	o, err := outcome.Of(append(append(events, last...), end))
	e.Answers, e.Err = o.Answers, err
	return e, nil
}

// lastEvents are the inputs and outputs of states at the history's end, in order: enough of them to reach from a failed filter back to
// the answer.
func lastEvents(ctx context.Context, client *sfn.Client, arn string) ([]asl.Event, error) {
	out, err := client.GetExecutionHistory(ctx, &sfn.GetExecutionHistoryInput{ExecutionArn: &arn, ReverseOrder: true, MaxResults: 100, IncludeExecutionData: awssdk.Bool(true)})
	if err != nil {
		return nil, err
	}
	var events []asl.Event
	for i := len(out.Events) - 1; i >= 0; i-- {
		d := &asl.Details{}
		if entered := out.Events[i].StateEnteredEventDetails; entered != nil {
			d.Input = awssdk.ToString(entered.Input)
		}
		if exited := out.Events[i].StateExitedEventDetails; exited != nil {
			d.Output = awssdk.ToString(exited.Output)
		}
		if d.Input != "" || d.Output != "" {
			events = append(events, asl.Event{Timestamp: awssdk.ToTime(out.Events[i].Timestamp), Type: string(out.Events[i].Type), Details: d})
		}
	}
	return events, nil
}
