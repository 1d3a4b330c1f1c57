package onnx

import (
	"bytes"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/model/mxnet"
)

// TestInferenceAgreesWithConverter: the converter and shape inference compute every shape independently; they must agree on all
// tensors of all cases, and thereby on the multiply-adds.
func TestInferenceAgreesWithConverter(t *testing.T) {
	paths, err := filepath.Glob("../../testdata/mxnet/operators/*.tar.gz")
	if err != nil || len(paths) < 80 {
		t.Fatalf("%d cases (error %v), want 80 or more", len(paths), err)
	}
	for _, path := range append(paths, "../../testdata/mxnet/resnet18-224-thin/model.tar.gz") {
		name := strings.TrimSuffix(filepath.Base(path), ".tar.gz")
		a, err := mxnet.Open(path, mxnet.Options{})
		if err != nil {
			t.Fatal(err)
		}
		in, err := pictureInput(a)
		if err != nil {
			t.Fatal(err)
		}
		c := newConverter(a)
		if err := c.convert(in, model.Uint8); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := c.graph.write(&out, "key", "value"); err != nil {
			t.Fatal(err)
		}
		f, err := Read(bytes.NewReader(out.Bytes()), int64(out.Len()))
		if err != nil {
			t.Fatal(err)
		}
		inferred := f.infer(nil)
		if inferred.err != nil {
			t.Errorf("%s: %v", name, inferred.err)
		}
		for _, v := range c.values {
			want := slices.Clone(v.dims)
			for i, d := range want {
				want[i] = abs(d) // one picture
			}
			if got := inferred.known[v.name]; !slices.Equal(got.dims, want) && !foldedAway(f, v.name) {
				t.Errorf("%s: tensor %q is inferred as %v, want %v", name, v.name, got.dims, want)
			}
		}
		a.Close()
	}
}

// foldedAway tells that no node gives the tensor any more: a normalisation took the convolution's output over.
func foldedAway(f *File, name string) bool {
	for i := range f.Nodes {
		if slices.Contains(f.Nodes[i].Outputs, name) {
			return false
		}
	}
	return true
}

// TestMultiplyAddsKnown compares with figures that are known: 41 M for ResNet-20 at 32 × 32 (He et al. 2015, table 6 gives
// 0.27 M parameters), 1.8 G for ResNet-18 at 224 × 224 (the same, table 1), here with a quarter of the width.
func TestMultiplyAddsKnown(t *testing.T) {
	for name, want := range map[string]int64{"resnet20-32": 41_075_328, "resnet18-224-thin": 136_278_656} {
		a, err := mxnet.Open("../../testdata/mxnet/"+name+"/model.tar.gz", mxnet.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if _, err := Export(&out, a, ExportOptions{}); err != nil {
			t.Fatal(err)
		}
		a.Close()
		f, err := Read(bytes.NewReader(out.Bytes()), int64(out.Len()))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := f.MultiplyAdds(nil); err != nil || got != want {
			t.Errorf("%s: %d multiply-adds and error %v, want %d", name, got, err, want)
		}
	}
}

// graphOf makes a file of nodes over float inputs, with integer constants.
func graphOf(shape []Dim, nodes []Node, ints map[string][]int64) *File {
	f := &File{Opsets: []Opset{{"", 17}}, Inputs: []Value{{"x", "float32", shape}}, Nodes: nodes}
	for name, values := range ints {
		f.Weights = append(f.Weights, Initializer{Name: name, Element: "int64", Dims: []int64{int64(len(values))}, ints: values})
	}
	return f
}

// TestInferenceRules covers what exporters of other frameworks write: shapes computed at run time, old and new forms.
func TestInferenceRules(t *testing.T) {
	picture := []Dim{{Name: "N"}, {Value: 3}, {Value: 8}, {Value: 10}}
	node := func(operator string, inputs []string, attributes ...Attribute) Node {
		return Node{Operator: operator, Inputs: inputs, Outputs: []string{"y"}, Attributes: attributes}
	}
	ints := func(name string, v ...int64) Attribute { return Attribute{Name: name, Ints: v} }
	whole := func(name string, v int64) Attribute { return Attribute{Name: name, Int: v} }
	named := func(n Node, output string) Node { n.Outputs = []string{output}; return n }
	for name, c := range map[string]struct {
		nodes []Node
		ints  map[string][]int64
		want  []int64
	}{
		"flatten by shape arithmetic": {[]Node{
			named(node("Shape", []string{"x"}), "s"), named(node("Gather", []string{"s", "zero"}), "n"),
			named(node("Concat", []string{"n", "rest"}, whole("axis", 0)), "target"), node("Reshape", []string{"x", "target"}),
		}, map[string][]int64{"zero": {0}, "rest": {-1}}, []int64{1, 240}},
		"slice of shape": {[]Node{
			named(node("Shape", []string{"x"}, whole("start", 1), whole("end", 3)), "s"), node("ConstantOfShape", []string{"s"}),
		}, nil, []int64{3, 8}},
		"slice with inputs":        {[]Node{node("Slice", []string{"x", "a", "b", "c", "d"})}, map[string][]int64{"a": {1, -4}, "b": {1 << 60, -1}, "c": {2, 3}, "d": {2, 1}}, []int64{1, 3, 4, 3}},
		"slice, old form":          {[]Node{node("Slice", []string{"x"}, ints("starts", 1), ints("ends", 3), ints("axes", 2))}, nil, []int64{1, 3, 2, 10}},
		"mean of axes as an input": {[]Node{node("ReduceMean", []string{"x", "axes"}, whole("keepdims", 0))}, map[string][]int64{"axes": {-1, 2}}, []int64{1, 3}},
		"mean of all":              {[]Node{node("ReduceMean", []string{"x"})}, nil, []int64{1, 1, 1, 1}},
		"squeeze":                  {[]Node{node("Squeeze", []string{"x", "axes"})}, map[string][]int64{"axes": {0}}, []int64{3, 8, 10}},
		"squeeze what is 1":        {[]Node{node("Squeeze", []string{"x"})}, nil, []int64{3, 8, 10}},
		"unsqueeze":                {[]Node{node("Unsqueeze", []string{"x", "axes"})}, map[string][]int64{"axes": {-1, 1}}, []int64{1, 1, 3, 8, 10, 1}},
		"split":                    {[]Node{{Operator: "Split", Inputs: []string{"x", "parts"}, Outputs: []string{"z", "y"}, Attributes: []Attribute{whole("axis", 2)}}}, map[string][]int64{"parts": {3, 5}}, []int64{1, 3, 5, 10}},
		"expand":                   {[]Node{node("Expand", []string{"x", "shape"})}, map[string][]int64{"shape": {4, 1, 1, 1}}, []int64{4, 3, 8, 10}},
		"pad":                      {[]Node{node("Pad", []string{"x", "pads"})}, map[string][]int64{"pads": {0, 0, 1, 2, 0, 0, 3, -1}}, []int64{1, 3, 12, 11}},
		"pool, same upper":         {[]Node{node("MaxPool", []string{"x"}, ints("kernel_shape", 3, 3), ints("strides", 3, 3), Attribute{Name: "auto_pad", String: "SAME_UPPER"})}, nil, []int64{1, 3, 3, 4}},
		"pool, rounded up":         {[]Node{node("MaxPool", []string{"x"}, ints("kernel_shape", 3, 3), ints("strides", 2, 2), whole("ceil_mode", 1))}, nil, []int64{1, 3, 4, 5}},
		"pool, rounded up out":     {[]Node{node("MaxPool", []string{"x"}, ints("kernel_shape", 1, 1), ints("strides", 9, 10), whole("ceil_mode", 1), ints("pads", 0, 0, 0, 0))}, nil, []int64{1, 3, 1, 1}},
		"transpose":                {[]Node{node("Transpose", []string{"x"})}, nil, []int64{10, 8, 3, 1}},
		"argmax":                   {[]Node{node("ArgMax", []string{"x"}, whole("axis", 1), whole("keepdims", 0))}, nil, []int64{1, 8, 10}},
	} {
		t.Run(name, func(t *testing.T) {
			in := graphOf(picture, c.nodes, c.ints).infer(nil)
			if got := in.known["y"]; in.err != nil || !slices.Equal(got.dims, c.want) {
				t.Errorf("inferred %v with error %v, want %v", got.dims, in.err, c.want)
			}
		})
	}
}

// TestMultiplyAddsUnknown: what cannot be told is said, never guessed.
func TestMultiplyAddsUnknown(t *testing.T) {
	conv := Node{Operator: "Conv", Name: "c", Inputs: []string{"x", "w"}, Outputs: []string{"y"}}
	for name, f := range map[string]*File{
		"open size": graphOf([]Dim{{Name: "N"}, {Value: 3}, {Name: "H"}, {Name: "W"}}, []Node{conv}, nil),
		"no shape":  graphOf(nil, []Node{conv}, nil),
		"overflow":  graphOf([]Dim{{Name: "N"}, {Value: 3}, {Value: 1 << 39}, {Value: 1 << 39}}, []Node{conv}, nil),
		"operator":  graphOf(nil, []Node{{Operator: "LSTM", Name: "c", Inputs: []string{"x"}, Outputs: []string{"y"}}}, nil),
	} {
		f.Weights = append(f.Weights, Initializer{Name: "w", Element: "float32", Dims: []int64{4, 3, 1, 1}})
		if n, err := f.MultiplyAdds(nil); !errors.Is(err, ErrUnknown) || !strings.Contains(err.Error(), `"c"`) {
			t.Errorf("%s: %d multiply-adds and error %v, want ErrUnknown that names node c", name, n, err)
		}
	}
	f := graphOf([]Dim{{Name: "N"}, {Value: 3}, {Name: "H"}, {Name: "W"}}, []Node{conv}, nil)
	f.Weights = append(f.Weights, Initializer{Name: "w", Element: "float32", Dims: []int64{4, 3, 1, 1}})
	if n, err := f.MultiplyAdds([]int64{1, 3, 5, 7}); err != nil || n != 420 {
		t.Errorf("with a given size %d multiply-adds and error %v, want 420", n, err)
	}
}
