package bench_test

import (
	"crypto/sha256"
	"fmt"
	"image"
	_ "image/jpeg"
	"io"
	"testing"

	"github.com/scones-unlimited/scones/infer/bench"
)

// TestDrawIsTheSameEverywhere decodes what was drawn and compares its pixels, which whole numbers made, with what they were.
func TestDrawIsTheSameEverywhere(t *testing.T) {
	images := drawn(t, bench.Small)
	hash := sha256.New()
	for _, each := range images {
		file, err := each.Open()
		if err != nil {
			t.Fatal(err)
		}
		picture, format, err := image.Decode(file)
		if err != nil || format != "png" || picture.Bounds().Size() != image.Pt(32, 32) {
			t.Fatalf("%s: a %s, error %v", each.Name, format, err)
		}
		for y := range 32 {
			for x := range 32 {
				r, g, b, a := picture.At(x, y).RGBA()
				hash.Write([]byte{byte(r >> 8), byte(g >> 8), byte(b >> 8), byte(a >> 8)})
			}
		}
	}
	const want = "81e7c81ffd8d52b8604ecfd2371495b3ae6442978c904e2091736cd9c3d8b3bb"
	if got := fmt.Sprintf("%x", hash.Sum(nil)); len(images) != 64 || got != want {
		t.Errorf("%d pictures with hash %s, want 64 with %s", len(images), got, want)
	}
}

// TestDrawSizes holds the files to the sizes of what they stand for.
func TestDrawSizes(t *testing.T) {
	for kind, want := range map[bench.Synthetic]struct {
		size        image.Point
		count       int
		least, most int // bytes
	}{
		bench.Small:    {image.Pt(32, 32), 64, 1000, 4000},
		bench.ImageNet: {image.Pt(500, 375), 16, 20_000, 150_000},
		bench.Photo:    {image.Pt(4000, 3000), 3, 1_000_000, 6_000_000},
	} {
		images := drawn(t, kind)
		if len(images) != want.count {
			t.Errorf("%s: %d pictures, want %d", kind, len(images), want.count)
		}
		for _, each := range images {
			file, err := each.Open()
			if err != nil {
				t.Fatal(err)
			}
			config, _, err := image.DecodeConfig(file)
			if err != nil {
				t.Fatal(err)
			}
			rest, _ := each.Open()
			n, err := io.Copy(io.Discard, rest)
			if size := image.Pt(config.Width, config.Height); err != nil || size != want.size || int(n) < want.least || int(n) > want.most {
				t.Errorf("%s: %v pixels in %d bytes, want %v in %d to %d", each.Name, size, n, want.size, want.least, want.most)
			}
		}
	}
	if _, err := bench.Draw("cats"); err == nil {
		t.Error(`Draw("cats"): no error`)
	}
	if kind, err := bench.ParseSynthetic("photo"); kind != bench.Photo || err != nil {
		t.Errorf(`ParseSynthetic("photo") = %q, %v`, kind, err)
	}
	if _, err := bench.ParseSynthetic("cats"); err == nil {
		t.Error(`ParseSynthetic("cats"): no error`)
	}
}
