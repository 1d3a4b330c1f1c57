package asl

import (
	"context"
	"errors"
	"strings"
)

// errSlow ends a Task that takes too long.
var errSlow = errors.New("the task took too long")

// task calls a Task's resource once.
func (v *visit) task(ctx context.Context, effective any) (any, error) {
	s := v.state
	parameters, err := v.fill(s.parameters, effective)
	if err == nil {
		err = fits(parameters, "The input of state '"+s.Name+"'")
	}
	if err != nil {
		return nil, err
	}
	limit, slow, err := v.bound(effective)
	if err != nil {
		return nil, err
	}
	if limit > 0 {
		inner, cancel := context.WithTimeoutCause(ctx, limit, errSlow)
		defer cancel()
		ctx = inner
	}
	events := eventsOf(s.Resource)
	scheduled := events.details()
	if scheduled.Timeout = int(limit.Seconds()); events.function {
		scheduled.Input = text(parameters)
	} else {
		scheduled.Parameters, scheduled.Region = text(parameters), "local"
	}
	started := events.details()
	if events.function {
		started = nil
	}
	if err := errors.Join(v.record(v.thread, events.prefix+"Scheduled", scheduled), v.record(v.thread, events.prefix+"Started", started)); err != nil {
		return nil, asError(err)
	}
	result, err := v.options.Task(ctx, Call{v.name, s.Name, s.Resource, parameters, v.retries})
	if err == nil {
		err = fits(result, "The result of state '"+s.Name+"'")
	}
	ended := events.details()
	switch {
	case err == nil:
		if events.function {
			ended = &Details{}
		}
		ended.Output = text(result)
		return result, v.record(v.thread, events.prefix+"Succeeded", ended)
	case context.Cause(ctx) == errSlow:
		ended.Error, ended.Cause = slow.Name, slow.Cause
		return nil, errors.Join(slow, v.record(v.thread, events.prefix+"TimedOut", ended))
	case ctx.Err() != nil:
		return nil, err
	}
	e := asError(err)
	if events.function {
		ended = &Details{}
	}
	ended.Error, ended.Cause = e.Name, e.Cause
	return nil, errors.Join(e, v.record(v.thread, events.prefix+"Failed", ended))
}

// A taskEvents is how a resource's events are called and what they say of it.
type taskEvents struct {
	prefix             string
	function           bool // the resource is a Lambda function itself, not an integration
	kindName, resource string
}

func eventsOf(resource string) taskEvents {
	if strings.Contains(resource, ":lambda:") && strings.Contains(resource, ":function:") {
		return taskEvents{prefix: "LambdaFunction", function: true, resource: resource}
	}
	if rest, ok := strings.CutPrefix(resource, "arn:aws:states:::"); ok {
		if i := strings.LastIndexByte(rest, ':'); i > 0 {
			return taskEvents{prefix: "Task", kindName: rest[:i], resource: rest[i+1:]}
		}
	}
	return taskEvents{prefix: "Task", resource: resource}
}

func (e taskEvents) details() *Details { return &Details{Type: e.kindName, Resource: e.resource} }
