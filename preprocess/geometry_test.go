package preprocess

import (
	"testing"

	"github.com/scones-unlimited/scones/model"
)

// The sizes are torchvision's (Resize and CenterCrop on PIL pictures) and Pillow's ImageOps.pad, worked out by hand from their
// formulas.
func TestLayOut(t *testing.T) {
	crop := func(short, side int, rounding model.CropRounding) *model.Input {
		return &model.Input{Width: side, Height: side, Resize: model.Resize{Mode: model.ShortSide, ShortSide: short, CropRounding: rounding}}
	}
	pad := &model.Input{Width: 100, Height: 60, Resize: model.Resize{Mode: model.Pad}}
	none := &model.Input{Width: 10, Height: 10, Resize: model.Resize{Mode: model.None}}
	for _, c := range []struct {
		name          string
		in            *model.Input
		width, height int
		want          geometry
	}{
		{"wide", crop(256, 224, ""), 640, 480, geometry{width: 341, height: 256, cutX: 58, cutY: 16, keepX: 224, keepY: 224}},
		{"wide, rounded down", crop(256, 224, model.RoundDown), 640, 480, geometry{width: 341, height: 256, cutX: 58, cutY: 16, keepX: 224, keepY: 224}},
		{"tall", crop(256, 224, ""), 480, 640, geometry{width: 256, height: 341, cutX: 16, cutY: 58, keepX: 224, keepY: 224}},
		{"half to even", crop(11, 8, ""), 11, 11, geometry{width: 11, height: 11, cutX: 2, cutY: 2, keepX: 8, keepY: 8}}, // 1.5
		{"half down", crop(11, 8, model.RoundDown), 11, 11, geometry{width: 11, height: 11, cutX: 1, cutY: 1, keepX: 8, keepY: 8}},
		{"half to even below", crop(13, 8, ""), 13, 13, geometry{width: 13, height: 13, cutX: 2, cutY: 2, keepX: 8, keepY: 8}}, // 2.5
		{"pad above and below", pad, 200, 100, geometry{width: 100, height: 50, padY: 5, keepX: 100, keepY: 50}},
		{"pad left and right", pad, 50, 50, geometry{width: 60, height: 60, padX: 20, keepX: 60, keepY: 60}},
		{"pad odd", pad, 100, 51, geometry{width: 100, height: 51, padY: 4, keepX: 100, keepY: 51}}, // 4.5
		{"pad thin", pad, 10_000, 1, geometry{width: 100, height: 1, padY: 30, keepX: 100, keepY: 1}},
		{"none", none, 15, 13, geometry{width: 15, height: 13, cutX: 2, cutY: 2, keepX: 10, keepY: 10}}, // 2.5 and 1.5
	} {
		if got := layOut(c.in, c.width, c.height); got != c.want {
			t.Errorf("%s: layOut(%d × %d) = %+v, want %+v", c.name, c.width, c.height, got, c.want)
		}
	}
}

// A padded picture is the resized one with a border of the pad value.
func TestPad(t *testing.T) {
	in := plainInput(3)
	in.Width, in.Height = 6, 4
	in.Resize = model.Resize{Mode: model.Pad, Filter: model.Bilinear, PadValue: 9}
	src := &Picture{Width: 1, Height: 2, Channels: 3, Pix: []uint8{10, 20, 30, 40, 50, 60}}
	got, err := mustPipeline(t, in).Render(src)
	if err != nil {
		t.Fatal(err)
	}
	inner, err := mustPipeline(t, stretch(2, 4, 3, model.Bilinear)).Render(src)
	if err != nil {
		t.Fatal(err)
	}
	for y := range 4 {
		for x := range 6 {
			for c := range 3 {
				want := uint8(9)
				if x >= 2 && x < 4 {
					want = inner.Pix[(y*2+x-2)*3+c]
				}
				if v := got.Pix[(y*6+x)*3+c]; v != want {
					t.Errorf("pixel %d, %d channel %d is %d, want %d", x, y, c, v, want)
				}
			}
		}
	}
}
