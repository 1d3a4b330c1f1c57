package workflow

import (
	"context"
	"errors"
	"fmt"
)

// The names under which the steps' errors reach a state machine. The definitions catch and retry by them, so they are never renamed.
const (
	ThresholdNotMet  = "THRESHOLD_CONFIDENCE_NOT_MET" // the most probable class is not probable enough
	InputInvalid     = "INPUT_INVALID"                // the event names no picture, or holds no answer where one is needed
	ImageUnreadable  = "IMAGE_UNREADABLE"             // the bytes are no picture that the model takes
	ImageTooLarge    = "IMAGE_TOO_LARGE"              // more bytes than an endpoint takes
	ObjectNotFound   = "OBJECT_NOT_FOUND"             // no such object, bucket or version, or it has changed since it was serialized
	ObjectDenied     = "OBJECT_ACCESS_DENIED"         // the object may not be read
	StoreUnavailable = "STORE_UNAVAILABLE"            // the object could not be read for now; trying again may help
	EndpointBusy     = "ENDPOINT_BUSY"                // the endpoint has no time or is not ready; trying again may help
	EndpointRefused  = "ENDPOINT_REFUSED"             // the endpoint, or the model in it, failed or is not there
	DeadlineExceeded = "DEADLINE_EXCEEDED"            // the step's time ran out
	Unknown          = "STEP_FAILED"                  // anything else
)

// Retryable are the names of errors that may pass: the definitions try those again.
var Retryable = []string{EndpointBusy, StoreUnavailable}

// An Error is a step's error under its name.
type Error struct {
	Name string // one of the constants
	Err  error
}

// Error gives the cause; the name is for the state machine.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

func failf(name, format string, args ...any) *Error {
	return &Error{name, fmt.Errorf(format, args...)}
}

// A ThresholdError says that a picture's most probable class is not probable enough.
type ThresholdError struct {
	Label                 string
	Confidence, Threshold float64
}

// Error says by how much.
func (e *ThresholdError) Error() string {
	return fmt.Sprintf("%s at %s is below the threshold %v", e.Label, formatScore(e.Confidence), e.Threshold)
}

// ErrorName returns the name under which an error reaches a state machine.
func ErrorName(err error) string {
	if _, ok := errors.AsType[*ThresholdError](err); ok {
		return ThresholdNotMet
	}
	if named, ok := errors.AsType[*Error](err); ok {
		return named.Name
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return DeadlineExceeded
	}
	return Unknown
}
