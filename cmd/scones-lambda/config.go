package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/aws/workflow"
)

// A configError names the variable of the environment that is missing or wrong.
type configError struct{ variable, problem string }

func (e *configError) Error() string { return e.variable + " " + e.problem }

// configurationInvalid is what Lambda calls a function whose environment is wrong.
const configurationInvalid = "CONFIGURATION_INVALID"

// initErrorName is what Lambda calls a function that cannot start.
func initErrorName(err error) string {
	if _, ours := errors.AsType[*configError](err); ours {
		return configurationInvalid
	}
	return "AWS_ACCESS_FAILED"
}

// initTime bounds what is done before the first invocation; Lambda gives it ten seconds.
const initTime = 8 * time.Second

// attempts at a picture within one invocation. The state machine tries again by itself.
const attempts = 2

// configure reads the environment and makes the clients that all invocations share.
func configure(ctx context.Context, env func(string) string) (*function, error) {
	ctx, cancel := context.WithTimeout(ctx, initTime)
	defer cancel()
	f := &function{steps: &workflow.Steps{Threshold: workflow.DefaultThreshold}}
	if f.name = workflow.NameOf(env("_HANDLER")); f.name == "" {
		f.name = workflow.NameOf(env("AWS_LAMBDA_FUNCTION_NAME"))
	}
	if f.name == "" {
		return nil, &configError{"_HANDLER", fmt.Sprintf("%q is none of %s, and the function's name %q tells neither", env("_HANDLER"), strings.Join(workflow.Names, ", "), env("AWS_LAMBDA_FUNCTION_NAME"))}
	}
	if f.run = f.steps.Step(f.name); f.name == "filter" {
		return f, f.threshold(env)
	}
	if text := env("MAX_BYTES"); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 1 {
			return nil, &configError{"MAX_BYTES", fmt.Sprintf("%q is no number of 1 or more", text)}
		}
		f.steps.MaxBytes = n
	}
	endpoint := env("ENDPOINT")
	if f.name == "classify" && endpoint == "" {
		return nil, &configError{"ENDPOINT", "is not set: it names the SageMaker endpoint to ask"}
	}
	config, err := aws.LoadConfig(ctx, aws.ConfigOptions{})
	if err != nil {
		return nil, err
	}
	f.steps.Store = aws.NewStore(config)
	if f.name == "classify" {
		f.steps.Classifier = aws.NewEndpoint(config, endpoint, aws.EndpointOptions{Attempts: attempts, MaxPayload: f.steps.MaxBytes})
		f.steps.Model = cmp.Or(env("MODEL"), endpoint)
		if labels := env("LABELS"); labels != "" {
			f.steps.Labels = strings.Split(labels, ",")
		}
	}
	return f, nil
}

func (f *function) threshold(env func(string) string) error {
	text := env("THRESHOLD")
	if text == "" {
		return nil
	}
	threshold, err := strconv.ParseFloat(text, 64)
	if err != nil || !(threshold >= 0 && threshold <= 1) {
		return &configError{"THRESHOLD", fmt.Sprintf("%q is no number from 0 to 1", text)}
	}
	f.steps.Threshold = threshold
	return nil
}
