package onnx_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/model/mxnet"
	"github.com/scones-unlimited/scones/model/onnx"
)

// TestExportContract compares the manifest, and what the file says about itself, with what the artifact is.
func TestExportContract(t *testing.T) {
	path := filepath.Join(testdata, "resnet20-32-fp16", "model.tar.gz")
	for _, c := range []struct {
		element model.Element
		layout  model.Layout
		shape   []onnx.Dim
		count   map[string]int
	}{
		{model.Uint8, model.NHWC, []onnx.Dim{{Name: "N"}, {Value: 32}, {Value: 32}, {Value: 3}}, map[string]int{"Cast": 1, "Transpose": 1}},
		{model.Float32, model.NCHW, []onnx.Dim{{Name: "N"}, {Value: 3}, {Value: 32}, {Value: 32}}, map[string]int{}},
	} {
		data, done := export(t, path, onnx.ExportOptions{
			Labels: []string{"bicycle", "motorcycle"}, Input: c.element, Filter: model.Bicubic, Name: "two wheels",
		})
		want := &model.Model{
			Version: 1, Name: "two wheels", Labels: []string{"bicycle", "motorcycle"},
			Input: model.Input{
				Name: "data", Element: c.element, Layout: c.layout, Width: 32, Height: 32, Channels: 3, ChannelOrder: model.RGB,
				Resize: model.Resize{Mode: model.Stretch, Filter: model.Bicubic},
			},
			Output: model.Output{Name: "softmax", Activation: model.NoActivation},
			Provenance: model.Provenance{
				ArtifactSHA256: "2c6477d2fa9ae69a1d82af69a8ed0e7eed0636a6f71f5f467d1ef89b8c5ceebe",
				Framework:      "mxnet 1.9.1", Epoch: 5, Converter: "scones converter 1",
			},
		}
		f := read(t, data)
		got, err := f.Manifest()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: manifest differs (-want +got):\n%s", c.element, diff)
		}
		if diff := cmp.Diff(want, done.Model); diff != "" {
			t.Errorf("%s: Exported.Model differs (-want +got):\n%s", c.element, diff)
		}
		if diff := cmp.Diff([]onnx.Value{{Name: "data", Element: string(c.element), Shape: c.shape}}, f.Inputs); diff != "" {
			t.Errorf("%s: inputs differ (-want +got):\n%s", c.element, diff)
		}
		scores := []onnx.Value{{Name: "softmax", Element: "float32", Shape: []onnx.Dim{{Name: "N"}, {Value: 2}}}}
		if diff := cmp.Diff(scores, f.Outputs); diff != "" {
			t.Errorf("%s: outputs differ (-want +got):\n%s", c.element, diff)
		}
		// Of 20 normalisations the 9 in the middle of a unit and the one behind conv0 follow a convolution that nothing else reads.
		maps.Copy(c.count, map[string]int{
			"Conv": 22, "BatchNormalization": 10, "Relu": 19, "Add": 9, "GlobalAveragePool": 1, "Flatten": 1, "Gemm": 1, "Softmax": 1,
		})
		if diff := cmp.Diff(c.count, f.Operators()); diff != "" {
			t.Errorf("%s: operators differ (-want +got):\n%s", c.element, diff)
		}
		if len(done.Warnings) != 0 || done.Folded != 10 {
			t.Errorf("%s: warnings %q and %d folded, want none and 10", c.element, done.Warnings, done.Folded)
		}
	}
}

// TestExportKeepsNames: a user compares layer by layer, so each operator keeps its name, or its successor's when folded.
func TestExportKeepsNames(t *testing.T) {
	data, _ := export(t, filepath.Join(testdata, "resnet20-32", "model.tar.gz"), onnx.ExportOptions{})
	byName := map[string]onnx.Node{}
	for _, n := range read(t, data).Nodes {
		byName[n.Name] = n
	}
	for name, output := range map[string]string{
		"data_cast": "data_cast", "data_nchw": "data_nchw", "bn_data": "bn_data", "stage1_unit2_bn1": "stage1_unit2_bn1",
		"conv0": "stage1_unit1_bn1", "stage1_unit1_conv1": "stage1_unit1_bn2", "stage1_unit1_conv2": "stage1_unit1_conv2", "fc1": "fc1", "softmax": "softmax",
	} {
		if n, ok := byName[name]; !ok || len(n.Outputs) != 1 || n.Outputs[0] != output {
			t.Errorf("node %q has outputs %v, want %q", name, n.Outputs, output)
		}
	}
}

// TestExportDeterministic: the same artifact and options give the same bytes.
func TestExportDeterministic(t *testing.T) {
	for _, name := range []string{"resnet20-32/model.tar.gz", "operators/group-loss.tar.gz", "operators/concat.tar.gz"} {
		first, _ := export(t, filepath.Join(testdata, name), onnx.ExportOptions{})
		for range 5 {
			again, _ := export(t, filepath.Join(testdata, name), onnx.ExportOptions{})
			if !bytes.Equal(first, again) {
				t.Fatalf("%s: two exports differ", name)
			}
		}
	}
}

// TestExportWeights reads every weight that was not folded back from the file and compares it with the artifact's, bit by bit.
func TestExportWeights(t *testing.T) {
	path := filepath.Join(testdata, "resnet20-32-fp16", "model.tar.gz")
	data, _ := export(t, path, onnx.ExportOptions{})
	a, err := mxnet.Open(path, mxnet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	compared := 0
	for _, w := range read(t, data).Weights {
		array := a.Arrays[w.Name]
		if array == nil || strings.HasSuffix(w.Name, "conv1_weight") || w.Name == "conv0_weight" || w.Name == "bn_data_gamma" {
			continue // folded, or gamma that is fixed to 1
		}
		want, err := array.All()
		if err != nil {
			t.Fatal(err)
		}
		raw := data[w.Offset:][:w.Bytes]
		if !cmp.Equal(w.Dims, array.Dims) || len(raw) != 4*len(want) {
			t.Fatalf("%s has the shape %v and %d bytes, want %v", w.Name, w.Dims, len(raw), array.Dims)
		}
		for i := range want {
			if got := binary.LittleEndian.Uint32(raw[4*i:]); got != math.Float32bits(want[i]) {
				t.Fatalf("%s: value %d is %v, want %v", w.Name, i, math.Float32frombits(got), want[i])
			}
		}
		compared++
	}
	if compared < 50 {
		t.Errorf("%d weights compared, want 50 or more", compared)
	}
}

// TestExportMultiLabel: sigmoid heads have independent classes; a loss beside the scores is left out.
func TestExportMultiLabel(t *testing.T) {
	for name, multi := range map[string]bool{
		"logistic": true, "group-loss": true, "makeloss-alone": true, "softmax-output": false, "fc": false,
	} {
		_, done := export(t, filepath.Join(testdata, "operators", name+".tar.gz"), onnx.ExportOptions{})
		if got := done.Model.Output.MultiLabel; got != multi {
			t.Errorf("%s: multi_label is %v, want %v", name, got, multi)
		}
	}
}

// TestExportStopsAtWriteErrors: a full disk is reported, wherever it strikes.
func TestExportStopsAtWriteErrors(t *testing.T) {
	a, err := mxnet.Open(filepath.Join(testdata, "resnet20-32", "model.tar.gz"), mxnet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	full := errors.New("disk full")
	for _, room := range []int{0, 100_000, 1_000_000, 1_100_000} {
		if _, err := onnx.Export(&smallDisk{room, full}, a, onnx.ExportOptions{}); !errors.Is(err, full) {
			t.Errorf("with room for %d bytes Export gives error %v, want %v", room, err, full)
		}
	}
}

type smallDisk struct {
	room int
	full error
}

func (d *smallDisk) Write(p []byte) (int, error) {
	if d.room -= len(p); d.room < 0 {
		return 0, d.full
	}
	return len(p), nil
}

// TestExportSameNames: 40,000 nodes of one name must not take quadratic time; every tensor gets a name of its own.
func TestExportSameNames(t *testing.T) {
	const n = 40_000
	var symbol strings.Builder
	symbol.WriteString(`{"nodes":[{"op":"null","name":"data"}`)
	for i := range n {
		fmt.Fprintf(&symbol, `,{"op":"relu","name":"r","inputs":[[%d,0]]}`, i)
	}
	fmt.Fprintf(&symbol, `,{"op":"Flatten","name":"r_3","inputs":[[%d,0]]}],"heads":[[%d,0]]}`, n, n+1)
	s, err := mxnet.ParseSymbol([]byte(symbol.String()))
	if err != nil {
		t.Fatal(err)
	}
	a := &mxnet.Artifact{Symbol: s, Inputs: []mxnet.Input{{Name: "data", Dims: []int64{1, 3, 2, 2}}}}
	var out bytes.Buffer
	if _, err := onnx.Export(&out, a, onnx.ExportOptions{}); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, node := range read(t, out.Bytes()).Nodes {
		if seen[node.Outputs[0]] {
			t.Fatalf("two tensors are called %q", node.Outputs[0])
		}
		seen[node.Outputs[0]] = true
	}
	if want := n + 3; len(seen) != want { // cast, transpose and flatten too
		t.Errorf("%d nodes, want %d", len(seen), want)
	}
}
