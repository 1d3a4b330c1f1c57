package graphcache_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scones-unlimited/scones/infer/graphcache"
)

func key(model string) graphcache.Key {
	return graphcache.Key{Model: model, Runtime: "1.24.4 abc", Processor: graphcache.Processor()}
}

// keep makes an entry as ONNX Runtime would, and returns its folder.
func keep(t *testing.T, c *graphcache.Cache, k graphcache.Key, graph, weights string) string {
	t.Helper()
	draft, err := c.Create(k)
	if err != nil {
		t.Fatal(err)
	}
	defer draft.Discard()
	if err := os.WriteFile(draft.Path(), []byte(graph), 0o644); err != nil {
		t.Fatal(err)
	}
	if weights != "" {
		if err := os.WriteFile(filepath.Join(filepath.Dir(draft.Path()), graphcache.WeightsName), []byte(weights), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := draft.Commit(); err != nil {
		t.Fatal(err)
	}
	path, err := c.Find(k)
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Dir(path)
}

// Only the same key finds a graph, and finds it as it was.
func TestFind(t *testing.T) {
	c := &graphcache.Cache{Dir: filepath.Join(t.TempDir(), "made", "when needed")}
	k := key("0123456789abcdef")
	if _, err := c.Find(k); !errors.Is(err, fs.ErrNotExist) || errors.Is(err, graphcache.ErrDamaged) {
		t.Errorf("an empty cache says %v", err)
	}
	dir := keep(t, c, k, "graph", "weights")
	if got, err := os.ReadFile(filepath.Join(dir, "graph.onnx")); err != nil || string(got) != "graph" {
		t.Errorf("the graph is %q, %v", got, err)
	}
	for name, other := range map[string]graphcache.Key{
		"model":     {Model: k.Model + "0", Runtime: k.Runtime, Processor: k.Processor},
		"runtime":   {Model: k.Model, Runtime: "1.24.5 abc", Processor: k.Processor},
		"processor": {Model: k.Model, Runtime: k.Runtime, Processor: "linux/amd64 without AVX"},
	} {
		if _, err := c.Find(other); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("another %s: %v", name, err)
		}
	}
	keep(t, c, k, "another graph", "") // replaces it
	entries, err := c.Entries()
	if err != nil || len(entries) != 1 || entries[0].Model != k.Model || entries[0].Bytes < int64(len("another graph")) {
		t.Errorf("entries are %+v, %v", entries, err)
	}
}

// Every byte of an entry counts, and each file's length, kind and key.
func TestFindDamaged(t *testing.T) {
	k := key("0123456789abcdef")
	for _, name := range []string{"graph.onnx", "weights", "checks.json"} {
		c := &graphcache.Cache{Dir: t.TempDir()}
		dir := keep(t, c, k, "graph", "weights")
		path := filepath.Join(dir, name)
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		damaged := map[string][]byte{"cut": whole[:len(whole)-2], "empty": {}, "longer": append(slices.Clone(whole), 'x')}
		for i := range whole {
			one := slices.Clone(whole)
			one[i] ^= 1
			damaged["byte "+string(rune('0'+i%10))+" of "+string(whole[i:])] = one
		}
		for what, data := range damaged {
			if err := os.WriteFile(path, data, 0o644); err != nil {
				t.Fatal(err)
			}
			_, err := c.Find(k)
			// White space in the checks may change, and a name in them that nobody reads.
			if harmless := name == "checks.json" && err == nil && strings.HasPrefix(what, "byte "); !errors.Is(err, graphcache.ErrDamaged) && !harmless {
				t.Errorf("%s, %s: %v", name, what, err)
			}
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Find(k); !errors.Is(err, graphcache.ErrDamaged) {
			t.Errorf("%s missing: %v", name, err)
		}
		if err := os.Mkdir(path, 0o755); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Find(k); !errors.Is(err, graphcache.ErrDamaged) {
			t.Errorf("%s is a folder: %v", name, err)
		}
	}
	c := &graphcache.Cache{Dir: t.TempDir()}
	dir, other := keep(t, c, k, "graph", "weights"), key("another")
	theirs := keep(t, c, other, "another graph", "weights")
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(theirs, dir); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Find(k); !errors.Is(err, graphcache.ErrDamaged) {
		t.Errorf("another model's entry under the name: %v", err)
	}
}

// The least recently used entries go when there are too many bytes, never the newest; so do drafts that nobody will finish.
func TestBound(t *testing.T) {
	c := &graphcache.Cache{Dir: t.TempDir(), MaxBytes: 5000}
	weights := strings.Repeat("w", 1500)
	start := time.Now()
	for i, model := range []string{"a", "b", "c"} {
		if i == 2 { // a is used again, so that b is the oldest
			if _, err := c.Find(key("a")); err != nil {
				t.Fatal(err)
			}
		}
		dir := keep(t, c, key(model), "graph", weights)
		if i < 2 {
			when := start.Add(time.Duration(i-10) * time.Minute)
			if err := os.Chtimes(dir, when, when); err != nil {
				t.Fatal(err)
			}
		}
	}
	stale, fresh := filepath.Join(c.Dir, ".old.part"), filepath.Join(c.Dir, ".new.part")
	for _, dir := range []string{stale, fresh} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chtimes(stale, start.Add(-2*time.Hour), start.Add(-2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	keep(t, c, key("d"), "graph", weights)
	var kept []string
	entries, err := c.Entries()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		kept = append(kept, e.Model)
	}
	slices.Sort(kept)
	if !slices.Equal(kept, []string{"a", "c", "d"}) && !slices.Equal(kept, []string{"c", "d"}) || slices.Contains(kept, "b") {
		t.Errorf("kept %q, b must be gone", kept)
	}
	if _, err := os.Stat(stale); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an old draft is still there: %v", err)
	}
	if _, err := os.Stat(fresh); err != nil {
		t.Errorf("a draft in the making is gone: %v", err)
	}
	freed, err := c.Clear()
	if err != nil || freed < 3000 {
		t.Errorf("clear freed %d bytes, %v", freed, err)
	}
	if left, err := os.ReadDir(c.Dir); err != nil || len(left) > 0 {
		t.Errorf("clear left %v, %v", left, err)
	}
}

// A draft that is not committed leaves nothing.
func TestDiscard(t *testing.T) {
	c := &graphcache.Cache{Dir: t.TempDir()}
	draft, err := c.Create(key("a"))
	if err != nil {
		t.Fatal(err)
	}
	if err := draft.Commit(); err == nil {
		t.Error("a draft without a graph is committed")
	}
	if draft, err = c.Create(key("a")); err != nil {
		t.Fatal(err)
	}
	draft.Discard()
	if left, err := os.ReadDir(c.Dir); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
}
