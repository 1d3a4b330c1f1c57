package awstest

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// A Function is what [Options].Invoke is asked to run.
type Function struct {
	Name, Version, Handler string
	Environment            map[string]string
	Code                   []byte // the archive
}

// A FunctionError is a failure under the name that state machines catch it by, for [Options].Invoke to return.
type FunctionError struct{ Type, Message string }

// Error gives type and message.
func (e *FunctionError) Error() string { return e.Type + ": " + e.Message }

// maxEvent is the most bytes of a function's input and output.
const maxEvent = 6 << 20

func invokeFunction(c *call) (any, error) {
	name, _ := c.tree["FunctionName"].(string)
	f, qualifier, err := c.region.functionOf(&name)
	if err != nil {
		return nil, err
	}
	if q, ok := c.tree["Qualifier"].(string); ok {
		qualifier = q
	}
	kind := c.request.Header.Get("X-Amz-Invocation-Type")
	if len(c.body) > maxEvent {
		return nil, lambdaError(413, "RequestTooLargeException", "Request must be smaller than 6291456 bytes for the InvokeFunction operation")
	}
	if kind == "DryRun" {
		return nothing(http.StatusNoContent)
	}
	answer, version, failed, err := c.Server.invoke(f, qualifier, c.body)
	if err != nil {
		return nil, err
	}
	if kind == "Event" {
		return nothing(http.StatusAccepted)
	}
	c.header.Set("X-Amz-Executed-Version", version)
	if failed {
		c.header.Set("X-Amz-Function-Error", "Unhandled")
	}
	return &raw{body: answer}, nil
}

// invoke runs a function without the lock, for it may call the cloud itself. What fails in the function is an answer.
func (s *Server) invoke(f *function, qualifier string, payload []byte) (answer []byte, version string, failed bool, err error) {
	v := f.version(qualifier)
	if v == nil {
		return nil, "", false, noFunction(*f.versions[0].FunctionArn + ":" + qualifier)
	}
	if f.show(v, s.now).State == types.StatePending {
		return nil, "", false, conflict("The operation cannot be performed at this time. The function is currently in the following state: Pending")
	}
	if !s.assumable(*v.Role, lambdaPrincipal) {
		return nil, "", false, lambdaError(403, "AccessDeniedException", "The role defined for the function cannot be assumed by Lambda.")
	}
	if f.concurrency != nil && *f.concurrency == 0 {
		return nil, "", false, lambdaError(429, "TooManyRequestsException", "Rate Exceeded.")
	}
	if len(payload) == 0 {
		payload = []byte("{}")
	}
	if !json.Valid(payload) {
		return nil, "", false, lambdaError(400, "InvalidRequestContentException", "Could not parse request body into json")
	}
	f.invoked++
	answer = payload
	if s.o.Invoke != nil {
		request := Function{Name: *v.FunctionName, Version: *v.Version, Handler: value(v.Handler), Code: v.code}
		if v.Environment != nil {
			request.Environment = v.Environment.Variables
		}
		s.mu.Unlock()
		answer, err = s.o.Invoke(request, payload)
		s.mu.Lock()
	}
	if err == nil {
		return answer, *v.Version, false, nil
	}
	failure, ok := errors.AsType[*FunctionError](err)
	if !ok {
		failure = &FunctionError{"errorString", err.Error()}
	}
	answer, err = json.Marshal(map[string]string{"errorMessage": failure.Message, "errorType": failure.Type})
	return answer, *v.Version, true, err
}
