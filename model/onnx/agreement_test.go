package onnx_test

import (
	"fmt"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/model/onnx"
	"github.com/scones-unlimited/scones/preprocess/npy"
)

// limitOf is how far an answer may be from MXNet's, in probability.
func limitOf(name string) float64 {
	if strings.Contains(name, "fp16") || name == "cast-half" {
		return 5e-3
	}
	return 1e-5
}

// TestOperatorsAgreeWithMXNet runs every operator's case by the reference and compares whole tensors with MXNet 1.9.1's.
func TestOperatorsAgreeWithMXNet(t *testing.T) {
	in := loadArray(t, filepath.Join(testdata, "operators", "data.npy"))
	for _, name := range operatorCases(t) {
		t.Run(name, func(t *testing.T) {
			base := filepath.Join(testdata, "operators", name)
			want := loadArray(t, base+".npy")
			data, _ := export(t, base+".tar.gz", onnx.ExportOptions{Input: model.Float32})
			scale := 1.0 // values of several hundred, as a division gives, are compared relatively
			for _, v := range want.v {
				scale = max(scale, math.Abs(v))
			}
			if err := compare(runReference(t, data, in), want, limitOf(name)*scale); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestReferenceCasesAgreeWithMXNet runs the complete networks by the reference, in both forms of the input.
func TestReferenceCasesAgreeWithMXNet(t *testing.T) {
	for _, folder := range folders(t, false) {
		name := filepath.Base(folder)
		t.Run(name, func(t *testing.T) {
			pictures, want := referenceCase(t, folder)
			if pictures.dims[2] > 32 { // the reference is slow
				pictures, want = first(pictures, 1), first(want, 1)
			} else {
				pictures, want = first(pictures, 4), first(want, 4)
			}
			path := filepath.Join(folder, "model.tar.gz")
			planes, _ := export(t, path, onnx.ExportOptions{Input: model.Float32})
			got := runReference(t, planes, pictures)
			if err := compare(got, want, limitOf(name)); err != nil {
				t.Errorf("float32 input: %v", err)
			}
			if pictures.dims[2] > 32 {
				return
			}
			pixels, _ := export(t, path, onnx.ExportOptions{Input: model.Uint8})
			turned := refTranspose(&refCall{in: []*array{pictures}, Node: onnx.Node{
				Attributes: []onnx.Attribute{{Name: "perm", Ints: []int64{0, 2, 3, 1}}},
			}})
			if err := compare(runReference(t, pixels, turned), got, 0); err != nil {
				t.Errorf("uint8 input: %v", err)
			}
		})
	}
}

func first(a *array, n int) *array {
	per := len(a.v) / a.dims[0]
	dims := slices.Clone(a.dims)
	dims[0] = n
	return &array{dims, a.v[:n*per]}
}

// referenceCase gives the pictures of a case as [N, C, H, W] and what MXNet answers to them.
func referenceCase(t testing.TB, folder string) (pictures, want *array) {
	t.Helper()
	want = loadArray(t, filepath.Join(folder, "expected.npy"))
	if _, err := os.Stat(filepath.Join(folder, "images.npy")); err == nil {
		return loadArray(t, filepath.Join(folder, "images.npy")), want
	}
	paths, err := filepath.Glob(filepath.Join(folder, "img_*.png"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no pictures (error %v)", err)
	}
	kept := &array{dims: slices.Clone(want.dims)}
	kept.dims[0] = len(paths)
	for _, path := range paths {
		var index int // img_03.png belongs to row 3, not every picture is in the repository
		if _, err := fmt.Sscanf(filepath.Base(path), "img_%d.png", &index); err != nil {
			t.Fatal(err)
		}
		p := loadPNG(t, path)
		if pictures == nil {
			pictures = &array{dims: []int{len(paths), p.dims[0], p.dims[1], p.dims[2]}}
		}
		pictures.v = append(pictures.v, p.v...)
		kept.v = append(kept.v, want.v[index*want.dims[1]:][:want.dims[1]]...)
	}
	return pictures, kept
}

func loadPNG(t testing.TB, path string) *array {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	picture, err := png.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	size := picture.Bounds().Size()
	return each([]int{3, size.Y, size.X}, func(index []int) float64 {
		r, g, b, _ := picture.At(index[2], index[1]).RGBA()
		return float64([]uint32{r, g, b}[index[0]] >> 8)
	})
}

func loadArray(t testing.TB, path string) *array {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	stored, err := npy.Read(file, 64<<20)
	if err != nil {
		t.Fatal(err)
	}
	a := &array{}
	for _, d := range stored.Shape {
		a.dims = append(a.dims, int(d))
	}
	for _, v := range stored.F32 {
		a.v = append(a.v, float64(v))
	}
	return a
}

// compare looks at whole tensors and reports the largest difference and where it is.
func compare(got, want *array, limit float64) error {
	if !slices.Equal(got.dims, want.dims) {
		return fmt.Errorf("the answer has the shape %v, want %v", got.dims, want.dims)
	}
	worst, at := 0.0, 0
	for i := range want.v {
		if d := math.Abs(got.v[i] - want.v[i]); !(d <= worst) {
			worst, at = d, i
		}
	}
	if !(worst <= limit) {
		return fmt.Errorf("value %d is %v, want %v: %g apart, at most %g allowed", at, got.v[at], want.v[at], worst, limit)
	}
	return nil
}
