package infer_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/ort"
	"github.com/scones-unlimited/scones/infer/ort/orttest"
	"github.com/scones-unlimited/scones/model/source"
	"github.com/scones-unlimited/scones/preprocess"
)

// TestBuiltinAnswersAsItsTrainer runs the built-in model on the pictures that its recipe describes and compares every probability with
// PyTorch's.
func TestBuiltinAnswersAsItsTrainer(t *testing.T) {
	library := orttest.Library(t)
	text, err := os.ReadFile("../model/builtin/recipe/expected.json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct{ Softmax [][]float32 }
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	s, err := source.Open(t.Context(), source.BuiltinName, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	session, err := infer.OpenSession(t.Context(), s.Model, infer.ModelFile{Data: s.Data}, infer.SessionOptions{Library: ort.Library{Path: library}})
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	n := len(want.Softmax)
	batch := preprocess.NewTensor(&s.Model.Input, n)
	for i := range batch.U8 { // the formula in expected.json
		at := uint64(i)
		batch.U8[i] = uint8(at * at * 2654435761 >> 13)
	}
	got := make([]float32, 2*n)
	if err := session.Scores(t.Context(), got, batch, n); err != nil {
		t.Fatal(err)
	}
	if n != 8 {
		t.Fatalf("%d pictures are described, want 8", n)
	}
	var worst float64
	for i, scores := range want.Softmax {
		for c, p := range scores {
			worst = max(worst, math.Abs(float64(got[2*i+c]-p)))
		}
	}
	if t.Logf("largest difference from PyTorch: %.2g", worst); worst > 1e-5 {
		t.Errorf("probabilities differ from PyTorch's by %g, want at most 1e-5", worst)
	}
}
