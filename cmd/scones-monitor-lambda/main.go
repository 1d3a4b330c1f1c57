// Command scones-monitor-lambda is scones monitor run as a program for AWS Lambda: each invocation compares the captures of a window of
// time with a baseline. It is a program of its own, because it decodes pictures and computes statistics, all of which would weigh on the
// start of the functions that answer for single pictures. What it needs comes from the environment:
//
//	MONITOR      the monitor's name; required
//	ENDPOINT     the endpoint that it watches, for metrics and folders; required
//	CAPTURES     s3:// prefix of the captures, down to the variant; required
//	BASELINE     s3:// address of what scones monitor baseline wrote; required
//	OUTPUT       s3:// prefix of reports; required
//	TOPIC        ARN of the SNS topic that is told of drift, and of its end; nobody is told when it is not set
//	EVERY        interval of the schedule, such as 1h (the default); WINDOW how far back a run looks, which is EVERY when it is not set
//	DELAY        how long captures may take to arrive; 20m when it is not set
//	ALPHA        false-alarm rate, 0.05 when it is not set; GUARANTEE year or ever: over what it is promised
//	MIN_EFFECT   smallest effect that is drift, as Cohen's d; 0.2 when it is not set
//	LABELS       the classes' names in order, separated by commas; the baseline's when it is not set
//	MAX_PICTURES how many pictures are measured, MAX_PIXELS how large one may be; 2000 and 40000000 when they are not set
//	METRICS      spellings of Model Monitor's metrics: endpoints (the default), dashboard, guide, container, none
//	DISTANCE     Model Monitor's distance in those metrics: simple (the default) or robust
//	SEED         of everything that is drawn; 1 when it is not set
//
// An event is {"scheduled": TIME}, as the schedule sends it, or {"start": TIME, "end": TIME} for a window of one's choice; {"again": true}
// judges a window anew, {"silent": true} leaves reports alone.
//
// Build it for the runtime provided.al2023, as an executable called bootstrap:
//
//	GOOS=linux GOARCH=arm64 CGO_ENABLED=0 go build -tags lambda.norpc -trimpath -ldflags '-s -w' -o bootstrap ./cmd/scones-monitor-lambda
package main

import (
	"context"
	"io"
	"log"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/scones-unlimited/scones/aws/runtimeapi"
)

func main() {
	logger := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	ctx := context.Background()
	f, err := configure(ctx, os.Getenv)
	if err != nil {
		logger.Error("init failed", "error", err.Error())
		runtimeapi.ReportInit(ctx, os.Getenv("AWS_LAMBDA_RUNTIME_API"), initErrorName(err), err)
		os.Exit(1)
	}
	f.logger = logger.With("monitor", f.job.Name)
	log.SetOutput(io.Discard) // the lambda package prints each error once more, not as JSON
	lambda.Start(f.handle)
}
