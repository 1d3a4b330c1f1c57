package preprocess

import (
	"bytes"
	"encoding/binary"
	"image/png"
	"io"
)

const pngSignature = "\x89PNG\r\n\x1a\n"

// maxDeflate is the largest factor by which deflate can expand: 258 bytes from a length and a distance code of one bit each.
const maxDeflate = 1032

// pngSource is a PNG file.
type pngSource struct {
	data []byte
	head header
	// Wide16 is set for 16-bit grey without an alpha channel, Pillow's mode I;16.
	wide16 bool
}

// openPNG reads the header and the eXIf chunk, and sees whether the file can hold what its header declares.
func openPNG(data []byte) (encoded, error) {
	config, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	s := &pngSource{data: data, head: header{width: config.Width, height: config.Height, orientation: 1}}
	// DecodeConfig succeeded, so the first chunk is an IHDR of 13 bytes: depth at 24, colour type at 25 of the file.
	depth, colourType := int64(data[24]), data[25]
	samples := int64(1)
	switch colourType {
	case 2:
		samples = 3
	case 4:
		samples = 2
	case 6:
		samples = 4
	}
	s.wide16 = colourType == 0 && depth == 16
	rowBytes := (int64(config.Width)*samples*depth+7)/8 + 1 // and the filter byte
	if rowBytes > maxDeflate*int64(len(data))/int64(config.Height)+1 {
		return nil, fail(CodeTruncated, "decode PNG: %d bytes cannot hold %d × %d pixels: %w",
			len(data), config.Width, config.Height, io.ErrUnexpectedEOF)
	}
	if block := pngChunk(data, "eXIf"); block != nil {
		s.head.orientation = exifOrientation(block)
	}
	return s, nil
}

// pngChunk returns the content of the first chunk of a kind, or nil. Chunks that run over the file's end end the search.
func pngChunk(data []byte, kind string) []byte {
	for rest := data[len(pngSignature):]; len(rest) >= 12; { // length, kind, checksum
		length := uint64(binary.BigEndian.Uint32(rest))
		if length > uint64(len(rest)-12) {
			return nil
		}
		if string(rest[4:8]) == kind {
			return rest[8 : 8+length]
		}
		rest = rest[12+length:]
	}
	return nil
}

func (s *pngSource) header() header { return s.head }

func (s *pngSource) decode(dst *Picture, channels int) error {
	img, err := png.Decode(bytes.NewReader(s.data))
	if err != nil {
		return err
	}
	if !dst.fromImage(img, channels, s.wide16) {
		return fail(CodeUnsupported, "decode PNG: unexpected colour model %T", img)
	}
	return nil
}
