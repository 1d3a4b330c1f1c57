package onnx

import (
	"fmt"
	"math"
)

// ProbeOutput is the one output of a model that [Quantizer.Probe] made: float32 of shape [N, columns].
const ProbeOutput = "scones_probe"

// An Observed is where the output of a [Quantizer.Probe] tells about one tensor.
type Observed struct {
	Tensor string
	// First column: the smallest value of a picture; the next holds the largest, and Samples more hold values of it in between.
	First   int
	Samples int
}

// Probe gives a model with the float32 model's input that answers, for each picture, with the smallest, the largest and at
// most samples other values of every one of [Quantizer.Tensors], and the number of its columns. The samples lie evenly spread; a
// tensor whose size is not known has none.
func (q *Quantizer) Probe(samples int) (data []byte, observed []Observed, columns int) {
	e := q.net.clone()
	var parts []string
	for _, name := range q.ranges {
		o := Observed{Tensor: name, First: columns}
		flat := e.free(name + "/flat")
		e.nodes = append(e.nodes, newNode("Flatten", flat, []string{name}, flat, intAttr("axis", 1)))
		low, high := e.reduce("ReduceMin", flat), e.reduce("ReduceMax", flat)
		parts = append(parts, low, high)
		if step, count := q.stride(name, samples); count > 0 {
			some := e.free(name + "/some")
			e.nodes = append(e.nodes, newNode("Slice", some, []string{
				flat, e.store(some+"/from", int64Tensor(0)), e.store(some+"/to", int64Tensor(math.MaxInt64)),
				e.store(some+"/axis", int64Tensor(1)), e.store(some+"/step", int64Tensor(step)),
			}, some))
			parts, o.Samples = append(parts, some), count
		}
		columns += 2 + o.Samples
		observed = append(observed, o)
	}
	e.nodes = append(e.nodes, newNode("Concat", ProbeOutput, parts, ProbeOutput, intAttr("axis", 1)))
	out := value{name: ProbeOutput, element: elementFloat32, dims: []int64{batch, int64(columns)}}
	e.outputs = [][]byte{out.encode()}
	f := *e.file
	f.Outputs = []Value{{Name: ProbeOutput}}
	e.file = &f
	return e.encode(nil), observed, columns
}

// reduce adds a reduction of each row to one number. The axes became an input with operator set 18.
func (e *editable) reduce(operator, flat string) string {
	out := e.free(fmt.Sprintf("%s/%s", flat, operator))
	if e.opset < 18 {
		e.nodes = append(e.nodes, newNode(operator, out, []string{flat}, out, intsAttr("axes", 1), intAttr("keepdims", 1)))
	} else {
		axes := e.store(out+"/axes", int64Tensor(1))
		e.nodes = append(e.nodes, newNode(operator, out, []string{flat, axes}, out, intAttr("keepdims", 1)))
	}
	return out
}

// stride says how to take at most samples values of one picture's tensor. The step shares no factor with the sizes, so that the
// samples meet every row, column and channel.
func (q *Quantizer) stride(name string, samples int) (step int64, count int) {
	t := q.net.known[name]
	if !t.ranked || samples < 1 {
		return 0, 0
	}
	n := int64(1)
	for i, d := range t.dims {
		if d < 1 || i == 0 && d != 1 || n > math.MaxInt32/d {
			return 0, 0
		}
		n *= d
	}
	for step = max(1, (n+int64(samples)-1)/int64(samples)); step > 1 && gcd(step, n) > 1; {
		step++
	}
	return step, int((n + step - 1) / step)
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
