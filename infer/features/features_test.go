package features_test

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/features"
	"github.com/scones-unlimited/scones/infer/ort"
	"github.com/scones-unlimited/scones/infer/ort/orttest"
	"github.com/scones-unlimited/scones/model/onnx"
	"github.com/scones-unlimited/scones/model/source"
	"github.com/scones-unlimited/scones/preprocess"
)

// TestFeaturesDecide: the last linear layer, computed here from the features, gives the model's own probabilities.
func TestFeaturesDecide(t *testing.T) {
	o := infer.SessionOptions{Library: ort.Library{Path: orttest.Library(t)}}
	s, err := source.Open(t.Context(), source.BuiltinName, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := features.Open(t.Context(), s, o, preprocess.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	session, err := infer.OpenSession(t.Context(), s.Model, infer.ModelFile{Data: s.Data}, o)
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	classifier, err := infer.New(s.Model, session, preprocess.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	weights, bias := head(t, s)
	pictures, err := filepath.Glob("../../testdata/images/*.png")
	if err != nil || len(pictures) == 0 {
		t.Fatalf("no pictures: %v", err)
	}
	for _, name := range pictures {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		want, err := classifier.Classify(t.Context(), data)
		if err != nil {
			t.Fatal(err)
		}
		vector, err := e.Vector(t.Context(), data)
		if err != nil {
			t.Fatal(err)
		}
		if len(vector) != e.Width() {
			t.Fatalf("%d features, want %d", len(vector), e.Width())
		}
		got := slices.Clone(bias)
		for c := range got {
			for k, v := range vector {
				got[c] += weights[c*len(vector)+k] * v
			}
		}
		softmax(got)
		for c := range got {
			if math.Abs(float64(got[c]-want[c])) > 1e-5 {
				t.Errorf("%s: class %d has %v by its features, %v by the model", name, c, got[c], want[c])
			}
		}
	}
}

func softmax(v []float32) {
	total := 0.0
	for _, x := range v {
		total += math.Exp(float64(x))
	}
	for i, x := range v {
		v[i] = float32(math.Exp(float64(x)) / total)
	}
}

// head reads the weights of the last layer, a row for each class, and its bias.
func head(t *testing.T, s *source.Source) (weights, bias []float32) {
	t.Helper()
	numbers := func(name string) ([]float32, []int64) {
		for _, w := range s.File.Weights {
			if w.Name == name {
				out := make([]float32, w.Bytes/4)
				for i := range out {
					out[i] = math.Float32frombits(binary.LittleEndian.Uint32(s.Data[w.Offset+int64(4*i):]))
				}
				return out, w.Dims
			}
		}
		t.Fatalf("no weights %q", name)
		return nil, nil
	}
	for _, n := range slices.Backward(s.File.Nodes) {
		if n.Operator == "Gemm" {
			weights, dims := numbers(n.Inputs[1])
			bias, _ := numbers(n.Inputs[2])
			if slices.ContainsFunc(n.Attributes, func(a onnx.Attribute) bool { return a.Name == "transB" && a.Int == 1 }) {
				return weights, bias
			}
			turned := make([]float32, len(weights))
			for i, v := range weights {
				turned[i%int(dims[1])*int(dims[0])+i/int(dims[1])] = v
			}
			return turned, bias
		}
	}
	t.Fatal("no linear layer")
	return nil, nil
}
