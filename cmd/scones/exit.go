package main

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// The exit codes, documented in README.md; a test compares the two.
const (
	exitGood        = 0   // good
	exitError       = 1   // error
	exitUsage       = 2   // usage
	exitPictures    = 3   // finished, but some pictures failed
	exitGate        = 4   // a parity, evaluation, drift or threshold gate was not met
	exitInterrupted = 130 // interrupted
)

// A usageError is a command line that cannot be meant.
type usageError struct{ problem, hint string }

func (e *usageError) Error() string { return e.problem }
func (e *usageError) Hint() string  { return e.hint }

// A picturesError ends a run that finished although some pictures failed. The summary line has said so already.
type picturesError struct{ failed, total int }

func (e *picturesError) Error() string {
	return fmt.Sprintf("%d of %d pictures failed", e.failed, e.total)
}

// A gateError says which limit was not met. It exists for the commands that judge.
type gateError struct{ problem string }

func (e *gateError) Error() string { return e.problem }

// An interruptedError is what was under way when the user stopped it.
type interruptedError struct{ err error }

func (e *interruptedError) Error() string { return "interrupted" }
func (e *interruptedError) Unwrap() error { return e.err }

// report prints an error as people read it and returns its exit code. It is the only place that maps errors to codes.
func report(stderr io.Writer, err error) int {
	if err == nil {
		return exitGood
	}
	code := exitCode(err)
	if code != exitPictures { // the summary line said it
		fmt.Fprintf(stderr, "scones: %v\n", err)
	}
	if hinted, ok := errors.AsType[hinter](err); ok && hinted.Hint() != "" {
		fmt.Fprintf(stderr, "scones: hint: %s\n", hinted.Hint())
	}
	return code
}

// hinter is an error that the user can mend, and that says how.
type hinter interface {
	error
	Hint() string
}

func exitCode(err error) int {
	if _, ok := errors.AsType[*interruptedError](err); ok || errors.Is(err, context.Canceled) {
		return exitInterrupted
	}
	if _, ok := errors.AsType[*usageError](err); ok {
		return exitUsage
	}
	if _, ok := errors.AsType[*picturesError](err); ok {
		return exitPictures
	}
	if _, ok := errors.AsType[*gateError](err); ok {
		return exitGate
	}
	return exitError
}

// A hintedError adds what the user can do about an error.
type hintedError struct {
	err  error
	hint string
}

func (e *hintedError) Error() string { return e.err.Error() }
func (e *hintedError) Unwrap() error { return e.err }
func (e *hintedError) Hint() string  { return e.hint }
