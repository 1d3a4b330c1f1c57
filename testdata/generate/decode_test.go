package main

import (
	"bytes"
	"image"
	"image/color"
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"
	"path/filepath"

	_ "golang.org/x/image/bmp"
	_ "golang.org/x/image/tiff"
	xwebp "golang.org/x/image/webp"
)

// decode reads a file with the standard library's decoder, or with that of golang.org/x/image. The WebP
// encoder registers a decoder of its own, which is not asked, so that no module judges its own work.
func decode(name string, data []byte) (image.Image, error) {
	if filepath.Ext(name) != ".webp" {
		m, _, err := image.Decode(bytes.NewReader(data))
		return m, err
	}
	m, err := xwebp.Decode(bytes.NewReader(data))
	switch m := m.(type) {
	case *image.YCbCr:
		return studio{m, func(int, int) uint8 { return 255 }}, err
	case *image.NYCbCrA:
		return studio{&m.YCbCr, func(x, y int) uint8 { return m.A[m.AOffset(x, y)] }}, err
	}
	return m, err
}

// studio is a lossy WebP picture: its luminance goes from 16 to 235 and its colour differences from 16 to
// 240, as in television (ITU-R BT.601), where those of JPEG and of [image.YCbCr] go from 0 to 255.
type studio struct {
	*image.YCbCr
	alpha func(x, y int) uint8
}

func (s studio) ColorModel() color.Model { return color.NRGBAModel }

func (s studio) At(x, y int) color.Color {
	c := s.YCbCrAt(x, y)
	luma, blue, red := 1.164*(float64(c.Y)-16), float64(c.Cb)-128, float64(c.Cr)-128
	clip := func(v float64) uint8 { return uint8(min(max(v+0.5, 0), 255)) }
	return color.NRGBA{clip(luma + 1.596*red), clip(luma - 0.813*red - 0.391*blue), clip(luma + 2.018*blue), s.alpha(x, y)}
}
