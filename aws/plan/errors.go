package plan

import (
	"errors"
	"fmt"
	"strings"
)

// ErrChanged is wrapped when an object is no longer as it was when the plan was made. Making the plan again shows what it is.
var ErrChanged = errors.New("it has changed since the plan was made")

// A ForeignError is an object with a name that is wanted, which does not belong to the deployment.
type ForeignError struct {
	Kind Kind
	Name string
	// Owner is the deployment that it belongs to by its tags, empty where it belongs to none.
	Owner string
	// Deployment is the one that wants the name.
	Deployment string
}

// Error names the object and its owner.
func (e *ForeignError) Error() string {
	if e.Owner != "" {
		return fmt.Sprintf("%s %q exists and belongs to the deployment %q", e.Kind, e.Name, e.Owner)
	}
	return fmt.Sprintf("%s %q exists and was not made by scones", e.Kind, e.Name)
}

// Hint says what the user can do.
func (e *ForeignError) Hint() string {
	return fmt.Sprintf("choose another --name, or give the object the tag %s=%s if it is to be taken over", TagName, e.Deployment)
}

// A CycleError lists resources that need each other.
type CycleError struct{ Names []string }

// Error lists them.
func (e *CycleError) Error() string {
	return "resources need each other: " + strings.Join(e.Names, " -> ")
}

// A StepError is a change that did not come about. Those before it did; making and applying the plan again goes on from there.
type StepError struct {
	Action Action
	Kind   Kind
	Name   string
	Err    error
}

// Error names the step and its cause.
func (e *StepError) Error() string {
	return fmt.Sprintf("%s %s %q: %v", e.Action, e.Kind, e.Name, e.Err)
}

// Unwrap returns the cause.
func (e *StepError) Unwrap() error { return e.Err }

// A LeftError lists what a destroyed deployment still has.
type LeftError struct {
	Deployment string
	Left       []string
}

// Error lists what is left.
func (e *LeftError) Error() string {
	return fmt.Sprintf("%s is not gone: there is still %s", e.Deployment, strings.Join(e.Left, ", "))
}

// Hint says what the user can do.
func (e *LeftError) Hint() string {
	return "run destroy again: a service may need a few minutes before it lets something go"
}

// NotYet marks an error that passes by itself because AWS is eventually consistent: a role that was just made cannot be assumed yet.
// Apply tries the same call again for up to [NotYetTime].
func NotYet(err error) error { return &notYetError{err} }

type notYetError struct{ err error }

func (e *notYetError) Error() string { return e.err.Error() }
func (e *notYetError) Unwrap() error { return e.err }

// AlreadyThere marks the answer of a service that an object exists which was just to be made. The call before may have made it, and only
// its answer was lost: Apply looks, and goes on with what is the deployment's own.
func AlreadyThere(err error) error { return &alreadyThereError{err} }

type alreadyThereError struct{ err error }

func (e *alreadyThereError) Error() string { return e.err.Error() }
func (e *alreadyThereError) Unwrap() error { return e.err }
