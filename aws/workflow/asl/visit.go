package asl

import (
	"context"
	"fmt"
	"math"
	"time"
)

// A visit is one state being worked on.
type visit struct {
	*run
	thread  *thread
	state   *State
	input   any // as it came, before InputPath
	entered time.Time
	retries int
	states  map[string]any // what JSONata calls $states, without the context
}

// context is the context object, which $$ names.
func (v *visit) context() any {
	const layout = "2006-01-02T15:04:05.000Z"
	object := map[string]any{
		"Execution": map[string]any{
			"Id": v.arn, "Input": v.run.input, "Name": v.name, "RoleArn": arn("role", "local"),
			"StartTime": v.start.UTC().Format(layout), "RedriveCount": asNumber(0),
		},
		"State": map[string]any{
			"EnteredTime": v.entered.UTC().Format(layout), "Name": v.state.Name, "RetryCount": asNumber(v.retries),
		},
		"StateMachine": map[string]any{"Id": arn("stateMachine", v.options.Machine), "Name": v.options.Machine},
	}
	if v.thread.item != nil {
		object["Map"] = map[string]any{"Item": v.thread.item}
	}
	return &surroundings{object, v.thread.variables, v.states}
}

// assigned computes the variables that a state sets, from what $ means there.
func (v *visit) assigned(t *template, of any) (map[string]any, error) {
	if t == nil {
		return nil, nil
	}
	values, err := t.fill(of, v.context())
	if err != nil {
		return nil, err
	}
	object, _ := values.(map[string]any)
	return object, nil
}

// finish computes a state's output in JSONata, and the variables that it sets; without a template it is what stands for it.
func (v *visit) finish(output, assign *template, otherwise any) (any, error) {
	values, err := v.assigned(assign, otherwise)
	if err != nil {
		return nil, err
	}
	if output != nil {
		if otherwise, err = output.fill(v.input, v.context()); err != nil {
			return nil, err
		}
	}
	return otherwise, v.thread.variables.set(values)
}

// work does what the state's type says.
func (v *visit) work(ctx context.Context) (output any, next string, err error) {
	s := v.state
	switch s.Type {
	case Task:
		return v.attempts(ctx, v.task)
	case Parallel:
		return v.attempts(ctx, v.parallel)
	case Map:
		if s.Distributed {
			return v.attempts(ctx, v.distributed)
		}
		return v.attempts(ctx, v.inline)
	case Fail:
		return nil, "", v.fail()
	}
	effective, err := v.take(s.input, v.input)
	if err != nil {
		return nil, "", err
	}
	output, next = effective, s.Next
	computed, assign := s.computed, s.assign
	switch s.Type {
	case Pass:
		if s.language == jsonPathLanguage {
			output, err = v.pass(effective)
			assign = nil
		}
	case Wait:
		err = v.wait(ctx, effective)
	case Choice:
		var rule *Rule
		if rule, err = v.choose(effective); rule != nil {
			next, computed, assign = rule.Next, rule.output, rule.assign
		} else {
			next = s.Default
		}
	}
	if err == nil {
		output, err = v.finish(computed, assign, output)
	}
	if err != nil {
		return nil, "", err
	}
	output, err = v.take(s.output, output)
	return output, next, err
}

// take follows InputPath or OutputPath.
func (v *visit) take(f pathField, value any) (any, error) {
	switch {
	case f.null:
		return map[string]any{}, nil
	case f.path == nil:
		return value, nil
	}
	return f.path.get(value, v.context())
}

// fill computes Parameters or its like; without one the input stands.
func (v *visit) fill(t *template, input any) (any, error) {
	if t == nil {
		return input, nil
	}
	return t.fill(input, v.context())
}

// put follows ResultPath.
func (v *visit) put(f pathField, result any) (any, error) {
	switch {
	case f.null:
		return v.input, nil
	case f.path == nil:
		return result, nil
	}
	return f.path.put(v.input, result)
}

func (v *visit) pass(effective any) (any, error) {
	result, err := v.fill(v.state.parameters, effective)
	if v.state.hasFixed {
		result = v.state.fixed
	}
	if err != nil {
		return nil, err
	}
	values, err := v.assigned(v.state.assign, result)
	if err != nil {
		return nil, err
	}
	if err := v.thread.variables.set(values); err != nil {
		return nil, err
	}
	return v.put(v.state.result, result)
}

func (v *visit) wait(ctx context.Context, effective any) error {
	s := v.state
	if s.moment.set {
		value, err := s.moment.get(effective, v.context())
		if err != nil {
			return err
		}
		at, ok := timestamp(value)
		if !ok {
			return runtimeError("Timestamp %s of state '%s' is no time", text(value), s.Name)
		}
		return v.sleep(ctx, at.Sub(v.now()))
	}
	value, err := s.seconds.get(effective, v.context())
	if err != nil {
		return err
	}
	seconds, ok := number(value)
	if !ok || seconds < 0 {
		return runtimeError("Seconds of state '%s' is %s", s.Name, text(value))
	}
	return v.sleep(ctx, time.Duration(seconds*float64(time.Second)))
}

// choose is the rule that holds, nil for the Default.
func (v *visit) choose(effective any) (*Rule, error) {
	for i := range v.state.Choices {
		rule := &v.state.Choices[i]
		holds, err := rule.test(effective, v.context())
		if err != nil {
			return nil, err
		}
		if holds {
			return rule, nil
		}
	}
	if v.state.Default == "" {
		return nil, runtimeError("No choice of state '%s' matches and it has no Default", v.state.Name)
	}
	return nil, nil
}

// fail is the error that a Fail state names.
func (v *visit) fail() error {
	e := &Error{}
	for _, part := range []struct {
		from setting
		to   *string
	}{{v.state.name, &e.Name}, {v.state.cause, &e.Cause}} {
		value, err := part.from.get(v.input, v.context())
		if err != nil {
			return err
		}
		if s, ok := value.(string); ok {
			*part.to = s
		} else if value != nil {
			return runtimeError("Error or Cause of state '%s' is %s", v.state.Name, kind(value))
		}
	}
	return e
}

// attempts works on a state that may fail: it tries again as Retry says, and goes where Catch says.
func (v *visit) attempts(ctx context.Context, once func(context.Context, any) (any, error)) (any, string, error) {
	s := v.state
	tried := make([]int, len(s.retry))
	for {
		output, err := v.attempt(ctx, once)
		if err == nil {
			return output, s.Next, nil
		}
		if ctx.Err() != nil {
			return nil, "", err
		}
		e := asError(err)
		if delay, again := v.again(tried, e); again {
			v.retries++
			if err := v.sleep(ctx, delay); err != nil {
				return nil, "", err
			}
			continue
		}
		for _, c := range s.Catch {
			if matches(c.Errors, e) {
				output, err := v.caught(&c, map[string]any{"Error": e.Name, "Cause": e.Cause})
				return output, c.Next, err
			}
		}
		return nil, "", e
	}
}

// caught is the output of a state whose error a Catcher takes.
func (v *visit) caught(c *Catcher, failure map[string]any) (any, error) {
	if v.state.language == jsonataLanguage {
		v.states = map[string]any{"input": v.input, "errorOutput": failure}
		return v.finish(c.output, c.assign, failure)
	}
	values, err := v.assigned(c.assign, failure)
	if err != nil {
		return nil, err
	}
	if err := v.thread.variables.set(values); err != nil {
		return nil, err
	}
	return v.put(c.result, failure)
}

// attempt is one try, from InputPath to OutputPath.
func (v *visit) attempt(ctx context.Context, once func(context.Context, any) (any, error)) (any, error) {
	s := v.state
	v.states = map[string]any{"input": v.input}
	effective, err := v.take(s.input, v.input)
	if err != nil {
		return nil, err
	}
	result, err := once(ctx, effective)
	if err != nil {
		return nil, err
	}
	if s.language == jsonataLanguage {
		v.states["result"] = result
		return v.finish(s.computed, s.assign, result)
	}
	values, err := v.assigned(s.assign, result)
	if err != nil {
		return nil, err
	}
	if s.selector != nil {
		if result, err = s.selector.fill(result, v.context()); err != nil {
			return nil, err
		}
	}
	output, err := v.put(s.result, result)
	if err != nil {
		return nil, err
	}
	if output, err = v.take(s.output, output); err != nil {
		return nil, err
	}
	return output, v.thread.variables.set(values)
}

// again tells whether Retry allows another try after an error, and after how long. Each entry counts its own tries.
func (v *visit) again(tried []int, e *Error) (time.Duration, bool) {
	for i, r := range v.state.retry {
		if !matches(r.errors, e) {
			continue
		}
		if tried[i] >= r.attempts {
			return 0, false
		}
		seconds := r.interval * math.Pow(r.rate, float64(tried[i]))
		if r.most > 0 {
			seconds = min(seconds, r.most)
		}
		seconds = min(seconds, maxDelay.Seconds())
		if r.full {
			seconds *= v.random()
		}
		tried[i]++
		return time.Duration(seconds * float64(time.Second)), true
	}
	return 0, false
}

// maxDelay bounds what a back-off grows to: an execution ends after a year.
const maxDelay = 365 * 24 * time.Hour

// bound is the time that a Task may take, and the error when it takes longer.
func (v *visit) bound(effective any) (time.Duration, *Error, error) {
	least, name := time.Duration(0), ""
	for _, limit := range []struct {
		from setting
		name string
	}{{v.state.timeout, Timeout}, {v.state.heartbeat, HeartbeatTimeout}} {
		if !limit.from.set {
			continue
		}
		value, err := limit.from.get(effective, v.context())
		if err != nil {
			return 0, nil, err
		}
		seconds, ok := number(value)
		if !ok || seconds < 1 {
			return 0, nil, runtimeError("a time limit of state '%s' is %s", v.state.Name, text(value))
		}
		if d := time.Duration(seconds * float64(time.Second)); name == "" || d < least {
			least, name = d, limit.name
		}
	}
	return least, &Error{Name: name, Cause: fmt.Sprintf("state '%s' took longer than %v", v.state.Name, least)}, nil
}
