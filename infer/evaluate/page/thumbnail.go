package page

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"html/template"
	"image"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/draw"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/preprocess"
)

// thumbnailSide is the longer side of a thumbnail, in pixels.
const thumbnailSide = 112

// jpegQuality of a thumbnail; about 4 kB.
const jpegQuality = 82

// A Thumbnail is a small picture inside the page. The zero value shows none.
type Thumbnail struct {
	URL           template.URL // data:
	Width, Height int          // of the picture itself
}

// Thumbnails makes those of the named pictures, as open finds them. A picture that cannot be read has none.
func Thumbnails(ctx context.Context, names []string, open func(name string) preprocess.Image, limits preprocess.Limits) (map[string]Thumbnail, error) {
	// Only its decoder is used, so that thumbnails stand upright and are refused as everywhere.
	pipeline, err := preprocess.New(&model.Input{
		Name: "picture", Element: model.Uint8, Layout: model.NHWC, Width: 1, Height: 1, Channels: 3, ChannelOrder: model.RGB,
		Resize: model.Resize{Mode: model.Stretch, Filter: model.Bilinear}, ApplyEXIF: true,
	}, limits)
	if err != nil {
		return nil, err
	}
	all := map[string]Thumbnail{}
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		picture, err := pipeline.Load(open(name))
		if err != nil {
			continue
		}
		t, err := NewThumbnail(picture)
		pipeline.Release(picture)
		if err != nil {
			return nil, fmt.Errorf("shrink %q: %w", name, err)
		}
		all[name] = t
	}
	return all, nil
}

// NewThumbnail shrinks a decoded colour picture. A small one is kept as it is, in every pixel.
func NewThumbnail(pic *preprocess.Picture) (Thumbnail, error) {
	from := image.NewNRGBA(image.Rect(0, 0, pic.Width, pic.Height))
	for i := range pic.Width * pic.Height {
		for c := range 3 {
			from.Pix[4*i+c] = pic.Pix[pic.Channels*i+min(c, pic.Channels-1)]
		}
		from.Pix[4*i+3] = 0xff
	}
	var data bytes.Buffer
	kind := "png"
	var err error
	if longer := max(pic.Width, pic.Height); longer <= thumbnailSide/2 {
		err = png.Encode(&data, from)
	} else {
		kind = "jpeg"
		shrunk := image.Image(from)
		if longer > thumbnailSide {
			to := image.NewNRGBA(image.Rect(0, 0, max(1, pic.Width*thumbnailSide/longer), max(1, pic.Height*thumbnailSide/longer)))
			draw.CatmullRom.Scale(to, to.Rect, from, from.Rect, draw.Src, nil)
			shrunk = to
		}
		err = jpeg.Encode(&data, shrunk, &jpeg.Options{Quality: jpegQuality})
	}
	url := "data:image/" + kind + ";base64," + base64.StdEncoding.EncodeToString(data.Bytes())
	return Thumbnail{template.URL(url), pic.Width, pic.Height}, err
}

// Small tells whether the picture is shown enlarged, pixel by pixel.
func (t Thumbnail) Small() bool { return max(t.Width, t.Height) <= thumbnailSide/2 }
