package preprocess

import (
	"bytes"
	"encoding/binary"
	"io"

	"golang.org/x/image/bmp"
)

// bmpSource is a BMP file.
type bmpSource struct {
	data []byte
	head header
}

// openBMP reads the header and sees whether the file holds what it declares; rows are stored as they are.
func openBMP(data []byte) (encoded, error) {
	config, err := bmp.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	// DecodeConfig succeeded, so the file has a header of at least 40 bytes with the depth at 28.
	bits := int64(binary.LittleEndian.Uint16(data[28:]))
	rowBytes := (int64(config.Width)*bits + 31) / 32 * 4
	if config.Height > 0 && rowBytes > int64(len(data))/int64(config.Height) {
		return nil, fail(CodeTruncated, "decode BMP: %d bytes cannot hold %d × %d pixels: %w",
			len(data), config.Width, config.Height, io.ErrUnexpectedEOF)
	}
	return &bmpSource{data: data, head: header{width: config.Width, height: config.Height, orientation: 1}}, nil
}

func (s *bmpSource) header() header { return s.head }

func (s *bmpSource) decode(dst *Picture, channels int) error {
	img, err := bmp.Decode(bytes.NewReader(s.data))
	if err != nil {
		return err
	}
	if !dst.fromImage(img, channels, false) {
		return fail(CodeUnsupported, "decode BMP: unexpected colour model %T", img)
	}
	return nil
}
