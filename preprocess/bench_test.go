package preprocess

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/scones-unlimited/scones/model"
)

func BenchmarkDecode(b *testing.B) {
	for _, name := range []string{"jpeg-420.jpg", "jpeg-progressive.jpg", "png-rgb.png", "gif.gif", "bmp.bmp", "tiff-lzw.tiff", "webp-lossy.webp", "webp-lossless.webp", "jpeg-exif-6.jpg"} {
		b.Run(name, func(b *testing.B) {
			data, err := os.ReadFile(filepath.Join("..", "testdata", "goldens", "pillow", "images", name))
			if err != nil {
				b.Fatal(err)
			}
			p := mustPipeline(b, recipes()["squash32"])
			b.ReportAllocs()
			pixels := 0
			for b.Loop() {
				pic, err := p.Decode(data)
				if err != nil {
					b.Fatal(err)
				}
				pixels = pic.Width * pic.Height
				p.Release(pic)
			}
			megapixels(b, pixels)
		})
	}
}

// BenchmarkFill resizes and fills: 12 megapixels as phones take them, and a small picture.
func BenchmarkFill(b *testing.B) {
	for _, size := range []struct {
		name          string
		width, height int
	}{{"12MP", 4000, 3000}, {"640x480", 640, 480}, {"32x32", 32, 32}} {
		pic := noise(rand.New(rand.NewPCG(1, 2)), size.width, size.height, 3)
		for name, in := range recipes() {
			for _, element := range []model.Element{model.Uint8, model.Float32} {
				b.Run(size.name+"/"+name+"/"+string(element), func(b *testing.B) {
					in := *in
					in.Element = element
					if element == model.Float32 {
						in.Layout, in.Scale = model.NCHW, 1.0/255
					}
					p := mustPipeline(b, &in)
					dst := NewTensor(&in, 1)
					b.ReportAllocs()
					for b.Loop() {
						if err := p.Fill(dst, 0, pic); err != nil {
							b.Fatal(err)
						}
					}
					megapixels(b, size.width*size.height)
				})
			}
		}
	}
}

// megapixels reports the source pixels a second.
func megapixels(b *testing.B, pixels int) {
	b.ReportMetric(float64(pixels)*float64(b.N)/1e6/b.Elapsed().Seconds(), "MP/s")
}
