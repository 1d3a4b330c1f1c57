package source

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// artifact is a SageMaker archive of 10 classes.
var artifact = filepath.Join("..", "..", "testdata", "mxnet", "resnet20-32", "model.tar.gz")

// openIn converts the artifact into the cache folder dir, or takes it from there.
func openIn(t *testing.T, dir string, o Options) *Source {
	t.Helper()
	o.CacheDir = dir
	s, err := Open(t.Context(), artifact, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestArtifactIsConvertedOnce(t *testing.T) {
	dir := t.TempDir()
	first := openIn(t, dir, Options{})
	if first.Kind != SageMaker || len(first.Model.Labels) != 10 || len(first.Warnings) == 0 {
		t.Errorf("kind %q, %d labels, warnings %q; want sagemaker, 10 and that the labels are made up", first.Kind, len(first.Model.Labels), first.Warnings)
	}
	before, err := os.Stat(first.Path)
	if err != nil {
		t.Fatal(err)
	}
	second := openIn(t, dir, Options{})
	after, err := os.Stat(second.Path)
	if err != nil {
		t.Fatal(err)
	}
	if !os.SameFile(before, after) || second.SHA256 != first.SHA256 || !slices.Equal(second.Warnings, first.Warnings) {
		t.Errorf("opened again: %q, hash %s, warnings %q; want %q, %s, %q", second.Path, second.SHA256, second.Warnings, first.Path, first.SHA256, first.Warnings)
	}
	labels := strings.Split("a b c d e f g h i j", " ")
	if third := openIn(t, dir, Options{Labels: labels}); third.Path == first.Path || !slices.Equal(third.Model.Labels, labels) {
		t.Errorf("with labels: %q, %q; want another file and the labels", third.Path, third.Model.Labels)
	}
	if left, err := filepath.Glob(filepath.Join(dir, ".*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
}

// TestDamagedCache: whatever became of the converted file or its record, the next run finds the model that it should be.
func TestDamagedCache(t *testing.T) {
	dir := t.TempDir()
	good := openIn(t, dir, Options{})
	whole, err := os.ReadFile(good.Path)
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(whole)
	flipped[len(flipped)/2] ^= 1 // one bit of a weight
	record := good.Path + ".json"
	for name, damage := range map[string]func() error{
		"a bit":            func() error { return os.WriteFile(good.Path, flipped, 0o600) },
		"cut off":          func() error { return os.WriteFile(good.Path, whole[:len(whole)/2], 0o600) },
		"empty":            func() error { return os.WriteFile(good.Path, nil, 0o600) },
		"gone":             func() error { return os.Remove(good.Path) },
		"record gone":      func() error { return os.Remove(record) },
		"record of others": func() error { return os.WriteFile(record, []byte(`{"sha256": "00"}`), 0o600) },
		"record no JSON":   func() error { return os.WriteFile(record, []byte(`{"sha256": `), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			if err := damage(); err != nil {
				t.Fatal(err)
			}
			s := openIn(t, dir, Options{})
			if got, err := os.ReadFile(s.Path); err != nil || !bytes.Equal(got, whole) || s.SHA256 != good.SHA256 {
				t.Errorf("hash %s, %d bytes, %v; want %s, %d bytes", s.SHA256, len(got), err, good.SHA256, len(whole))
			}
		})
	}
}

// TestArtifactAtOnce: several programs may convert the same artifact at the same time.
func TestArtifactAtOnce(t *testing.T) {
	dir := t.TempDir()
	var hashes [4]string
	var group sync.WaitGroup
	for i := range hashes {
		group.Go(func() {
			s, err := Open(t.Context(), artifact, Options{CacheDir: dir})
			if err != nil {
				t.Error(err)
				return
			}
			hashes[i] = s.SHA256
		})
	}
	group.Wait()
	if len(slices.Compact(hashes[:])) != 1 {
		t.Errorf("hashes are %q, want one", hashes)
	}
}

func TestArtifactRefusals(t *testing.T) {
	labels := Options{Labels: []string{"a", "b"}, CacheDir: t.TempDir()}
	if _, err := Open(t.Context(), artifact, labels); err == nil || !strings.Contains(err.Error(), "10") {
		t.Errorf("2 labels for 10 classes: error %v does not say how many there are", err)
	}
	if _, err := Open(t.Context(), artifact, Options{Epoch: 99, CacheDir: t.TempDir()}); err == nil || !strings.Contains(err.Error(), "99") {
		t.Errorf("epoch 99: error %v does not name it", err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), artifact, Options{CacheDir: filepath.Join(file, "models")}); err == nil {
		t.Error("a cache folder below a file is taken")
	}
}
