package stack

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/smithy-go"

	"github.com/scones-unlimited/scones/aws/plan"
)

// A CallError is what a service answered instead of what was asked for.
type CallError struct {
	// Service and Operation name the call: SageMaker, CreateModel.
	Service, Operation string
	// Code is the service's name of the error, such as AccessDenied.
	Code string
	Err  error
}

// Error gives the call and what was said.
func (e *CallError) Error() string { return fmt.Sprintf("%s %s: %v", e.Service, e.Operation, e.Err) }

// Unwrap returns the SDK's error.
func (e *CallError) Unwrap() error { return e.Err }

// denied are the codes of a caller without the right.
var denied = []string{"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "Forbidden"}

// Hint says what the user can do; it may be empty.
func (e *CallError) Hint() string {
	switch {
	case slices.Contains(denied, e.Code):
		return fmt.Sprintf("the caller needs %s:%s; an administrator can give it", strings.ToLower(strings.ReplaceAll(e.Service, " ", "")), e.Operation)
	case e.Code == "ResourceLimitExceeded":
		return "ask for a higher quota in the Service Quotas console, or take another --instance; aws service-quotas list-service-quotas --service-code sagemaker shows them"
	case strings.HasPrefix(e.Code, "ExpiredToken"):
		return "the credentials have expired: aws sso login, or new ones in the environment"
	}
	return ""
}

// maxSaid is how much of what a service says is kept, in characters.
const maxSaid = 500

// said keeps what a service said, and leaves out what the SDK puts around it.
func said(err error) error {
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return err
	}
	text := []rune(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, api.ErrorMessage()))
	if len(text) > maxSaid {
		text = append(text[:maxSaid], '…')
	}
	call := &CallError{Service: "AWS", Code: api.ErrorCode(), Err: fmt.Errorf("%s: %s", api.ErrorCode(), string(text))}
	if operation, ok := errors.AsType[*smithy.OperationError](err); ok {
		call.Service, call.Operation = operation.Service(), operation.Operation()
	}
	return call
}

// Said is the [*CallError] of an error of the SDK; any other error is returned as it is.
func Said(err error) error { return said(err) }

// has tells whether a service answered with one of some codes.
func has(err error, codes ...string) bool {
	api, ok := errors.AsType[smithy.APIError](err)
	return ok && slices.Contains(codes, api.ErrorCode())
}

// missing tells that SageMaker knows no such object. It says so with the code of any bad request, and a text.
func missing(err error) bool {
	api, ok := errors.AsType[smithy.APIError](err)
	return ok && (api.ErrorCode() == "ResourceNotFound" || api.ErrorCode() == "ValidationException" && strings.Contains(api.ErrorMessage(), "ould not find"))
}

// ignore turns an error with one of some codes into none.
func ignore(err error, codes ...string) error {
	if err == nil || has(err, codes...) {
		return nil
	}
	return said(err)
}

// unassumable marks the answer to a role that IAM has made and SageMaker does not know yet, which passes in seconds.
func unassumable(err error) error {
	api, ok := errors.AsType[smithy.APIError](err)
	if ok && api.ErrorCode() == "ValidationException" && strings.Contains(api.ErrorMessage(), "ould not assume role") {
		return plan.NotYet(said(err))
	}
	return said(err)
}
