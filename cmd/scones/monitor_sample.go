package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/drift"
	"github.com/scones-unlimited/scones/infer/drift/groundtruth"
	"github.com/scones-unlimited/scones/infer/features"
	"github.com/scones-unlimited/scones/infer/monitor"
	"github.com/scones-unlimited/scones/model/source"
	"github.com/scones-unlimited/scones/preprocess"
)

// sampleFlags say what a sample has besides its rows.
func sampleFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "model", Aliases: []string{"m"}, Usage: "the `MODEL` that answered, for its labels and for what it sees in the pictures (builtin for the built-in one)"},
		&cli.StringFlag{Name: "truth", Usage: "true classes in `FILE`: a CSV with inference_id (or event_id, path) and label, or SageMaker's ground truth as JSON lines"},
		&cli.Uint64Flag{Name: "seed", Value: 1, Usage: "`N` that all drawing begins with"},
		&cli.StringFlag{Name: "device", Value: string(infer.CPU), Usage: "compute on `DEVICE`: cpu, cuda, tensorrt, coreml, openvino or auto"},
		&cli.StringFlag{Name: "onnxruntime", Usage: "use this ONNX Runtime library `FILE` (default: find it, or install it)"},
	}
}

// A monitorSample is a sample with what is known of it.
type monitorSample struct {
	*drift.Sample
	input   *monitorInput
	summary monitor.Summary
	truth   []string // true classes by row; nil without --truth
	notes   []string
}

// truthFromFlags takes --labels for --truth where it names a table: both are asked for in other commands.
func truthFromFlags(c *cli.Context) error {
	named := c.String("labels")
	switch strings.ToLower(filepath.Ext(named)) {
	case ".csv", ".jsonl", ".ndjson", ".json":
	default:
		return nil
	}
	if c.IsSet("truth") {
		return &usageError{"--truth and a file in --labels exclude each other", ""}
	}
	return c.Set("truth", named)
}

// What a command asks of a sample.
type sampleWishes struct {
	labels    []string // of a baseline, where the command line says none
	threshold float64
	limit     int // of rows; 0 is the default
	vectors   bool
}

// wishesOf are those of a window that is compared with a baseline.
func wishesOf(b *drift.Baseline) sampleWishes {
	return sampleWishes{labels: b.Labels, threshold: b.Threshold, vectors: b.Column(drift.EmbeddingColumn) != nil}
}

// sampleFromFlags reads the rows of sources, their true classes, and what a model sees in their pictures.
func sampleFromFlags(c *cli.Context, names []string, wish sampleWishes) (*monitorSample, error) {
	if err := truthFromFlags(c); err != nil {
		return nil, err
	}
	in, err := openMonitorInput(c, names)
	if err != nil {
		return nil, err
	}
	var s *source.Source
	if c.IsSet("model") {
		if s, err = openModel(c, c.String("model")); err != nil {
			return nil, err
		}
		if len(in.options.Labels) == 0 {
			in.options.Labels = s.Model.Labels
		}
	}
	if len(in.options.Labels) == 0 {
		in.options.Labels = wish.labels
	}
	o := monitor.SamplerOptions{Labels: in.options.Labels, Threshold: wish.threshold, Source: strings.Join(names, ", "), Limit: wish.limit, Seed: c.Uint64("seed")}
	if s != nil {
		o.ModelSHA = s.SHA256
	}
	sampler := monitor.NewSampler(o)
	out := &monitorSample{input: in}
	for row, err := range in.rows(c, &out.summary) {
		if err == nil {
			err = sampler.Add(&row)
		}
		if err != nil {
			return nil, err
		}
	}
	out.Sample = sampler.Sample(&out.summary)
	if len(out.Rows) == 0 {
		return nil, &hintedError{fmt.Errorf("no rows were found in %s", o.Source), "captures are files that end in .jsonl or .json; --from and --to may leave all out"}
	}
	if err := out.readTruth(c); err != nil {
		return nil, err
	}
	if s != nil && wish.vectors {
		return out, out.embed(c, s)
	}
	return out, nil
}

func (s *monitorSample) readTruth(c *cli.Context) error {
	name := c.String("truth")
	if name == "" {
		return nil
	}
	in, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("reading the true classes: %w", err)
	}
	defer in.Close()
	table, err := groundtruth.Read(name, in)
	if err != nil {
		return fmt.Errorf("reading %q: %w", name, err)
	}
	found := 0
	s.truth, found = table.Classes(s.Sample)
	if found == 0 {
		return &hintedError{fmt.Errorf("%q: no entry is of any of the %s", name, counted(len(s.Rows), "row")),
			"entries are joined by inference id, else by event id, else by the picture's path"}
	}
	if unused := table.Unused(); unused > 0 {
		s.notes = append(s.notes, fmt.Sprintf("%d of the %d true classes are of no row", unused, table.Len()))
	}
	return nil
}

// embed gives rows whose picture can be read what the model sees in it. A model without such a layer, or pictures that are not there, are
// no error: the column is left out, and said.
func (s *monitorSample) embed(c *cli.Context, src *source.Source) error {
	device, err := infer.ParseDevice(c.String("device"))
	if err != nil {
		return &usageError{"--device: " + err.Error(), ""}
	}
	library, err := seekRuntime(c, device)()
	if err != nil {
		return err
	}
	extractor, err := features.Open(c.Context, src, infer.SessionOptions{Library: library, Device: device}, preprocess.Limits{})
	if err != nil {
		s.notes = append(s.notes, fmt.Sprintf("embeddings are not compared: %v", err))
		return nil
	}
	defer extractor.Close()
	bar := newProgress(c.App.ErrWriter, "looking", int64(len(s.Rows)), false)
	defer func() { _ = bar.Clear() }() // a bar that cannot be drawn is no reason to stop
	vectors, seen, failed := make([][]float32, len(s.Rows)), 0, 0
	for i := range s.Rows {
		_ = bar.Add(1)
		if s.Rows[i].Picture == "" {
			continue
		}
		data, err := monitor.ReadPlace(c.Context, monitor.ParsePlace(s.Rows[i].Picture), s.input.options.Fetch, preprocess.Limits{})
		if err == nil {
			vectors[i], err = extractor.Vector(c.Context, data)
		}
		switch {
		case c.Context.Err() != nil:
			return c.Context.Err()
		case err != nil:
			failed++
		default:
			seen++
		}
	}
	if failed > 0 {
		s.notes = append(s.notes, fmt.Sprintf("%s could not be read again for the embeddings", counted(failed, "picture")))
	}
	if seen > 0 {
		s.Columns = append(s.Columns, drift.Column{Name: drift.EmbeddingColumn, Group: drift.Embeddings, Vectors: vectors})
	}
	return nil
}
