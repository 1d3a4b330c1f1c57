package main

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/result"
	"github.com/scones-unlimited/scones/model/source"
	"github.com/scones-unlimited/scones/preprocess"
)

// runtimeFlags say what computes.
func runtimeFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "device", Value: string(infer.CPU), Usage: "compute on `DEVICE`: cpu, cuda, tensorrt, coreml, openvino or auto"},
		&cli.IntFlag{Name: "threads", Usage: "use `N` cores (default: all)"},
		&cli.StringFlag{Name: "onnxruntime", Usage: "use this ONNX Runtime library `FILE` (default: find it, or install it)"},
		graphFlag(),
	}
}

// An openedClassifier is a classifier with its session, to be closed.
type openedClassifier struct {
	*infer.Classifier
	session *infer.Session
	plan    infer.Plan
}

func (c *openedClassifier) close() { _ = c.session.Close() } // the process ends; there is nothing left to lose

// batchOptions are those of the plan.
func (c *openedClassifier) batchOptions() infer.BatchOptions {
	return infer.BatchOptions{Size: c.plan.Batch, Workers: c.plan.Workers}
}

// openClassifier finds the model of modelFlags and the runtime, and says what will have made the rows.
func openClassifier(c *cli.Context, limits preprocess.Limits) (*openedClassifier, result.Meta, error) {
	return openNamedClassifier(c, c.String("model"), limits)
}

// openNamedClassifier is openClassifier for a model that another flag names.
func openNamedClassifier(c *cli.Context, name string, limits preprocess.Limits) (*openedClassifier, result.Meta, error) {
	var meta result.Meta
	device, err := infer.ParseDevice(c.String("device"))
	if err != nil {
		return nil, meta, &usageError{"--device: " + err.Error(), ""}
	}
	runtimeLibrary := seekRuntime(c, device)
	go preprocess.Decoder() // which loads a library too, once
	s, err := openModel(c, name)
	if err != nil {
		return nil, meta, err
	}
	library, err := runtimeLibrary()
	if err != nil {
		return nil, meta, err
	}
	classifier, session, err := newClassifier(c.Context, s, infer.SessionOptions{
		Library: library, Device: device, Threads: c.Int("call-threads"), Graphs: graphsFromFlags(c),
	}, limits)
	if err != nil {
		return nil, meta, err
	}
	info := session.Info()
	sayFallback(c, info)
	meta = result.Meta{
		Scones: buildInfo().version, Model: s.Name, ModelSHA: s.SHA256, Contract: s.Model.ContractHash(),
		Runtime: "onnxruntime " + info.Library.Version, Device: string(info.Device),
		Decoder: preprocess.Decoder(),
	}
	return &openedClassifier{classifier, session, planFromFlags(c, s, coresFromFlags(c), info.Device)}, meta, nil
}

// newClassifier loads a model's weights and joins them with its preprocessing. Close the session.
func newClassifier(ctx context.Context, s *source.Source, o infer.SessionOptions, limits preprocess.Limits) (*infer.Classifier, *infer.Session, error) {
	session, err := infer.OpenSession(ctx, s.Model, infer.ModelFile{Path: s.Path, Data: s.Data, SHA256: s.SHA256}, o)
	if err != nil {
		return nil, nil, err
	}
	classifier, err := infer.New(s.Model, session, limits)
	if err != nil {
		_ = session.Close()
		return nil, nil, err
	}
	return classifier, session, nil
}

// sayFallback tells why --device auto took what it took.
func sayFallback(c *cli.Context, info infer.Info) {
	if info.Fallback != "" {
		fmt.Fprintf(c.App.ErrWriter, "scones: using %s: %s\n", info.Device, info.Fallback)
	}
}
