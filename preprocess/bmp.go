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

// openBMP reads the header. The size stands at 18 and 22 as signed numbers, the height negative when the top row comes first.
func openBMP(data []byte) (encoded, error) {
	s := &bmpSource{data: data, head: header{orientation: 1}}
	if len(data) < 54 { // the file's header and the smallest that package bmp reads
		return nil, io.ErrUnexpectedEOF
	}
	width, height := int32(binary.LittleEndian.Uint32(data[18:])), int32(binary.LittleEndian.Uint32(data[22:]))
	s.head.width, s.head.height = int(width), int(max(height, -height))
	if width < 1 || height == 0 || s.head.width > maxLongSide || s.head.height > maxLongSide {
		return s, nil // outside every limit; package bmp would call it unsupported
	}
	if _, err := bmp.DecodeConfig(bytes.NewReader(data)); err != nil {
		return nil, err
	}
	return s, nil
}

// holds multiplies the rows out, which are stored as they are.
func (s *bmpSource) holds() error {
	bits := int64(binary.LittleEndian.Uint16(s.data[28:]))
	rowBytes := (int64(s.head.width)*bits + 31) / 32 * 4
	if rowBytes > int64(len(s.data))/int64(s.head.height) {
		return tooShort("BMP", s.data, s.head)
	}
	return nil
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
