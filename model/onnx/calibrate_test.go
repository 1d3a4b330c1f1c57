package onnx_test

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/model/onnx"
	"github.com/scones-unlimited/scones/model/source"
	"github.com/scones-unlimited/scones/preprocess"
)

// A subject is a model to calibrate.
type subject struct {
	name string
	data []byte
	m    *model.Model
}

// subjects are artifacts with both kinds of input, float16 ones among them, the built-in model and its twin, networks that end in logits,
// and one whose softmax is hidden.
func subjects(t *testing.T) []subject {
	t.Helper()
	var all []subject
	for _, folder := range folders(t, false) {
		for _, element := range []model.Element{model.Uint8, model.Float32} {
			data, done := export(t, filepath.Join(folder, "model.tar.gz"), onnx.ExportOptions{Input: element})
			all = append(all, subject{filepath.Base(folder) + "-" + string(element), data, done.Model})
		}
	}
	for _, name := range []string{source.BuiltinName, source.BuiltinInt8Name, "../../testdata/models/hf-resnet-clip", "../../testdata/models/timm-resnet-squash/model.onnx"} {
		s, err := source.Open(t.Context(), name, source.Options{})
		if err != nil {
			t.Fatal(err)
		}
		data := s.Data
		if data == nil {
			data = file(t, s.Path)
		}
		all = append(all, subject{filepath.Base(name), data, s.Model})
	}
	hidden, err := onnx.HideSoftmax(all[0].data, all[0].m.Output.Name)
	if err != nil {
		t.Fatal(err)
	}
	return append(all, subject{"hidden", hidden, all[0].m})
}

// TestCalibratedScores compares the scores of calibrated files in ONNX Runtime with the softmax of the logits, scaled in float64.
func TestCalibratedScores(t *testing.T) {
	for _, s := range subjects(t) {
		t.Run(s.name, func(t *testing.T) {
			c, err := onnx.NewCalibrator(s.data, s.m)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := c.FromProbabilities(), s.name == "hidden"; got != want {
				t.Errorf("FromProbabilities is %v, want %v", got, want)
			}
			data, output, err := c.Logits()
			if err != nil {
				t.Fatal(err)
			}
			raw := *s.m
			raw.Output = model.Output{Name: output, Activation: model.NoActivation}
			pictures := random(&s.m.Input, 4)
			logits := answers(t, &raw, data, pictures)
			plain := answers(t, s.m, s.data, pictures)
			near(t, "as it is", plain, softmaxOf(logits, onnx.Scaling{Temperature: 1}))
			vector := onnx.Scaling{}
			for c := range s.m.Labels {
				vector.Weights, vector.Biases = append(vector.Weights, 0.5+0.25*float32(c%4)), append(vector.Biases, 0.3*float32(c%3))
			}
			for name, scaling := range map[string]onnx.Scaling{"cooled": {Temperature: 0.73}, "warmed": {Temperature: 5}, "vector": vector} {
				calibrated, err := c.Build(scaling, map[string]string{"note": name})
				if err != nil {
					t.Fatal(err)
				}
				near(t, name, answers(t, s.m, calibrated, pictures), softmaxOf(logits, scaling))
				f, before := read(t, calibrated), read(t, s.data)
				if d := cmp.Diff(before.Inputs, f.Inputs) + cmp.Diff(before.Outputs, f.Outputs); f.Metadata["note"] != name || d != "" {
					t.Errorf("inputs or outputs differ:\n%s", d)
				}
			}
		})
	}
}

// TestCalibratedTwice scales what is scaled already: the two temperatures multiply.
func TestCalibratedTwice(t *testing.T) {
	s := subjects(t)[0]
	data := s.data
	for range 2 {
		c, err := onnx.NewCalibrator(data, s.m)
		if err != nil {
			t.Fatal(err)
		}
		if data, err = c.Build(onnx.Scaling{Temperature: 1.5}, nil); err != nil {
			t.Fatal(err)
		}
	}
	c, err := onnx.NewCalibrator(s.data, s.m)
	if err != nil {
		t.Fatal(err)
	}
	once, err := c.Build(onnx.Scaling{Temperature: 2.25}, nil)
	if err != nil {
		t.Fatal(err)
	}
	pictures := random(&s.m.Input, 4)
	near(t, "twice", answers(t, s.m, data, pictures), answers(t, s.m, once, pictures))
}

// TestCalibrateRefuses names what cannot be calibrated.
func TestCalibrateRefuses(t *testing.T) {
	s := subjects(t)[0]
	change := func(do func(m *model.Model)) *model.Model {
		m := *s.m
		do(&m)
		return &m
	}
	for _, test := range []struct {
		m    *model.Model
		want string
	}{
		{change(func(m *model.Model) { m.Output.MultiLabel = true }), "every class has a score of its own"},
		{change(func(m *model.Model) { m.Output.Activation = model.Sigmoid }), "every class has a score of its own"},
		{change(func(m *model.Model) { m.Labels = m.Labels[:1] }), "it has one class"},
		{change(func(m *model.Model) { m.Output.Name = "other" }), `it has no output "other"`},
	} {
		if _, err := onnx.NewCalibrator(s.data, test.m); !errors.Is(err, onnx.ErrCalibrate) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("the error is %v, want one that says %q", err, test.want)
		}
	}
	c, err := onnx.NewCalibrator(s.data, s.m)
	if err != nil {
		t.Fatal(err)
	}
	nan := float32(math.NaN())
	for _, bad := range []onnx.Scaling{{}, {Temperature: -1}, {Temperature: nan}, {Weights: []float32{1}, Biases: []float32{0}}, {Temperature: 1, Weights: make([]float32, len(s.m.Labels)), Biases: make([]float32, len(s.m.Labels))}} {
		if _, err := c.Build(bad, nil); !errors.Is(err, onnx.ErrCalibrate) {
			t.Errorf("%+v: the error is %v, want %v", bad, err, onnx.ErrCalibrate)
		}
	}
	side, err := source.Open(t.Context(), "../../testdata/models/hf-vit", source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := onnx.NewCalibrator(file(t, side.Path), side.Model); !errors.Is(err, onnx.ErrCalibrate) || !strings.Contains(err.Error(), "beside the model") {
		t.Errorf("weights beside the model: the error is %v", err)
	}
}

// random fills a batch with noise in the range of the input's pixels.
func random(in *model.Input, n int) *preprocess.Tensor {
	source := rand.New(rand.NewPCG(1, 2))
	batch := preprocess.NewTensor(in, n)
	for i := range batch.U8 {
		batch.U8[i] = uint8(source.IntN(256))
	}
	for i := range batch.F32 {
		batch.F32[i] = float32(source.NormFloat64())
	}
	return batch
}

// answers are a model's probabilities, or what it answers when no activation is to be applied.
func answers(t *testing.T, m *model.Model, data []byte, pictures *preprocess.Tensor) [][]float32 {
	t.Helper()
	s := openSession(t, m, infer.ModelFile{Data: bytes.Clone(data)})
	flat := make([]float32, pictures.N*len(m.Labels))
	if err := s.Scores(t.Context(), flat, pictures, pictures.N); err != nil {
		t.Fatal(err)
	}
	rows := make([][]float32, pictures.N)
	for i := range rows {
		rows[i] = flat[i*len(m.Labels):][:len(m.Labels)]
		m.Probabilities(rows[i])
	}
	return rows
}

// softmaxOf scales logits and gives their softmax, all in float64.
func softmaxOf(logits [][]float32, s onnx.Scaling) [][]float32 {
	out := make([][]float32, len(logits))
	for i, row := range logits {
		z, largest, sum := make([]float64, len(row)), math.Inf(-1), 0.0
		for c, v := range row {
			if s.Weights == nil {
				z[c] = float64(v) / float64(s.Temperature)
			} else {
				z[c] = float64(v)*float64(s.Weights[c]) + float64(s.Biases[c])
			}
			largest = max(largest, z[c])
		}
		for c := range z {
			z[c] = math.Exp(z[c] - largest)
			sum += z[c]
		}
		for _, v := range z {
			out[i] = append(out[i], float32(v/sum))
		}
	}
	return out
}

func near(t *testing.T, what string, got, want [][]float32) {
	t.Helper()
	for i := range want {
		for c := range want[i] {
			if off := math.Abs(float64(got[i][c]) - float64(want[i][c])); !(off <= 1e-6) {
				t.Errorf("%s: picture %d, class %d: %v, want %v", what, i, c, got[i][c], want[i][c])
			}
		}
	}
}

func file(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
