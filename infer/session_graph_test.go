//go:build cgo

package infer_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/graphcache"
	"github.com/scones-unlimited/scones/infer/ort"
	"github.com/scones-unlimited/scones/infer/ort/orttest"
	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/model/onnx"
	"github.com/scones-unlimited/scones/model/source"
)

// started opens a model as a start of the program does, and returns its scores for 3 pictures and what the cache did.
func started(t *testing.T, m *model.Model, file infer.ModelFile, graphs *graphcache.Cache) ([]uint32, infer.Graph) {
	t.Helper()
	s, err := infer.OpenSession(t.Context(), m, file, infer.SessionOptions{Library: ort.Library{Path: orttest.Library(t)}, Graphs: graphs})
	if err != nil {
		t.Fatal(err)
	}
	got := bitsOf(scores(t, s, m, noise(&m.Input, 3), 3))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return got, s.Info().Graph
}

// summed gives a file its hash.
func summed(t *testing.T, file infer.ModelFile) infer.ModelFile {
	t.Helper()
	data := file.Data
	if data == nil {
		var err error
		if data, err = os.ReadFile(file.Path); err != nil {
			t.Fatal(err)
		}
	}
	sum := sha256.Sum256(data)
	file.SHA256 = hex.EncodeToString(sum[:])
	return file
}

// The second start uses what the first has kept, and every score is the same in every bit, for every architecture that is here.
func TestKeptGraphsScoreAlike(t *testing.T) {
	orttest.Library(t)
	graphs := &graphcache.Cache{Dir: filepath.Join(t.TempDir(), "graphs")}
	check := func(name string, m *model.Model, file infer.ModelFile, want [2]infer.Graph) {
		t.Run(name, func(t *testing.T) {
			plain, _ := started(t, m, file, nil)
			for i, want := range want {
				got, graph := started(t, m, file, graphs)
				if graph != want {
					t.Errorf("start %d: the graph is %q, want %q", i+1, graph, want)
				}
				if diff := cmp.Diff(plain, got); diff != "" {
					t.Errorf("start %d: scores differ (-without +with cache):\n%s", i+1, diff)
				}
			}
		})
	}
	makesThenKeeps := [2]infer.Graph{infer.GraphMade, infer.GraphKept}
	folders, err := filepath.Glob("../testdata/models/*/config.json")
	if err != nil || len(folders) == 0 {
		t.Fatalf("no models: %v, %v", folders, err)
	}
	refs := []string{source.BuiltinName, source.BuiltinInt8Name}
	for _, file := range folders {
		refs = append(refs, filepath.Dir(file))
	}
	opened := 0
	for _, ref := range refs {
		s, err := source.Open(t.Context(), ref, source.Options{})
		if errors.Is(err, model.ErrManifest) { // it needs flags
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		opened++
		want := makesThenKeeps
		if len(s.File.SideFiles()) > 0 {
			want = [2]infer.Graph{}
		}
		check(filepath.Base(ref), s.Model, infer.ModelFile{Path: s.Path, Data: s.Data, SHA256: s.SHA256}, want)
	}
	if opened < 5 {
		t.Errorf("%d models were opened", opened)
	}
	for _, name := range []string{"resnet18-224-thin", "resnet20-32"} {
		if _, err := os.Stat(filepath.Join("..", "testdata", "mxnet", name)); err != nil {
			continue
		}
		m, file := exported(t, name, onnx.ExportOptions{})
		check(name, m, summed(t, file), makesThenKeeps)
	}
	m, file := made(t, "half.onnx")
	check("half", m, summed(t, file), makesThenKeeps)
	m, file = made(t, "odd.onnx")
	check("odd", m, summed(t, file), makesThenKeeps)
	check("no hash", m, file, [2]infer.Graph{})
}

// Nothing that is wrong with the cache is an error or changes a score: what is damaged is made again, what cannot be written is done
// without.
func TestGraphCacheTrouble(t *testing.T) {
	orttest.Library(t)
	m, file := made(t, "odd.onnx")
	file = summed(t, file)
	plain, _ := started(t, m, file, nil)
	expect := func(what string, file infer.ModelFile, graphs *graphcache.Cache, want infer.Graph) {
		t.Helper()
		got, graph := started(t, m, file, graphs)
		if diff := cmp.Diff(plain, got); diff != "" || graph != want {
			t.Errorf("%s: the graph is %q, want %q; scores:\n%s", what, graph, want, diff)
		}
	}
	graphs := &graphcache.Cache{Dir: t.TempDir()}
	expect("empty", file, graphs, infer.GraphMade)
	entries, err := graphs.Entries()
	if err != nil || len(entries) != 1 || entries[0].Model != file.SHA256 {
		t.Fatalf("kept %+v, %v", entries, err)
	}
	graph := filepath.Join(graphs.Dir, entries[0].Name, "graph.onnx")
	data, err := os.ReadFile(graph)
	if err != nil {
		t.Fatal(err)
	}
	for what, damaged := range map[string][]byte{"cut": data[:len(data)/2], "changed": bytes.Replace(data, []byte("ai.onnx"), []byte("ai.onny"), 1), "empty": {}} {
		if err := os.WriteFile(graph, damaged, 0o644); err != nil {
			t.Fatal(err)
		}
		expect(what, file, graphs, infer.GraphMade)
		expect(what+", then again", file, graphs, infer.GraphKept)
	}

	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	expect("no folder", file, &graphcache.Cache{Dir: filepath.Join(blocked, "graphs")}, "")
	expect("too large", file, &graphcache.Cache{Dir: t.TempDir(), MaxBytes: 1000}, "")

	// A model that changed after it was hashed must not be kept under the old hash.
	stale := &graphcache.Cache{Dir: t.TempDir()}
	changed := file
	changed.SHA256 = hex.EncodeToString(make([]byte, 32))
	expect("changed model", changed, stale, infer.GraphMade)
	if entries, err := stale.Entries(); err != nil || len(entries) > 0 {
		t.Errorf("kept %+v, %v", entries, err)
	}
	if left, err := os.ReadDir(stale.Dir); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
}
