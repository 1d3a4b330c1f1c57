//go:build unix

package source

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/scones-unlimited/scones/model"
)

// finishes fails the test when f does not return: a pipe without a writer would keep an open waiting.
func finishes(t *testing.T, f func() error) error {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err := <-done:
		return err
	case <-time.After(time.Minute):
		t.Fatal("still waiting after a minute")
		return nil
	}
}

func TestPipesAreNotOpened(t *testing.T) {
	for _, name := range []string{"m.onnx", "m.json", "weights.bin", "config.json", "preprocessor_config.json"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			files := map[string][]byte{
				"m.onnx": tinyONNX("weights.bin", nil), "model.onnx": tinyONNX("weights.bin", nil),
				"config.json": []byte(`{"id2label": {"0": "a", "1": "b"}}`),
			}
			for file, data := range files {
				if file != name {
					writeTest(t, filepath.Join(dir, file), data)
				}
			}
			if err := syscall.Mkfifo(filepath.Join(dir, name), 0o600); err != nil {
				t.Fatal(err)
			}
			ref := filepath.Join(dir, "m.onnx")
			if name == "config.json" || name == "preprocessor_config.json" {
				ref = dir
			}
			if err := finishes(t, func() error { _, err := Open(t.Context(), ref, Options{}); return err }); err == nil {
				t.Error("a pipe was taken as a file")
			}
		})
	}
}

// TestWeightsBesideTheModel: a model whose weights lie in another file is another model when that file changes.
func TestWeightsBesideTheModel(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "m.onnx")
	writeTest(t, path, tinyONNX("weights.bin", nil))
	seen := map[string]string{}
	for _, weights := range []string{"", "12345678", "12345679"} {
		if weights != "" {
			writeTest(t, filepath.Join(dir, "weights.bin"), []byte(weights))
		}
		s := &Source{Name: path}
		if err := s.readONNX(path); err != nil {
			t.Fatal(err)
		}
		if before, ok := seen[s.SHA256]; ok {
			t.Errorf("weights %q and %q give the same hash", before, weights)
		}
		seen[s.SHA256] = weights
	}
	inside := filepath.Join(dir, "inside.onnx")
	writeTest(t, inside, tinyONNX("", nil))
	s := &Source{Name: inside}
	if err := s.readONNX(inside); err != nil {
		t.Fatal(err)
	}
	if want, err := hashFile(inside); err != nil || s.SHA256 != want {
		t.Errorf("SHA256 of a file that holds its weights = %s, want the file's own %s (%v)", s.SHA256, want, err)
	}
}

func TestCropPctOverflow(t *testing.T) {
	for _, text := range []string{
		`{"image_processor_type": "ConvNextImageProcessor", "size": {"shortest_edge": 224}, "crop_pct": 1e-300, "image_mean": 0.5, "image_std": 0.5}`,
		`{"image_processor_type": "PoolFormerImageProcessor", "size": {"shortest_edge": 224}, "crop_pct": 1e-300, "crop_size": 224, "image_mean": 0.5, "image_std": 0.5}`,
		`{"image_processor_type": "PoolFormerImageProcessor", "size": {"height": 2, "width": 4}, "crop_pct": 0.0001, "crop_size": 2, "image_mean": 0.5, "image_std": 0.5}`,
	} {
		p, err := newConfig("preprocessor_config.json", "", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := imageProcessor(p, &model.Input{}); err == nil {
			t.Errorf("%s is taken", text)
		} else if failed, ok := errors.AsType[*ConfigError](err); !ok || failed.Key != "crop_pct" {
			t.Errorf("%s: error %q does not name crop_pct", text, err)
		}
	}
}

// TestOldKeys: transformers 4.36 to 4.40 wrote the list of keys that a processor knows into its file.
func TestOldKeys(t *testing.T) {
	p, err := newConfig("preprocessor_config.json", "", []byte(`{"image_processor_type": "ViTImageProcessor", "size": {"height": 32, "width": 48},
		"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5], "_valid_processor_keys": ["images", "do_resize"]}`))
	if err != nil {
		t.Fatal(err)
	}
	var in model.Input
	if _, err := imageProcessor(p, &in); err != nil {
		t.Fatal(err)
	}
	if in.Width != 48 || in.Height != 32 || in.Resize.Mode != model.Stretch {
		t.Errorf("input is %d × %d by %s, want 48 × 32 by stretch", in.Width, in.Height, in.Resize.Mode)
	}
}
