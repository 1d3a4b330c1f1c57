package preprocess

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/preprocess/turbojpeg"
)

// Scaled decoding gives the smallest picture that is twice the resize's, turned or not, tells the file's size, and comes to nearly the
// same picture.
func TestDecodeScaled(t *testing.T) {
	turboLibrary(t)
	dir := filepath.Join("..", "testdata", "images")
	big, err := os.ReadFile(filepath.Join(dir, "motorcycle-jpeg-4000x3000.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	stretch := model.Resize{Mode: model.Stretch, Filter: model.Bilinear}
	for name, c := range map[string]struct {
		resize                model.Resize
		side                  int
		wantWidth, wantHeight int
	}{
		"an eighth":             {stretch, 32, 500, 375},
		"short side":            {model.Resize{Mode: model.ShortSide, ShortSide: 256, Filter: model.Bilinear}, 224, 1000, 750},
		"the size exactly":      {model.Resize{Mode: model.ShortSide, ShortSide: 375, Filter: model.Bicubic}, 224, 1000, 750},
		"three eighths":         {model.Resize{Mode: model.ShortSide, ShortSide: 376, Filter: model.Bicubic}, 224, 1500, 1125},
		"more than a half":      {model.Resize{Mode: model.ShortSide, ShortSide: 1400, Filter: model.Bicubic}, 224, 4000, 3000},
		"nothing to resize":     {model.Resize{Mode: model.None}, 224, 4000, 3000},
		"the taller side rules": {model.Resize{Mode: model.Pad, Filter: model.Bilinear}, 640, 1500, 1125},
	} {
		t.Run(name, func(t *testing.T) {
			in := plainInput(3)
			in.Width, in.Height, in.Resize = c.side, c.side, c.resize
			exact := mustPipeline(t, in)
			in.Decode = model.Scaled
			scaled := mustPipeline(t, in)
			got, err := scaled.Decode(big)
			if err != nil {
				t.Fatal(err)
			}
			if got.Width != c.wantWidth || got.Height != c.wantHeight || got.SourceWidth != 4000 || got.SourceHeight != 3000 {
				t.Errorf("%d × %d of %d × %d, want %d × %d of 4000 × 3000", got.Width, got.Height, got.SourceWidth, got.SourceHeight, c.wantWidth, c.wantHeight)
			}
			whole, err := exact.Decode(big)
			if err != nil {
				t.Fatal(err)
			}
			seen, err := scaled.Render(got)
			if err != nil {
				t.Fatal(err)
			}
			want, err := exact.Render(whole)
			if err != nil {
				t.Fatal(err)
			}
			if d := compare(seen.Pix, want.Pix); d.mean > 2 {
				t.Errorf("the model sees a mean difference of %.2f, want at most 2", d.mean)
			}
		})
	}
}

// A picture on its side is measured as it will stand.
func TestScaleOfTurnedPicture(t *testing.T) {
	in := plainInput(3)
	in.Width, in.Height, in.Decode = 300, 100, model.Scaled
	p := &Pipeline{in: *in, turbo: new(turbojpeg.Library)}
	if got := p.scale(header{width: 800, height: 2400, orientation: 6}); got != 6 {
		t.Errorf("not to be turned: %d/8, want 6/8", got)
	}
	p.in.ApplyEXIF = true
	if got := p.scale(header{width: 800, height: 2400, orientation: 6}); got != 2 {
		t.Errorf("to be turned: %d/8, want 2/8", got)
	}
}

// Without the library the contract is refused, never answered with other scores.
func TestScaledNeedsTheLibrary(t *testing.T) {
	in := plainInput(3)
	in.Decode = model.Scaled
	if _, err := turbojpeg.Default(); err == nil {
		if _, err := New(in, Limits{}); err != nil {
			t.Errorf("with the library: %v", err)
		}
	} else if _, err := New(in, Limits{}); !errors.Is(err, ErrScaled) {
		t.Errorf("without the library: %v, want %v", err, ErrScaled)
	}
}
