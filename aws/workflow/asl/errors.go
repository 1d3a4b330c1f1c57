package asl

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// The error names that Step Functions reports itself. It documents States.NoChoiceMatched, States.ParameterPathFailure and
// States.IntrinsicFailure as reserved: what they stand for is reported as [Runtime].
const (
	All                     = "States.ALL"                             // in Retry and Catch: any error but DataLimitExceeded and Runtime
	TaskFailed              = "States.TaskFailed"                      // in Retry and Catch: any error but a timeout
	Timeout                 = "States.Timeout"                         // a Task or the machine took longer than TimeoutSeconds
	HeartbeatTimeout        = "States.HeartbeatTimeout"                // a Task gave no sign for HeartbeatSeconds
	Permissions             = "States.Permissions"                     // a Task may not do what it should
	Runtime                 = "States.Runtime"                         // the machine cannot go on: a path that is not there, no choice that matches
	DataLimitExceeded       = "States.DataLimitExceeded"               // an input or output beyond [MaxPayload]
	ResultPathMatchFailure  = "States.ResultPathMatchFailure"          // a ResultPath that does not fit its state's input
	ItemReaderFailed        = "States.ItemReaderFailed"                // a Distributed Map's items cannot be read
	ResultWriterFailed      = "States.ResultWriterFailed"              // a Distributed Map's results cannot be written
	QueryEvaluationError    = "States.QueryEvaluationError"            // an expression in JSONata cannot be computed, or gives nothing
	ExceedToleratedFailures = "States.ExceedToleratedFailureThreshold" // more of a Distributed Map's items failed than it tolerates
)

// An Error is a failure as a state machine sees it: a name to catch it by, and a cause for people.
type Error struct {
	Name  string // such as "THRESHOLD_CONFIDENCE_NOT_MET"
	Cause string
}

// Error gives the name and the cause.
func (e *Error) Error() string {
	if e.Cause == "" {
		return e.Name
	}
	return e.Name + ": " + e.Cause
}

func runtimeError(format string, args ...any) *Error {
	return &Error{Name: Runtime, Cause: fmt.Sprintf(format, args...)}
}

// asError turns what a Task returned into a machine's error. Cancelling the whole run is no error of the machine.
func asError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Name: TaskFailed, Cause: err.Error()}
}

// matches tells whether a Retry's or Catch's list of names holds an error.
func matches(names []string, e *Error) bool {
	if slices.Contains(names, e.Name) {
		return true
	}
	terminal := e.Name == Runtime || e.Name == DataLimitExceeded
	timeout := e.Name == Timeout || e.Name == HeartbeatTimeout
	return slices.Contains(names, All) && !terminal ||
		slices.Contains(names, TaskFailed) && !terminal && !timeout ||
		slices.Contains(names, Timeout) && e.Name == HeartbeatTimeout
}

// stopped returns the error of a run that was cancelled from outside, which no Retry and no Catch may hold up.
func stopped(ctx context.Context) error {
	if ctx.Err() == nil {
		return nil
	}
	return context.Cause(ctx)
}

// A RefusedError says everything in a definition that does not run here, or nowhere.
type RefusedError struct {
	// Problems are sentences that begin with where they are, such as `state "Filter": ...`.
	Problems []string
}

// Error lists the problems, a line each when there are several.
func (e *RefusedError) Error() string {
	if len(e.Problems) == 1 {
		return e.Problems[0]
	}
	return fmt.Sprintf("%d problems:\n  %s", len(e.Problems), strings.Join(e.Problems, "\n  "))
}
