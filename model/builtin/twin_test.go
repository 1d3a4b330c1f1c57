package builtin_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/model/builtin"
	"github.com/scones-unlimited/scones/model/onnx"
)

// TestTwinMadeAgain quantizes the embedded model with the ranges that the embedded twin holds. The ranges come from pictures and a
// runtime, everything else must follow from them, byte for byte.
func TestTwinMadeAgain(t *testing.T) {
	twin := builtin.Int8()
	ranges, err := onnx.ReadRanges(twin)
	if err != nil {
		t.Fatal(err)
	}
	f, err := onnx.Read(bytes.NewReader(twin), int64(len(twin)))
	if err != nil {
		t.Fatal(err)
	}
	q, err := onnx.NewQuantizer(builtin.ONNX(), nil)
	if err != nil {
		t.Fatal(err)
	}
	again, err := q.Build(onnx.BuildOptions{Ranges: ranges, Metadata: f.Metadata})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(again, twin) {
		t.Error("model.int8.onnx was not made of model.onnx; go generate ./model/builtin makes it anew")
	}
}

// TestTwinHasTheContract compares the manifests of the two embedded files, provenance included.
func TestTwinHasTheContract(t *testing.T) {
	var manifests [2][]byte
	for i, data := range [][]byte{builtin.ONNX(), builtin.Int8()} {
		f, err := onnx.Read(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		m, err := f.Manifest()
		if err != nil {
			t.Fatal(err)
		}
		manifests[i] = m.JSON()
	}
	if d := cmp.Diff(string(manifests[0]), string(manifests[1])); d != "" {
		t.Errorf("the twin's manifest differs (-float32 +int8):\n%s", d)
	}
}
