package mxnettest

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
)

// network is a symbol and the arrays that belong to it.
type network struct {
	nodes  []node
	arrays []array
}

type node struct {
	Op     string            `json:"op"`
	Name   string            `json:"name"`
	Attrs  map[string]string `json:"attrs,omitempty"`
	Inputs [][3]int          `json:"inputs"`
}

type array struct {
	kind, name string // kind is arg or aux
	dims       []int64
}

func (a *array) elements() int64 {
	n := int64(1)
	for _, d := range a.dims {
		n *= d
	}
	return n
}

// operator adds a node and returns its index.
func (n *network) operator(op, name string, attrs map[string]string, inputs ...int) int {
	refs := make([][3]int, len(inputs))
	for i, in := range inputs {
		refs[i] = [3]int{in, 0, 0}
	}
	n.nodes = append(n.nodes, node{op, name, attrs, refs})
	return len(n.nodes) - 1
}

func (n *network) variable(name string) int { return n.operator("null", name, nil) }

func (n *network) array(kind, name string, dims ...int64) int {
	n.arrays = append(n.arrays, array{kind, name, dims})
	return n.variable(name)
}

func (n *network) convolution(name string, x int, in, out int64, kernel, stride int) int {
	k := int64(kernel)
	attrs := map[string]string{
		"kernel": fmt.Sprintf("(%d, %d)", kernel, kernel), "stride": fmt.Sprintf("(%d, %d)", stride, stride),
		"pad": fmt.Sprintf("(%d, %d)", kernel/2, kernel/2), "num_filter": fmt.Sprint(out), "no_bias": "True",
	}
	return n.operator("Convolution", name, attrs, x, n.array("arg", name+"_weight", out, in, k, k))
}

func (n *network) batchNorm(name string, x int, channels int64, fixed bool) int {
	attrs := map[string]string{"eps": "2e-05", "fix_gamma": "False", "momentum": "0.9"}
	if fixed {
		attrs["fix_gamma"] = "True"
	}
	return n.operator("BatchNorm", name, attrs, x,
		n.array("arg", name+"_gamma", channels), n.array("arg", name+"_beta", channels),
		n.array("aux", name+"_moving_mean", channels), n.array("aux", name+"_moving_var", channels))
}

func (n *network) relu(name string, x int) int {
	return n.operator("Activation", name, map[string]string{"act_type": "relu"}, x)
}

func (n *network) symbol() ([]byte, error) {
	return json.Marshal(map[string]any{
		"nodes": n.nodes, "heads": [][3]int{{len(n.nodes) - 1, 0, 0}},
		"attrs": map[string]any{"mxnet_version": []any{"int", 10400}},
	})
}

// paramsBytes is the length of the .params file that writeParams writes.
func (n *network) paramsBytes() int64 {
	size := int64(24 + 8)
	for _, a := range n.arrays {
		size += 24 + 8*int64(len(a.dims)) + 4*a.elements() + 8 + int64(len(a.kind)+1+len(a.name))
	}
	return size
}

// writeParams writes arrays of layout version 2.
func (n *network) writeParams(w io.Writer) error {
	out := bufio.NewWriter(w)
	le := binary.LittleEndian
	head := le.AppendUint64(le.AppendUint64(le.AppendUint64(nil, 0x112), 0), uint64(len(n.arrays)))
	out.Write(head) // bufio keeps the first error for Flush
	state := uint32(1)
	for _, a := range n.arrays {
		b := le.AppendUint32(le.AppendUint32(le.AppendUint32(nil, 0xF993FAC9), 0), uint32(len(a.dims)))
		for _, d := range a.dims {
			b = le.AppendUint64(b, uint64(d))
		}
		out.Write(le.AppendUint32(le.AppendUint64(b, 1), 0))
		spread := float32(math.Sqrt(2*float64(a.dims[0])/float64(a.elements()))) * 2
		var raw [4]byte
		for range a.elements() {
			state ^= state << 13 // xorshift32 (Marsaglia 2003)
			state ^= state >> 17
			state ^= state << 5
			v := (float32(state)/(1<<32) - 0.5) * spread
			switch {
			case strings.HasSuffix(a.name, "_gamma") || strings.HasSuffix(a.name, "_var"):
				v = 1 + v/8
			case len(a.dims) == 1:
				v /= 8
			}
			le.PutUint32(raw[:], math.Float32bits(v))
			out.Write(raw[:])
		}
	}
	out.Write(le.AppendUint64(nil, uint64(len(n.arrays))))
	for _, a := range n.arrays {
		name := a.kind + ":" + a.name
		out.Write(append(le.AppendUint64(nil, uint64(len(name))), name...))
	}
	return out.Flush()
}
