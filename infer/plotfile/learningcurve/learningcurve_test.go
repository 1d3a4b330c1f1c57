package learningcurve_test

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scones-unlimited/scones/infer/plotfile/learningcurve"
)

func TestWrite(t *testing.T) {
	var points []learningcurve.Point
	for i := range 30 {
		at := 1 - 0.5/float64(i+1)
		points = append(points, learningcurve.Point{Epoch: i + 1, Train: min(at+0.03, 1), Validation: at - 0.05, Low: at - 0.1, High: min(at-0.01, 1), Best: i == 29})
	}
	for name, points := range map[string][]learningcurve.Point{"many": points, "one": points[:1], "none": nil, "unknown": {{Epoch: 1, Train: 0.5, Validation: -1}, {Epoch: 2, Train: -1, Validation: -1}}} {
		var b bytes.Buffer
		if err := learningcurve.Write(&b, "scones-1: accuracy", points, "png"); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if picture, err := png.Decode(bytes.NewReader(b.Bytes())); err != nil || picture.Bounds().Dx() != 1120 || picture.Bounds().Dy() != 720 {
			t.Errorf("%s: %v", name, err)
		}
		if err := os.WriteFile(filepath.Join(t.ArtifactDir(), name+".png"), b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := learningcurve.Write(&b, "title", points, "svg"); err != nil || !strings.Contains(b.String(), "kept: epoch 30") || !strings.Contains(b.String(), "validation pictures") {
		t.Errorf("%v\n%.300s", err, b.String())
	}
	if err := learningcurve.Write(&b, "title", points, "gif"); err == nil {
		t.Error("a format that is not known was written")
	}
}
