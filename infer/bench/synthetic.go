package bench

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"slices"

	"github.com/scones-unlimited/scones/preprocess"
)

// Synthetic names a kind of pictures that [Draw] makes, the same on every machine.
type Synthetic string

// The kinds.
const (
	Small    Synthetic = "small"    // PNG of 32 × 32 pixels
	Photo    Synthetic = "photo"    // JPEG of 4000 × 3000 pixels, 4:2:0, of a few MB, as cameras write them
	ImageNet Synthetic = "imagenet" // JPEG of 500 × 375 pixels, 4:2:0, the commonest size of ImageNet
)

// Synthetics lists the kinds.
var Synthetics = []Synthetic{Small, Photo, ImageNet}

// ParseSynthetic returns the kind of a name.
func ParseSynthetic(name string) (Synthetic, error) {
	if !slices.Contains(Synthetics, Synthetic(name)) {
		return "", fmt.Errorf("kind of pictures %q is not known: one of %q", name, Synthetics)
	}
	return Synthetic(name), nil
}

// kinds say what is drawn: sizes, how many different pictures, and the finest and coarsest grain.
var kinds = map[Synthetic]struct{ width, height, count int }{
	Small:    {32, 32, 64},
	Photo:    {4000, 3000, 3},
	ImageNet: {500, 375, 16},
}

// jpegQuality is what cameras use, about.
const jpegQuality = 88

// Draw makes the different pictures of a kind in memory, at most 12 MB of files.
func Draw(kind Synthetic) ([]preprocess.Image, error) {
	k, ok := kinds[kind]
	if !ok {
		return nil, fmt.Errorf("draw pictures of kind %q: not known", kind)
	}
	var images []preprocess.Image
	for i := range k.count {
		var file bytes.Buffer
		var err error
		extension := "jpg"
		picture := texture(k.width, k.height, uint64(i))
		if kind == Small {
			extension = "png"
			err = png.Encode(&file, opaque(picture))
		} else {
			err = jpeg.Encode(&file, picture, &jpeg.Options{Quality: jpegQuality})
		}
		if err != nil {
			return nil, fmt.Errorf("draw picture %d of kind %q: %w", i, kind, err)
		}
		data := file.Bytes()
		images = append(images, preprocess.Image{
			Name: fmt.Sprintf("%s-%02d.%s", kind, i, extension),
			Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil },
		})
	}
	return images, nil
}

// opaque turns a picture into RGB, which PNG files of photographs hold.
func opaque(src *image.YCbCr) *image.RGBA {
	dst := image.NewRGBA(src.Bounds())
	for y := range src.Rect.Dy() {
		for x := range src.Rect.Dx() {
			dst.Set(x, y, src.At(x, y))
		}
	}
	return dst
}
