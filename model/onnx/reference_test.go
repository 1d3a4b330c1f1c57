package onnx_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/scones-unlimited/scones/model/onnx"
)

// The reference runs ONNX files by the definitions of their operators, in float64, slowly and without any runtime. It knows what
// Export writes, so that agreement with MXNet is tested wherever Go runs.

// array is a tensor of the reference.
type array struct {
	dims []int
	v    []float64
}

func zeros(dims ...int) *array {
	n := 1
	for _, d := range dims {
		n *= d
	}
	return &array{dims, make([]float64, n)}
}

// runReference runs a file on one input and returns its output.
func runReference(t testing.TB, data []byte, in *array) *array {
	t.Helper()
	f := read(t, data)
	known := map[string]*array{f.Inputs[0].Name: in}
	for i := range f.Weights {
		known[f.Weights[i].Name] = weightOf(t, data, &f.Weights[i])
	}
	for _, n := range f.Nodes {
		run := reference[n.Operator]
		if run == nil {
			t.Fatalf("the reference has no operator %q", n.Operator)
		}
		r := &refCall{Node: n}
		for _, name := range n.Inputs {
			if known[name] == nil {
				t.Fatalf("node %q reads %q, which nothing gives", n.Name, name)
			}
			r.in = append(r.in, known[name])
		}
		known[n.Outputs[0]] = run(r)
	}
	return known[f.Outputs[0].Name]
}

func weightOf(t testing.TB, data []byte, w *onnx.Initializer) *array {
	a := zeros()
	a.dims = nil
	for _, d := range w.Dims {
		a.dims = append(a.dims, int(d))
	}
	a.v = make([]float64, w.Elements())
	raw := data[w.Offset:][:w.Bytes]
	for i := range a.v {
		switch w.Element {
		case "float32":
			a.v[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:])))
		case "int64":
			a.v[i] = float64(int64(binary.LittleEndian.Uint64(raw[8*i:])))
		default:
			t.Fatalf("weight %q is %s", w.Name, w.Element)
		}
	}
	return a
}

// refCall is one node at work.
type refCall struct {
	onnx.Node
	in []*array
}

func (r *refCall) attribute(name string) onnx.Attribute {
	at := slices.IndexFunc(r.Attributes, func(a onnx.Attribute) bool { return a.Name == name })
	if at < 0 {
		return onnx.Attribute{}
	}
	return r.Attributes[at]
}

func (r *refCall) has(name string) bool { return r.attribute(name).Name != "" }

func (r *refCall) ints(name string) []int {
	var out []int
	for _, v := range r.attribute(name).Ints {
		out = append(out, int(v))
	}
	return out
}

func (r *refCall) list(input int) []int {
	var out []int
	for _, v := range r.in[input].v {
		out = append(out, int(v))
	}
	return out
}

// at is the place of an index, which may have fewer or shorter dimensions to broadcast.
func (a *array) at(index []int) float64 {
	place := 0
	index = index[len(index)-len(a.dims):]
	for i, d := range a.dims {
		place *= d
		if d > 1 {
			place += index[i]
		}
	}
	return a.v[place]
}

// each fills an array by index.
func each(dims []int, value func(index []int) float64) *array {
	out := zeros(dims...)
	index := make([]int, len(dims))
	for i := range out.v {
		rest := i
		for j := len(dims) - 1; j >= 0; j-- {
			index[j], rest = rest%dims[j], rest/dims[j]
		}
		out.v[i] = value(index)
	}
	return out
}

func elementwise(f func(r *refCall, x float64) float64) func(*refCall) *array {
	return func(r *refCall) *array {
		out := zeros(r.in[0].dims...)
		for i, x := range r.in[0].v {
			out.v[i] = f(r, x)
		}
		return out
	}
}

func binary2(f func(x, y float64) float64) func(*refCall) *array {
	return func(r *refCall) *array {
		out := r.in[0]
		for _, b := range r.in[1:] {
			a := out
			rank := max(len(a.dims), len(b.dims))
			dims := slices.Repeat([]int{1}, rank)
			for _, one := range [][]int{a.dims, b.dims} {
				for i, d := range one {
					dims[rank-len(one)+i] = max(dims[rank-len(one)+i], d)
				}
			}
			out = each(dims, func(index []int) float64 { return f(a.at(index), b.at(index)) })
		}
		return out
	}
}

func refSame(r *refCall) *array { return r.in[0] }

// refCast cuts fractions off when it leads to whole numbers (TensorProto.DataType 1 is float32).
func refCast(r *refCall) *array {
	if r.attribute("to").Int == 1 {
		return r.in[0]
	}
	return elementwise(func(_ *refCall, x float64) float64 { return math.Trunc(x) })(r)
}

func refReshape(r *refCall) *array {
	dims, rest, n := r.list(1), -1, 1
	for i, d := range dims {
		switch {
		case d == 0:
			dims[i] = r.in[0].dims[i]
			n *= dims[i]
		case d < 0:
			rest = i
		default:
			n *= d
		}
	}
	if rest >= 0 {
		dims[rest] = len(r.in[0].v) / n
	}
	return &array{dims, r.in[0].v}
}

func refFlatten(r *refCall) *array {
	n := r.in[0].dims[0]
	return &array{[]int{n, len(r.in[0].v) / n}, r.in[0].v}
}

func refTranspose(r *refCall) *array {
	x, order := r.in[0], r.ints("perm")
	dims := make([]int, len(order))
	for i, from := range order {
		dims[i] = x.dims[from]
	}
	source := make([]int, len(order))
	return each(dims, func(index []int) float64 {
		for i, from := range order {
			source[from] = index[i]
		}
		return x.at(source)
	})
}

// axisOf brings an axis that counts from the end forwards.
func axisOf(a, rank int) int {
	if a < 0 {
		return a + rank
	}
	return a
}

func mustFit(ok bool, format string, args ...any) {
	if !ok {
		panic(fmt.Sprintf(format, args...))
	}
}
