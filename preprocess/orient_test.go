package preprocess

import (
	"math/rand/v2"
	"testing"
)

// Every orientation moves every pixel to where EXIF says, in pictures of one band and of several.
func TestOrientMovesEveryPixel(t *testing.T) {
	// Where pixel x, y of the upright picture is stored, in a picture that is w × h as stored.
	stored := map[int]func(x, y, w, h int) (int, int){
		1: func(x, y, _, _ int) (int, int) { return x, y },
		2: func(x, y, w, _ int) (int, int) { return w - 1 - x, y },
		3: func(x, y, w, h int) (int, int) { return w - 1 - x, h - 1 - y },
		4: func(x, y, _, h int) (int, int) { return x, h - 1 - y },
		5: func(x, y, _, _ int) (int, int) { return y, x },
		6: func(x, y, _, h int) (int, int) { return y, h - 1 - x },
		7: func(x, y, w, h int) (int, int) { return w - 1 - y, h - 1 - x },
		8: func(x, y, w, _ int) (int, int) { return w - 1 - y, x },
	}
	random := rand.New(rand.NewPCG(11, 12))
	for orientation, at := range stored {
		for _, size := range [][3]int{{7, 5, 3}, {5, 7, 1}, {1, 1, 3}, {bandPixels / 3, 7, 3}, {bandPixels / 2, 5, 1}} {
			w, h, channels := size[0], size[1], size[2]
			lying := noise(random, w, h, channels)
			pic := noise(random, w, h, channels)
			copy(pic.Pix, lying.Pix)
			orient(pic, orientation)
			if wide := orientation > 4; pic.SourceWidth != w || pic.Width != map[bool]int{false: w, true: h}[wide] || len(pic.Pix) != w*h*channels {
				t.Fatalf("orientation %d of %v: %d × %d", orientation, size, pic.Width, pic.Height)
			}
			for i, v := range pic.Pix {
				x, y := at(i/channels%pic.Width, i/channels/pic.Width, w, h)
				if want := lying.Pix[(y*w+x)*channels+i%channels]; v != want {
					t.Fatalf("orientation %d of %v: sample %d is %d, stored at %d, %d is %d", orientation, size, i, v, x, y, want)
				}
			}
		}
	}
}

func BenchmarkOrient(b *testing.B) {
	pic := noise(rand.New(rand.NewPCG(1, 2)), 4000, 3000, 3)
	b.ReportAllocs()
	for b.Loop() {
		orient(pic, 6)
	}
	megapixels(b, len(pic.Pix)/3)
}
