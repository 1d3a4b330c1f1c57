package asl

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
)

// distributed runs a Map's items as executions of their own. Some may fail, as many as the definition tolerates.
func (v *visit) distributed(ctx context.Context, effective any) (any, error) {
	s := v.state
	inputs, err := v.inputs(ctx, effective)
	if err != nil {
		return nil, err
	}
	most, err := v.concurrency(effective)
	if err != nil {
		return nil, err
	}
	tolerance, err := v.tolerance(effective, len(inputs))
	if err != nil {
		return nil, err
	}
	mapRun := arn("mapRun", v.options.Machine+"/"+orElse(s.each.label, s.Name)+":"+newUUID())
	if err := errors.Join(
		v.record(v.thread, "MapStateStarted", &Details{Length: new(len(inputs))}),
		v.record(v.thread, "MapRunStarted", &Details{MapRun: mapRun}),
	); err != nil {
		return nil, asError(err)
	}
	children := make([]*Execution, len(inputs))
	var failed atomic.Int64
	err = together(ctx, len(inputs), most, func(ctx context.Context, i int) (err error) {
		options := v.options
		options.Name = newUUID()
		child, err := s.Processor.run(ctx, inputs[i], options)
		if child != nil {
			child.History = nil // as many histories as items do not fit into memory; Observe has seen them
			children[i] = child
		}
		if err == nil && child.Status != Succeeded && failed.Add(1) > tolerance {
			return &Error{Name: ExceedToleratedFailures, Cause: fmt.Sprintf("more than %d of %d executions failed, the last with %v", tolerance, len(inputs), child.Error)}
		}
		return err
	})
	if ctx.Err() != nil {
		return nil, err
	}
	result, writeErr := v.write(ctx, effective, mapRun, children)
	if err == nil {
		err = writeErr
	}
	if err != nil {
		e := asError(err)
		return nil, errors.Join(e,
			v.record(v.thread, "MapRunFailed", &Details{Error: e.Name, Cause: e.Cause}), v.record(v.thread, "MapStateFailed", &Details{Error: e.Name, Cause: e.Cause}))
	}
	return result, asNil(errors.Join(v.record(v.thread, "MapRunSucceeded", nil), v.record(v.thread, "MapStateSucceeded", nil)))
}

func asNil(err error) error {
	if err == nil {
		return nil
	}
	return asError(err)
}

func orElse(s, other string) string {
	if s != "" {
		return s
	}
	return other
}

// tolerance is how many items may fail: the smaller of a count and a percentage, none when neither is given.
func (v *visit) tolerance(effective any, items int) (int64, error) {
	most := float64(-1)
	for _, limit := range []struct {
		from  setting
		scale float64
	}{{v.state.each.failures, 1}, {v.state.each.percentage, float64(items) / 100}} {
		n, err := v.count(limit.from, effective, -1)
		if err != nil {
			return 0, err
		}
		if n >= 0 && (most < 0 || n*limit.scale < most) {
			most = n * limit.scale
		}
	}
	return int64(max(most, 0)), nil
}

// inputs are what the items' executions get: the items through ItemSelector, several to an execution with an ItemBatcher.
func (v *visit) inputs(ctx context.Context, effective any) ([]any, error) {
	items, err := v.read(ctx, effective)
	if err != nil {
		return nil, err
	}
	inputs := make([]any, len(items))
	inner := *v
	for i, item := range items {
		inner.thread = &thread{item: map[string]any{"Index": asNumber(i), "Value": item}, variables: v.thread.variables}
		if inputs[i], err = inner.item(item, effective); err != nil {
			return nil, err
		}
	}
	return v.batches(inputs, effective)
}

// An itemBatcher says how many items an execution gets.
type itemBatcher struct {
	count, bytes setting
	common       *template // BatchInput
}

func parseBatcher(f *fields) *itemBatcher {
	value, ok := f.take("ItemBatcher")
	if !ok {
		return nil
	}
	g := f.inner(f.at+", ItemBatcher", value)
	b := &itemBatcher{g.count("MaxItemsPerBatch", 1), g.count("MaxInputBytesPerBatch", 1), g.template("BatchInput")}
	if !b.count.set && !b.bytes.set {
		g.problem("wants MaxItemsPerBatch or MaxInputBytesPerBatch")
	}
	g.rest()
	return b
}

// batches groups items. An item that is too large for the limit of bytes gets an execution alone.
func (v *visit) batches(items []any, effective any) ([]any, error) {
	b := v.state.each.batcher
	if b == nil {
		return items, nil
	}
	count, err := v.count(b.count, effective, float64(len(items)))
	if err != nil {
		return nil, err
	}
	bytes, err := v.count(b.bytes, effective, MaxPayload)
	if err != nil {
		return nil, err
	}
	frame := map[string]any{"Items": []any{}}
	if b.common != nil {
		if frame["BatchInput"], err = b.common.fill(effective, v.context()); err != nil {
			return nil, err
		}
	}
	frameSize := len(text(frame))
	var inputs []any
	var batch []any
	size := frameSize
	flush := func() {
		input := map[string]any{"Items": batch}
		if b.common != nil {
			input["BatchInput"] = frame["BatchInput"]
		}
		inputs, batch, size = append(inputs, input), nil, frameSize
	}
	for _, item := range items {
		n := len(text(item)) + 1
		if len(batch) > 0 && (len(batch) >= int(count) || size+n > int(bytes)) {
			flush()
		}
		batch, size = append(batch, item), size+n
	}
	if len(batch) > 0 {
		flush()
	}
	return inputs, nil
}
