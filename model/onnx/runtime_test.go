package onnx_test

import (
	"errors"
	"math"
	"path/filepath"
	"testing"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/ort/orttest"
	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/model/onnx"
	"github.com/scones-unlimited/scones/preprocess"
)

// openSession loads a model into ONNX Runtime.
func openSession(t *testing.T, m *model.Model, file infer.ModelFile) *infer.Session {
	t.Helper()
	s, err := infer.OpenSession(t.Context(), m, file, infer.SessionOptions{})
	if errors.Is(err, infer.ErrNoRuntime) {
		orttest.Missing(t, "ort", err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// scores runs pictures [N, C, H, W] through ONNX Runtime, all at once.
func scores(t *testing.T, m *model.Model, s *infer.Session, pictures *array) *array {
	t.Helper()
	n := pictures.dims[0]
	batch := preprocess.NewTensor(&m.Input, n)
	if m.Input.Layout == model.NHWC {
		pictures = refTranspose(&refCall{in: []*array{pictures}, Node: onnx.Node{
			Attributes: []onnx.Attribute{{Name: "perm", Ints: []int64{0, 2, 3, 1}}},
		}})
	}
	for i, v := range pictures.v {
		if batch.U8 != nil {
			batch.U8[i] = uint8(v)
		} else {
			batch.F32[i] = float32(v)
		}
	}
	got := make([]float32, n*len(m.Labels))
	if err := s.Scores(t.Context(), got, batch, n); err != nil {
		t.Fatal(err)
	}
	out := zeros(n, len(m.Labels))
	for i, v := range got {
		out.v[i] = float64(v)
	}
	return out
}

// TestRuntimeAgreesWithMXNet runs every network and every operator's case in ONNX Runtime and compares whole tensors.
func TestRuntimeAgreesWithMXNet(t *testing.T) {
	for _, folder := range folders(t, true) {
		for _, element := range []model.Element{model.Uint8, model.Float32} {
			t.Run(filepath.Base(folder)+"-"+string(element), func(t *testing.T) {
				pictures, want := referenceCase(t, folder)
				data, done := export(t, filepath.Join(folder, "model.tar.gz"), onnx.ExportOptions{Input: element})
				s := openSession(t, done.Model, infer.ModelFile{Data: data})
				agree(t, scores(t, done.Model, s, pictures), want, limitOf(folder))
			})
		}
	}
	in := loadArray(t, filepath.Join(testdata, "operators", "data.npy"))
	for _, name := range operatorCases(t) {
		t.Run(name, func(t *testing.T) {
			base := filepath.Join(testdata, "operators", name)
			want := loadArray(t, base+".npy")
			scale := 1.0
			for _, v := range want.v {
				scale = max(scale, math.Abs(v))
			}
			data, done := export(t, base+".tar.gz", onnx.ExportOptions{Input: model.Float32})
			s := openSession(t, done.Model, infer.ModelFile{Data: data})
			agree(t, scores(t, done.Model, s, in), want, limitOf(name)*scale)
		})
	}
}

// agree compares and logs how far the two are apart.
func agree(t *testing.T, got, want *array, limit float64) {
	t.Helper()
	if err := compare(got, want, limit); err != nil {
		t.Error(err)
		return
	}
	worst := 0.0
	for i := range want.v {
		worst = max(worst, math.Abs(got.v[i]-want.v[i]))
	}
	t.Logf("largest difference %.2g, allowed %.2g", worst, limit)
}
