package onnx_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scones-unlimited/scones/model/mxnet"
	"github.com/scones-unlimited/scones/model/onnx"
)

const testdata = "../../testdata/mxnet"

// folders lists the complete networks: those of this repository, and with large the ones beside it when they are there.
func folders(t testing.TB, large bool) []string {
	t.Helper()
	roots := []string{testdata}
	if large {
		roots = append(roots, "../../../shared/mxnet")
	}
	seen := map[string]bool{}
	var found []string
	for _, root := range roots {
		paths, err := filepath.Glob(filepath.Join(root, "*", "model.tar.gz"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			if name := filepath.Base(filepath.Dir(path)); !seen[name] || root != testdata {
				seen[name] = true
				found = append(found, filepath.Dir(path))
			}
		}
	}
	if len(found) < 3 {
		t.Fatalf("%d reference cases, want 3 or more", len(found))
	}
	return found
}

// operatorCases lists the artifacts of testdata/mxnet/operators by name.
func operatorCases(t testing.TB) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(testdata, "operators", "*.tar.gz"))
	if err != nil || len(paths) < 80 {
		t.Fatalf("%d operator cases (error %v), want 80 or more", len(paths), err)
	}
	for i, path := range paths {
		paths[i] = strings.TrimSuffix(filepath.Base(path), ".tar.gz")
	}
	return paths
}

// export converts an artifact in memory.
func export(t testing.TB, path string, o onnx.ExportOptions) ([]byte, *onnx.Exported) {
	t.Helper()
	a, err := mxnet.Open(path, mxnet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	var out bytes.Buffer
	done, err := onnx.Export(&out, a, o)
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), done
}

// read is onnx.Read of bytes in memory.
func read(t testing.TB, data []byte) *onnx.File {
	t.Helper()
	f, err := onnx.Read(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// network is an artifact in the making: nodes as JSON objects after the variable data, and arrays.
type network struct {
	nodes  []string
	arrays map[string][]int64 // shapes; values count up from 1
	heads  string
	shape  string
	fill   float32 // instead of values that count up
}

// folder writes the artifact as a folder.
func (n network) folder(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	index := map[string]int{"data": 0}
	nodes := []string{`{"op":"null","name":"data","inputs":[]}`}
	var params, names []byte
	le := binary.LittleEndian
	for name, dims := range n.arrays {
		index[name] = len(nodes)
		nodes = append(nodes, fmt.Sprintf(`{"op":"null","name":%q,"inputs":[]}`, name))
		params = le.AppendUint32(le.AppendUint32(le.AppendUint32(params, 0xF993FAC9), 0), uint32(len(dims)))
		count := int64(1)
		for _, d := range dims {
			params, count = le.AppendUint64(params, uint64(d)), count*d
		}
		params = le.AppendUint32(le.AppendUint64(params, 1), 0)
		for i := range count {
			v := float32(i + 1)
			if n.fill != 0 {
				v = n.fill
			}
			params = le.AppendUint32(params, math.Float32bits(v))
		}
		names = append(le.AppendUint64(names, uint64(len(name)+4)), "arg:"+name...)
	}
	for _, text := range n.nodes {
		var node struct {
			Name string `json:"name"`
		}
		if err := json.Unmarshal([]byte(text), &node); err != nil {
			t.Fatal(err)
		}
		index[node.Name] = len(nodes)
		for name, i := range index { // "<conv>" stands for a reference to the node conv
			text = strings.ReplaceAll(text, "\"<"+name+">\"", fmt.Sprintf("[%d,0,0]", i))
		}
		nodes = append(nodes, text)
	}
	heads := n.heads
	if heads == "" {
		heads = fmt.Sprintf("[%d,0,0]", len(nodes)-1)
	}
	for name, i := range index {
		heads = strings.ReplaceAll(heads, "<"+name+">", fmt.Sprintf("[%d,0,0]", i))
	}
	shape := n.shape
	if shape == "" {
		shape = `[{"name":"data","shape":[2,3,6,7]}]`
	}
	count := uint64(len(n.arrays))
	list := le.AppendUint64(le.AppendUint64(le.AppendUint64(nil, 0x112), 0), count)
	list = append(le.AppendUint64(append(list, params...), count), names...)
	for file, data := range map[string][]byte{
		"net-symbol.json":   fmt.Appendf(nil, `{"nodes":[%s],"heads":[%s]}`, strings.Join(nodes, ","), heads),
		"net-0003.params":   list,
		"model-shapes.json": []byte(shape),
	} {
		if err := os.WriteFile(filepath.Join(dir, file), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
