package preprocess

import (
	"bytes"
	"image"
	"image/jpeg"
	"io"
)

// jpegSource is a JPEG file.
type jpegSource struct {
	data   []byte
	head   header
	layout jpegLayout
}

// maxPixelsPerByte is more than a JPEG file can hold: a block of 64 pixels takes at least one bit.
const maxPixelsPerByte = 64 * 8

// openJPEG reads the segments.
func openJPEG(data []byte) (encoded, error) {
	config, err := jpeg.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	layout, err := readJPEGLayout(data)
	if err != nil {
		return nil, err
	}
	return &jpegSource{
		data:   data,
		head:   header{width: config.Width, height: config.Height, orientation: layout.orientation},
		layout: layout,
	}, nil
}

func (s *jpegSource) header() header { return s.head }

// holds compares the picture with the most that the file can code.
func (s *jpegSource) holds() error {
	if int64(s.head.width) > maxPixelsPerByte*int64(len(s.data))/int64(s.head.height)+1 {
		return tooShort("JPEG", s.data, s.head)
	}
	return nil
}

func (s *jpegSource) decode(dst *Picture, channels int) error {
	img, err := jpeg.Decode(s.reader())
	if err != nil {
		if !bytes.Contains(s.data[s.layout.scanAt:], []byte{0xff, 0xd9}) { // package jpeg calls a cut scan corrupt
			return fail(CodeTruncated, "decode JPEG: the file ends before the picture does: %w", err)
		}
		return err
	}
	if size := img.Bounds().Size(); size.X != s.head.width || size.Y != s.head.height {
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
	if l.components != 4 {
		return bytes.NewReader(s.data)
	}
	const transformUnknown = 0
	if l.adobeAt > 0 {
		return io.MultiReader(bytes.NewReader(s.data[:l.adobeAt]), bytes.NewReader([]byte{transformUnknown}), bytes.NewReader(s.data[l.adobeAt+1:]))
	}
	mark := []byte("\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00")
	return io.MultiReader(bytes.NewReader(s.data[:2]), bytes.NewReader(mark), bytes.NewReader(s.data[2:]))
}
