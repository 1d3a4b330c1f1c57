package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/scones-unlimited/scones/infer/monitor/job"
)

// A function is the monitor with what its invocations share.
type function struct {
	job    *job.Job
	logger *slog.Logger
}

// spare is what is kept of an invocation's time to report that it ran out.
const spare = 2 * time.Second

// handle is one invocation. Lambda would call an error by its Go type; it is told the error's own name instead. What is in captures does
// not reach the log.
func (f *function) handle(ctx context.Context, event json.RawMessage) (*job.Outcome, error) {
	start := time.Now()
	if deadline, ok := ctx.Deadline(); ok {
		inner, cancel := context.WithDeadline(ctx, deadline.Add(-spare))
		defer cancel()
		ctx = inner
	}
	var attrs []slog.Attr
	if call, ok := lambdacontext.FromContext(ctx); ok {
		attrs = append(attrs, slog.String("request_id", call.AwsRequestID))
	}
	e, err := job.ParseEvent(event)
	var o *job.Outcome
	if err == nil {
		o, err = f.job.Run(ctx, e)
	}
	attrs = append(attrs, slog.Int64("duration_ms", time.Since(start).Milliseconds()))
	if err != nil {
		name := "RUN_FAILED"
		if named, ok := errors.AsType[*job.Error](err); ok {
			name = named.Name
		}
		f.logger.LogAttrs(ctx, slog.LevelError, "run failed", append(attrs, slog.String("error_name", name), slog.String("error", err.Error()))...)
		return nil, messages.InvokeResponse_Error{Type: name, Message: err.Error()}
	}
	f.logger.LogAttrs(ctx, slog.LevelInfo, "run done", append(attrs, slog.Time("from", o.From), slog.Time("to", o.To), slog.String("verdict", string(o.Verdict)),
		slog.String("sentence", o.Sentence), slog.Int("look", o.Look), slog.Int("rows", o.Rows), slog.Int("pictures", o.Pictures),
		slog.String("report", o.Report), slog.Bool("told", o.Told), slog.Bool("judged_before", o.Before))...)
	return o, nil
}
