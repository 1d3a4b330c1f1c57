package source

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scones-unlimited/scones/model"
)

// without gives a JSON object of the pairs, with changes: a value of "" leaves the key out.
func without(pairs map[string]string, changes ...string) string {
	pairs = maps.Clone(pairs)
	for i := 0; i < len(changes); i += 2 {
		pairs[changes[i]] = changes[i+1]
	}
	var members []string
	for key, value := range pairs {
		if value != "" {
			members = append(members, `"`+key+`": `+value)
		}
	}
	return "{" + strings.Join(members, ", ") + "}"
}

var (
	goodConfig    = map[string]string{"model_type": `"vit"`, "id2label": `{"1": "b", "0": "a"}`}
	goodProcessor = map[string]string{
		"image_processor_type": `"ViTImageProcessor"`, "size": `{"height": 4, "width": 4}`, "resample": `2`,
		"image_mean": `[0.5, 0.5, 0.5]`, "image_std": `[0.5, 0.5, 0.5]`, "do_resize": `true`,
	}
	goodTimm = map[string]string{
		"input_size": `[3, 4, 4]`, "interpolation": `"bicubic"`, "crop_pct": `0.9`, "mean": `[0, 0, 0]`, "std": `[1, 1, 1]`,
		"label_names": `["a", "b"]`,
	}
	goodUltralytics = map[string]string{
		"author": "Ultralytics", "task": "classify", "version": "8.3.0", "names": "{0: 'a', 1: 'b'}", "imgsz": "[4, 4]", "channels": "3",
	}
)

// openFolderOf opens a folder with model.onnx and the two configuration files.
func openFolderOf(t *testing.T, config, processor string) (*Source, error) {
	t.Helper()
	dir := t.TempDir()
	writeTest(t, filepath.Join(dir, "model.onnx"), tinyONNX("", nil))
	writeTest(t, filepath.Join(dir, "config.json"), []byte(config))
	writeTest(t, filepath.Join(dir, "preprocessor_config.json"), []byte(processor))
	return Open(t.Context(), dir, Options{})
}

// wantNamed fails the test unless err is about a contract and names key.
func wantNamed(t *testing.T, err error, key string) {
	t.Helper()
	switch {
	case err == nil:
		t.Errorf("taken, want an error that names %q", key)
	case !errors.Is(err, model.ErrManifest):
		t.Errorf("error %q does not wrap ErrManifest", err)
	case !strings.Contains(err.Error(), `"`+key+`"`):
		t.Errorf("error %q does not name %q", err, key)
	}
}

func TestHuggingFaceRefusals(t *testing.T) {
	if s, err := openFolderOf(t, without(goodConfig), without(goodProcessor)); err != nil || s.Kind != HuggingFace || s.Model.Labels[0] != "a" || s.Model.Labels[1] != "b" {
		t.Fatalf("the good folder: %+v, %v", s, err)
	}
	for _, test := range []struct{ key, changes string }{
		{"id2label", `{"0": "a", "2": "b"}`},
		{"id2label", `["a", "b"]`},
		{"id2label", `{"0": 1, "1": 2}`},
		{"problem_type", `"regression"`},
		{"num_channels", `1`},
	} {
		t.Run(test.key+" "+test.changes, func(t *testing.T) {
			_, err := openFolderOf(t, without(goodConfig, test.key, test.changes), without(goodProcessor))
			wantNamed(t, err, test.key)
		})
	}
	for _, test := range []struct{ key, value string }{
		{"image_processor_type", ``},
		{"image_processor_type", `"DonutImageProcessor"`},
		{"size", ``},
		{"size", `{"longest_edge": 4}`},
		{"size", `{"shortest_edge": 4}`}, // and no crop: pictures would keep their shape
		{"size", `{"height": 4}`},
		{"size", `{"height": 0, "width": 4}`},
		{"size", `{"height": 4, "width": 9000}`},
		{"size", `"4"`},
		{"size", `4.5`},
		{"resample", `4`},
		{"resample", `-1`},
		{"resample", `"bilinear"`},
		{"image_mean", ``},
		{"image_mean", `[0.5, 0.5]`},
		{"image_std", ``},
		{"image_std", `"0.5"`},
		{"crop_pct", `0.9`},
		{"do_flip_channel_order", `true`},
		{"do_pad", `true`},
		{"do_resize", `"yes"`},
		{"rescale_offset", `true`},
		{"size_divisor", `32`},
		{"data_format", `"channels_last"`},
		{"do_center_crop", `true`}, // without crop_size
		{"do_thumbnail", `true`},
	} {
		t.Run(test.key+" "+test.value, func(t *testing.T) {
			_, err := openFolderOf(t, without(goodConfig), without(goodProcessor, test.key, test.value))
			want := test.key
			switch {
			case test.value == `{"shortest_edge": 4}`:
				want = "do_center_crop"
			case test.value == `{"longest_edge": 4}`:
				want = "size.longest_edge"
			case test.key == "do_center_crop":
				want = "crop_size"
			}
			wantNamed(t, err, want)
		})
	}
	_, err := openFolderOf(t, without(goodConfig, "id2label", ""), without(goodProcessor))
	wantNamed(t, err, "labels")
}

func TestTimmRefusals(t *testing.T) {
	if s, err := openFolderOf(t, `{"architecture": "x", "pretrained_cfg": `+without(goodTimm)+`}`, ""); err != nil || s.Model.Input.ApplyEXIF {
		t.Fatalf("the good folder: %+v, %v", s, err)
	}
	for _, test := range []struct{ key, value string }{
		{"input_size", ``},
		{"input_size", `[4, 4]`},
		{"interpolation", ``},
		{"interpolation", `"random"`},
		{"crop_pct", ``},
		{"crop_pct", `0`},
		{"crop_pct", `1.5`},
		{"mean", ``},
		{"std", ``},
		{"std", `[1, "1", 1]`},
		{"crop_mode", `"border"`},
		{"crop_border_pixels", `2`},
		{"label_names", `{"0": "a", "3": "b"}`},
	} {
		t.Run(test.key+" "+test.value, func(t *testing.T) {
			cfg := without(goodTimm, test.key, test.value)
			_, err := openFolderOf(t, `{"architecture": "x", "pretrained_cfg": `+cfg+`}`, "")
			wantNamed(t, err, "pretrained_cfg."+test.key)
			_, err = openMetadata(t, map[string]string{"pretrained_cfg": cfg})
			wantNamed(t, err, test.key)
		})
	}
}

// openMetadata opens an ONNX file with metadata.
func openMetadata(t *testing.T, metadata map[string]string) (*Source, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "m.onnx")
	writeTest(t, path, tinyONNX("", metadata))
	return Open(t.Context(), path, Options{})
}

func TestUltralyticsRefusals(t *testing.T) {
	if s, err := openMetadata(t, goodUltralytics); err != nil || !s.Model.Input.ApplyEXIF || s.Model.Input.Resize.ShortSide != 4 {
		t.Fatalf("the good file: %+v, %v", s, err)
	}
	for _, test := range []struct{ key, value string }{
		{"task", "detect"}, {"task", ""}, {"version", "8.0.200"}, {"version", "latest"}, {"version", ""}, {"names", "{0: 'a'"}, {"names", ""},
		{"imgsz", "[4, 4, 4]"}, {"imgsz", "0"}, {"imgsz", "[-4]"}, {"imgsz", ""}, {"channels", "1"},
	} {
		t.Run(test.key+" "+test.value, func(t *testing.T) {
			metadata := maps.Clone(goodUltralytics)
			metadata[test.key] = test.value
			if test.value == "" {
				delete(metadata, test.key)
			}
			_, err := openMetadata(t, metadata)
			wantNamed(t, err, test.key)
		})
	}
}

// The sidecar goes before the file's own manifest, and that before what another library left.
func TestOrderOfContracts(t *testing.T) {
	contract := func(name string) []byte {
		m := &model.Model{Version: model.Version, Name: name, Labels: []string{"a", "b"}}
		m.Input = model.Input{
			Name: "x", Element: model.Float32, Layout: model.NCHW, Width: 4, Height: 4, Channels: 3, ChannelOrder: model.RGB,
			Resize: model.Resize{Mode: model.Stretch, Filter: model.Bilinear},
		}
		m.Output = model.Output{Name: "y", Activation: model.Softmax}
		return m.JSON()
	}
	metadata := maps.Clone(goodUltralytics)
	metadata["description"] = "foreign"
	for _, want := range []string{"foreign", "own", "sidecar"} {
		path := filepath.Join(t.TempDir(), "m.onnx")
		if want != "foreign" {
			metadata[model.MetadataKey] = string(contract("own"))
		}
		if want == "sidecar" {
			writeTest(t, filepath.Join(filepath.Dir(path), "m.json"), contract("sidecar"))
		}
		writeTest(t, path, tinyONNX("", metadata))
		if s, err := Open(t.Context(), path, Options{}); err != nil || s.Model.Name != want {
			t.Errorf("want the contract %q, got %+v, %v", want, s, err)
		}
	}
}

// A folder's files are read from inside it alone, and only as much of them as a configuration can be.
func TestFolderKeepsInside(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "config.json")
	writeTest(t, outside, []byte(without(goodConfig)))
	dir := t.TempDir()
	writeTest(t, filepath.Join(dir, "model.onnx"), tinyONNX("", nil))
	if err := os.Symlink(outside, filepath.Join(dir, "config.json")); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), dir, Options{}); err == nil || !strings.Contains(err.Error(), "config.json") {
		t.Errorf("a link out of the folder: error %v does not name it", err)
	}
	_, err := openFolderOf(t, without(goodConfig)+strings.Repeat(" ", maxConfigBytes), without(goodProcessor))
	if err == nil || !strings.Contains(err.Error(), "config.json") {
		t.Errorf("a configuration of more than %d bytes: error %v does not name it", maxConfigBytes, err)
	}
}
