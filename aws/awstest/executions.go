package awstest

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/scones-unlimited/scones/aws/awstest/wire"
	"github.com/scones-unlimited/scones/aws/workflow/asl"
)

// An execution runs beside the calls, in real time but for its waits.
type execution struct {
	sfn.DescribeExecutionOutput
	machine string
	history []asl.Event
	cancel  context.CancelFunc
}

// maxExecutionInput is the most bytes of an execution's input.
const maxExecutionInput = 262_144

func startExecution(c *call, in *sfn.StartExecutionInput) (*sfn.StartExecutionOutput, error) {
	m, qualifier, err := c.region.machine(in.StateMachineArn)
	if err != nil {
		return nil, err
	}
	input := value(in.Input)
	if input == "" {
		input = "{}"
	}
	if len(input) > maxExecutionInput || !json.Valid([]byte(input)) {
		return nil, wire.Errorf("InvalidExecutionInput", "Invalid State Machine Execution Input: 'it is no JSON, or has more than 262144 bytes'")
	}
	name := value(in.Name)
	if name == "" {
		name = c.Server.id()
	} else if !machineName.MatchString(name) {
		return nil, wire.Errorf("InvalidName", "Invalid Name: '%s'", name)
	}
	arn := *c.region.arn("states", "execution:"+*m.Name+":"+name)
	if old := c.region.states.executions[arn]; old != nil {
		// The same again while it runs is no error.
		if old.Status == types.ExecutionStatusRunning && *old.Input == input {
			return &sfn.StartExecutionOutput{ExecutionArn: &arn, StartDate: old.StartDate}, nil
		}
		return nil, wire.Errorf("ExecutionAlreadyExists", "Execution Already Exists: '%s'", arn)
	}
	e := &execution{machine: *m.StateMachineArn}
	e.DescribeExecutionOutput = sfn.DescribeExecutionOutput{ExecutionArn: &arn, Name: &name, StateMachineArn: m.StateMachineArn, Status: types.ExecutionStatusRunning, StartDate: new(c.now), Input: &input,
		InputDetails: &types.CloudWatchEventsExecutionDataDetails{Included: true}, RedriveCount: new(int32(0)), RedriveStatus: types.ExecutionRedriveStatusNotRedrivable, RedriveStatusReason: new("Execution is RUNNING and cannot be redriven")}
	if qualifier != "" && isVersion(qualifier) {
		e.StateMachineVersionArn = in.StateMachineArn
	} else if qualifier != "" {
		e.StateMachineAliasArn = in.StateMachineArn
	}
	c.region.states.executions[arn] = e
	definition, role := m.versionOf(qualifier)
	parsed, err := asl.Parse([]byte(definition))
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(c.t.Context())
	e.cancel = cancel
	c.running.Go(func() { c.region.execute(ctx, e, parsed, role) })
	return &sfn.StartExecutionOutput{ExecutionArn: &arn, StartDate: e.StartDate}, nil
}

// execute runs a machine without the lock, which each of its tasks takes.
func (r *region) execute(ctx context.Context, e *execution, m *asl.Machine, role string) {
	waited := time.Duration(0) // waits take no time but the execution's own
	begun := *e.StartDate
	out, err := m.Run(ctx, []byte(*e.Input), asl.Options{
		Name: *e.Name, Machine: e.machine[len(*r.arn("states", "stateMachine:")):],
		Task:    func(ctx context.Context, call asl.Call) (any, error) { return r.task(role, call) },
		Objects: &executionObjects{r, role},
		Sleep:   func(ctx context.Context, d time.Duration) error { waited += d; return ctx.Err() },
		Now:     func() time.Time { return begun.Add(waited) },
		Random:  func() float64 { return 0.5 },
		Observe: func(event asl.Event) { r.mu.Lock(); defer r.mu.Unlock(); r.observe(e, event) },
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	stop := begun.Add(waited)
	e.StopDate, e.cancel = &stop, nil
	switch {
	case out == nil:
		e.Status, e.Error, e.Cause = types.ExecutionStatusFailed, new(asl.Runtime), new(err.Error())
	case e.Status != types.ExecutionStatusRunning: // stopped by hand
	default:
		e.Status = types.ExecutionStatus(out.Status)
		if out.Error != nil {
			e.Error, e.Cause = &out.Error.Name, &out.Error.Cause
		}
		if out.Status == asl.Succeeded {
			text, _ := asl.Encode(out.Output)
			e.Output, e.OutputDetails = new(string(text)), &types.CloudWatchEventsExecutionDataDetails{Included: true}
		}
	}
	e.RedriveStatusReason = new("Execution has ended")
	r.count(e)
}

// observe keeps the execution's own events; those of a Distributed Map's items are other executions'.
func (r *region) observe(e *execution, event asl.Event) {
	if event.Execution == *e.Name {
		e.history = append(e.history, event)
	}
}

// count puts what CloudWatch counts of an execution there.
func (r *region) count(e *execution) {
	metric := map[types.ExecutionStatus]string{types.ExecutionStatusSucceeded: "ExecutionsSucceeded", types.ExecutionStatusFailed: "ExecutionsFailed", types.ExecutionStatusTimedOut: "ExecutionsTimedOut", types.ExecutionStatusAborted: "ExecutionsAborted"}[e.Status]
	dimensions := map[string]string{"StateMachineArn": e.machine}
	for _, name := range []string{"ExecutionsStarted", metric} {
		r.cloudwatch.add("AWS/States", name, dimensions, r.now, 1)
	}
}

func (c *call) execution(arn *string) (*execution, error) {
	if e := c.region.states.executions[value(arn)]; e != nil {
		return e, nil
	}
	return nil, wire.Errorf("ExecutionDoesNotExist", "Execution Does Not Exist: '%s'", value(arn))
}

func describeExecution(c *call, in *sfn.DescribeExecutionInput) (*sfn.DescribeExecutionOutput, error) {
	e, err := c.execution(in.ExecutionArn)
	if err != nil {
		return nil, err
	}
	return &e.DescribeExecutionOutput, nil
}

func listExecutions(c *call, in *sfn.ListExecutionsInput) (*sfn.ListExecutionsOutput, error) {
	m, _, err := c.region.machine(in.StateMachineArn)
	if err != nil {
		return nil, err
	}
	out := []types.ExecutionListItem{}
	for _, arn := range slices.Sorted(maps.Keys(c.region.states.executions)) {
		e := c.region.states.executions[arn]
		if e.machine == *m.StateMachineArn && (in.StatusFilter == "" || in.StatusFilter == e.Status) {
			out = append(out, types.ExecutionListItem{ExecutionArn: e.ExecutionArn, Name: e.Name, StateMachineArn: e.StateMachineArn, Status: e.Status, StartDate: e.StartDate, StopDate: e.StopDate, RedriveCount: new(int32(0)),
				StateMachineAliasArn: e.StateMachineAliasArn, StateMachineVersionArn: e.StateMachineVersionArn})
		}
	}
	slices.SortStableFunc(out, func(a, b types.ExecutionListItem) int { return b.StartDate.Compare(*a.StartDate) })
	out, next, err := statesPage(c, out, in.NextToken, in.MaxResults, 100)
	return &sfn.ListExecutionsOutput{Executions: out, NextToken: next}, err
}

func stopExecution(c *call, in *sfn.StopExecutionInput) (*sfn.StopExecutionOutput, error) {
	e, err := c.execution(in.ExecutionArn)
	if err != nil {
		return nil, err
	}
	if e.Status == types.ExecutionStatusRunning {
		e.Status, e.Error, e.Cause, e.StopDate = types.ExecutionStatusAborted, in.Error, in.Cause, new(c.now)
		e.cancel()
	}
	return &sfn.StopExecutionOutput{StopDate: e.StopDate}, nil
}

func executionHistory(c *call) (any, error) {
	in := new(sfn.GetExecutionHistoryInput)
	if err := wire.Decode(c.tree, in); err != nil {
		return nil, wire.Errorf("SerializationException", "%v", err)
	}
	e, err := c.execution(in.ExecutionArn)
	if err != nil {
		return nil, err
	}
	history := slices.Clone(e.history)
	if in.ReverseOrder {
		slices.Reverse(history)
	}
	history, next, err := statesPage(c, history, in.NextToken, in.MaxResults, 100)
	if err != nil {
		return nil, err
	}
	events := make([]any, len(history))
	for i, event := range history {
		text, err := json.Marshal(event)
		if err != nil {
			return nil, err
		}
		members, err := wire.ParseJSON(text)
		if err != nil {
			return nil, err
		}
		members["timestamp"] = event.Timestamp
		events[i] = members
	}
	out := map[string]any{"events": events}
	if next != nil {
		out["nextToken"] = *next
	}
	return out, nil
}
