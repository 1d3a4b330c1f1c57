package preprocess

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/preprocess/turbojpeg"
)

// modeCase is one entry of testdata/goldens/modes/cases.json, which make_modes.py writes.
type modeCase struct {
	Image string `json:"image"`
	Mode  string `json:"mode"`
	Lossy bool   `json:"lossy"`
}

// Decoding alone, in every format, colour mode and layout: equal to Pillow's convert("RGB") and convert("L") in every sample, JPEG
// with libjpeg-turbo; with package jpeg within the rounding of its inverse transform.
func TestDecodeAsPillowConverts(t *testing.T) { withBothDecoders(t, testModes) }

func testModes(t *testing.T, exact bool, turbo *turbojpeg.Library) {
	dir := filepath.Join("..", "testdata", "goldens", "modes")
	data, err := os.ReadFile(filepath.Join(dir, "cases.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []modeCase
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 100 {
		t.Fatalf("%d cases, want at least 100", len(cases))
	}
	for _, c := range cases {
		for mode, channels := range map[string]int{"RGB": 3, "L": 1} {
			stem := strings.TrimSuffix(filepath.Base(c.Image), filepath.Ext(c.Image))
			t.Run(stem+"/"+mode, func(t *testing.T) {
				data, err := os.ReadFile(filepath.Join(dir, c.Image))
				if err != nil {
					t.Fatal(err)
				}
				p := mustPipeline(t, plainInput(channels))
				p.turbo = turbo
				got, err := p.Decode(data)
				if err != nil {
					t.Fatal(err)
				}
				want, size := readRGB(t, filepath.Join(dir, "expected", stem+"."+mode+".png"))
				if got.Width != size.X || got.Height != size.Y || got.Channels != channels {
					t.Fatalf("%d × %d × %d, want %v × %d", got.Width, got.Height, got.Channels, size, channels)
				}
				if channels == 1 {
					want = everyThird(want)
				}
				d := compare(got.Pix, want)
				lossy := c.Lossy && !(exact && strings.HasPrefix(stem, "jpeg"))
				if !lossy && d.largest > 0 {
					t.Errorf("%.1f %% of the samples differ, by up to %d; want none", 100*d.unequal, d.largest)
				}
				if lossy && (d.largest > 3 || d.mean > 0.3) {
					t.Errorf("mean difference %.3f, largest %d, want at most 0.3 and 3", d.mean, d.largest)
				}
			})
		}
	}
}

// plainInput is a contract under which decoding turns nothing.
func plainInput(channels int) *model.Input {
	in := &model.Input{Name: "data", Element: model.Uint8, Layout: model.NHWC, Width: 8, Height: 8, Channels: channels,
		Resize: model.Resize{Mode: model.Stretch, Filter: model.Bilinear}}
	if channels == 3 {
		in.ChannelOrder = model.RGB
	}
	return in
}

func everyThird(pix []uint8) (out []uint8) {
	for i := 0; i < len(pix); i += 3 {
		out = append(out, pix[i])
	}
	return out
}

// How much of a JPEG Pillow and package jpeg give differently, before any resize, over the goldens' pictures.
func TestJPEGDecodeAgainstPillow(t *testing.T) {
	dir := filepath.Join("..", "testdata", "goldens", "modes")
	var all difference
	n := 0
	for _, sub := range []string{"444", "422", "420"} {
		data, err := os.ReadFile(filepath.Join(dir, "images", "jpeg-"+sub+"-33x31.jpg"))
		if err != nil {
			t.Fatal(err)
		}
		p := mustPipeline(t, plainInput(3))
		p.turbo = nil
		got, err := p.Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		want, _ := readRGB(t, filepath.Join(dir, "expected", "jpeg-"+sub+"-33x31.RGB.png"))
		d := compare(got.Pix, want)
		t.Logf("4:%s:%s  %.2f %% of the samples differ, by up to %d, mean %.4f", sub[1:2], sub[2:], 100*d.unequal, d.largest, d.mean)
		all.unequal += d.unequal
		n++
	}
	if share := all.unequal / float64(n); share > 0.1 {
		t.Errorf("%.1f %% of the samples differ, want at most 10 %%", 100*share)
	}
}
