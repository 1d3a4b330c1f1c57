//go:build cgo

package infer_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/ort"
	"github.com/scones-unlimited/scones/infer/ort/orttest"
	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/preprocess"
)

// TestOpenSessionRefuses names what does not fit, before anything is computed.
func TestOpenSessionRefuses(t *testing.T) {
	library := ort.Library{Path: orttest.Library(t)}
	good, file := made(t, "odd.onnx")
	data, err := os.ReadFile(file.Path)
	if err != nil {
		t.Fatal(err)
	}
	broken := strings.Replace(string(data), "GlobalAveragePool", "GlobalAverageFool", 1)
	cases := map[string]struct {
		change func(m *model.Model)
		file   infer.ModelFile
		device infer.Device
		want   error
		text   string
	}{
		"input name":     {change: func(m *model.Model) { m.Input.Name = "pixels" }, want: infer.ErrModel, text: `"input.name" says "pixels"`},
		"input element":  {change: func(m *model.Model) { m.Input.Element = model.Float16 }, want: infer.ErrModel, text: `"input.element" says float16`},
		"input size":     {change: func(m *model.Model) { m.Input.Width = 34 }, want: infer.ErrModel, text: "[N [3 33 34]]"},
		"layout":         {change: func(m *model.Model) { m.Input.Layout = model.NHWC }, want: infer.ErrModel, text: "[N [33 33 3]]"},
		"output name":    {change: func(m *model.Model) { m.Output.Name = "scores" }, want: infer.ErrModel, text: `no output "scores"`},
		"labels":         {change: func(m *model.Model) { m.Labels = m.Labels[1:] }, want: infer.ErrModel, text: "[N [256]]"},
		"manifest":       {change: func(m *model.Model) { m.Labels = nil }, want: model.ErrManifest, text: `"labels"`},
		"no file":        {file: infer.ModelFile{Path: "nothing.onnx"}, want: os.ErrNotExist, text: `load model "nothing.onnx"`},
		"no operator":    {file: infer.ModelFile{Data: []byte(broken)}, want: infer.ErrModel, text: "GlobalAverageFool"},
		"cuda":           {device: infer.CUDA, want: infer.ErrDevice, text: `use device "cuda"`},
		"tensorrt":       {device: infer.TensorRT, want: infer.ErrDevice, text: `use device "tensorrt"`},
		"coreml":         {device: infer.CoreML, want: infer.ErrDevice, text: `use device "coreml"`},
		"openvino":       {device: infer.OpenVINO, want: infer.ErrDevice, text: `use device "openvino"`},
		"unknown device": {device: "abacus", want: infer.ErrDevice, text: `"abacus" is not known`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			m := *good
			if c.change != nil {
				c.change(&m)
			}
			if c.file.Path == "" && c.file.Data == nil {
				c.file = file
			}
			s, err := infer.OpenSession(t.Context(), &m, c.file, infer.SessionOptions{Library: library, Device: c.device})
			if err == nil {
				s.Close()
				if c.want == infer.ErrDevice {
					orttest.Missing(t, "a machine without "+string(c.device), "it has one")
				}
			}
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) {
				t.Errorf("error %v, want %v that says %q", err, c.want, c.text)
			}
		})
	}
}

// TestAutoDevice falls back to the processor and says why, or has a better device.
func TestAutoDevice(t *testing.T) {
	m, file := made(t, "odd.onnx")
	got := open(t, m, file, infer.SessionOptions{Device: infer.Auto}).Info()
	if got.Device == infer.Auto || (got.Device == infer.CPU) != (got.Fallback != "") {
		t.Errorf("auto took %q, fallback %q", got.Device, got.Fallback)
	}
}

func TestSessionInfo(t *testing.T) {
	m, file := made(t, "odd.onnx")
	path := orttest.Library(t)
	want, err := ort.Inspect(path)
	if err != nil {
		t.Fatal(err)
	}
	got := open(t, m, file, infer.SessionOptions{Threads: 2}).Info()
	got.Library.Source, want.Source = "", ""
	if diff := cmp.Diff(infer.Info{
		Library: want, Device: infer.CPU, Providers: []string{"CPUExecutionProvider"}, Threads: 2, TelemetryOff: true,
	}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if os.Getenv("ORT_DISABLE_TELEMETRY") != "1" {
		t.Error("telemetry is not turned off in the environment")
	}
}

// TestOneLibrary refuses a second library in a process that has one.
func TestOneLibrary(t *testing.T) {
	m, file := made(t, "odd.onnx")
	open(t, m, file, infer.SessionOptions{})
	other := filepath.Join(t.TempDir(), "libonnxruntime.so")
	_, err := infer.OpenSession(t.Context(), m, file, infer.SessionOptions{Library: ort.Library{Path: other}})
	if err == nil || !strings.Contains(err.Error(), other) {
		t.Errorf("error %v, want one that names %s", err, other)
	}
}

// TestScoresRefuses batches that do not fit, without a run.
func TestScoresRefuses(t *testing.T) {
	m, file := made(t, "odd.onnx")
	s := open(t, m, file, infer.SessionOptions{})
	batch := preprocess.NewTensor(&m.Input, 2)
	small := m.Input
	small.Width = 32
	bytes := m.Input
	bytes.Element = model.Uint8
	room := make([]float32, 2*len(m.Labels))
	for name, c := range map[string]struct {
		dst   []float32
		batch *preprocess.Tensor
		n     int
	}{
		"no pictures":       {room, batch, 0},
		"more than fit":     {room, batch, 3},
		"no room":           {room[1:], batch, 2},
		"another size":      {room, preprocess.NewTensor(&small, 2), 2},
		"another type":      {room, preprocess.NewTensor(&bytes, 2), 2},
		"empty":             {room, &preprocess.Tensor{}, 1},
		"less than it says": {room, &preprocess.Tensor{N: 2, PerPicture: batch.PerPicture, F32: batch.F32[1:]}, 2},
	} {
		if err := s.Scores(t.Context(), c.dst, c.batch, c.n); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestParseDevice(t *testing.T) {
	for _, device := range infer.Devices {
		if got, err := infer.ParseDevice(string(device)); got != device || err != nil {
			t.Errorf("ParseDevice(%q) = %q, %v", device, got, err)
		}
	}
	if got, err := infer.ParseDevice(""); got != infer.CPU || err != nil {
		t.Errorf("ParseDevice of nothing = %q, %v", got, err)
	}
	if _, err := infer.ParseDevice("gpu"); err == nil {
		t.Error(`ParseDevice("gpu"): no error`)
	}
}
