// Package mxnettest makes artifacts for tests, of any size and without MXNet.
package mxnettest

import (
	"archive/tar"
	"encoding/json"
	"fmt"
	"io"
)

// ResNet is a pre-activation ResNet as the built-in algorithm trains it: the 3 × 3 stem for pictures of up to 32 pixels, the 7 × 7
// stem and pooling for larger ones, four stages, bottlenecks from 50 layers on (apache/mxnet,
// example/image-classification/symbols/resnet.py).
type ResNet struct {
	Layers  int // 18, 34, 50, 101 or 152
	Size    int // pixels a side
	Classes int
}

// units is the number of residual units of each stage by depth.
var units = map[int][4]int{18: {2, 2, 2, 2}, 34: {3, 4, 6, 3}, 50: {3, 4, 6, 3}, 101: {3, 4, 23, 3}, 152: {3, 8, 36, 3}}

// Write writes the artifact as a tar that is not compressed. Weights are small and the same every time; they are streamed.
func (r ResNet) Write(w io.Writer) error {
	if _, ok := units[r.Layers]; !ok {
		return fmt.Errorf("no ResNet of %d layers", r.Layers)
	}
	n := r.network()
	symbol, err := n.symbol()
	if err != nil {
		return err
	}
	shapes, err := json.Marshal([]any{map[string]any{"name": "data", "shape": []int{32, 3, r.Size, r.Size}}})
	if err != nil {
		return err
	}
	out := tar.NewWriter(w)
	for _, file := range []struct {
		name  string
		size  int64
		write func(io.Writer) error
	}{
		{"image-classification-0010.params", n.paramsBytes(), n.writeParams},
		{"model-shapes.json", int64(len(shapes)), func(w io.Writer) error { _, err := w.Write(shapes); return err }},
		{"image-classification-symbol.json", int64(len(symbol)), func(w io.Writer) error { _, err := w.Write(symbol); return err }},
	} {
		if err := out.WriteHeader(&tar.Header{Name: file.name, Size: file.size, Mode: 0o644}); err != nil {
			return err
		}
		if err := file.write(out); err != nil {
			return fmt.Errorf("writing %q: %w", file.name, err)
		}
	}
	return out.Close()
}

// WeightBytes is the size of all weights together.
func (r ResNet) WeightBytes() int64 {
	total := int64(0)
	for _, a := range r.network().arrays {
		total += 4 * a.elements()
	}
	return total
}

func (r ResNet) network() *network {
	n := &network{}
	filters, deep := [5]int64{64, 64, 128, 256, 512}, r.Layers >= 50
	if deep {
		filters = [5]int64{64, 256, 512, 1024, 2048}
	}
	x := n.operator("_copy", "id", nil, n.variable("data"))
	x = n.batchNorm("bn_data", x, 3, true)
	in := filters[0]
	if r.Size <= 32 {
		x = n.convolution("conv0", x, 3, in, 3, 1)
	} else {
		x = n.relu("relu0", n.batchNorm("bn0", n.convolution("conv0", x, 3, in, 7, 2), in, false))
		x = n.operator("Pooling", "pool0", map[string]string{"kernel": "(3, 3)", "pad": "(1, 1)", "pool_type": "max", "stride": "(2, 2)"}, x)
	}
	for stage, count := range units[r.Layers] {
		for unit := range count {
			stride := 1
			if stage > 0 && unit == 0 {
				stride = 2
			}
			x = n.unit(fmt.Sprintf("stage%d_unit%d", stage+1, unit+1), x, in, filters[stage+1], stride, unit > 0, deep)
			in = filters[stage+1]
		}
	}
	x = n.relu("relu1", n.batchNorm("bn1", x, in, false))
	x = n.operator("Pooling", "pool1", map[string]string{"global_pool": "True", "kernel": "(7, 7)", "pool_type": "avg"}, x)
	x = n.operator("Flatten", "flatten0", nil, x)
	classes := int64(r.Classes)
	weight, bias := n.array("arg", "fc1_weight", classes, in), n.array("arg", "fc1_bias", classes)
	x = n.operator("FullyConnected", "fc1", map[string]string{"num_hidden": fmt.Sprint(classes)}, x, weight, bias)
	n.operator("SoftmaxOutput", "softmax", nil, x, n.variable("softmax_label"))
	return n
}

// unit adds a residual unit; a shortcut convolution stands where the size changes.
func (n *network) unit(name string, x int, in, out int64, stride int, same, deep bool) int {
	first := n.relu(name+"_relu1", n.batchNorm(name+"_bn1", x, in, false))
	var y int
	if deep {
		y = n.convolution(name+"_conv1", first, in, out/4, 1, 1)
		y = n.relu(name+"_relu2", n.batchNorm(name+"_bn2", y, out/4, false))
		y = n.convolution(name+"_conv2", y, out/4, out/4, 3, stride)
		y = n.relu(name+"_relu3", n.batchNorm(name+"_bn3", y, out/4, false))
		y = n.convolution(name+"_conv3", y, out/4, out, 1, 1)
	} else {
		y = n.convolution(name+"_conv1", first, in, out, 3, stride)
		y = n.relu(name+"_relu2", n.batchNorm(name+"_bn2", y, out, false))
		y = n.convolution(name+"_conv2", y, out, out, 3, 1)
	}
	if !same {
		x = n.convolution(name+"_sc", first, in, out, 1, stride)
	}
	return n.operator("elemwise_add", "_plus_"+name, nil, y, x)
}
