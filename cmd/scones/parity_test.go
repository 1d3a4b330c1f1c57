package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/scones-unlimited/scones/infer/ort/orttest"
	"github.com/scones-unlimited/scones/infer/parity"
	"github.com/scones-unlimited/scones/infer/result"
)

// runParityJSON runs the command in this process and reads its report.
func runParityJSON(t *testing.T, library string, args ...string) (*parity.Report, int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	args = append([]string{"scones", "parity", "--json", "--onnxruntime", library}, args...)
	code := run(t.Context(), args, strings.NewReader(""), &stdout, &stderr)
	r := new(parity.Report)
	if err := json.Unmarshal(stdout.Bytes(), r); err != nil {
		t.Fatalf("%v: %v\n%s%s", args, err, stdout.Bytes(), stderr.Bytes())
	}
	return r, code
}

// plantedPictures copies the pictures that the planted rows are about into a folder.
func plantedPictures(t *testing.T) string {
	t.Helper()
	rows, err := os.ReadFile("../../testdata/parity/same.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for line := range bytes.Lines(rows) {
		var row result.Row
		if err := json.Unmarshal(line, &row); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(filepath.Join("../..", row.Path))
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, filepath.Base(row.Path)), data, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// TestPlantedCauses holds the named cause against the one that Pillow, OpenCV and ONNX Runtime planted in testdata/parity.
func TestPlantedCauses(t *testing.T) {
	library, folder := orttest.Library(t), plantedPictures(t)
	for name, want := range map[string]string{
		"nearest":     "takes the nearest pixel",
		"opencv":      "resizes bilinear without antialias, as OpenCV does",
		"bicubic":     "resizes bicubic with antialias, as Pillow does",
		"lanczos":     "resizes with Lanczos",
		"crop":        "cuts the centre instead of stretching",
		"bgr":         "feeds the channels as BGR",
		"grey":        "makes pictures grey",
		"divided":     "divides pixels by 255 and does no more",
		"imagenet":    "divides pixels by 255 and applies the mean and deviation of ImageNet",
		"exif":        "does not turn pictures by their EXIF orientation",
		"alpha":       "lays transparent pictures over black",
		"order":       "has the two classes the other way round",
		"twice":       "applies softmax twice",
		"logits":      "gives logits, without softmax",
		"temperature": "divides the logits by a temperature of 2.5",
		"float16":     "stores its weights in float16",
		"int8":        "runs the INT8 twin",
	} {
		t.Run(name, func(t *testing.T) {
			r, _ := runParityJSON(t, library, "--against", "../../testdata/parity/"+name+".jsonl", "--data", folder)
			if r.Cause == nil || r.Cause.Kind != parity.Named || len(r.Cause.Parts) != 1 || r.Cause.Parts[0].Says != want {
				t.Errorf("cause %+v, want that it %s", r.Cause, want)
			}
		})
	}
}

// TestPlantedPairs plants two causes at once, neither of which removes the difference alone.
func TestPlantedPairs(t *testing.T) {
	library, folder := orttest.Library(t), plantedPictures(t)
	for name, want := range map[string][]string{
		"bgr-nearest":         {"feeds the channels as BGR", "takes the nearest pixel"},
		"bgr-divided":         {"divides pixels by 255 and does no more", "feeds the channels as BGR"},
		"bicubic-temperature": {"divides the logits by a temperature of 2", "resizes bicubic with antialias, as Pillow does"},
	} {
		t.Run(name, func(t *testing.T) {
			r, _ := runParityJSON(t, library, "--against", "../../testdata/parity/"+name+".jsonl", "--data", folder)
			var got []string
			if r.Cause != nil && r.Cause.Kind == parity.Named {
				for _, part := range r.Cause.Parts {
					got = append(got, part.Says)
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("cause %+v, want %q", r.Cause, want)
			}
		})
	}
}

// TestNoFalseAlarm wants no cause named where there is none: noise, and other weights. Agreement needs no cause either.
func TestNoFalseAlarm(t *testing.T) {
	library, folder := orttest.Library(t), plantedPictures(t)
	for name, want := range map[string]parity.Kind{
		"noise": parity.Noise, "loud-noise": parity.Model, "other-model-near": parity.Model, "other-model-far": parity.Model, "same": "",
	} {
		t.Run(name, func(t *testing.T) {
			r, _ := runParityJSON(t, library, "--against", "../../testdata/parity/"+name+".jsonl", "--data", folder)
			kind := parity.Kind("")
			if r.Cause != nil {
				kind = r.Cause.Kind
			}
			if kind != want {
				t.Errorf("cause %+v, want kind %q", r.Cause, want)
			}
			if name == "same" && r.Result.Verdict != parity.Pass {
				t.Errorf("verdict %s, want PASS: %s", r.Result.Verdict, r.Result.Reason)
			}
		})
	}
}
