package calibrate_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"hash/fnv"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/calibrate"
	"github.com/scones-unlimited/scones/infer/ort"
	"github.com/scones-unlimited/scones/infer/ort/orttest"
	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/model/onnx"
	"github.com/scones-unlimited/scones/model/source"
	"github.com/scones-unlimited/scones/preprocess"
)

const images = "../../testdata/images"

// options take one picture in a so many for the other class, so that there is something to be unsure about. The built-in model gets
// all of these pictures right.
func options(t *testing.T, wrong uint32) calibrate.Options {
	t.Helper()
	return calibrate.Options{
		Session:    infer.SessionOptions{Library: ort.Library{Path: orttest.Library(t)}},
		FromSHA256: strings.Repeat("ab", 32),
		Class: func(name string) (int, bool) {
			class := 0
			if strings.Contains(name, "motorcycle-") {
				class = 1
			}
			hash := fnv.New32a()
			hash.Write([]byte(name))
			if hash.Sum32()%wrong == 0 {
				class = 1 - class
			}
			return class, !strings.HasSuffix(name, ".gif")
		},
	}
}

func open(t *testing.T, name string) *source.Source {
	t.Helper()
	s, err := source.Open(t.Context(), name, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func run(t *testing.T, s *source.Source, o calibrate.Options) *calibrate.Result {
	t.Helper()
	r, err := calibrate.Run(t.Context(), s.Model, s.Data, preprocess.Folder(t.Context(), images, nil), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestRun calibrates the built-in model and its INT8 twin by labels of which some are false: both become less sure, say so in their
// manifests, and keep everything else.
func TestRun(t *testing.T) {
	for _, name := range []string{source.BuiltinName, source.BuiltinInt8Name} {
		t.Run(name, func(t *testing.T) {
			s := open(t, name)
			r := run(t, s, options(t, 5))
			p := r.Report
			if !p.Passed || p.Method != calibrate.ByTemperature || p.Scaling.Temperature < 1.2 || p.LargestError > calibrate.Tolerance {
				t.Fatalf("the report is %+v, want a temperature above 1.2", p)
			}
			if p.After.LogLoss >= p.Before.LogLoss || p.After.ECE >= p.Before.ECE || p.After.Accuracy != p.Before.Accuracy || p.Unlabelled == 0 {
				t.Errorf("before %+v, after %+v: want a smaller loss and the same accuracy", p.Before, p.After)
			}
			f, err := onnx.Read(bytes.NewReader(r.Data), int64(len(r.Data)))
			if err != nil {
				t.Fatal(err)
			}
			got, err := f.Manifest()
			if err != nil {
				t.Fatal(err)
			}
			want := *s.Model
			want.Provenance.Temperature = float64(p.Scaling.Temperature)
			want.Provenance.Calibration = &model.Calibration{Method: "temperature", FromSHA256: strings.Repeat("ab", 32), Pictures: p.Pictures}
			if d := cmp.Diff(&want, got); d != "" {
				t.Errorf("the manifest differs (-want +got):\n%s", d)
			}
			var record calibrate.Record
			if err := json.Unmarshal([]byte(f.Metadata[calibrate.MetadataKey]), &record); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(p.Scaling, record.Scaling); d != "" {
				t.Errorf("the record's scaling differs (-report +record):\n%s", d)
			}
			if again := run(t, s, options(t, 5)); !bytes.Equal(again.Data, r.Data) {
				t.Error("the same pictures give another file the second time")
			}
		})
	}
}

// TestCalibratedAgain calibrates what is calibrated: nothing is left to win, and nothing is given out.
func TestCalibratedAgain(t *testing.T) {
	s := open(t, source.BuiltinName)
	first := run(t, s, options(t, 5))
	s.Data, s.Model = first.Data, first.Model
	second := run(t, s, options(t, 5))
	if p := second.Report; p.Passed || second.Data != nil || p.Method != calibrate.None || len(p.Problems) != 1 || p.Before.LogLoss != p.After.LogLoss {
		t.Errorf("the report is %+v, want one problem and no file", p)
	}
}

// TestOrderDoesNotMatter hands the pictures over backwards.
func TestOrderDoesNotMatter(t *testing.T) {
	s := open(t, source.BuiltinName)
	var pictures []preprocess.Image
	for image, err := range preprocess.Folder(t.Context(), images, nil) {
		if err != nil {
			t.Fatal(err)
		}
		pictures = append(pictures, image)
	}
	slices.Reverse(pictures)
	backwards, err := calibrate.Run(t.Context(), s.Model, s.Data, func(yield func(preprocess.Image, error) bool) {
		for _, image := range pictures {
			if !yield(image, nil) {
				return
			}
		}
	}, options(t, 5))
	if err != nil {
		t.Fatal(err)
	}
	want := run(t, s, options(t, 5)).Report
	const near = 1e-6 // sums in another order round otherwise
	if got := backwards.Report; math.Abs(float64(got.Scaling.Temperature-want.Scaling.Temperature)) > near || math.Abs(got.After.ECE-want.After.ECE) > near {
		t.Errorf("backwards the temperature is %v and the ECE %v, want %v and %v", got.Scaling.Temperature, got.After.ECE, want.Scaling.Temperature, want.After.ECE)
	}
}

// TestAllRight has nothing to learn from, as the pictures that the built-in model gets wrong are left out, and says what is needed.
func TestAllRight(t *testing.T) {
	s := open(t, source.BuiltinName)
	o := options(t, 1<<31)
	class := o.Class
	o.Class = func(name string) (int, bool) {
		wrong := strings.Contains(name, "motorcycle-bmp-32bit.") || strings.Contains(name, "low-quality") || strings.Contains(name, "motorcycle-tiff-gray.")
		c, known := class(name)
		return c, known && !wrong
	}
	_, err := calibrate.Run(t.Context(), s.Model, s.Data, preprocess.Folder(t.Context(), images, nil), o)
	if !errors.Is(err, calibrate.ErrPictures) || !strings.Contains(err.Error(), "pictures that the model gets wrong are needed") {
		t.Errorf("the error is %v", err)
	}
	o.Class = func(string) (int, bool) { return 0, false }
	if _, err := calibrate.Run(t.Context(), s.Model, s.Data, preprocess.Folder(t.Context(), images, nil), o); !errors.Is(err, calibrate.ErrPictures) {
		t.Errorf("without labels the error is %v", err)
	}
}
