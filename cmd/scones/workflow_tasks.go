package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/scones-unlimited/scones/aws/workflow"
	"github.com/scones-unlimited/scones/aws/workflow/asl"
)

// localTasks do on this machine what a state machine's Tasks name: the three functions, and messages, which are written down.
type localTasks struct {
	steps     *workflow.Steps
	functions map[string]string // step by function name, of --function
	mu        sync.Mutex
	messages  func(message) error
	failed    func(error) // is told the error behind the name that the machine gets
}

// A message is what a Task would have sent to people or a queue.
type message struct {
	State      string `json:"state"`
	Resource   string `json:"resource"`
	Parameters any    `json:"parameters"`
}

// The integrations that are understood.
const (
	lambdaInvoke = "arn:aws:states:::lambda:invoke"
	sqsSend      = "arn:aws:states:::sqs:sendMessage"
	snsPublish   = "arn:aws:states:::sns:publish"
)

// supports says before a run why a Task cannot be done here.
func (t *localTasks) supports(s *asl.State, constant func(string) (any, bool)) error {
	switch s.Resource {
	case sqsSend, snsPublish:
		return nil
	case lambdaInvoke:
		name, ok := constant("FunctionName")
		function, isText := name.(string)
		if !ok || !isText {
			return errors.New("its FunctionName is not a constant, so it cannot be known which step it is")
		}
		return t.knows(function)
	}
	if isFunction(s.Resource) {
		return t.knows(s.Resource)
	}
	return fmt.Errorf("resource %s is not interpreted here; lambda:invoke, sqs:sendMessage and sns:publish are", s.Resource)
}

func isFunction(resource string) bool {
	return strings.HasPrefix(resource, "arn:") && strings.Contains(resource, ":lambda:") && strings.Contains(resource, ":function:")
}

func (t *localTasks) knows(function string) error {
	if t.step(function) == "" {
		return fmt.Errorf("it cannot be told which step the function %q is; --function '%s=filter', for example, says it", function, function)
	}
	return nil
}

func (t *localTasks) step(function string) string {
	if name, ok := t.functions[function]; ok {
		return name
	}
	return workflow.NameOf(function)
}

// do is one call of a Task.
func (t *localTasks) do(ctx context.Context, call asl.Call) (any, error) {
	switch {
	case call.Resource == lambdaInvoke:
		parameters, _ := call.Parameters.(map[string]any)
		function, _ := parameters["FunctionName"].(string)
		payload, ok := parameters["Payload"]
		if !ok {
			payload = map[string]any{}
		}
		result, err := t.invoke(ctx, function, payload)
		return map[string]any{"ExecutedVersion": "$LATEST", "Payload": result, "StatusCode": json.Number("200")}, err
	case isFunction(call.Resource):
		return t.invoke(ctx, call.Resource, call.Parameters)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.messages(message{call.State, call.Resource, call.Parameters}); err != nil {
		return nil, err
	}
	return map[string]any{"MessageId": "local-" + call.Execution}, nil
}

// invoke runs a step and gives its error the name and the cause that Lambda would.
func (t *localTasks) invoke(ctx context.Context, function string, payload any) (any, error) {
	data, err := asl.Encode(payload)
	if err != nil {
		return nil, err
	}
	result, err := t.steps.Step(t.step(function))(ctx, data)
	if err != nil {
		if ctx.Err() != nil {
			return nil, err
		}
		t.failed(err)
		name := workflow.ErrorName(err)
		cause, encodeErr := asl.Encode(map[string]any{"errorMessage": err.Error(), "errorType": name})
		return nil, errors.Join(&asl.Error{Name: name, Cause: string(cause)}, encodeErr)
	}
	return asl.Decode(result)
}
