package encode

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
)

// GIF writes the frames, all of one size, as one file; more than one frame makes it an animation that
// repeats for ever, a tenth of a second each.
func GIF(frames ...Indexed) ([]byte, error) {
	var g gif.GIF
	for _, f := range frames {
		palette := make(color.Palette, len(f.Palette))
		for i, c := range f.Palette {
			palette[i] = color.RGBA{c[0], c[1], c[2], 255}
		}
		g.Image = append(g.Image, &image.Paletted{Pix: f.Pix, Stride: f.W, Rect: image.Rect(0, 0, f.W, f.H), Palette: palette})
		g.Delay = append(g.Delay, 10)
	}
	var b bytes.Buffer
	err := gif.EncodeAll(&b, &g)
	return b.Bytes(), err
}
