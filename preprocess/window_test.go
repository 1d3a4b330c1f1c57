package preprocess

import (
	"testing"

	"github.com/scones-unlimited/scones/model"
)

// TestWindow checks every way to come to a size by hand.
func TestWindow(t *testing.T) {
	for _, test := range []struct {
		name          string
		resize        model.Resize
		width, height int
		want          Window
	}{
		{"stretched", model.Resize{Mode: model.Stretch, Filter: model.Bilinear}, 100, 50, Window{0, 0, 100, 50, 0, 0, 32, 32}},
		{"stretched and cut", model.Resize{Mode: model.Stretch, Filter: model.Bilinear, Width: 64, Height: 40}, 128, 40, Window{32, 4, 96, 36, 0, 0, 32, 32}},
		{"shorter side", model.Resize{Mode: model.ShortSide, ShortSide: 64, Filter: model.Bilinear}, 256, 128, Window{96, 32, 160, 96, 0, 0, 32, 32}},
		{"fitted in", model.Resize{Mode: model.Pad, Filter: model.Bilinear}, 64, 32, Window{0, 0, 64, 32, 0, 8, 32, 24}},
		{"as it is", model.Resize{Mode: model.None}, 40, 36, Window{4, 2, 36, 34, 0, 0, 32, 32}},
	} {
		p, err := New(&model.Input{
			Name: "data", Element: model.Uint8, Layout: model.NHWC, Width: 32, Height: 32, Channels: 3, ChannelOrder: model.RGB, Resize: test.resize,
		}, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Window(&Picture{Width: test.width, Height: test.height, Channels: 3}); got != test.want {
			t.Errorf("%s: the window is %+v, want %+v", test.name, got, test.want)
		}
	}
}
