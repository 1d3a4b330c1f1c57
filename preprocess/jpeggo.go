package preprocess

import (
	"bytes"
	"image"
	"image/jpeg"
	"io"
)

// decodeGo decodes with package jpeg.
func (s *jpegSource) decodeGo(dst *Picture, channels int) error {
	config, err := jpeg.DecodeConfig(s.reader())
	if err == nil && (config.Width != s.layout.width || config.Height != s.layout.height) {
		return fail(CodeCorrupt, "decode JPEG: the file gives two sizes") // and the limits knew of one
	}
	var img image.Image
	if err == nil {
		img, err = jpeg.Decode(s.reader())
	}
	if err != nil {
		if !s.layout.ended { // package jpeg calls a cut scan corrupt
			return fail(CodeTruncated, "decode JPEG: the file ends before the picture does: %w", err)
		}
		return err
	}
	if size := img.Bounds().Size(); size.X != s.layout.width || size.Y != s.layout.height {
		return fail(CodeCorrupt, "decode JPEG: the file gives two sizes")
	}
	switch img := img.(type) {
	case *image.YCbCr:
		dst.fromJPEG(img, channels)
	case *image.CMYK:
		dst.fromInk(img, &s.layout, channels)
	default:
		if !dst.fromImage(img, channels, false) {
			return fail(CodeUnsupported, "decode JPEG: unexpected colour model %T", img)
		}
	}
	return nil
}

// reader gives the file to package jpeg. Files of four channels always appear as Adobe's CMYK, so that the channels come back as
// they are stored: the package refuses CMYK without Adobe's mark, and converts YCCK in its own way.
func (s *jpegSource) reader() io.Reader {
	l := &s.layout
	var end []byte
	if !l.ended {
		end = jpegEnd
	}
	if l.components != 4 {
		return io.MultiReader(bytes.NewReader(s.data), bytes.NewReader(end))
	}
	const transformUnknown = 0
	if l.adobeAt > 0 {
		return io.MultiReader(bytes.NewReader(s.data[:l.adobeAt]), bytes.NewReader([]byte{transformUnknown}),
			bytes.NewReader(s.data[l.adobeAt+1:]), bytes.NewReader(end))
	}
	mark := []byte("\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00")
	return io.MultiReader(bytes.NewReader(s.data[:2]), bytes.NewReader(mark), bytes.NewReader(s.data[2:]), bytes.NewReader(end))
}
