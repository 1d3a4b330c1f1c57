package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/aws/monitoring"
	"github.com/scones-unlimited/scones/infer/capture"
	"github.com/scones-unlimited/scones/infer/monitor/job"
)

// A configError names the variable of the environment that is missing or wrong.
type configError struct{ variable, problem string }

func (e *configError) Error() string { return e.variable + " " + e.problem }

// initErrorName is what Lambda calls a function that cannot start.
func initErrorName(err error) string {
	if _, ours := errors.AsType[*configError](err); ours {
		return "CONFIGURATION_INVALID"
	}
	return "AWS_ACCESS_FAILED"
}

// initTime bounds what is done before the first invocation; Lambda gives it ten seconds.
const initTime = 8 * time.Second

// configure reads the environment and makes the clients that all invocations share.
func configure(ctx context.Context, env func(string) string) (*function, error) {
	ctx, cancel := context.WithTimeout(ctx, initTime)
	defer cancel()
	r := &reader{env: env}
	c := job.Config{
		Name: r.required("MONITOR"), Endpoint: r.required("ENDPOINT"), Captures: r.address("CAPTURES"), Baseline: r.address("BASELINE"), Output: r.address("OUTPUT"),
		Every: r.duration("EVERY", job.DefaultEvery), Window: r.duration("WINDOW", 0), Delay: r.duration("DELAY", job.DefaultDelay),
		Alpha: r.number("ALPHA", 0, 1), MinEffect: r.number("MIN_EFFECT", 0, 10), MaxPictures: int(r.whole("MAX_PICTURES", 0)), MaxPixels: r.whole("MAX_PIXELS", 0),
		Guarantee: job.Guarantee(r.word("GUARANTEE", string(job.Year), string(job.Ever))), Robust: r.word("DISTANCE", "simple", "robust") == "robust",
		Seed: uint64(r.whole("SEED", 1)), Version: version(),
	}
	if labels := env("LABELS"); labels != "" {
		c.Labels = strings.Split(labels, ",")
	}
	spellings := env("METRICS")
	if spellings == "" {
		spellings = string(job.Endpoints)
	}
	var err error
	if c.Spellings, err = job.ParseSpellings(spellings); err != nil {
		r.fail("METRICS", "%v", err)
	}
	if r.err != nil {
		return nil, r.err
	}
	config, err := aws.LoadConfig(ctx, aws.ConfigOptions{})
	if err != nil {
		return nil, err
	}
	objects := aws.NewObjects(config)
	j := &job.Job{
		Config: c, Store: store{objects}, Metrics: metrics{monitoring.NewMetrics(config)},
		List: func(ctx context.Context, window capture.Options) iter.Seq2[capture.File, error] {
			return aws.CapturesWithin(ctx, config, c.Captures, window)
		},
		Range: func(ctx context.Context, uri string, offset int64) (io.ReadCloser, error) {
			return objects.From(ctx, uri, offset, capture.DefaultMaxRecord+1)
		},
	}
	if topic := env("TOPIC"); topic != "" {
		j.Topic = monitoring.NewTopic(config, topic)
	}
	return &function{job: j}, nil
}

func version() string {
	if build, ok := debug.ReadBuildInfo(); ok {
		return build.Main.Version
	}
	return ""
}

// A reader takes variables, and keeps the first problem.
type reader struct {
	env func(string) string
	err error
}

func (r *reader) fail(variable, format string, args ...any) {
	if r.err == nil {
		r.err = &configError{variable, fmt.Sprintf(format, args...)}
	}
}

func (r *reader) required(variable string) string {
	text := r.env(variable)
	if text == "" {
		r.fail(variable, "is not set")
	}
	return text
}

func (r *reader) address(variable string) string {
	text := r.required(variable)
	if _, key, ok := aws.ParseS3(text); text != "" && (!ok || key == "") {
		r.fail(variable, "%q: want s3://BUCKET/KEY", text)
	}
	return text
}

func (r *reader) duration(variable string, missing time.Duration) time.Duration {
	text := r.env(variable)
	if text == "" {
		return missing
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		r.fail(variable, "%q: want a time such as 1h", text)
	}
	return d
}

func (r *reader) number(variable string, least, most float64) float64 {
	text := r.env(variable)
	if text == "" {
		return 0
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || !(v > least && v < most) {
		r.fail(variable, "%q: want a number between %v and %v", text, least, most)
	}
	return v
}

func (r *reader) whole(variable string, missing int64) int64 {
	text := r.env(variable)
	if text == "" {
		return missing
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 {
		r.fail(variable, "%q: want a number of 1 or more", text)
	}
	return n
}

// word is the first of words when the variable is not set.
func (r *reader) word(variable string, words ...string) string {
	text := r.env(variable)
	if text == "" {
		return words[0]
	}
	if slices.Contains(words, text) {
		return text
	}
	r.fail(variable, "%q: want %s", text, strings.Join(words, " or "))
	return text
}
