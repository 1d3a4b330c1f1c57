package onnx_test

import (
	"bytes"
	"errors"
	"maps"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/model/onnx"
)

// message, text and number append protocol buffer fields.
func message(num protowire.Number, parts ...[]byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, num, protowire.BytesType), bytes.Join(parts, nil))
}

func text(num protowire.Number, s string) []byte { return message(num, []byte(s)) }

func number(num protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(nil, num, protowire.VarintType), v)
}

// modelOf wraps the parts of a graph.
func modelOf(graph ...[]byte) []byte {
	return bytes.Join([][]byte{number(1, 8), message(8, number(2, 17)), message(7, graph...)}, nil)
}

func TestReadRewritten(t *testing.T) {
	data, _ := export(t, filepath.Join(testdata, "resnet20-32", "model.tar.gz"), onnx.ExportOptions{})
	var out bytes.Buffer
	rewrite := func(from []byte, metadata map[string]string) []byte {
		out.Reset()
		if err := onnx.Rewrite(&out, bytes.NewReader(from), int64(len(from)), metadata); err != nil {
			t.Fatal(err)
		}
		return bytes.Clone(out.Bytes())
	}
	added := rewrite(data, map[string]string{"b": "2", "a": "1"})
	before, after := read(t, data), read(t, added)
	want := maps.Clone(before.Metadata)
	want["a"], want["b"] = "1", "2"
	if diff := cmp.Diff(want, after.Metadata); diff != "" {
		t.Errorf("metadata differs (-want +got):\n%s", diff)
	}
	if !bytes.HasPrefix(added, data) {
		t.Error("the bytes before the new entries have changed")
	}
	if again := rewrite(added, map[string]string{"a": "", "b": ""}); !bytes.Equal(again, data) {
		t.Error("adding and removing entries does not give the same bytes")
	}
	m, err := before.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	m.Labels[0] = "renamed"
	renamed := read(t, rewrite(data, map[string]string{model.MetadataKey: string(m.JSON())}))
	if got, err := renamed.Manifest(); err != nil || got.Labels[0] != "renamed" || len(renamed.Nodes) != len(before.Nodes) {
		t.Errorf("the manifest after rewriting is %+v with error %v, want the new label", got, err)
	}
	gone := read(t, rewrite(data, map[string]string{model.MetadataKey: ""}))
	if _, err := gone.Manifest(); !errors.Is(err, onnx.ErrNoManifest) {
		t.Errorf("Manifest gives error %v, want ErrNoManifest", err)
	}
	broken := read(t, rewrite(data, map[string]string{model.MetadataKey: `{"version":1}`}))
	if _, err := broken.Manifest(); !errors.Is(err, model.ErrManifest) {
		t.Errorf("Manifest gives error %v, want model.ErrManifest", err)
	}
}

// TestReadStructure reads what other producers write: packed and loose lists, weights listed as inputs, side files, odd types.
func TestReadStructure(t *testing.T) {
	dim := func(parts ...[]byte) []byte { return message(1, parts...) }
	tensorType := func(element uint64, dims ...[]byte) []byte {
		return message(2, message(1, number(1, element), message(2, dims...)))
	}
	value := func(num protowire.Number, name string, kind []byte) []byte { return message(num, text(1, name), kind) }
	data := bytes.Join([][]byte{
		modelOf(
			message(1, text(1, "x"), text(1, ""), text(2, "y"), text(4, "Thing"), text(7, "com.example"),
				message(5, text(1, "axes"), message(8, []byte{1, 2})), message(5, text(1, "loose"), number(8, 5), number(8, 6)),
				message(5, text(1, "then"), message(6)), text(99, "unknown field")),
			message(5, number(1, 2), number(1, 3), number(2, 1), text(8, "w"), message(9, make([]byte, 24))),
			message(5, message(1, []byte{2, 3}), number(2, 10), text(8, "side"), number(14, 1),
				message(13, text(1, "location"), text(2, "weights/a.bin")), message(13, text(1, "offset"), text(2, "64")), message(13, text(1, "length"), text(2, "12"))),
			value(11, "x", tensorType(1, dim(text(2, "batch")), dim(number(1, 3)), dim(), dim(number(1, 1<<64-1)))),
			value(11, "w", tensorType(1, dim(number(1, 2)), dim(number(1, 3)))),
			value(12, "y", message(2, message(4))),
			value(12, "z", message(2, message(1, number(1, 16)))),
		),
		text(2, "maker"), text(3, "9.1"),
		message(14, text(1, "key"), text(2, "value")),
	}, nil)
	f := read(t, data)
	if diff := cmp.Diff([]onnx.Value{{Name: "x", Element: "float32", Shape: []onnx.Dim{{Name: "batch"}, {Value: 3}, {}, {}}}}, f.Inputs); diff != "" {
		t.Errorf("inputs differ (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]onnx.Value{{Name: "y", Element: "sequence"}, {Name: "z", Element: "bfloat16"}}, f.Outputs); diff != "" {
		t.Errorf("outputs differ (-want +got):\n%s", diff)
	}
	want := []onnx.Node{{
		Operator: "Thing", Domain: "com.example", Inputs: []string{"x", ""}, Outputs: []string{"y"},
		Attributes: []onnx.Attribute{{Name: "axes", Ints: []int64{1, 2}}, {Name: "loose", Ints: []int64{5, 6}}, {Name: "then", Graph: true}},
	}}
	if diff := cmp.Diff(want, f.Nodes); diff != "" {
		t.Errorf("nodes differ (-want +got):\n%s", diff)
	}
	if f.Producer != "maker 9.1" || f.IRVersion != 8 || f.Parameters() != 12 || f.Metadata["key"] != "value" {
		t.Errorf("producer %q, IR version %d, %d parameters, metadata %v", f.Producer, f.IRVersion, f.Parameters(), f.Metadata)
	}
	if diff := cmp.Diff(map[string]int{"com.example.Thing": 1}, f.Operators()); diff != "" {
		t.Errorf("operators differ (-want +got):\n%s", diff)
	}
	if x := f.Weights[1].External; x == nil || *x != (onnx.External{Location: "weights/a.bin", Offset: 64, Bytes: 12}) {
		t.Errorf("external data is %v", x)
	}
	if !cmp.Equal(f.SideFiles(), []string{"weights/a.bin"}) {
		t.Errorf("side files are %v", f.SideFiles())
	}
	if _, err := f.MultiplyAdds(nil); !errors.Is(err, onnx.ErrUnknown) || !strings.Contains(err.Error(), "com.example.Thing") {
		t.Errorf("MultiplyAdds gives error %v, want ErrUnknown that names the operator", err)
	}
}

// TestReadHostile gives files that lie about lengths and shapes or lead elsewhere.
func TestReadHostile(t *testing.T) {
	tensor := func(parts ...[]byte) []byte { return modelOf(message(5, parts...)) }
	external := func(location string) []byte {
		return tensor(number(1, 1), number(2, 1), number(14, 1), message(13, text(1, "location"), text(2, location)))
	}
	ranks := bytes.Repeat(number(1, 1), 40)
	for name, data := range map[string][]byte{
		"empty":                {},
		"no graph":             number(1, 8),
		"two graphs":           append(modelOf(), message(7)...),
		"length beyond":        {0x3a, 0xff, 0xff, 0xff, 0xff, 0x7f},
		"length of 2^63":       {0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01},
		"endless varint":       bytes.Repeat([]byte{0xff}, 99),
		"field 0":              {0x00, 0x00},
		"group":                {0x3b},
		"inner length beyond":  modelOf([]byte{0x0a, 0x7f}),
		"shape that overflows": tensor(number(1, 1<<40), number(1, 1<<40)),
		"negative shape":       tensor(number(1, 1<<63)),
		"40 dimensions":        tensor(ranks),
		"many large tensors":   modelOf(bytes.Repeat(message(5, number(1, 1<<54)), 3)),
		"outside":              external("../weights"),
		"outside in between":   external("a/../../weights"),
		"absolute":             external("/etc/passwd"),
		"drive":                external(`C:\weights`),
		"backslashes":          external(`a\..\..\weights`),
		"no location":          external(""),
		"NUL":                  external("a\x00b"),
		"key twice":            append(modelOf(), bytes.Repeat(message(14, text(1, "k")), 2)...),
		"name is a number":     modelOf(message(1, number(3, 7))),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := onnx.Read(bytes.NewReader(data), int64(len(data))); !errors.Is(err, onnx.ErrFormat) {
				t.Errorf("Read gives error %v, want ErrFormat", err)
			}
		})
	}
}

// TestReadBoundsMemory gives 200 MB of empty nodes, two bytes each, as a reader that holds nothing.
func TestReadBoundsMemory(t *testing.T) {
	const nodes = 100 << 20
	head := protowire.AppendVarint([]byte{0x3a}, 2*nodes)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := onnx.Read(emptyNodes(head), int64(len(head))+2*nodes)
	runtime.ReadMemStats(&after)
	if !errors.Is(err, onnx.ErrFormat) {
		t.Errorf("Read gives error %v, want ErrFormat", err)
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 256<<20 {
		t.Errorf("Read allocates %d bytes in all, want at most 256 MiB", grown)
	}
}

// emptyNodes is a file that starts with its bytes and goes on with empty nodes.
type emptyNodes []byte

func (e emptyNodes) ReadAt(p []byte, at int64) (int, error) {
	for i := range p {
		switch pos := at + int64(i); {
		case pos < int64(len(e)):
			p[i] = e[pos]
		case (pos-int64(len(e)))%2 == 0:
			p[i] = 0x0a
		default:
			p[i] = 0
		}
	}
	return len(p), nil
}

// TestReadCut cuts a small file at every byte: an error or a file, never a panic.
func TestReadCut(t *testing.T) {
	data, _ := export(t, filepath.Join(testdata, "operators", "fc.tar.gz"), onnx.ExportOptions{})
	for n := range data {
		if _, err := onnx.Read(bytes.NewReader(data[:n]), int64(n)); err != nil && !errors.Is(err, onnx.ErrFormat) {
			t.Fatalf("cut to %d bytes Read gives error %v, want ErrFormat", n, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, name := range []string{"fc", "reshape-codes", "conv-groups", "slice"} {
		data, _ := export(f, filepath.Join(testdata, "operators", name+".tar.gz"), onnx.ExportOptions{})
		f.Add(data)
	}
	f.Add(modelOf(message(5, message(1, []byte{2, 3}), number(2, 7), message(7, []byte{1, 2, 3, 4, 5, 6}))))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := onnx.Read(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		if n, err := file.MultiplyAdds(nil); err == nil && n < 0 {
			t.Errorf("%d multiply-adds", n)
		}
		if file.Parameters() < 0 {
			t.Errorf("%d parameters", file.Parameters())
		}
		var out bytes.Buffer
		if err := onnx.Rewrite(&out, bytes.NewReader(data), int64(len(data)), map[string]string{"k": "v"}); err != nil {
			t.Fatalf("Rewrite gives error %v for a file that Read reads", err)
		}
		if again := read(t, out.Bytes()); again.Metadata["k"] != "v" || len(again.Nodes) != len(file.Nodes) {
			t.Errorf("the rewritten file has metadata %v and %d nodes, want %d", again.Metadata, len(again.Nodes), len(file.Nodes))
		}
	})
}
