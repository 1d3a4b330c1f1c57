package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/image/bmp"
	"golang.org/x/image/draw"

	"github.com/scones-unlimited/scones/infer/evaluate"
	"github.com/scones-unlimited/scones/preprocess/phash/phashtest"
)

// A plot is a folder of drawn pictures with a training folder beside it, in which something is planted.
type plot struct {
	t    *testing.T
	dir  string
	rows strings.Builder
}

var plotClasses = []string{"bicycle", "motorcycle"}

// put writes a picture and, for the test folder, its row: the model says said, whatever the folder.
func (p *plot) put(part, class, name string, data []byte, said int, score float64) {
	p.t.Helper()
	folder := filepath.Join(p.dir, part, class)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name), data, 0o644); err != nil {
		p.t.Fatal(err)
	}
	if part == "test" {
		fmt.Fprintf(&p.rows, "%s/%s/%s,%s,%d,%v\n", part, class, name, plotClasses[said], said, score)
	}
}

func encoded(t *testing.T, m image.Image, format string) []byte {
	t.Helper()
	var out bytes.Buffer
	err := map[string]func() error{
		"png": func() error { return png.Encode(&out, m) },
		"bmp": func() error { return bmp.Encode(&out, m) },
		"jpg": func() error { return jpeg.Encode(&out, m, &jpeg.Options{Quality: 80}) },
	}[format]()
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func resized(m image.Image, width, height int) image.Image {
	to := image.NewNRGBA(image.Rect(0, 0, width, height))
	draw.CatmullRom.Scale(to, to.Rect, m, m.Bounds(), draw.Src, nil)
	return to
}

func mirrored(m *image.NRGBA) image.Image {
	to := image.NewNRGBA(m.Rect)
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			to.SetNRGBA(x, y, m.NRGBAAt(m.Rect.Dx()-1-x, y))
		}
	}
	return to
}

// TestPlantedDoubtsAreNamed plants ten copies of training pictures and five flipped labels in a test folder: all ten are named, with the
// sense in which they are the same, and the flipped ones are the first of the contradicted labels.
func TestPlantedDoubtsAreNamed(t *testing.T) {
	p := &plot{t: t, dir: t.TempDir()}
	p.rows.WriteString("path,label,index,score\n")
	for i := range 120 {
		m := phashtest.Scene(uint64(i), 48, 36)
		class := i % 2
		part := "train"
		if i < 60 {
			part = "test"
		}
		said, score := class, 0.8+float64(i%19)/100
		if i%12 == 1 { // hard pictures, hardly mistaken
			said, score = 1-class, 0.55
		}
		folder := class
		if i < 60 && i%12 == 6 { // flipped: the model goes on saying what it is
			folder, score = 1-class, 0.95
		}
		p.put(part, plotClasses[folder], fmt.Sprintf("%03d.png", i), encoded(t, m, "png"), said, score)
	}
	want := map[string]evaluate.Sameness{}
	for i := 60; i < 70; i++ {
		m := phashtest.Scene(uint64(i), 48, 36)
		data, name, sense := encoded(t, m, "png"), fmt.Sprintf("copy-%03d.png", i), evaluate.SameFile
		switch i {
		case 63, 64:
			data, name, sense = encoded(t, m, "bmp"), fmt.Sprintf("copy-%03d.bmp", i), evaluate.SamePixels
		case 65, 66:
			data, name, sense = encoded(t, m, "jpg"), fmt.Sprintf("copy-%03d.jpg", i), evaluate.Near
		case 67, 68:
			data, sense = encoded(t, resized(m, 70, 60), "png"), evaluate.Near
		case 69:
			data, sense = encoded(t, mirrored(m), "png"), evaluate.Mirrored
		}
		p.put("test", plotClasses[i%2], name, data, i%2, 0.9)
		want["test/"+plotClasses[i%2]+"/"+name] = sense
	}
	if err := os.WriteFile(filepath.Join(p.dir, "rows.csv"), []byte(p.rows.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	r := evaluateJSON(t, p.dir, "evaluate", "--rows", "rows.csv", "--data", "test", "--train", "train", "--json")

	got := map[string]evaluate.Sameness{}
	for _, m := range r.Doubts.Leaked {
		got[m.Picture] = m.Sameness
		if !strings.HasPrefix(filepath.Base(m.Picture), "copy-"+strings.TrimSuffix(filepath.Base(m.Other), ".png")) || !strings.HasPrefix(m.Other, "train/") {
			t.Errorf("%s is named as a copy of %s", m.Picture, m.Other)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("leaked pictures (-want +got):\n%s", diff)
	}
	var contradicted []string
	for _, c := range r.Doubts.Contradicted {
		contradicted = append(contradicted, filepath.Base(c.Picture))
	}
	flipped := []string{"006.png", "018.png", "030.png", "042.png", "054.png"}
	if len(contradicted) < 5 || !slices.Equal(slices.Sorted(slices.Values(contradicted[:5])), flipped) {
		t.Errorf("the first contradicted labels are %q, want %q", contradicted, flipped)
	}
	if len(r.Doubts.Duplicates) != 0 || r.Doubts.Compared != 70 || r.Doubts.Train != 60 {
		t.Errorf("%d duplicates, %d pictures compared with %d", len(r.Doubts.Duplicates), r.Doubts.Compared, r.Doubts.Train)
	}
	if r.Clean == nil || r.Clean.Pictures != 60 {
		t.Errorf("without copies: %+v, want 60 pictures", r.Clean)
	}
}

// TestDuplicatesWithTwoLabels: one picture in both classes' folders is the gravest doubt after leakage.
func TestDuplicatesWithTwoLabels(t *testing.T) {
	p := &plot{t: t, dir: t.TempDir()}
	p.rows.WriteString("path,label,index,score\n")
	for i := range 6 {
		p.put("test", plotClasses[i%2], fmt.Sprintf("%d.png", i), encoded(t, phashtest.Scene(uint64(i), 40, 40), "png"), i%2, 0.9)
	}
	p.put("test", plotClasses[1], "again.png", encoded(t, phashtest.Scene(0, 40, 40), "png"), 0, 0.9)
	if err := os.WriteFile(filepath.Join(p.dir, "rows.csv"), []byte(p.rows.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	r := evaluateJSON(t, p.dir, "evaluate", "--rows", "rows.csv", "--data", "test", "--json")
	want := []evaluate.Match{{Picture: "test/motorcycle/again.png", Other: "test/bicycle/0.png", Sameness: evaluate.SameFile, Label: "motorcycle", OtherLabel: "bicycle"}}
	if diff := cmp.Diff(want, r.Doubts.Duplicates); diff != "" {
		t.Errorf("duplicates (-want +got):\n%s", diff)
	}
}

// evaluateJSON runs a command line in a folder and reads its report.
func evaluateJSON(t *testing.T, dir string, args ...string) *evaluate.Report {
	t.Helper()
	c := command(t, "", args...)
	c.Dir = dir
	out, err := c.Output()
	if err != nil {
		if failed, ok := err.(*exec.ExitError); ok {
			t.Fatalf("%v\n%s", err, failed.Stderr)
		}
		t.Fatal(err)
	}
	var r evaluate.Report
	if err := json.Unmarshal(out, &r); err != nil {
		t.Fatal(err)
	}
	return &r
}
