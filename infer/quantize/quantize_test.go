package quantize_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"iter"
	"slices"
	"testing"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/ort"
	"github.com/scones-unlimited/scones/infer/ort/orttest"
	"github.com/scones-unlimited/scones/infer/quantize"
	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/model/builtin"
	"github.com/scones-unlimited/scones/model/onnx"
	"github.com/scones-unlimited/scones/preprocess"
)

const images = "../../testdata/images"

func manifest(t *testing.T, data []byte) *model.Model {
	t.Helper()
	f, err := onnx.Read(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	m, err := f.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func options(t *testing.T) quantize.Options {
	t.Helper()
	// Speed is no matter of a test: a twin that is slower passes here.
	return quantize.Options{Session: infer.SessionOptions{Library: ort.Library{Path: orttest.Library(t)}}, MinSpeedup: 1e-9, Bits: onnx.SevenBits}
}

func pictures(t *testing.T) iter.Seq2[preprocess.Image, error] {
	return preprocess.Folder(t.Context(), images, nil)
}

// TestRun quantizes the built-in model: every label stays, the file says how it was made, and its contract is the float32 model's.
func TestRun(t *testing.T) {
	m := manifest(t, builtin.ONNX())
	r, err := quantize.Run(t.Context(), m, builtin.ONNX(), pictures(t), options(t))
	if err != nil {
		t.Fatal(err)
	}
	p := r.Report
	if !p.Passed || r.Data == nil || p.Agreement != 1 || len(p.KeptFloat) != 0 || len(p.Tried) != len(quantize.Methods) {
		t.Errorf("the report is %+v, want all labels kept, all layers in INT8 and all methods tried", p)
	}
	if p.HeldBack < 30 || p.Calibration.Pictures < 30 || p.LargestMove <= 0 || p.LargestMove > 0.2 {
		t.Errorf("%d and %d pictures, largest change %v: want 30 or more of each and a change of at most 0.2", p.Calibration.Pictures, p.HeldBack, p.LargestMove)
	}
	if got := manifest(t, r.Data); !bytes.Equal(got.JSON(), m.JSON()) {
		t.Errorf("the twin's contract is %s, want %s", got.JSON(), m.JSON())
	}
	f, err := onnx.Read(bytes.NewReader(r.Data), int64(len(r.Data)))
	if err != nil {
		t.Fatal(err)
	}
	var record quantize.Record
	if err := json.Unmarshal([]byte(f.Metadata[quantize.MetadataKey]), &record); err != nil {
		t.Fatal(err)
	}
	if record.Method != p.Method || record.Calibration != p.Calibration || record.WeightBits != onnx.SevenBits {
		t.Errorf("the file records %+v, the report says %+v", record, p)
	}
}

// TestGate asks for a speed that nothing has: no twin is given out, and the report says why.
func TestGate(t *testing.T) {
	o := options(t)
	o.MinSpeedup, o.Method = 1e9, quantize.MinMax
	r, err := quantize.Run(t.Context(), manifest(t, builtin.ONNX()), builtin.ONNX(), pictures(t), o)
	if err != nil {
		t.Fatal(err)
	}
	if r.Data != nil || r.Report.Passed || len(r.Report.Problems) != 1 {
		t.Errorf("a twin that is not 1e9 times as fast is given out: %+v", r.Report)
	}
}

// TestHopeless asks for answers that no twin gives: every step of the search is taken, and the report is of the last twin, on all
// pictures.
func TestHopeless(t *testing.T) {
	o := options(t)
	o.Class = func(string) (int, bool) { return 0, true }
	o.MaxDrop = -101 // more than all must become right
	r, err := quantize.Run(t.Context(), manifest(t, builtin.ONNX()), builtin.ONNX(), pictures(t), o)
	if err != nil {
		t.Fatal(err)
	}
	p := r.Report
	if r.Data != nil || p.Passed || len(p.Problems) != 1 || len(p.KeptFloat) < 10 || len(p.Tried) != len(quantize.Methods) {
		t.Errorf("the report is %+v, want a refusal with layers in float32", p)
	}
	if p.Accuracy == nil || p.Accuracy.Pictures != p.HeldBack || p.Agreement < 0.9 || p.Speedup <= 0 || p.Bytes == 0 {
		t.Errorf("the report is %+v, want all figures of the last twin", p)
	}
	for i, trial := range p.Tried {
		if trial.Pictures < 1 || trial.Pictures > p.Calibration.Pictures || i == 0 && trial.Pictures != p.Calibration.Pictures {
			t.Errorf("method %s was tried on %d of %d pictures", trial.Method, trial.Pictures, p.Calibration.Pictures)
		}
	}
}

// TestTruth calls every picture a bicycle, so that the accuracy is the share of bicycles.
func TestTruth(t *testing.T) {
	o := options(t)
	o.Method = quantize.MinMax
	o.Class = func(name string) (int, bool) { return 0, true } // bicycle
	r, err := quantize.Run(t.Context(), manifest(t, builtin.ONNX()), builtin.ONNX(), pictures(t), o)
	if err != nil {
		t.Fatal(err)
	}
	a := r.Report.Accuracy
	if a == nil || a.Pictures != r.Report.HeldBack || a.Float != a.Int8 || a.Float <= 0.1 || a.Float >= 0.9 {
		t.Errorf("accuracy is %+v, want the same share of bicycles for both, of %d pictures", a, r.Report.HeldBack)
	}
}

// TestTooFew needs no runtime.
func TestTooFew(t *testing.T) {
	few := func(yield func(preprocess.Image, error) bool) {
		n := 0
		for image, err := range pictures(t) {
			if n++; n > quantize.MinPictures-1 || !yield(image, err) {
				return
			}
		}
	}
	_, err := quantize.Run(t.Context(), manifest(t, builtin.ONNX()), builtin.ONNX(), few, quantize.Options{})
	if !errors.Is(err, quantize.ErrPictures) {
		t.Errorf("%d pictures: %v, want %v", quantize.MinPictures-1, err, quantize.ErrPictures)
	}
}

// TestCancelled ends with the context's error.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := quantize.Run(ctx, manifest(t, builtin.ONNX()), builtin.ONNX(), preprocess.Folder(ctx, images, nil), quantize.Options{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v, want %v", err, context.Canceled)
	}
}

// TestTwinIsIndependentOfTheBatch compares the built-in twin's scores of a picture alone, first and last of many, bit for bit.
func TestTwinIsIndependentOfTheBatch(t *testing.T) {
	m := manifest(t, builtin.Int8())
	s, err := infer.OpenSession(t.Context(), m, infer.ModelFile{Data: builtin.Int8()}, options(t).Session)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	const n = 33
	batch := preprocess.NewTensor(&m.Input, n)
	for i := range batch.U8 {
		batch.U8[i] = uint8(i * i >> 3)
	}
	want := make([]float32, n*len(m.Labels))
	if err := s.Scores(t.Context(), want, batch, n); err != nil {
		t.Fatal(err)
	}
	got := make([]float32, len(want))
	for i := range n {
		one := *batch
		one.N, one.U8 = 1, batch.U8[i*batch.PerPicture:][:batch.PerPicture]
		if err := s.Scores(t.Context(), got[i*len(m.Labels):], &one, 1); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("alone the scores are\n%v, in a batch\n%v", got, want)
	}
}
