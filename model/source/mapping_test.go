package source

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/model/onnx"
)

// network is the structure of an ONNX file with one picture input of open size, whose output the operator makes.
func network(operator string, metadata map[string]string) *onnx.File {
	open := onnx.Dim{Name: "n"}
	return &onnx.File{
		Inputs:   []onnx.Value{{Name: "pixels", Element: "float32", Shape: []onnx.Dim{open, open, open, open}}},
		Outputs:  []onnx.Value{{Name: "scores", Element: "float32", Shape: []onnx.Dim{open, {Value: 2}}}},
		Nodes:    []onnx.Node{{Operator: operator, Inputs: []string{"x"}, Outputs: []string{"scores"}}},
		Metadata: metadata,
	}
}

// processed reads a preprocessor_config.json.
func processed(t *testing.T, text string) (model.Input, []string) {
	t.Helper()
	p, err := newConfig("preprocessor_config.json", "", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	in := model.Input{Name: "pixels", Element: model.Float32, Layout: model.NCHW, Channels: 3, ChannelOrder: model.RGB}
	warnings, err := imageProcessor(p, &in)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	if err := in.Validate(); err != nil {
		t.Errorf("%s: %v", text, err)
	}
	return in, warnings
}

// What each class of image processor makes of a picture. The numbers follow from the classes in transformers by hand; whole
// answers are compared in package infer.
func TestImageProcessors(t *testing.T) {
	const half = `"image_mean": [0.5, 0.5, 0.5], "image_std": [0.25, 0.5, 0.5]`
	halves := func(in model.Input) model.Input {
		in.Mean, in.Std = []float64{0.5, 0.5, 0.5}, []float64{0.25, 0.5, 0.5}
		return in
	}
	input := func(width, height int, r model.Resize) model.Input {
		r.CropRounding = model.RoundDown
		return model.Input{
			Name: "pixels", Element: model.Float32, Layout: model.NCHW, Channels: 3, ChannelOrder: model.RGB, ApplyEXIF: true,
			Width: width, Height: height, Resize: r, Scale: 1 / 255.0,
		}
	}
	short := func(side int, filter model.Filter) model.Resize {
		return model.Resize{Mode: model.ShortSide, ShortSide: side, Filter: filter}
	}
	flipped := input(256, 256, short(288, model.Bilinear))
	flipped.ChannelOrder = model.BGR
	raw := input(224, 224, model.Resize{Mode: model.Stretch, Filter: model.Bilinear})
	raw.Scale = 0
	offset := input(300, 300, model.Resize{Mode: model.Stretch, Filter: model.Nearest})
	offset.Scale, offset.Mean, offset.Std = 1/127.5, []float64{1.5, 1.5, 1.5}, []float64{0.0625, 0.25, 0.25}
	topOnly := input(300, 300, model.Resize{Mode: model.Stretch, Filter: model.Bicubic})
	topOnly.Mean, topOnly.Std = []float64{0, 0, 0}, []float64{0.25, 0.5, 0.5}
	for name, test := range map[string]struct {
		text string
		want model.Input
	}{
		"vit": {`{"image_processor_type": "ViTImageProcessor", "size": {"height": 200, "width": 224}, "resample": 3, ` + half + `}`,
			halves(input(224, 200, model.Resize{Mode: model.Stretch, Filter: model.Bicubic}))},
		"vit, old, by default bilinear": {`{"feature_extractor_type": "ViTFeatureExtractor", "size": 224, ` + half + `}`,
			halves(input(224, 224, model.Resize{Mode: model.Stretch, Filter: model.Bilinear}))},
		"pixels as they are": {`{"image_processor_type": "ViTImageProcessor", "size": 224, "do_rescale": false, "do_normalize": false}`, raw},
		"clip": {`{"image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 224}, "crop_size": {"height": 224, "width": 200},
			"resample": 1, "do_convert_rgb": true, ` + half + `}`, halves(input(200, 224, short(224, model.Lanczos)))},
		"clip, old": {`{"feature_extractor_type": "CLIPFeatureExtractor", "size": 224, "crop_size": 224, ` + half + `}`,
			halves(input(224, 224, short(224, model.Bicubic)))},
		"convnext": {`{"image_processor_type": "ConvNextImageProcessor", "size": {"shortest_edge": 224}, "crop_pct": 0.9, ` + half + `}`,
			halves(input(224, 224, short(248, model.Bicubic)))},
		"convnext, old": {`{"feature_extractor_type": "ConvNextFeatureExtractor", "size": 224, ` + half + `}`,
			halves(input(224, 224, short(256, model.Bicubic)))},
		"convnext below 384": {`{"image_processor_type": "ConvNextImageProcessor", "size": {"shortest_edge": 383}, ` + half + `}`,
			halves(input(383, 383, short(437, model.Bicubic)))},
		"convnext at 384": {`{"image_processor_type": "ConvNextImageProcessor", "size": {"shortest_edge": 384}, ` + half + `}`,
			halves(input(384, 384, model.Resize{Mode: model.Stretch, Filter: model.Bicubic}))},
		"levit": {`{"image_processor_type": "LevitImageProcessor", "size": {"shortest_edge": 192}, "crop_size": 192, ` + half + `}`,
			halves(input(192, 192, short(219, model.Bicubic)))},
		"poolformer": {`{"image_processor_type": "PoolFormerImageProcessor", "size": {"height": 224, "width": 224}, "crop_size": 224, ` + half + `}`,
			halves(input(224, 224, short(248, model.Bicubic)))},
		"deit": {`{"image_processor_type": "DeiTImageProcessor", "size": {"height": 256, "width": 240}, "crop_size": 224, ` + half + `}`,
			halves(input(224, 224, model.Resize{Mode: model.Stretch, Width: 240, Height: 256, Filter: model.Bicubic}))},
		"mobilevit": {`{"image_processor_type": "MobileViTImageProcessor", "size": {"shortest_edge": 288}, "crop_size": 256, "resample": 2, ` + half + `}`, flipped},
		"efficientnet": {`{"image_processor_type": "EfficientNetImageProcessor", "size": 300, "resample": 0, "rescale_factor": 0.00784313725490196,
			"rescale_offset": true, "include_top": true, ` + half + `}`, offset},
		"efficientnet, top alone": {`{"image_processor_type": "EfficientNetImageProcessor", "size": 300, "do_normalize": false, ` + half + `}`, topOnly},
		"no resize": {`{"image_processor_type": "BitImageProcessor", "size": 224, "do_resize": false, "crop_size": 32, ` + half + `}`,
			halves(input(32, 32, model.Resize{Mode: model.None}))},
	} {
		got, warnings := processed(t, test.text)
		if diff := cmp.Diff(test.want, got); diff != "" || len(warnings) > 0 {
			t.Errorf("%s, warnings %q (-want +got):\n%s", name, warnings, diff)
		}
	}
	_, warnings := processed(t, `{"image_processor_type": "ViTImageProcessorFast", "size": 224, `+half+`}`)
	if len(warnings) != 1 || !strings.Contains(warnings[0], "ViTImageProcessorFast") {
		t.Errorf("a processor that resizes with torchvision: warnings %q", warnings)
	}
}

// The answer's activation follows from the problem, unless the graph has one of its own.
func TestHuggingFaceActivation(t *testing.T) {
	for _, test := range []struct {
		config, operator string
		want             model.Output
	}{
		{`{"id2label": {"0": "a", "1": "b"}}`, "Gemm", model.Output{Activation: model.Softmax}},
		{`{"id2label": {"0": "a", "1": "b"}}`, "Softmax", model.Output{Activation: model.NoActivation}},
		{`{"id2label": {"0": "a"}}`, "Gemm", model.Output{Activation: model.Sigmoid, MultiLabel: true}},
		{`{"id2label": {"0": "a", "1": "b"}, "problem_type": "single_label_classification"}`, "MatMul", model.Output{Activation: model.Softmax}},
		{`{"id2label": {"0": "a", "1": "b"}, "problem_type": "multi_label_classification"}`, "Gemm", model.Output{Activation: model.Sigmoid, MultiLabel: true}},
		{`{"id2label": {"0": "a", "1": "b"}, "problem_type": "multi_label_classification"}`, "Sigmoid", model.Output{Activation: model.NoActivation, MultiLabel: true}},
	} {
		c, err := newConfig("config.json", "", []byte(test.config))
		if err != nil {
			t.Fatal(err)
		}
		m := &model.Model{Labels: c.labels("id2label"), Output: model.Output{Name: "scores"}}
		test.want.Name = "scores"
		if c.activation(m, network(test.operator, nil)); c.err != nil || m.Output != test.want {
			t.Errorf("%s before %s: %+v, %v, want %+v", test.config, test.operator, m.Output, c.err, test.want)
		}
	}
}

func TestTimm(t *testing.T) {
	base := model.Input{
		Name: "pixels", Element: model.Float32, Layout: model.NCHW, Width: 43, Height: 43, Channels: 3, ChannelOrder: model.RGB,
		Scale: 1 / 255.0, Mean: []float64{0.5, 0.4, 0.3}, Std: []float64{0.1, 0.2, 0.3},
	}
	cfg := maps.Clone(goodTimm)
	maps.Copy(cfg, map[string]string{"input_size": "[3, 43, 43]", "mean": "[0.5, 0.4, 0.3]", "std": "[0.1, 0.2, 0.3]", "test_input_size": "[3, 64, 64]"})
	for name, test := range map[string]struct {
		text string
		want model.Resize
	}{
		"center":         {without(cfg, "crop_mode", `"center"`), model.Resize{Mode: model.ShortSide, ShortSide: 47, Filter: model.Bicubic}},
		"no crop_mode":   {without(cfg), model.Resize{Mode: model.ShortSide, ShortSide: 47, Filter: model.Bicubic}},
		"squash":         {without(cfg, "crop_mode", `"squash"`), model.Resize{Mode: model.Stretch, Width: 47, Height: 47, Filter: model.Bicubic}},
		"squash, no cut": {without(cfg, "crop_mode", `"squash"`, "crop_pct", "1"), model.Resize{Mode: model.Stretch, Filter: model.Bicubic}},
	} {
		m, found, err := fromTimmMetadata(network("Gemm", map[string]string{"pretrained_cfg": test.text}))
		if err != nil || !found {
			t.Fatalf("%s: found %v, %v", name, found, err)
		}
		want := &model.Model{Version: 1, Labels: []string{"a", "b"}, Input: base, Output: model.Output{Name: "scores", Activation: model.Softmax}}
		want.Input.Resize = test.want
		if diff := cmp.Diff(want, m); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	cfg = maps.Clone(goodTimm)
	maps.Copy(cfg, map[string]string{"input_size": "[1, 40, 40]", "mean": "[0.5]", "std": "[0.2]", "label_names": "", "labels": `{"1": "b", "0": "a"}`})
	m, _, err := fromTimmMetadata(network("Softmax", map[string]string{"pretrained_cfg": without(cfg)}))
	if err != nil || m.Validate() != nil || m.Input.Channels != 1 || !cmp.Equal(m.Labels, []string{"a", "b"}) || m.Output.Activation != model.NoActivation {
		t.Errorf("grey, labels by index, probabilities: %+v, %v", m, err)
	}
}

// In a folder labels stand beside pretrained_cfg. transformers' pipeline turns pictures by EXIF, timm does not; without labels the
// error names them.
func TestTimmFolder(t *testing.T) {
	cfg := without(goodTimm, "label_names", "")
	for text, want := range map[string]bool{
		`{"architecture": "net", "label_names": ["c", "d"], "pretrained_cfg": ` + cfg + `}`:                               false,
		`{"architecture": "net", "model_type": "timm_wrapper", "label_names": ["c", "d"], "pretrained_cfg": ` + cfg + `}`: true,
	} {
		s, err := openFolderOf(t, text, "")
		if err != nil || s.Model.Input.ApplyEXIF != want || s.Model.Name != "net" || !cmp.Equal(s.Model.Labels, []string{"c", "d"}) {
			t.Errorf("%s: %+v, %v, want EXIF %v", text, s, err, want)
		}
	}
	_, err := openFolderOf(t, `{"pretrained_cfg": `+cfg+`}`, "")
	if found, ok := errors.AsType[*model.FieldError](err); !ok || found.Field != "labels" {
		t.Errorf("without labels: %v, want an error about labels", err)
	}
}

func TestUltralytics(t *testing.T) {
	base := maps.Clone(goodUltralytics)
	maps.Copy(base, map[string]string{"imgsz": "[64, 64]", "description": "a model"})
	want := func(height int, r model.Resize, a model.Activation) *model.Model {
		return &model.Model{
			Version: 1, Name: "a model", Labels: []string{"a", "b"}, Output: model.Output{Name: "scores", Activation: a},
			Input: model.Input{
				Name: "pixels", Element: model.Float32, Layout: model.NCHW, Width: 64, Height: height, Channels: 3, ChannelOrder: model.RGB,
				Resize: r, Scale: 1 / 255.0, ApplyEXIF: true,
			},
		}
	}
	square := model.Resize{Mode: model.ShortSide, ShortSide: 64, Filter: model.Bilinear}
	for _, test := range []struct {
		key, value, operator string
		want                 *model.Model
	}{
		{"imgsz", "[64, 64]", "Softmax", want(64, square, model.NoActivation)},
		{"imgsz", "64", "Softmax", want(64, square, model.NoActivation)},
		{"imgsz", "[64]", "Softmax", want(64, square, model.NoActivation)},
		{"imgsz", "[48, 64]", "Softmax", want(48, model.Resize{Mode: model.Stretch, Filter: model.Bilinear}, model.NoActivation)},
		{"names", "['a', 'b']", "Gemm", want(64, square, model.Softmax)},
	} {
		metadata := maps.Clone(base)
		metadata[test.key] = test.value
		got, found, err := fromUltralytics(network(test.operator, metadata))
		if err != nil || !found {
			t.Fatalf("%s %s: found %v, %v", test.key, test.value, found, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", test.key, test.value, diff)
		}
	}
	if _, found, err := fromUltralytics(network("Softmax", nil)); found || err != nil {
		t.Errorf("a file of another library: found %v, %v", found, err)
	}
}

// Two outputs, two inputs or another shape are told by name.
func TestEndsThatCannotBeTold(t *testing.T) {
	for field, change := range map[string]func(*onnx.File){
		"input.name":   func(f *onnx.File) { f.Inputs = append(f.Inputs, f.Inputs[0]) },
		"input.layout": func(f *onnx.File) { f.Inputs[0].Shape = f.Inputs[0].Shape[:2] },
		"output.name":  func(f *onnx.File) { f.Outputs = append(f.Outputs, onnx.Value{Name: "features"}) },
	} {
		file := network("Softmax", goodUltralytics)
		change(file)
		_, _, err := fromUltralytics(file)
		if found, ok := errors.AsType[*model.FieldError](err); !ok || found.Field != field {
			t.Errorf("%v, want an error about %s", err, field)
		}
	}
	file := network("Softmax", goodUltralytics)
	file.Outputs = append(file.Outputs, onnx.Value{Name: "output0"})
	if m, _, err := fromUltralytics(file); err != nil || m.Output.Name != "output0" {
		t.Errorf("the library's own output name among several: %+v, %v", m, err)
	}
}

// In Hugging Face's cache a model's files are links to blobs of the same repository, and only there do links lead out of the
// folder.
func TestHuggingFaceCache(t *testing.T) {
	repository := filepath.Join(t.TempDir(), "models--a--b")
	revision := filepath.Join(repository, "snapshots", "0123abcd")
	for _, dir := range []string{revision, filepath.Join(revision, "onnx"), filepath.Join(repository, "blobs")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for name, data := range map[string][]byte{
		"config.json": []byte(without(goodConfig)), "preprocessor_config.json": []byte(without(goodProcessor)), "onnx/model.onnx": tinyONNX("", nil),
	} {
		blob := filepath.Base(name) + "-blob"
		writeTest(t, filepath.Join(repository, "blobs", blob), data)
		up := strings.Repeat("../", 2+strings.Count(name, "/"))
		if err := os.Symlink(up+"blobs/"+blob, filepath.Join(revision, name)); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Open(t.Context(), revision, Options{})
	if err != nil || s.Kind != HuggingFace || s.Path != filepath.Join(revision, "onnx", "model.onnx") {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestFolderWithoutModel(t *testing.T) {
	_, err := Open(t.Context(), t.TempDir(), Options{})
	if !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "onnx/model.onnx") {
		t.Errorf("%v, want an error that says what is missing", err)
	}
	dir := t.TempDir()
	writeTest(t, filepath.Join(dir, "model.onnx"), tinyONNX("", goodUltralytics))
	if s, err := Open(t.Context(), dir, Options{}); err != nil || s.Kind != ONNX || !s.Model.Input.ApplyEXIF {
		t.Errorf("a folder without config.json takes the file's metadata: %+v, %v", s, err)
	}
	dir = t.TempDir()
	writeTest(t, filepath.Join(dir, "model.onnx"), tinyONNX("", nil))
	writeTest(t, filepath.Join(dir, "config.json"), []byte(without(goodConfig)))
	_, err = Open(t.Context(), dir, Options{})
	if _, ok := errors.AsType[*model.FieldError](err); !ok {
		t.Errorf("without preprocessor_config.json: %v, want a FieldError", err)
	}
	s, err := Open(t.Context(), dir, Options{Input: func(base *model.Input) (*model.Input, error) {
		in := *base
		in.Width, in.Height, in.Resize = 4, 4, model.Resize{Mode: model.Stretch, Filter: model.Bilinear}
		return &in, nil
	}})
	if err != nil || len(s.Warnings) != 1 || !strings.Contains(s.Warnings[0], "preprocessor_config.json") {
		t.Errorf("with flags instead: %+v, %v", s, err)
	}
}
