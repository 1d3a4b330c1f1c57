package onnx_test

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/model/builtin"
	"github.com/scones-unlimited/scones/model/onnx"
)

// everywhere gives every tensor one range.
func everywhere(q *onnx.Quantizer, r onnx.Range) map[string]onnx.Range {
	ranges := map[string]onnx.Range{}
	for _, name := range q.Tensors() {
		ranges[name] = r
	}
	return ranges
}

func builtinQuantizer(t *testing.T) *onnx.Quantizer {
	t.Helper()
	q, err := onnx.NewQuantizer(builtin.ONNX(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func operators(t *testing.T, data []byte) map[string]int {
	t.Helper()
	f, err := onnx.Read(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return f.Operators()
}

// TestQuantizedOperators: no normalisation, no Relu and no Cast is left, every convolution reads bytes and gives bytes.
func TestQuantizedOperators(t *testing.T) {
	q := builtinQuantizer(t)
	data, err := q.Build(onnx.BuildOptions{Ranges: everywhere(q, onnx.Range{Min: -1, Max: 3})})
	if err != nil {
		t.Fatal(err)
	}
	got := operators(t, data)
	pairs := got["QuantizeLinear"]
	delete(got, "QuantizeLinear")
	delete(got, "DequantizeLinear")
	want := map[string]int{"Conv": 23, "Add": 6, "Flatten": 1, "Gemm": 1, "GlobalAveragePool": 1, "Softmax": 1, "Transpose": 1}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("operators (-want +got):\n%s", d)
	}
	if want := 23 + 6 + 3; pairs != want { // convolutions and sums; Transpose, the pool and Flatten
		t.Errorf("%d values become bytes, want %d", pairs, want)
	}
}

// TestBuildAfterOthers builds as a search does: what earlier builds left must not show.
func TestBuildAfterOthers(t *testing.T) {
	q := builtinQuantizer(t)
	narrow, wide := everywhere(q, onnx.Range{Min: -0.7, Max: 3.3}), everywhere(q, onnx.Range{Min: -1, Max: 5})
	layer := q.Layers()[3].Name
	for _, o := range []onnx.BuildOptions{
		{Ranges: narrow}, {Ranges: wide}, {Ranges: narrow, Float: []string{layer}}, {Ranges: narrow, Bits: onnx.EightBits}, {Ranges: narrow}, {Ranges: wide},
	} {
		got, err := q.Build(o)
		if err != nil {
			t.Fatal(err)
		}
		want, err := builtinQuantizer(t).Build(o)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("bits %d, float %q: the build differs from a fresh one", o.Bits, o.Float)
		}
	}
}

// TestBuildTwice compares the bytes of two builds, and of one with the ranges read back from the first.
func TestBuildTwice(t *testing.T) {
	q := builtinQuantizer(t)
	o := onnx.BuildOptions{Ranges: everywhere(q, onnx.Range{Min: -0.7, Max: 3.3}), Metadata: map[string]string{"b": "2", "a": "1"}}
	first, err := q.Build(o)
	if err != nil {
		t.Fatal(err)
	}
	second, err := q.Build(o)
	if err != nil {
		t.Fatal(err)
	}
	if o.Ranges, err = onnx.ReadRanges(first); err != nil {
		t.Fatal(err)
	}
	third, err := q.Build(o)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, second) || !bytes.Equal(first, third) {
		t.Error("the same model and ranges give other bytes")
	}
	f, err := onnx.Read(bytes.NewReader(first), int64(len(first)))
	if err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(f.Metadata, o.Metadata) {
		t.Errorf("metadata is %q, want %q", f.Metadata, o.Metadata)
	}
}

// TestKeptFloat leaves two layers alone: their weights stay float32.
func TestKeptFloat(t *testing.T) {
	q := builtinQuantizer(t)
	layers := q.Layers()
	o := onnx.BuildOptions{Ranges: everywhere(q, onnx.Range{Max: 1}), Float: []string{layers[3].Name, layers[len(layers)-1].Name}}
	data, err := q.Build(o)
	if err != nil {
		t.Fatal(err)
	}
	f, err := onnx.Read(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	int8s, float := 0, int64(0)
	for _, w := range f.Weights {
		switch {
		case w.Element == "int8" && len(w.Dims) > 1:
			int8s++
		case w.Element == "float32" && len(w.Dims) > 1:
			float += w.Elements()
		}
	}
	if want := len(layers) - 2; int8s != want {
		t.Errorf("%d layers have int8 weights, want %d", int8s, want)
	}
	if want := layers[3].Weights + layers[len(layers)-1].Weights; float != want {
		t.Errorf("%d weights are float32, want %d", float, want)
	}
}

// TestProbe: a column each for the smallest and the largest value of every tensor, and the samples that were asked for at most.
func TestProbe(t *testing.T) {
	q := builtinQuantizer(t)
	data, places, columns := q.Probe(50)
	next := 0
	var names []string
	for _, p := range places {
		if p.First != next || p.Samples < 1 || p.Samples > 50 {
			t.Errorf("tensor %q begins at column %d with %d samples, want column %d and 1 to 50", p.Tensor, p.First, p.Samples, next)
		}
		next += 2 + p.Samples
		names = append(names, p.Tensor)
	}
	if next != columns {
		t.Errorf("%d columns are told of, the output has %d", next, columns)
	}
	if !slices.Equal(names, q.Tensors()) {
		t.Errorf("it tells of %q, want %q", names, q.Tensors())
	}
	if n := operators(t, data)["ReduceMin"]; n != len(names) {
		t.Errorf("%d smallest values, want %d", n, len(names))
	}
}

// TestQuantizerRefuses names what cannot be quantized.
func TestQuantizerRefuses(t *testing.T) {
	q := builtinQuantizer(t)
	if _, err := q.Build(onnx.BuildOptions{}); err == nil {
		t.Error("building without ranges gives no error")
	}
	if _, err := q.Build(onnx.BuildOptions{Ranges: everywhere(q, onnx.Range{Min: 2, Max: -2})}); err == nil {
		t.Error("building with a range that ends before it begins gives no error")
	}
	if _, err := onnx.NewQuantizer(builtin.Int8(), nil); !errors.Is(err, onnx.ErrQuantized) {
		t.Errorf("quantizing twice: %v, want %v", err, onnx.ErrQuantized)
	}
	old := bytes.Replace(builtin.ONNX(), []byte("\x0a\x00\x10\x11"), []byte("\x0a\x00\x10\x0c"), 1) // operator set 17 becomes 12
	if _, err := onnx.NewQuantizer(old, nil); !errors.Is(err, onnx.ErrOldOperators) {
		t.Errorf("operator set 12: %v, want %v", err, onnx.ErrOldOperators)
	}
	if _, err := onnx.NewQuantizer([]byte("no model"), nil); !errors.Is(err, onnx.ErrFormat) {
		t.Errorf("no model: %v, want %v", err, onnx.ErrFormat)
	}
}

// TestEqualTensorsStoredOnce: PyTorch's exporter stores equal biases once and hands them on by Identity; their layers count too.
func TestEqualTensorsStoredOnce(t *testing.T) {
	data, err := os.ReadFile("../../testdata/models/hf-convnext/model.onnx")
	if err != nil {
		t.Fatal(err)
	}
	q, err := onnx.NewQuantizer(data, []int64{1, 3, 32, 32})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := q.Unsupported(), map[string]int{"MatMul": 8}; !maps.Equal(got, want) {
		t.Errorf("%v stay in float32, want %v", got, want)
	}
	if n := len(q.Layers()); n != 9 {
		t.Errorf("%d layers can be quantized, want 9", n)
	}
}
