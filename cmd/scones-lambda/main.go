// Command scones-lambda is the three functions of the workflow as one program for AWS Lambda: serialize, classify and filter. Which one
// a function is, its handler says (_HANDLER), or else its name; what it needs comes from the environment:
//
//	ENDPOINT   classify: the SageMaker endpoint's name; required
//	THRESHOLD  filter: the least probability that passes, 0 to 1; 0.93 when it is not set
//	LABELS     classify: the classes' names in order, separated by commas; class_0, class_1, ... when it is not set
//	MODEL      classify: what the model field says; the endpoint's name when it is not set
//	MAX_BYTES  serialize, classify: the largest picture; 6291456 when it is not set, what an endpoint takes
//
// Build it for the runtime provided.al2023, as an executable called bootstrap:
//
//	GOOS=linux GOARCH=arm64 CGO_ENABLED=0 go build -tags lambda.norpc -trimpath -ldflags '-s -w' -o bootstrap ./cmd/scones-lambda
package main

import (
	"context"
	"io"
	"log"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/scones-unlimited/scones/aws/runtimeapi"
)

// began is when the process started, as near as it can tell itself.
var began = time.Now()

func main() {
	logger := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	ctx := context.Background()
	f, err := configure(ctx, os.Getenv)
	if err != nil {
		logger.Error("init failed", "error", err.Error())
		runtimeapi.ReportInit(ctx, os.Getenv("AWS_LAMBDA_RUNTIME_API"), initErrorName(err), err)
		os.Exit(1)
	}
	f.logger = logger.With("step", f.name)
	log.SetOutput(io.Discard) // the lambda package prints each error once more, not as JSON
	lambda.Start(f.handle)
}
