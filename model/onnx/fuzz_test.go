package onnx_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/model/mxnet"
	"github.com/scones-unlimited/scones/model/onnx"
)

// FuzzExport converts symbols and weights that nobody trained. What is exported must be read back, with the same shapes.
func FuzzExport(f *testing.F) {
	for _, name := range operatorCases(f) {
		symbol, params := members(f, filepath.Join(testdata, "operators", name+".tar.gz"))
		f.Add(symbol, params)
	}
	f.Fuzz(func(t *testing.T, symbol, params []byte) {
		s, err := mxnet.ParseSymbol(symbol)
		if err != nil {
			return
		}
		arrays, err := mxnet.ReadParams(bytes.NewReader(params), int64(len(params)))
		if err != nil {
			return
		}
		a := &mxnet.Artifact{Symbol: s, Arrays: map[string]*mxnet.Array{}, Inputs: []mxnet.Input{{Name: "data", Dims: []int64{2, 3, 6, 7}}}}
		for i := range arrays {
			a.Arrays[strings.TrimPrefix(strings.TrimPrefix(arrays[i].Name, "arg:"), "aux:")] = &arrays[i]
		}
		var out limitedBuffer
		done, err := onnx.Export(&out, a, onnx.ExportOptions{Input: model.Float32})
		if err != nil {
			return
		}
		file := read(t, out.Bytes())
		if classes := file.Outputs[0].Shape[1].Value; classes != int64(len(done.Model.Labels)) {
			t.Errorf("the file has %d classes, the manifest %d", classes, len(done.Model.Labels))
		}
		if _, err := file.MultiplyAdds(nil); err != nil && !strings.Contains(err.Error(), "too many") {
			t.Errorf("what was exported is not understood: %v", err)
		}
	})
}

// limitedBuffer refuses more than 16 MiB, so that a fuzzer finds faults and not the machine's end.
type limitedBuffer struct{ bytes.Buffer }

func (b *limitedBuffer) Write(p []byte) (int, error) {
	if b.Len()+len(p) > 16<<20 {
		return 0, errors.New("more than 16 MiB")
	}
	return b.Buffer.Write(p)
}

// members reads symbol and weights out of an artifact.
func members(t testing.TB, path string) (symbol, params []byte) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	zip, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(zip); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return symbol, params
		}
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		switch filepath.Ext(h.Name) {
		case ".params":
			params = data
		case ".json":
			if strings.HasSuffix(h.Name, "-symbol.json") {
				symbol = data
			}
		}
	}
}
