package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/scones-unlimited/scones/preprocess/npy"
)

// goldenRecipes are the recipes of testdata/goldens/make_pillow.py as command lines.
var goldenRecipes = map[string]string{
	"crop224":   "--resize short-side:256 --crop center:224 --filter bilinear --exif",
	"squash32":  "--resize stretch:32x32 --filter bilinear --exif",
	"bicubic64": "--resize stretch:64x64 --filter bicubic --exif",
}

// TestPreprocessGoldens runs the command over the goldens: those of the repository and, where it stands beside the repository, the
// larger set. Pictures without loss must equal Pillow's in every sample; of JPEG and lossy WebP the mean difference is at most 1
// and 99.9 % of the samples differ by at most 12.
func TestPreprocessGoldens(t *testing.T) {
	dirs := []string{filepath.Join("..", "..", "testdata", "goldens", "pillow")}
	if more := filepath.Join("..", "..", "..", "shared", "goldens", "pillow"); isFolder(more) {
		dirs = append(dirs, more)
	}
	for _, dir := range dirs {
		data, err := os.ReadFile(filepath.Join(dir, "cases.json"))
		if err != nil {
			t.Fatal(err)
		}
		var cases []struct {
			Image    string
			Lossy    bool
			Expected map[string]string
		}
		if err := json.Unmarshal(data, &cases); err != nil {
			t.Fatal(err)
		}
		good, n := 0, 0
		for _, recipe := range slices.Sorted(maps.Keys(goldenRecipes)) {
			out := t.TempDir()
			args := append([]string{"scones", "preprocess", "--out", out}, strings.Fields(goldenRecipes[recipe])...)
			var stdout, stderr bytes.Buffer
			if code := run(t.Context(), append(args, filepath.Join(dir, "images")), strings.NewReader(""), &stdout, &stderr); code != exitGood {
				t.Fatalf("%v: exit code %d: %s", args, code, &stderr)
			}
			if lines := strings.Count(stdout.String(), "\n"); lines != len(cases) {
				t.Errorf("%s: %d lines, want one for each of %d pictures", recipe, lines, len(cases))
			}
			for _, c := range cases {
				expected, ok := c.Expected[recipe]
				if !ok { // left out of the repository for its size
					continue
				}
				n++
				base := filepath.Base(c.Image)
				got := readSamples(t, filepath.Join(out, strings.TrimSuffix(base, filepath.Ext(base))+".png"))
				report, ok := judge(got, readSamples(t, filepath.Join(dir, expected)), c.Lossy)
				if c.Lossy {
					t.Logf("%-22s %-9s %s", base, recipe, report)
				}
				if !ok {
					t.Errorf("%s %s: %s", base, recipe, report)
					continue
				}
				good++
			}
		}
		if t.Logf("%s: %d of %d", dir, good, n); n < 2*len(cases) {
			t.Errorf("%s: %d goldens for %d pictures, want at least two each", dir, n, len(cases))
		}
	}
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// samples of a PNG as RGB, its size first.
type samples struct {
	size image.Point
	pix  []uint8
}

func readSamples(t *testing.T, path string) (s samples) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	s.size = img.Bounds().Size()
	for y := range s.size.Y {
		for x := range s.size.X {
			c := color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
			s.pix = append(s.pix, c.R, c.G, c.B)
		}
	}
	return s
}

// judge compares and says by how much.
func judge(got, want samples, lossy bool) (string, bool) {
	if got.size != want.size {
		return fmt.Sprintf("size %v, want %v", got.size, want.size), false
	}
	sum, largest, unequal, beyond := 0, 0, 0, 0
	for i := range want.pix {
		gap := max(int(got.pix[i])-int(want.pix[i]), int(want.pix[i])-int(got.pix[i]))
		sum += gap
		largest = max(largest, gap)
		if gap > 0 {
			unequal++
		}
		if gap > 12 {
			beyond++
		}
	}
	n := float64(len(want.pix))
	mean := float64(sum) / n
	report := fmt.Sprintf("mean %.4f  largest %d  unequal %.2f %%", mean, largest, 100*float64(unequal)/n)
	if lossy {
		return report, mean <= 1 && float64(beyond)/n <= 0.001
	}
	return report, unequal == 0
}

// The tensor is the formula of the PNG beside it.
func TestPreprocessTensor(t *testing.T) {
	out := t.TempDir()
	picture := filepath.Join("..", "..", "testdata", "goldens", "pillow", "images", "png-rgb.png")
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), []string{"scones", "preprocess", "--out", out, "--tensor", "npy", "--resize", "stretch:16x8", "--filter", "bilinear",
		"--scale", "1/255", "--mean", "0.1,0.2,0.3", "--std", "0.5", "--channel-order", "BGR", picture}, strings.NewReader(""), &stdout, &stderr)
	if code != exitGood {
		t.Fatalf("exit code %d: %s", code, &stderr)
	}
	seen := readSamples(t, filepath.Join(out, "png-rgb.png"))
	f, err := os.Open(filepath.Join(out, "png-rgb.npy"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	tensor, err := npy.Read(f, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(tensor.Shape); got != "[1 3 8 16]" || len(tensor.F32) != 3*8*16 {
		t.Fatalf("shape %s, %d elements", got, len(tensor.F32))
	}
	for c, mean := range []float64{0.1, 0.2, 0.3} {
		for i := range 8 * 16 {
			want := float32((float64(seen.pix[3*i+2-c])/255 - mean) / 0.5)
			if got := tensor.F32[c*8*16+i]; max(got-want, want-got) > 1e-6 {
				t.Fatalf("channel %d, pixel %d: %v, want %v", c, i, got, want)
			}
		}
	}
}
