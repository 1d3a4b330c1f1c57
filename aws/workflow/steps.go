// Package workflow is the three steps of a picture's way through the cloud as plain Go, and the state machine definitions that call
// them: serialize reads the picture, classify asks a model, filter lets pass what the model is sure of.
//
// [Steps] is the one implementation. The Lambda functions, the local run and the tests call the same methods; what differs is the
// [Store] and the [Classifier]. [Definition] writes the state machine for Step Functions, whose interpreter for this machine is
// package asl below.
//
// The package needs neither AWS' SDK nor C.
package workflow

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
)

// A Classifier gives a picture's probabilities in class order. An error that is no [*Error] is named by its ErrorCode, if it has one:
// refused, payload-too-big and unavailable have names of their own, all else is [EndpointRefused].
type Classifier interface {
	Classify(ctx context.Context, image []byte) ([]float32, error)
}

// A Store reads objects. An error that is no [*Error] counts as [StoreUnavailable].
type Store interface {
	// Get returns an object's bytes, at most limit of them, and the reference with the version and ETag that were read. A Version or
	// ETag that is asked for must be met.
	Get(ctx context.Context, object Reference, limit int64) ([]byte, Reference, error)
}

// A Reference names an object of a bucket, and, when they are not empty, which version of it.
type Reference struct{ Bucket, Key, Version, ETag string }

// DefaultThreshold is the probability below which the seed's filter stops a picture.
const DefaultThreshold = 0.93

// DefaultMaxBytes is the largest picture that is read: what SageMaker's InvokeEndpoint takes, 6 MiB.
const DefaultMaxBytes = 6 << 20

// What the functions are given unless said otherwise: they wait more than they compute.
const (
	DefaultMemory       = 256 // MB
	DefaultArchitecture = "arm64"
)

// Steps are the three steps with what they need. Serialize needs Store, Classify needs Classifier and, for pictures that travel as a
// reference, Store; Filter needs Threshold.
type Steps struct {
	Store      Store
	Classifier Classifier
	// Threshold is the least probability, 0 to 1, with which a picture passes.
	Threshold float64
	// Labels of the classes in order, for the label field; a class without one is called by its index.
	Labels []string
	// Model is what the model field says.
	Model string
	// MaxBytes is the largest picture that is read, [DefaultMaxBytes] when zero.
	MaxBytes int64
}

// stateLimit is the largest payload of a state in Step Functions, reserve what the envelope of a task's result, the answer's fields
// and a caught error add to a picture.
const (
	stateLimit = 262_144
	reserve    = 8 << 10
)

// Serialize reads the picture that the event names and puts it into the event, in base64 as the seed has it. A picture that would not
// fit into a state travels as a reference: bucket, key, version and ETag.
func (s *Steps) Serialize(ctx context.Context, payload json.RawMessage) (json.RawMessage, error) {
	e, err := readEvent(payload)
	if err != nil {
		return nil, err
	}
	if e.imageData == "" {
		if e.object.Bucket == "" || e.object.Key == "" {
			return nil, failf(InputInvalid, "the event names no picture: s3_bucket and s3_key, or image_data, are needed")
		}
		image, object, err := s.get(ctx, e.object)
		if err != nil {
			return nil, err
		}
		if base64.StdEncoding.EncodedLen(len(image)) <= stateLimit-reserve-len(e.object.Key) {
			e.imageData = base64.StdEncoding.EncodeToString(image)
		} else {
			e.object = object
		}
	}
	e.fields, e.scores = nil, nil // the seed's first step starts the event anew
	return e.wrapped(false), nil
}

// Classify asks the model about the event's picture and adds the answer.
func (s *Steps) Classify(ctx context.Context, payload json.RawMessage) (json.RawMessage, error) {
	e, err := readEvent(payload)
	if err != nil {
		return nil, err
	}
	image, err := s.image(ctx, e)
	if err != nil {
		return nil, err
	}
	scores, err := s.Classifier.Classify(ctx, image)
	if err != nil {
		return nil, named(ctx, refusal(err), err)
	}
	if err := e.answer(scores); err != nil {
		return nil, &Error{EndpointRefused, err}
	}
	e.label, e.model = s.label(e.best()), s.Model
	return e.wrapped(false), nil
}

// Filter lets an event pass whose most probable class reaches the threshold; else it returns a [*ThresholdError].
func (s *Steps) Filter(_ context.Context, payload json.RawMessage) (json.RawMessage, error) {
	e, err := readEvent(payload)
	if err != nil {
		return nil, err
	}
	if len(e.scores) == 0 {
		return nil, failf(InputInvalid, "the event has no inferences")
	}
	best := e.best()
	if e.label == "" {
		e.label = s.label(best)
	}
	// The threshold is a decimal that people write; the nearest float32 is what a score can equal.
	if float32(e.scores[best]) < float32(s.Threshold) {
		return nil, &ThresholdError{Label: e.label, Confidence: e.scores[best], Threshold: s.Threshold}
	}
	return e.wrapped(true), nil
}

// Run calls the three steps in the definition's order and returns what the last one gives.
func (s *Steps) Run(ctx context.Context, payload json.RawMessage) (json.RawMessage, error) {
	for _, name := range Names {
		var err error
		if payload, err = s.Step(name)(ctx, payload); err != nil {
			return nil, err
		}
	}
	return payload, nil
}

// A Step is one of [Steps]' methods.
type Step func(context.Context, json.RawMessage) (json.RawMessage, error)

// Names are the steps in the order of the definition.
var Names = []string{"serialize", "classify", "filter"}

// Step returns the step of a name, nil when there is none.
func (s *Steps) Step(name string) Step {
	switch name {
	case "serialize":
		return s.Serialize
	case "classify":
		return s.Classify
	case "filter":
		return s.Filter
	}
	return nil
}

// NameOf returns which step a Lambda function does by the function's name or ARN, whose version or alias does not count: the step
// whose name, or the start of it, is in there, such as "filter" in "scones-filter" and "FilterLowConfidence". It is "" when that fits
// none or several.
func NameOf(function string) string {
	if _, name, isARN := strings.Cut(function, ":function:"); isARN {
		function, _, _ = strings.Cut(name, ":")
	}
	function = strings.ToLower(function)
	found := ""
	for name, part := range map[string]string{"serialize": "seriali", "classify": "classif", "filter": "filter"} {
		if strings.Contains(function, part) {
			if found != "" {
				return ""
			}
			found = name
		}
	}
	return found
}

func (s *Steps) label(class int) string {
	if class >= 0 && class < len(s.Labels) {
		return s.Labels[class]
	}
	return "class_" + strconv.Itoa(class) // as model.Model calls it
}

// image is the event's picture, wherever it is.
func (s *Steps) image(ctx context.Context, e *event) ([]byte, error) {
	if e.imageData == "" {
		if e.object.Bucket == "" || e.object.Key == "" {
			return nil, failf(InputInvalid, "the event has no picture: neither image_data nor s3_bucket and s3_key")
		}
		image, _, err := s.get(ctx, e.object)
		return image, err
	}
	image, err := base64.StdEncoding.DecodeString(e.imageData)
	if err != nil {
		return nil, failf(InputInvalid, "image_data: %w", err)
	}
	if len(image) == 0 {
		return nil, failf(ImageUnreadable, "image_data is empty")
	}
	return image, nil
}

func (s *Steps) get(ctx context.Context, object Reference) ([]byte, Reference, error) {
	if s.Store == nil {
		return nil, object, failf(InputInvalid, "there is no store to read s3://%s/%s from", object.Bucket, object.Key)
	}
	limit := s.MaxBytes
	if limit == 0 {
		limit = DefaultMaxBytes
	}
	image, got, err := s.Store.Get(ctx, object, limit)
	if err != nil {
		return nil, object, named(ctx, StoreUnavailable, err)
	}
	if len(image) == 0 {
		return nil, object, failf(ImageUnreadable, "s3://%s/%s is empty", object.Bucket, object.Key)
	}
	return image, got, nil
}

// refusal names an endpoint's error by its code, which aws.Endpoint and parity.HTTP share.
func refusal(err error) string {
	if coded, ok := errors.AsType[interface {
		error
		ErrorCode() string
	}](err); ok {
		switch coded.ErrorCode() {
		case "refused":
			return ImageUnreadable
		case "payload-too-big":
			return ImageTooLarge
		case "unavailable":
			return EndpointBusy
		}
	}
	return EndpointRefused
}

// named gives an error a name if it has none. What comes of a deadline is called so.
func named(ctx context.Context, name string, err error) error {
	if ctx.Err() != nil {
		return errors.Join(err, ctx.Err())
	}
	if _, has := errors.AsType[*Error](err); has {
		return err
	}
	return &Error{name, err}
}

func (e *event) best() int {
	best := 0
	for i, score := range e.scores {
		if score > e.scores[best] {
			best = i
		}
	}
	return best
}

// answer takes a model's scores. They are float32; the event has them as float64, as the endpoint writes them.
func (e *event) answer(scores []float32) error {
	if len(scores) == 0 {
		return errors.New("the model gave no scores")
	}
	if slices.ContainsFunc(scores, func(s float32) bool { return s != s }) {
		return errors.New("the model gave a score that is not a number")
	}
	e.scores = make([]float64, len(scores))
	for i, score := range scores {
		e.scores[i] = float64(score)
	}
	return nil
}
