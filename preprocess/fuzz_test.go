package preprocess

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/scones-unlimited/scones/model"
)

// Whatever the bytes: no panic, no hang, an ImageError or a whole picture within the limits that fills a tensor.
func FuzzDecode(f *testing.F) {
	for _, dir := range []string{"goldens/modes/images", "broken"} {
		files, err := filepath.Glob(filepath.Join("..", "testdata", filepath.FromSlash(dir), "*"))
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err == nil && len(data) <= 8<<10 {
				f.Add(data)
			}
		}
	}
	in := &model.Input{Name: "data", Element: model.Float32, Layout: model.NCHW, Width: 5, Height: 4, Channels: 3,
		ChannelOrder: model.BGR, ApplyEXIF: true, Resize: model.Resize{Mode: model.ShortSide, ShortSide: 6, Filter: model.Lanczos}}
	p, err := New(in, Limits{MaxPixels: 1 << 16, MaxBytes: 1 << 20})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		pic, err := p.Decode(data)
		if err != nil {
			if known, ok := errors.AsType[*ImageError](err); !ok || known.Code == "" {
				t.Errorf("Decode gave %v, want an ImageError with a code", err)
			}
			return
		}
		defer p.Release(pic)
		if pic.Width < 1 || pic.Height < 1 || pic.Width*pic.Height > 1<<16 || len(pic.Pix) != pic.Width*pic.Height*3 {
			t.Errorf("%d × %d pixels in %d samples", pic.Width, pic.Height, len(pic.Pix))
		}
		if err := p.Fill(NewTensor(in, 1), 0, pic); err != nil {
			t.Errorf("Fill: %v", err)
		}
	})
}
