package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/aws/workflow"
	"github.com/scones-unlimited/scones/aws/workflow/asl"
	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/parity"
	"github.com/scones-unlimited/scones/infer/result"
	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/preprocess"
)

// aim finds the event that an execution starts with, and the store that it reads from.
func (m *localMachine) aim(c *cli.Context, input string, folder bool) ([]byte, error) {
	isJSON := input == "-" || strings.EqualFold(filepath.Ext(input), ".json")
	store := c.String("store")
	switch {
	case strings.HasPrefix(store, "s3://") && store != "s3://":
		return nil, &usageError{fmt.Sprintf("--store %s: the input names bucket and key", store), "--store s3://"}
	case store != "" && !isJSON:
		return nil, &usageError{"--store is for INPUT.json, a picture lies where it lies", ""}
	case folder:
		store = input
	case !isJSON:
		store = filepath.Dir(input)
	}
	if store == "s3://" {
		config, err := awsFromFlags(c)
		if err != nil {
			return nil, err
		}
		m.store = aws.NewStore(config)
	} else if store != "" {
		s, err := openFolderStore(store)
		if err != nil {
			return nil, err
		}
		s.whole = !isJSON
		m.store, m.objects = s, s
	}
	if folder {
		m.objects = nil // each picture is an execution of its own
		return nil, nil
	}
	if !isJSON {
		return pictureEvent(store, filepath.Base(input)), nil
	}
	if input == "-" {
		data, err := io.ReadAll(io.LimitReader(c.App.Reader, asl.MaxPayload+1))
		if err != nil {
			return nil, fmt.Errorf("read input: %w", err)
		}
		return m.within(data)
	}
	data, err := readLimited(input, 16*asl.MaxPayload)
	if err != nil {
		return nil, err
	}
	return m.within(data)
}

// within holds an input to the limit that StartExecution has.
func (m *localMachine) within(input []byte) ([]byte, error) {
	if len(input) > asl.MaxPayload {
		return nil, &hintedError{fmt.Errorf("the input has %d bytes, Step Functions takes at most %d", len(input), asl.MaxPayload),
			"name the picture by s3_bucket and s3_key instead of image_data"}
	}
	return input, nil
}

// pictureEvent is the seed's first event for an object.
func pictureEvent(bucket, key string) []byte {
	data, _ := asl.Encode(map[string]any{"image_data": "", "s3_bucket": bucket, "s3_key": key}) // text cannot fail
	return data
}

// newLocalMachine is the machine of machineFlags and modeFlags, without a model and a store, and its definition.
func newLocalMachine(c *cli.Context) (*localMachine, []byte, error) {
	threshold := c.Float64("threshold")
	if !(threshold >= 0 && threshold <= 1) {
		return nil, nil, &usageError{fmt.Sprintf("--threshold %v: must be 0 to 1", threshold), ""}
	}
	functions, err := functionsFromFlags(c)
	if err != nil {
		return nil, nil, err
	}
	m, definition, err := openMachine(c, c.String("definition"))
	return &localMachine{Machine: m, threshold: threshold, functions: functions, labels: &model.Model{}}, definition, err
}

func functionsFromFlags(c *cli.Context) (map[string]string, error) {
	functions := map[string]string{}
	for _, pair := range c.StringSlice("function") {
		i := strings.LastIndexByte(pair, '=')
		if i < 0 || !slices.Contains(workflow.Names, pair[i+1:]) {
			return nil, &usageError{fmt.Sprintf("--function %q: want NAME=STEP, where STEP is one of %s", pair, strings.Join(workflow.Names, ", ")), ""}
		}
		functions[pair[:i]] = pair[i+1:]
	}
	return functions, nil
}

// prepare checks the machine and opens what it needs to run: the file of --messages and the model.
func (m *localMachine) prepare(c *cli.Context) (closeAll func(), meta result.Meta, err error) {
	if err := m.check(); err != nil {
		return nil, meta, fmt.Errorf("this state machine does not run here: %w", err)
	}
	closeMessages, err := m.open(c)
	if err != nil {
		return nil, meta, err
	}
	closeModel, meta, err := m.model(c)
	if err != nil {
		closeMessages()
		return nil, meta, err
	}
	return func() {
		closeModel()
		closeMessages()
	}, meta, nil
}

// open makes the file of --messages ready.
func (m *localMachine) open(c *cli.Context) (closeFile func(), err error) {
	m.messages = func(message) error { return nil }
	name := c.String("messages")
	if name == "" {
		return func() {}, nil
	}
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	var mu sync.Mutex // executions send side by side
	encoder := json.NewEncoder(file)
	encoder.SetEscapeHTML(false)
	m.messages = func(line message) error {
		mu.Lock()
		defer mu.Unlock()
		return encoder.Encode(line)
	}
	return func() { _ = file.Close() }, nil // each line was written as it came
}

// model opens what answers: the endpoint, or a model on this machine.
func (m *localMachine) model(c *cli.Context) (closeModel func(), meta result.Meta, err error) {
	endpoint := c.String("endpoint")
	if endpoint == "" {
		classifier, meta, err := openClassifier(c, preprocess.Limits{})
		if err != nil {
			return nil, meta, err
		}
		m.answer, m.labels, m.name = classifier.Answer, classifier.Model, meta.Model
		return classifier.close, meta, nil
	}
	for _, flag := range []string{"model", "device", "threads", "onnxruntime"} {
		if c.IsSet(flag) {
			return nil, meta, &usageError{fmt.Sprintf("--endpoint and --%s exclude each other", flag), ""}
		}
	}
	labels, err := labelsFromFlags(c)
	if err != nil {
		return nil, meta, err
	}
	var classifier workflow.Classifier
	if isURL(endpoint) {
		if classifier, err = parity.NewHTTP(endpoint, parity.HTTPOptions{}); err != nil {
			return nil, meta, &usageError{"--endpoint: " + err.Error(), ""}
		}
	} else {
		config, err := awsFromFlags(c)
		if err != nil {
			return nil, meta, err
		}
		classifier = aws.NewEndpoint(config, endpoint, aws.EndpointOptions{})
	}
	m.labels, m.name = &model.Model{Labels: labels}, endpoint
	m.answer = func(ctx context.Context, image []byte) infer.Result {
		scores, err := classifier.Classify(ctx, image)
		return infer.Result{Scores: scores, Err: err}
	}
	return func() {}, result.Meta{Scones: buildInfo().version, Model: endpoint, Runtime: "endpoint"}, nil
}

func awsFromFlags(c *cli.Context) (*aws.Config, error) {
	return aws.LoadConfig(c.Context, aws.ConfigOptions{Region: c.String("region"), Profile: c.String("profile")})
}
