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

// BenchmarkFill resizes and fills what phones take, what ImageNet holds and the smallest of pictures, under each filter, with
// vector instructions and without.
func BenchmarkFill(b *testing.B) {
	for _, size := range []struct {
		name          string
		width, height int
	}{{"12MP", 4000, 3000}, {"500x375", 500, 375}} {
		pic := noise(rand.New(rand.NewPCG(1, 2)), size.width, size.height, 3)
		for _, filter := range allFilters {
			for _, vector := range paths() {
				in := *recipes()["crop224"]
				in.Resize.Filter = filter
				b.Run(size.name+"/"+string(filter)+map[bool]string{false: "/plain", true: "/vector"}[vector], func(b *testing.B) {
					benchmarkFill(b, &in, vector, pic)
				})
			}
		}
	}
	small := noise(rand.New(rand.NewPCG(1, 2)), 32, 32, 3)
	for _, element := range []model.Element{model.Uint8, model.Float32} {
		for _, layout := range []model.Layout{model.NHWC, model.NCHW} {
			in := *recipes()["squash32"]
			in.Element, in.Layout = element, layout
			b.Run("32x32/copy/"+string(element)+"/"+string(layout), func(b *testing.B) { benchmarkFill(b, &in, hasVector, small) })
		}
	}
}

// BenchmarkFillTurns takes sizes in turn, more than are kept, so that the weights are computed for each picture.
func BenchmarkFillTurns(b *testing.B) {
	for _, filter := range allFilters {
		b.Run(string(filter), func(b *testing.B) {
			var turns []*Picture
			for i := range 6 {
				turns = append(turns, noise(rand.New(rand.NewPCG(1, 2)), 500+i, 375+i, 3))
			}
			in := *recipes()["crop224"]
			in.Resize.Filter = filter
			benchmarkFill(b, &in, hasVector, turns...)
		})
	}
}

// benchmarkFill takes the pictures in turn.
func benchmarkFill(b *testing.B, in *model.Input, vector bool, turns ...*Picture) {
	p := mustPipeline(b, in)
	p.vector = vector
	dst := NewTensor(in, 1)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if err := p.Fill(dst, 0, turns[i%len(turns)]); err != nil {
			b.Fatal(err)
		}
		i++
	}
	megapixels(b, turns[0].Width*turns[0].Height)
}

// megapixels reports the source pixels a second.
func megapixels(b *testing.B, pixels int) {
	b.ReportMetric(float64(pixels)*float64(b.N)/1e6/b.Elapsed().Seconds(), "MP/s")
}
