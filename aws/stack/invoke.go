package stack

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

// A FunctionError is what a function reported instead of an answer.
type FunctionError struct {
	Function string
	// Name is the error's type as the function calls it.
	Name, Message string
}

// Error gives the function, the name and what was said.
func (e *FunctionError) Error() string {
	return fmt.Sprintf("%s: %s: %s", e.Function, e.Name, e.Message)
}

// Invoke runs a function once, with no second attempt, and returns its answer. Errors are [*FunctionError] or [*CallError].
func (a *Account) Invoke(ctx context.Context, function string, event []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, MaxMonitorTimeout+time.Minute)
	defer cancel()
	out, err := a.lambda.Invoke(ctx, &lambda.InvokeInput{FunctionName: &function, Payload: event}, func(o *lambda.Options) {
		o.Retryer, o.HTTPClient = awssdk.NopRetryer{}, awshttp.NewBuildableClient() // whose answer may take as long as the function
	})
	if err != nil {
		return nil, said(err)
	}
	if out.FunctionError == nil {
		return out.Payload, nil
	}
	var e struct{ ErrorType, ErrorMessage string }
	if err := json.Unmarshal(out.Payload, &e); err != nil || e.ErrorMessage == "" {
		e.ErrorType, e.ErrorMessage = *out.FunctionError, "no message"
	}
	return nil, &FunctionError{function, e.ErrorType, e.ErrorMessage}
}
