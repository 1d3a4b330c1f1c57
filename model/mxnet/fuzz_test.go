package mxnet

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func FuzzSymbol(f *testing.F) {
	f.Add([]byte(`{"nodes":[{"op":"null","name":"x"},{"op":"BatchNorm","name":"bn","param":{"eps":"1"},"inputs":[[0,0],[0,0],[0,0]]}],"heads":[[1,0,0]],"attrs":{"mxnet_version":["int",10901]}}`))
	if data, err := os.ReadFile(filepath.Join(testdata, "real-symbol-resnet18", "image-classification-symbol.json")); err == nil {
		f.Add(data[:4000])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := ParseSymbol(data)
		if err != nil {
			return
		}
		for _, h := range s.Heads {
			order, err := s.Reached(h)
			if err != nil {
				continue
			}
			if order[len(order)-1] != h.Node {
				t.Errorf("the order ends in node %d, want the head %d", order[len(order)-1], h.Node)
			}
		}
		for i := range s.Nodes {
			for name := range s.Nodes[i].attributes {
				_, _ = s.Nodes[i].Tuple(name)
			}
		}
	})
}

func FuzzParams(f *testing.F) {
	files, err := filepath.Glob(filepath.Join(testdata, "params-format", "*.params"))
	if err != nil || len(files) == 0 {
		f.Fatalf("no seeds (error %v)", err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		arrays, err := ReadParams(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		for i := range arrays {
			values, err := arrays[i].All()
			if err != nil {
				t.Errorf("array %d cannot be read: %v", i, err)
			}
			if len(values) > len(data) {
				t.Errorf("array %d has %d values in a file of %d bytes", i, len(values), len(data))
			}
		}
	})
}

func FuzzArchive(f *testing.F) {
	for _, path := range []string{pack(f, smallModel(1)...), pack(f, smallModel(1, 2)...)} {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		a := &Artifact{}
		c := &collection{tempDir: t.TempDir()}
		a.closers = append(a.closers, c)
		defer a.Close()
		if c.stream(bufio.NewReader(bytes.NewReader(data)), int64(len(data))) == nil {
			_ = a.take(c)
		}
	})
}
