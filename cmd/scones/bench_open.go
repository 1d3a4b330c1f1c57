package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/bench"
	"github.com/scones-unlimited/scones/infer/ort"
	"github.com/scones-unlimited/scones/model/source"
	"github.com/scones-unlimited/scones/preprocess"
)

// A benchModel is a model that bench can open.
type benchModel struct {
	bench.Subject
	sha  string
	plan infer.Plan
	side int // pixels, the longer one of its input
}

// benchModels finds the models, and begins the report with what there is before anything is measured.
func benchModels(c *cli.Context, o *benchOptions) ([]*benchModel, *bench.Report, error) {
	first, err := openSource(c)
	if err != nil {
		return nil, nil, err
	}
	sources := []*source.Source{first}
	if o.compare != "" {
		second, err := openModel(c, o.compare)
		if err != nil {
			return nil, nil, err
		}
		sources = append(sources, second)
	}
	library, err := ensureRuntime(c, o.device)
	if err != nil {
		return nil, nil, err
	}
	var models []*benchModel
	for _, s := range sources {
		m, err := newBenchModel(c, o, s, library)
		if err != nil {
			return nil, nil, err
		}
		models = append(models, m)
	}
	return models, &bench.Report{
		Version: bench.ReportVersion, Scones: buildInfo().version, Runtime: "onnxruntime " + library.Version,
		Decoder: preprocess.Decoder(), Device: string(models[0].Device), Machine: bench.ThisMachine(),
	}, nil
}

// newBenchModel opens a model once: what cannot be used says so here, and the device is known afterwards.
func newBenchModel(c *cli.Context, o *benchOptions, s *source.Source, library ort.Library) (*benchModel, error) {
	graphs := graphsFromFlags(c)
	open := func(ctx context.Context, threads int) (*infer.Classifier, func(), error) {
		classifier, session, err := newClassifier(ctx, s, infer.SessionOptions{Library: library, Device: o.device, Threads: threads, Graphs: graphs}, o.limits)
		return classifier, func() { _ = session.Close() }, err
	}
	_, session, err := newClassifier(c.Context, s, infer.SessionOptions{Library: library, Device: o.device, Graphs: graphs}, o.limits)
	if err != nil {
		return nil, err
	}
	info := session.Info()
	_ = session.Close()
	sayFallback(c, info)
	return &benchModel{
		Subject: bench.Subject{Name: s.Name, MultiplyAdds: multiplyAdds(s), Device: info.Device, Open: open},
		sha:     s.SHA256, plan: planFromFlags(c, s, coresFromFlags(c), info.Device), side: max(s.Model.Input.Width, s.Model.Input.Height),
	}, nil
}

// smallSide is the largest input for which pictures of 32 × 32 pixels are the likely use.
const smallSide = 64

// benchPictures draws the pictures or lists them, and says what they are.
func benchPictures(ctx context.Context, o *benchOptions, m *benchModel, say func(string)) ([]preprocess.Image, string, error) {
	if len(o.paths) == 0 {
		kind := o.synthetic
		switch {
		case kind != "":
		case m.side <= smallSide:
			kind = bench.Small
		default:
			kind = bench.ImageNet
		}
		say(fmt.Sprintf("draw pictures of kind %s", kind))
		images, err := bench.Draw(kind)
		return images, "synthetic " + string(kind), err
	}
	most := maxBenchPictures
	if o.count > 0 {
		most = o.count
	}
	var images []preprocess.Image
	for image, err := range preprocess.Paths(ctx, o.paths, "", nil, nil) {
		if err != nil {
			return nil, "", err
		}
		if images = append(images, image); len(images) == most {
			break
		}
	}
	if len(images) == 0 {
		return nil, "", fmt.Errorf("measuring with %s: %w", strings.Join(o.paths, " "), bench.ErrNoPicture)
	}
	return images, strings.Join(o.paths, " "), nil
}

// stepLine shows on a terminal what is being done, in a line that the next step replaces and clear takes away.
func stepLine(stderr io.Writer) (say func(string), clear func()) {
	if !isTerminal(stderr) {
		return func(string) {}, func() {}
	}
	const erase = "\r\x1b[K"
	return func(step string) { fmt.Fprint(stderr, erase+"bench: "+step) }, func() { fmt.Fprint(stderr, erase) }
}
