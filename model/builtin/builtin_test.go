package builtin_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/model/builtin"
	"github.com/scones-unlimited/scones/model/mxnet"
	"github.com/scones-unlimited/scones/model/onnx"
)

// TestExportedAgain exports the artifact as the go:generate line does and compares the bytes with the embedded file.
func TestExportedAgain(t *testing.T) {
	text, err := os.ReadFile("labels.txt")
	if err != nil {
		t.Fatal(err)
	}
	a, err := mxnet.Open("model.tar.gz", mxnet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	var out bytes.Buffer
	done, err := onnx.Export(&out, a, onnx.ExportOptions{Labels: strings.Fields(string(text)), ApplyEXIF: true, Name: "scones-builtin"})
	if err != nil {
		t.Fatal(err)
	}
	if len(done.Warnings) > 0 {
		t.Errorf("exporting warns: %q", done.Warnings)
	}
	if !bytes.Equal(out.Bytes(), builtin.ONNX()) {
		t.Error("model.onnx is not what model.tar.gz exports to; go generate ./model/builtin writes it anew")
	}
}

// TestContract: bicycle or motorcycle from 32 × 32 pixels, in at most 6 MB.
func TestContract(t *testing.T) {
	data := builtin.ONNX()
	if len(data) > 6_000_000 {
		t.Errorf("the model takes %d bytes, want at most 6 MB", len(data))
	}
	f, err := onnx.Read(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	m, err := f.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"bicycle", "motorcycle"}; !cmp.Equal(m.Labels, want) {
		t.Errorf("the labels are %q, want %q", m.Labels, want)
	}
	if in := m.Input; in.Width != 32 || in.Height != 32 || in.Channels != 3 || !in.ApplyEXIF {
		t.Errorf("the input is %+v, want 32 × 32 colour pixels turned upright", in)
	}
}
