package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/scones-unlimited/scones/aws/workflow"
	"github.com/scones-unlimited/scones/aws/workflow/asl"
	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/preprocess"
)

// A localMachine is a state machine with all that it needs to run on this machine. It is safe for concurrent use.
type localMachine struct {
	*asl.Machine
	answer    func(ctx context.Context, image []byte) infer.Result
	labels    *model.Model // no more of it than its labels
	store     workflow.Store
	objects   asl.Objects
	threshold float64
	name      string // of the model
	functions map[string]string
	messages  func(message) error
}

// tasks are one execution's; what the model said of the picture is kept in r.
func (m *localMachine) tasks(r *infer.Result) *localTasks {
	return &localTasks{
		steps: &workflow.Steps{
			Store: m.store, Classifier: &keeper{m.answer, r}, Threshold: m.threshold, Labels: m.labels.Labels, Model: m.name,
			MaxBytes: preprocess.DefaultMaxBytes,
		},
		functions: m.functions, messages: m.messages, failed: func(err error) { r.Err = err },
	}
}

// check refuses a definition that cannot run here, before anything does.
func (m *localMachine) check() error {
	return m.Check(m.objects != nil, m.tasks(new(infer.Result)).supports)
}

// execute runs the machine once. The result is what the model said of the last picture that it was asked about; its error is that of
// the execution, nil when only the threshold stopped it.
func (m *localMachine) execute(ctx context.Context, event []byte, observe func(asl.Event)) (*asl.Execution, infer.Result, error) {
	var r infer.Result
	e, err := m.Run(ctx, event, asl.Options{Task: m.tasks(&r).do, Objects: m.objects, Machine: "scones", Observe: observe})
	if e == nil || err != nil {
		return e, r, err
	}
	r.Elapsed = e.Stop.Sub(e.Start)
	switch {
	case e.Status == asl.Succeeded || e.Error.Name == workflow.ThresholdNotMet:
		r.Err = nil
	case r.Err == nil || workflow.ErrorName(r.Err) != e.Error.Name: // the machine itself failed, or a Fail state gave another name
		r.Err = errors.New(e.Error.Error())
	}
	if r.Err == nil && r.Scores == nil {
		r.Err = errors.New("the state machine asked no model")
	}
	if r.Err != nil {
		r.Scores, r.Err = nil, coded(r.Err)
		return e, r, nil
	}
	labels := m.labels
	if len(labels.Labels) == 0 { // an endpoint that nobody named the classes of
		labels = &model.Model{Labels: make([]string, len(r.Scores))}
	}
	r.Top, err = labels.Rank(r.Scores, 0)
	return e, r, err
}

// coded gives a workflow's error a code of the result schema.
func coded(err error) error {
	if picture, has := errors.AsType[*preprocess.ImageError](err); has {
		return picture
	}
	codes := map[string]preprocess.Code{
		workflow.ImageUnreadable: preprocess.CodeCorrupt, workflow.ImageTooLarge: preprocess.CodeTooLarge,
		workflow.ObjectNotFound: preprocess.CodeNotFound, workflow.ObjectDenied: preprocess.CodePermission, workflow.StoreUnavailable: preprocess.CodeRead,
	}
	code, ok := codes[workflow.ErrorName(err)]
	if !ok {
		code = preprocess.CodeInference
	}
	return &preprocess.ImageError{Code: code, Err: err}
}

// A keeper is a model that keeps its last answer, size and all.
type keeper struct {
	answer func(ctx context.Context, image []byte) infer.Result
	result *infer.Result
}

// Classify asks the model. What is wrong with the picture, and not with the model, is called so.
func (k *keeper) Classify(ctx context.Context, image []byte) ([]float32, error) {
	r := k.answer(ctx, image)
	*k.result = r
	if picture, ok := errors.AsType[*preprocess.ImageError](r.Err); ok && picture.Code != preprocess.CodeInference {
		return nil, &workflow.Error{Name: workflow.ImageUnreadable, Err: fmt.Errorf("%s: %w", picture.Code, r.Err)}
	}
	return r.Scores, r.Err
}
