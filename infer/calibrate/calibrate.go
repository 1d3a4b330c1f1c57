// Package calibrate makes a classifier's scores mean what they say: of the pictures that score .93, 93 of 100 should be right.
//
// Networks are mostly too sure of themselves, because training goes on pushing logits apart after every label is right. [Run] fits a
// temperature that all logits are divided by, or for three classes and more a weight and a bias for each (Guo, Pleiss, Sun and
// Weinberger 2017), so that the log loss on pictures of known class is least. Which of the two, or neither, is decided by
// cross-validation: every picture is judged by a scaling that was fitted without it. A model that would get worse is left as it is.
//
// The fits are [Temperature] and [Vector]; the figures are those of package evaluate, the graph is the work of package onnx, and the
// logits come from package infer.
package calibrate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/model/onnx"
	"github.com/scones-unlimited/scones/preprocess"
)

// ErrPictures is wrapped when the pictures do not say enough to fit anything.
var ErrPictures = errors.New("not enough to calibrate by")

// MinPictures of known class are the least that [Run] takes. Some hundreds give a temperature to within a tenth.
const MinPictures = 20

// maxNumbers bounds the logits of all pictures, which are held: half a gigabyte.
const maxNumbers = 64 << 20

// MetadataKey is where a calibrated file keeps its [Record], as JSON, in the ONNX file's metadata_props.
const MetadataKey = "scones.calibration"

// A Method is a way to scale logits.
type Method string

// The methods.
const (
	// None leaves the logits as they are.
	None Method = "none"
	// ByTemperature divides them by one number.
	ByTemperature Method = "temperature"
	// ByVector gives each class a weight and a bias.
	ByVector Method = "vector"
)

// Methods that can be asked for.
var Methods = []Method{ByTemperature, ByVector}

// Options of [Run]. The zero value is a good choice but for Class, which is needed.
type Options struct {
	// Session is what the model runs on, Batch how; Limits hold for every picture.
	Session infer.SessionOptions
	Batch   infer.BatchOptions
	Limits  preprocess.Limits
	// Class is the true class of a picture by its name; ok is false for a picture without, which is left out.
	Class func(name string) (class int, ok bool)
	// Method to take if it helps; empty tries all and takes the best.
	Method Method
	// Folds of the cross-validation; zero means 5.
	Folds int
	// Threshold whose pictures are counted before and after; zero means [DefaultThreshold].
	Threshold float64
	// FromSHA256 of the model's file, for the provenance.
	FromSHA256 string
	// Progress is told how many pictures are scored; nil for silence.
	Progress func(done int)
}

// Defaults of [Options].
const (
	DefaultFolds     = 5
	DefaultThreshold = 0.93
)

// A Result is a calibrated model and how it compares with the one before.
type Result struct {
	// Data is the ONNX file; nil when calibrating would not make it better.
	Data   []byte
	Model  *model.Model // the contract in it
	Report Report
}

// Run calibrates a model: m is its contract, data its ONNX file with all weights. When nothing would be won the Result has no Data and
// its report says why; that is no error. Errors wrap those of [onnx.NewCalibrator] and [infer.OpenSession], and [ErrPictures].
func Run(ctx context.Context, m *model.Model, data []byte, pictures iter.Seq2[preprocess.Image, error], o Options) (*Result, error) {
	if o.Folds == 0 {
		o.Folds = DefaultFolds
	}
	if o.Threshold == 0 {
		o.Threshold = DefaultThreshold
	}
	c, err := onnx.NewCalibrator(data, m)
	if err != nil {
		return nil, err
	}
	seen, err := collect(ctx, c, m, pictures, &o)
	if err != nil {
		return nil, err
	}
	w := &work{model: m, calibrator: c, options: &o, seen: seen}
	result := &Result{Report: Report{
		FromSHA256: o.FromSHA256, Pictures: len(seen.truth), Unlabelled: seen.unlabelled, Failed: seen.failed,
		Folds: o.Folds, Threshold: o.Threshold,
	}}
	if err := w.choose(&result.Report); err != nil {
		return nil, err
	}
	if !result.Report.Passed {
		return result, nil
	}
	if err := w.write(result); err != nil {
		return nil, err
	}
	return result, w.verify(ctx, result)
}

// work is one run.
type work struct {
	model      *model.Model
	calibrator *onnx.Calibrator
	options    *Options
	seen       *labelled
}

// write makes the calibrated file.
func (w *work) write(result *Result) error {
	r := &result.Report
	m := *w.model
	if r.Method == ByTemperature {
		// a model that was calibrated before has been divided once already
		m.Provenance.Temperature = float64(r.Scaling.Temperature)
		if before := w.model.Provenance; before.Calibration != nil && before.Temperature > 0 {
			m.Provenance.Temperature *= before.Temperature
		}
	}
	m.Provenance.Calibration = &model.Calibration{Method: string(r.Method), FromSHA256: w.options.FromSHA256, Pictures: r.Pictures}
	record, err := json.Marshal(r.record())
	if err != nil {
		return fmt.Errorf("recording what was done: %w", err)
	}
	result.Model = &m
	result.Data, err = w.calibrator.Build(r.Scaling, map[string]string{model.MetadataKey: string(m.JSON()), MetadataKey: string(record)})
	return err
}

// Tolerance is how far the calibrated file's scores may be from the softmax of the scaled logits; float32 gives about 1e-7.
const Tolerance = 1e-6

// halfTolerance is for files whose scores are float16, which has steps of 0.0005 below 1.
const halfTolerance = 1e-3

// verify runs the calibrated file on the tensors that were kept, and compares.
func (w *work) verify(ctx context.Context, result *Result) error {
	s, err := infer.OpenSession(ctx, result.Model, infer.ModelFile{Data: result.Data}, w.options.Session)
	if err != nil {
		return fmt.Errorf("opening the calibrated model: %w", err)
	}
	defer s.Close()
	kept, tolerance := w.seen.kept, Tolerance
	if w.calibrator.Half() {
		tolerance = halfTolerance
	}
	classes := len(w.model.Labels)
	scores := make([]float32, kept.n*classes)
	if err := s.Scores(ctx, scores, kept.tensor, kept.n); err != nil {
		return fmt.Errorf("checking the calibrated model: %w", err)
	}
	for i := range kept.n {
		got := scores[i*classes:][:classes]
		result.Model.Probabilities(got)
		for class, p := range scaled(kept.logits[i], result.Report.Scaling) {
			off := math.Abs(float64(got[class]) - p)
			if !(off <= tolerance) {
				return fmt.Errorf("checking the calibrated model: it gives class %d a score of %v, the scaled logits give %v", class, got[class], p)
			}
			result.Report.LargestError = max(result.Report.LargestError, off)
		}
	}
	return nil
}
