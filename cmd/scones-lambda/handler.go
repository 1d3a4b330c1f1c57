package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/scones-unlimited/scones/aws/workflow"
)

// A function is one of the three, with what all its invocations share.
type function struct {
	name   string
	steps  *workflow.Steps
	run    workflow.Step
	logger *slog.Logger
	first  sync.Once
}

// spare is what is kept of an invocation's time to report that it ran out.
const spare = 250 * time.Millisecond

// handle is one invocation. Lambda would call an error by its Go type; the state machine catches it by its name, so it is told that.
// Neither a picture nor what an endpoint was sent reaches the log.
func (f *function) handle(ctx context.Context, event json.RawMessage) (json.RawMessage, error) {
	start := time.Now()
	if deadline, ok := ctx.Deadline(); ok {
		inner, cancel := context.WithDeadline(ctx, deadline.Add(-spare))
		defer cancel()
		ctx = inner
	}
	object := workflow.ObjectOf(event)
	attrs := []slog.Attr{
		slog.String("bucket", object.Bucket), slog.String("key", object.Key), slog.Int("event_bytes", len(event)),
	}
	if call, ok := lambdacontext.FromContext(ctx); ok {
		attrs = append(attrs, slog.String("request_id", call.AwsRequestID))
	}
	if trace, ok := ctx.Value("x-amzn-trace-id").(string); ok { // as the lambda package hands it over
		attrs = append(attrs, slog.String("trace_id", trace))
	}
	f.first.Do(func() { attrs = append(attrs, slog.Int64("cold_start_ms", start.Sub(began).Milliseconds())) })
	result, err := f.run(ctx, event)
	attrs = append(attrs, slog.Float64("duration_ms", float64(time.Since(start).Microseconds())/1000))
	if err != nil {
		name := workflow.ErrorName(err)
		attrs = append(attrs, slog.String("error_name", name), slog.String("error", err.Error()))
		level := slog.LevelError
		if name == workflow.ThresholdNotMet { // what the function is for
			level = slog.LevelWarn
		}
		f.logger.LogAttrs(ctx, level, "step failed", attrs...)
		return nil, messages.InvokeResponse_Error{Type: name, Message: err.Error()}
	}
	f.logger.LogAttrs(ctx, slog.LevelInfo, "step done", append(attrs, slog.Int("result_bytes", len(result)))...)
	return result, nil
}
