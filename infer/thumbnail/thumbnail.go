// Package thumbnail shrinks pictures to what fits into a page.
package thumbnail

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

// Side is the longer side of a thumbnail, in pixels.
const Side = 112

// jpegQuality of a thumbnail; about 4 kB.
const jpegQuality = 82

// A Thumbnail is a small picture inside a page. The zero value shows none.
type Thumbnail struct {
	URL           template.URL // data:
	Width, Height int          // of the picture itself
}

// A Maker makes thumbnails. It is safe for concurrent use.
type Maker struct {
	pipeline *preprocess.Pipeline
	side     int
}

// NewMaker makes thumbnails of a longer side, in pixels; limits hold for every picture.
func NewMaker(side int, limits preprocess.Limits) (*Maker, error) {
	// Only its decoder is used, so that thumbnails stand upright and are refused as everywhere.
	pipeline, err := preprocess.New(&model.Input{
		Name: "picture", Element: model.Uint8, Layout: model.NHWC, Width: 1, Height: 1, Channels: 3, ChannelOrder: model.RGB,
		Resize: model.Resize{Mode: model.Stretch, Filter: model.Bilinear}, ApplyEXIF: true,
	}, limits)
	return &Maker{pipeline, side}, err
}

// Of makes the thumbnail of a file's bytes. Errors of the picture are [*preprocess.ImageError].
func (m *Maker) Of(data []byte) (Thumbnail, error) {
	picture, err := m.pipeline.Decode(data)
	if err != nil {
		return Thumbnail{}, err
	}
	defer m.pipeline.Release(picture)
	return shrink(picture, m.side)
}

// All makes those of the named pictures, as open finds them. A picture that cannot be read has none.
func All(ctx context.Context, names []string, open func(name string) preprocess.Image, limits preprocess.Limits) (map[string]Thumbnail, error) {
	m, err := NewMaker(Side, limits)
	if err != nil {
		return nil, err
	}
	all := map[string]Thumbnail{}
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		picture, err := m.pipeline.Load(open(name))
		if err != nil {
			continue
		}
		t, err := shrink(picture, m.side)
		m.pipeline.Release(picture)
		if err != nil {
			return nil, fmt.Errorf("shrink %q: %w", name, err)
		}
		all[name] = t
	}
	return all, nil
}

// New shrinks a decoded colour picture to [Side]. A small one is kept as it is, in every pixel.
func New(pic *preprocess.Picture) (Thumbnail, error) { return shrink(pic, Side) }

func shrink(pic *preprocess.Picture, side int) (Thumbnail, error) {
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
	if longer := max(pic.Width, pic.Height); longer <= side/2 {
		err = png.Encode(&data, from)
	} else {
		kind = "jpeg"
		shrunk := image.Image(from)
		if longer > side {
			to := image.NewNRGBA(image.Rect(0, 0, max(1, pic.Width*side/longer), max(1, pic.Height*side/longer)))
			draw.CatmullRom.Scale(to, to.Rect, from, from.Rect, draw.Src, nil)
			shrunk = to
		}
		err = jpeg.Encode(&data, shrunk, &jpeg.Options{Quality: jpegQuality})
	}
	url := "data:image/" + kind + ";base64," + base64.StdEncoding.EncodeToString(data.Bytes())
	return Thumbnail{template.URL(url), pic.Width, pic.Height}, err
}

// Small tells whether the picture is shown enlarged, pixel by pixel.
func (t Thumbnail) Small() bool { return max(t.Width, t.Height) <= Side/2 }
