package asl

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
)

// errSibling cancels the branches beside one that failed.
var errSibling = errors.New("another branch failed")

// together runs n functions, most of them at once, and cancels the rest when one fails. It returns the first failure in time.
func together(ctx context.Context, n, most int, one func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	slots := make(chan struct{}, max(1, min(n, most)))
	var wait sync.WaitGroup
	var once sync.Once
	var first error
	for i := range n {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break
		}
		wait.Go(func() {
			defer func() { <-slots }()
			if err := one(ctx, i); err != nil {
				once.Do(func() { first = err; cancel(errSibling) })
			}
		})
	}
	wait.Wait()
	if first == nil {
		first = stopped(ctx)
	}
	return first
}

func (v *visit) parallel(ctx context.Context, effective any) (any, error) {
	s := v.state
	input, err := v.fill(s.parameters, effective)
	if err != nil {
		return nil, err
	}
	if err := v.record(v.thread, "ParallelStateStarted", nil); err != nil {
		return nil, err
	}
	start := v.thread.last
	outputs := make([]any, len(s.Branches))
	err = together(ctx, len(s.Branches), len(s.Branches), func(ctx context.Context, i int) (err error) {
		branch := &thread{last: start, item: v.thread.item, variables: newVariables(v.thread.variables)}
		outputs[i], err = v.sequence(ctx, branch, s.Branches[i], input)
		return err
	})
	return v.joined(ctx, "Parallel", outputs, err)
}

// joined records how a Parallel or Map state ended.
func (v *visit) joined(ctx context.Context, what string, outputs []any, err error) (any, error) {
	switch {
	case err == nil:
		return outputs, v.record(v.thread, what+"StateSucceeded", nil)
	case ctx.Err() != nil:
		return nil, err
	}
	e := asError(err)
	return nil, errors.Join(e, v.record(v.thread, what+"StateFailed", &Details{Error: e.Name, Cause: e.Cause}))
}

// inline runs a Map's items within the execution.
func (v *visit) inline(ctx context.Context, effective any) (any, error) {
	s := v.state
	items, err := v.items(effective)
	if err != nil {
		return nil, err
	}
	most, err := v.concurrency(effective)
	if err != nil {
		return nil, err
	}
	if err := v.record(v.thread, "MapStateStarted", &Details{Length: new(len(items))}); err != nil {
		return nil, err
	}
	start := v.thread.last
	outputs := make([]any, len(items))
	err = together(ctx, len(items), most, func(ctx context.Context, i int) error {
		branch := &thread{last: start, item: map[string]any{"Index": asNumber(i), "Value": items[i]}, variables: newVariables(v.thread.variables)}
		details := &Details{Name: s.Name, Index: new(i)}
		if err := v.record(branch, "MapIterationStarted", details); err != nil {
			return err
		}
		inner := *v
		inner.thread = branch
		input, err := inner.item(items[i], effective)
		if err == nil {
			outputs[i], err = v.sequence(ctx, branch, s.Processor, input)
		}
		if ctx.Err() != nil {
			return err
		}
		if err != nil {
			return errors.Join(asError(err), v.record(branch, "MapIterationFailed", details))
		}
		return v.record(branch, "MapIterationSucceeded", details)
	})
	return v.joined(ctx, "Map", outputs, err)
}

// items follows ItemsPath.
func (v *visit) items(effective any) ([]any, error) {
	value, err := v.take(v.state.each.items, effective)
	if v.state.each.query != nil {
		value, err = v.fill(v.state.each.query, effective)
	}
	if err != nil {
		return nil, err
	}
	items, ok := value.([]any)
	if object, isObject := value.(map[string]any); isObject && v.state.Distributed { // each field is an item
		for _, key := range slices.Sorted(maps.Keys(object)) {
			items = append(items, map[string]any{"Key": key, "Value": object[key]})
		}
		ok = true
	}
	if !ok {
		return nil, runtimeError("The items of state '%s' are %s, not an array", v.state.Name, kind(value))
	}
	return items, nil
}

// item is the input that an item's states get.
func (v *visit) item(value, effective any) (any, error) {
	if v.state.parameters == nil {
		return value, nil
	}
	return v.state.parameters.fill(effective, v.context())
}

// defaultConcurrency is how many items Step Functions works on at once inline.
const defaultConcurrency = 40

func (v *visit) concurrency(effective any) (int, error) {
	most := v.options.MaxConcurrency
	if most <= 0 {
		most = defaultConcurrency
	}
	n, err := v.count(v.state.each.concurrency, effective, 0)
	if n > 0 {
		most = min(most, int(n))
	}
	return most, err
}

// count is a setting's number at run time.
func (v *visit) count(s setting, effective any, absent float64) (float64, error) {
	if !s.set {
		return absent, nil
	}
	value, err := s.get(effective, v.context())
	if err != nil {
		return 0, err
	}
	n, ok := number(value)
	if !ok || n < 0 {
		return 0, runtimeError("a number of state '%s' is %s", v.state.Name, text(value))
	}
	return n, nil
}
