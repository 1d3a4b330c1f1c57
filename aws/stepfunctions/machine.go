// Package stepfunctions runs state machines in the cloud: it starts executions, watches them, and reads their histories.
package stepfunctions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/smithy-go"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/aws/workflow/asl"
)

// A Machine is a standard state machine in the cloud, or a version or an alias of one. It is safe for concurrent use.
type Machine struct {
	// ARN as it was given.
	ARN    string
	client *sfn.Client
}

// callTime bounds one call, tries and all.
const callTime = time.Minute

// attempts of each call; Step Functions throttles by account.
const attempts = 8

// Open makes no call.
func Open(c *aws.Config, arn string) *Machine {
	return &Machine{arn, sfn.NewFromConfig(c.SDK(), func(o *sfn.Options) {
		o.Retryer = retry.NewStandard(func(r *retry.StandardOptions) {
			r.MaxAttempts, r.MaxBackoff = attempts, 5*time.Second
			r.RateLimiter = ratelimit.None // one execution's luck is not another's
		})
	})}
}

// IsARN tells whether text names a state machine by its ARN.
func IsARN(text string) bool {
	return strings.HasPrefix(text, "arn:") && strings.Contains(text, ":stateMachine:")
}

// A Description is what DescribeStateMachine says of a machine.
type Description struct {
	Name, Type, Status string
	Definition         []byte
}

// Describe asks for the machine's definition. It wraps an [*Error].
func (m *Machine) Describe(ctx context.Context) (Description, error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	out, err := m.client.DescribeStateMachine(ctx, &sfn.DescribeStateMachineInput{StateMachineArn: &m.ARN})
	if err != nil {
		return Description{}, fmt.Errorf("describe state machine %s: %w", m.ARN, plain(err))
	}
	return Description{awssdk.ToString(out.Name), string(out.Type), string(out.Status), []byte(awssdk.ToString(out.Definition))}, nil
}

// An Execution is one that was started.
type Execution struct {
	Name, ARN   string
	Status      asl.Status // "RUNNING" while it does
	Start, Stop time.Time
	// Output of one that succeeded, Error and Cause of one that did not. [Machine.List] knows none of these.
	Output, Error, Cause string
}

// Running tells that it has not ended.
func (e *Execution) Running() bool { return e.Status == "RUNNING" || e.Status == "PENDING_REDRIVE" }

// Start starts an execution with an input in JSON. One that has the same name and input already is that execution: a call can be repeated.
func (m *Machine) Start(ctx context.Context, name string, input []byte) (*Execution, error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	out, err := m.client.StartExecution(ctx, &sfn.StartExecutionInput{StateMachineArn: &m.ARN, Name: &name, Input: awssdk.String(string(input))})
	if err != nil {
		return nil, fmt.Errorf("start an execution of %s: %w", m.ARN, plain(err))
	}
	arn := awssdk.ToString(out.ExecutionArn)
	return &Execution{Name: arn[strings.LastIndexByte(arn, ':')+1:], ARN: arn, Status: "RUNNING", Start: awssdk.ToTime(out.StartDate)}, nil
}

// Execution asks how an execution stands.
func (m *Machine) Execution(ctx context.Context, arn string) (*Execution, error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	out, err := m.client.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: &arn})
	if err != nil {
		return nil, fmt.Errorf("describe execution %s: %w", arn, plain(err))
	}
	return &Execution{
		Name: awssdk.ToString(out.Name), ARN: arn, Status: asl.Status(out.Status), Start: awssdk.ToTime(out.StartDate), Stop: awssdk.ToTime(out.StopDate),
		Output: awssdk.ToString(out.Output), Error: awssdk.ToString(out.Error), Cause: awssdk.ToString(out.Cause),
	}, nil
}

// List yields the machine's executions, or the children of a map run by its ARN, the newest first; a status that is not empty selects. An error is final.
func (m *Machine) List(ctx context.Context, status string) iter.Seq2[*Execution, error] {
	return func(yield func(*Execution, error) bool) {
		in := &sfn.ListExecutionsInput{StateMachineArn: &m.ARN, StatusFilter: types.ExecutionStatus(status), MaxResults: 1000}
		if strings.Contains(m.ARN, ":mapRun:") {
			in.StateMachineArn, in.MapRunArn = nil, &m.ARN
		}
		pages := sfn.NewListExecutionsPaginator(m.client, in)
		for pages.HasMorePages() {
			page, err := next(ctx, pages.NextPage)
			if err != nil {
				yield(nil, fmt.Errorf("list executions of %s: %w", m.ARN, plain(err)))
				return
			}
			for i := range page.Executions {
				e := &page.Executions[i]
				one := &Execution{Name: awssdk.ToString(e.Name), ARN: awssdk.ToString(e.ExecutionArn), Status: asl.Status(e.Status), Start: awssdk.ToTime(e.StartDate), Stop: awssdk.ToTime(e.StopDate)}
				if !yield(one, nil) {
					return
				}
			}
		}
	}
}

// History reads an execution's events after the one of a number, as many as there are by now.
func (m *Machine) History(ctx context.Context, arn string, after int64) ([]asl.Event, error) {
	var events []asl.Event
	pages := sfn.NewGetExecutionHistoryPaginator(m.client, &sfn.GetExecutionHistoryInput{ExecutionArn: &arn, MaxResults: 1000, IncludeExecutionData: awssdk.Bool(true)})
	for pages.HasMorePages() {
		page, err := next(ctx, pages.NextPage)
		if err != nil {
			return nil, fmt.Errorf("read the history of %s: %w", arn, plain(err))
		}
		for i := range page.Events {
			if page.Events[i].Id > after {
				event, err := eventOf(&page.Events[i])
				if err != nil {
					return nil, fmt.Errorf("read the history of %s: event %d: %w", arn, page.Events[i].Id, err)
				}
				event.Execution = arn
				events = append(events, event)
			}
		}
	}
	return events, nil
}

// next reads a page within callTime.
func next[O, F any](ctx context.Context, page func(context.Context, ...func(F)) (O, error)) (O, error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	return page(ctx)
}

// eventOf translates an event. The SDK has a field for each type's details; the one that is set has names that differ from the
// history's only in their first letter, which reading JSON does not mind.
func eventOf(e *types.HistoryEvent) (asl.Event, error) {
	event := asl.Event{Timestamp: awssdk.ToTime(e.Timestamp), Type: string(e.Type), ID: e.Id, Previous: e.PreviousEventId}
	data, err := json.Marshal(e)
	if err != nil {
		return event, err
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return event, err
	}
	for name, field := range fields {
		if strings.HasSuffix(name, "EventDetails") && string(field) != "null" {
			event.Details = new(asl.Details)
			if err := json.Unmarshal(field, event.Details); err != nil {
				return event, err
			}
		}
	}
	return event, nil
}

// An Error is what Step Functions answered.
type Error struct {
	// Type is the service's name of the error, such as StateMachineDoesNotExist.
	Type string
	Err  error
}

// Error gives type and message.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Hint says what the user can do; it may be empty.
func (e *Error) Hint() string {
	switch e.Type {
	case "StateMachineDoesNotExist", "InvalidArn":
		return "scones workflow status shows what is deployed; is the region right?"
	case "StateMachineTypeNotSupported":
		return "express state machines keep no list of executions; data capture of the endpoint has the answers"
	case "AccessDeniedException":
		return "the caller needs states:StartExecution and states:ListExecutions on the state machine, states:DescribeExecution and states:GetExecutionHistory on its executions"
	}
	return ""
}

// plain keeps what the service said, and leaves out what the SDK puts around it.
func plain(err error) error {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return &Error{api.ErrorCode(), fmt.Errorf("%s: %s", api.ErrorCode(), api.ErrorMessage())}
	}
	return err
}
