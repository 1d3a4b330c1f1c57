package model_test

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/model"
)

// photo is a valid contract that uses most fields.
func photo() *model.Model {
	return &model.Model{
		Version: model.Version, Name: "photo", Labels: []string{"cat", "dog", "cow"},
		Input: model.Input{Name: "pixels", Element: model.Float32, Layout: model.NCHW, Width: 224, Height: 200, Channels: 3, ChannelOrder: model.RGB,
			Resize: model.Resize{Mode: model.ShortSide, ShortSide: 256, Filter: model.Bicubic, CropRounding: model.RoundDown},
			Scale:  1.0 / 255, Mean: []float64{0.485, 0.456, 0.406}, Std: []float64{0.229, 0.224, 0.225}, ApplyEXIF: true},
		Output:     model.Output{Name: "logits", Activation: model.Softmax},
		Provenance: model.Provenance{Framework: "mxnet 1.4.1", Epoch: 7},
	}
}

func TestManifestReadsBack(t *testing.T) {
	want := photo()
	got, err := model.Parse(want.JSON())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("manifest differs (-want +got):\n%s", diff)
	}
}

// TestContractHash proves that the hash changes with everything that decides a score, and with nothing else.
func TestContractHash(t *testing.T) {
	base := photo().ContractHash()
	for name, test := range map[string]struct {
		change func(*model.Model)
		same   bool
	}{
		"name":       {func(m *model.Model) { m.Name = "other" }, true},
		"provenance": {func(m *model.Model) { m.Provenance = model.Provenance{} }, true},
		"labels":     {func(m *model.Model) { m.Labels[0], m.Labels[1] = m.Labels[1], m.Labels[0] }, false},
		"filter":     {func(m *model.Model) { m.Input.Resize.Filter = model.Bilinear }, false},
		"mean":       {func(m *model.Model) { m.Input.Mean[2] += 1e-9 }, false},
		"EXIF":       {func(m *model.Model) { m.Input.ApplyEXIF = false }, false},
		"activation": {func(m *model.Model) { m.Output.Activation = model.Sigmoid }, false},
		"decode":     {func(m *model.Model) { m.Input.Decode = model.Scaled }, false},
	} {
		m := photo()
		test.change(m)
		if got := m.ContractHash(); (got == base) != test.same {
			t.Errorf("%s changed: hash %s, was %s, want same %v", name, got, base, test.same)
		}
	}
}

func TestValidateNamesTheField(t *testing.T) {
	for _, test := range []struct {
		field  string
		change func(*model.Model)
	}{
		{"labels", func(m *model.Model) { m.Labels = nil }},
		{"output.name", func(m *model.Model) { m.Output.Name = "" }},
		{"output.activation", func(m *model.Model) { m.Output.Activation = "relu" }},
		{"input.name", func(m *model.Model) { m.Input.Name = "" }},
		{"input.element", func(m *model.Model) { m.Input.Element = "int4" }},
		{"input.element", func(m *model.Model) { m.Input.Element = model.Uint8 }}, // with scale, mean and std
		{"input.decode", func(m *model.Model) { m.Input.Decode = "draft" }},
		{"input.layout", func(m *model.Model) { m.Input.Layout = "" }},
		{"input.width", func(m *model.Model) { m.Input.Width = 0 }},
		{"input.height", func(m *model.Model) { m.Input.Height = model.MaxSide + 1 }},
		{"input.channels", func(m *model.Model) { m.Input.Channels = 4 }},
		{"input.channel_order", func(m *model.Model) { m.Input.ChannelOrder = "" }},
		{"input.channel_order", func(m *model.Model) { m.Input.Channels = 1 }},
		{"input.resize.mode", func(m *model.Model) { m.Input.Resize.Mode = "squash" }},
		{"input.resize.filter", func(m *model.Model) { m.Input.Resize.Filter = "" }},
		{"input.resize.crop_rounding", func(m *model.Model) { m.Input.Resize.CropRounding = "up" }},
		{"input.resize.short_side", func(m *model.Model) { m.Input.Resize.ShortSide = 223 }},
		{"input.resize.short_side", func(m *model.Model) { m.Input.Resize.Mode = model.Pad }},
		{"input.scale", func(m *model.Model) { m.Input.Scale = math.NaN() }},
		{"input.mean", func(m *model.Model) { m.Input.Mean = []float64{1} }},
		{"input.mean", func(m *model.Model) { m.Input.Mean[0] = math.Inf(1) }},
		{"input.std", func(m *model.Model) { m.Input.Std[1] = 0 }},
	} {
		m := photo()
		test.change(m)
		err := m.Validate()
		field, ok := errors.AsType[*model.FieldError](err)
		if !ok || field.Field != test.field || !errors.Is(err, model.ErrManifest) {
			t.Errorf("Validate = %v, want an error about %q", err, test.field)
		}
	}
	if err := photo().Validate(); err != nil {
		t.Errorf("Validate of a good contract = %v", err)
	}
}

func TestParseRefuses(t *testing.T) {
	good := string(photo().JSON())
	for name, text := range map[string]string{
		"no JSON":         "labels: cat",
		"newer version":   strings.Replace(good, `"version":1`, `"version":2`, 1),
		"no version":      `{"labels":["a"]}`,
		"unknown field":   strings.Replace(good, `"width"`, `"wide"`, 1),
		"too large":       `{"version":1,"name":"` + strings.Repeat("x", model.MaxManifestBytes) + `"}`,
		"wrong type":      strings.Replace(good, `224,`, `"224",`, 1),
		"trailing braces": good + "}",
	} {
		if m, err := model.Parse([]byte(text)); !errors.Is(err, model.ErrManifest) {
			t.Errorf("%s: Parse = %v, %v, want an error that wraps %v", name, m, err, model.ErrManifest)
		}
	}
}

func TestRank(t *testing.T) {
	m := photo()
	for _, test := range []struct {
		scores []float32
		k      int
		want   []int
	}{
		{[]float32{0.2, 0.5, 0.3}, 1, []int{1}},
		{[]float32{0.2, 0.5, 0.3}, 2, []int{1, 2}},
		{[]float32{0.2, 0.5, 0.3}, 0, []int{1, 2, 0}},
		{[]float32{0.2, 0.5, 0.3}, 9, []int{1, 2, 0}},
		{[]float32{0.4, 0.2, 0.4}, 1, []int{0}}, // equal scores keep class order
		{[]float32{0.4, 0.4, 0.2}, 3, []int{0, 1, 2}},
	} {
		ranked, err := m.Rank(test.scores, test.k)
		var got []int
		for _, c := range ranked {
			got = append(got, c.Index)
			if c.Score != test.scores[c.Index] || c.Label != m.Labels[c.Index] {
				t.Errorf("Rank(%v, %d) has %+v", test.scores, test.k, c)
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
			t.Errorf("Rank(%v, %d) = %v, %v, want %v", test.scores, test.k, got, err, test.want)
		}
	}
	for _, scores := range [][]float32{{0.5, 0.5}, {0.1, float32(math.NaN()), 0.9}} {
		if _, err := m.Rank(scores, 1); !errors.Is(err, model.ErrScores) {
			t.Errorf("Rank(%v) = %v, want %v", scores, err, model.ErrScores)
		}
	}
}

func TestProbabilities(t *testing.T) {
	softmax, sigmoid, none := photo(), photo(), photo()
	sigmoid.Output.Activation, none.Output.Activation = model.Sigmoid, model.NoActivation
	for _, test := range []struct {
		m          *model.Model
		give, want []float32
	}{
		{softmax, []float32{0, 0, 0}, []float32{1. / 3, 1. / 3, 1. / 3}},
		{softmax, []float32{1000, 1000, -1000}, []float32{0.5, 0.5, 0}}, // no overflow
		{softmax, []float32{0, float32(math.Log(2)), float32(math.Log(5))}, []float32{0.125, 0.25, 0.625}},
		{sigmoid, []float32{0, 200, -200}, []float32{0.5, 1, 0}},
		{none, []float32{0.2, 0.3, 0.5}, []float32{0.2, 0.3, 0.5}},
	} {
		got := append([]float32(nil), test.give...)
		test.m.Probabilities(got)
		for i := range got {
			if math.Abs(float64(got[i]-test.want[i])) > 1e-7 {
				t.Errorf("%s of %v = %v, want %v", test.m.Output.Activation, test.give, got, test.want)
				break
			}
		}
	}
}

// FuzzManifest proves that any bytes are refused or give a contract that is valid and reads back.
func FuzzManifest(f *testing.F) {
	f.Add(photo().JSON())
	f.Add([]byte(`{"version":1}`))
	f.Add([]byte(`{"version":1,"labels":["a"],"input":{"width":-1}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := model.Parse(data)
		if err != nil {
			return
		}
		again, err := model.Parse(m.JSON())
		if err != nil {
			t.Fatalf("a manifest that was read does not read back: %v", err)
		}
		if again.ContractHash() != m.ContractHash() || !json.Valid(m.JSON()) {
			t.Errorf("a manifest changed on its way: %s, %s", m.JSON(), again.JSON())
		}
	})
}
