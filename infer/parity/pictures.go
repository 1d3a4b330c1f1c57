package parity

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	_ "image/gif" // decoders of formats that can be transparent
	"image/jpeg"
	"image/png"

	_ "golang.org/x/image/bmp"
	_ "golang.org/x/image/tiff"
	_ "golang.org/x/image/webp"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/preprocess"
)

// grey makes a colour picture grey: Pillow's convert("L"), 0.299 R + 0.587 G + 0.114 B in 16 bits.
func grey(pic *preprocess.Picture) error {
	for p := pic.Pix; len(p) >= 3; p = p[3:] {
		v := uint8((19595*uint32(p[0]) + 38470*uint32(p[1]) + 7471*uint32(p[2]) + 0x8000) >> 16)
		p[0], p[1], p[2] = v, v, v
	}
	return nil
}

// reencode writes the picture as a JPEG of this quality, chroma at half size as Pillow and OpenCV do, and reads it again.
func reencode(in *model.Input, quality int) func(*preprocess.Picture) error {
	plain := *in
	plain.Decode, plain.ApplyEXIF = "", false
	return func(pic *preprocess.Picture) error {
		var file bytes.Buffer
		if err := jpeg.Encode(&file, asImage(pic), &jpeg.Options{Quality: quality}); err != nil {
			return fmt.Errorf("encode JPEG: %w", err)
		}
		pipeline, err := preprocess.New(&plain, preprocess.Limits{})
		if err != nil {
			return err
		}
		again, err := pipeline.Decode(file.Bytes())
		if err != nil {
			return err
		}
		pic.Pix = again.Pix
		return nil
	}
}

func asImage(pic *preprocess.Picture) image.Image {
	if pic.Channels == 1 {
		return &image.Gray{Pix: pic.Pix, Stride: pic.Width, Rect: image.Rect(0, 0, pic.Width, pic.Height)}
	}
	img := image.NewRGBA(image.Rect(0, 0, pic.Width, pic.Height))
	from := pic.Pix
	for to := img.Pix; len(to) >= 4 && len(from) >= 3; to, from = to[4:], from[3:] {
		to[0], to[1], to[2], to[3] = from[0], from[1], from[2], 0xff
	}
	return img
}

// compositeOver lays a transparent picture over a background of one grey. Pictures that are opaque stay as they are, and so do those
// that package image does not read, whose transparency is dropped here as well.
func compositeOver(background uint8) func([]byte, preprocess.Limits) ([]byte, error) {
	return func(file []byte, limits preprocess.Limits) ([]byte, error) {
		header, format, err := image.DecodeConfig(bytes.NewReader(file))
		most := limits.MaxPixels
		if most <= 0 {
			most = preprocess.DefaultMaxPixels
		}
		if err != nil || format == "jpeg" || int64(header.Width)*int64(header.Height) > most {
			return file, nil
		}
		img, _, err := image.Decode(bytes.NewReader(file))
		if err != nil {
			return file, nil
		}
		if opaque, ok := img.(interface{ Opaque() bool }); ok && opaque.Opaque() {
			return file, nil
		}
		laid := image.NewRGBA(image.Rect(0, 0, img.Bounds().Dx(), img.Bounds().Dy()))
		for y := range laid.Rect.Dy() {
			for x := range laid.Rect.Dx() {
				c := color.NRGBAModel.Convert(img.At(img.Bounds().Min.X+x, img.Bounds().Min.Y+y)).(color.NRGBA)
				mix := func(v uint8) uint8 {
					return uint8((uint32(v)*uint32(c.A) + uint32(background)*uint32(255-c.A) + 127) / 255)
				}
				laid.SetRGBA(x, y, color.RGBA{mix(c.R), mix(c.G), mix(c.B), 0xff})
			}
		}
		var out bytes.Buffer
		if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&out, laid); err != nil {
			return nil, fmt.Errorf("encode PNG: %w", err)
		}
		return out.Bytes(), nil
	}
}
