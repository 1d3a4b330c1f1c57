package picturestats_test

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/scones-unlimited/scones/infer/ort/orttest"
	"github.com/scones-unlimited/scones/preprocess"
	"github.com/scones-unlimited/scones/preprocess/phash/phashtest"
	"github.com/scones-unlimited/scones/preprocess/picturestats"
)

// pictures of all kinds, as PNG: colour, grey, palette, of one line or pixel, black, white, noise.
func pictures() map[string]image.Image {
	all := map[string]image.Image{}
	for i, size := range [][2]int{{32, 32}, {97, 61}, {1, 40}, {40, 1}, {1, 1}, {2, 2}, {3, 2}} {
		all["scene"+string(rune('a'+i))] = phashtest.Scene(uint64(i), size[0], size[1])
	}
	grey := image.NewGray(image.Rect(0, 0, 50, 30))
	noise := image.NewNRGBA(image.Rect(0, 0, 64, 48))
	black, white := image.NewGray(image.Rect(0, 0, 9, 9)), image.NewGray(image.Rect(0, 0, 9, 9))
	palette := image.NewPaletted(image.Rect(0, 0, 33, 20), color.Palette{color.RGBA{255, 0, 0, 255}, color.RGBA{0, 0, 255, 255}, color.RGBA{250, 251, 1, 255}})
	seed := uint32(1)
	next := func() uint8 { seed = seed*1664525 + 1013904223; return uint8(seed >> 24) }
	for i := range grey.Pix {
		grey.Pix[i] = uint8(i) ^ next()>>3
	}
	for i := range noise.Pix {
		noise.Pix[i] = next()
		if i%4 == 3 {
			noise.Pix[i] = 255
		}
	}
	for i := range white.Pix {
		white.Pix[i] = 255
	}
	for i := range palette.Pix {
		palette.Pix[i] = next() % 3
	}
	all["grey"], all["noise"], all["black"], all["white"], all["palette"] = grey, noise, black, white, palette
	return all
}

// TestNumbersAreThoseOfOpenCV compares every number with OpenCV's, scikit-image's or Pillow's of the same file.
func TestNumbersAreThoseOfOpenCV(t *testing.T) {
	interpreter := os.Getenv("SCONES_TEST_OPENCV")
	if interpreter == "" {
		orttest.Missing(t, "opencv", "SCONES_TEST_OPENCV does not name a Python that has OpenCV and scikit-image")
	}
	dir := t.TempDir()
	args := []string{"testdata/reference.py"}
	for name, m := range pictures() {
		var data bytes.Buffer
		if err := png.Encode(&data, m); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, name+".png")
		if err := os.WriteFile(file, data.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		args = append(args, file)
	}
	out, err := exec.CommandContext(t.Context(), interpreter, args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	reader, err := picturestats.NewReader(preprocess.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	if len(lines) != len(args)-1 {
		t.Fatalf("%d lines for %d pictures", len(lines), len(args)-1)
	}
	for i, name := range args[1:] {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		s, err := reader.Stats(data)
		if err != nil {
			t.Fatal(err)
		}
		want, got := map[string]any{}, map[string]any{}
		if err := json.Unmarshal(lines[i], &want); err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(&s)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatal(err)
		}
		for key, w := range want {
			if number, ok := w.(float64); ok {
				if g := got[key].(float64); !(math.Abs(g-number) <= 1e-9*max(1, math.Abs(number))) {
					t.Errorf("%s: %s is %v, OpenCV and others say %v", filepath.Base(name), key, g, number)
				}
			} else if got[key] != w {
				t.Errorf("%s: %s is %v, want %v", filepath.Base(name), key, got[key], w)
			}
		}
	}
}
