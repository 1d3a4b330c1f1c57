package preprocess

import (
	"bytes"
	"encoding/binary"
	"io"

	"golang.org/x/image/bmp"
)

// bmpSource is a BMP file.
//
// Package bmp reads three of the headers that are in use and wants the pixels right behind the palette. So it gets a plain file
// instead: the header of 40 bytes, a whole palette and the pixels, which are those of the file.
type bmpSource struct {
	head header
	// Bits a pixel: 1, 2, 4, 8, 24 or 32; package bmp refuses others.
	bits    uint16
	topDown bool
	palette []byte // 4 bytes a colour: blue, green, red, unused
	pixels  []byte
}

// The compressions of BMP that store pixels as they are.
const (
	bmpPlain     = 0
	bmpBitFields = 3
)

// openBMP reads the header: the file's in 14 bytes, then the picture's, whose first number is its length.
func openBMP(data []byte) (encoded, error) {
	if len(data) < 26 {
		return nil, io.ErrUnexpectedEOF
	}
	s := &bmpSource{head: header{orientation: 1}}
	offset, length := uint64(binary.LittleEndian.Uint32(data[10:])), uint64(binary.LittleEndian.Uint32(data[14:]))
	if 14+length > uint64(len(data)) {
		return nil, io.ErrUnexpectedEOF
	}
	info, rest := data[14:14+length], data[14+length:]
	var colours, entry uint64 = 0, 4
	switch length {
	case 12: // OS/2 1.x: 16-bit sizes, 3 bytes a colour
		s.head.width, s.head.height = int(binary.LittleEndian.Uint16(info[4:])), int(binary.LittleEndian.Uint16(info[6:]))
		s.bits, entry = binary.LittleEndian.Uint16(info[10:]), 3
	case 40, 52, 56, 64, 108, 124: // Windows 3 and later, OS/2 2.x: signed sizes, a negative height puts the top row first
		width, height := int32(binary.LittleEndian.Uint32(info[4:])), int32(binary.LittleEndian.Uint32(info[8:]))
		s.head.width, s.head.height, s.topDown = int(width), max(int(height), -int(height)), height < 0
		s.bits = binary.LittleEndian.Uint16(info[14:])
		colours = uint64(binary.LittleEndian.Uint32(info[32:]))
		switch compression := binary.LittleEndian.Uint32(info[16:]); {
		case compression == bmpPlain:
		case compression == bmpBitFields && length != 64 && s.plainMasks(info, &rest):
		default:
			return nil, fail(CodeUnsupported, "decode BMP: compression %d of %d bits a pixel is not read", compression, s.bits)
		}
	default:
		return nil, fail(CodeUnsupported, "decode BMP: a header of %d bytes is not read", length)
	}
	if s.bits <= 8 {
		s.readPalette(rest, colours, entry)
	}
	s.pixels = data[min(offset, uint64(len(data))):]
	return s, nil
}

// plainMasks reports whether the bit masks of red, green and blue are those that pixels without masks have. They are part of the
// longer headers and follow that of 40 bytes.
func (s *bmpSource) plainMasks(info []byte, rest *[]byte) bool {
	masks := info[40:]
	if len(info) == 40 {
		if len(*rest) < 12 {
			return false
		}
		masks, *rest = (*rest)[:12], (*rest)[12:]
	}
	return (s.bits == 24 || s.bits == 32) && binary.LittleEndian.Uint32(masks) == 0xff0000 &&
		binary.LittleEndian.Uint32(masks[4:]) == 0xff00 && binary.LittleEndian.Uint32(masks[8:]) == 0xff
}

// readPalette takes the colours that are there; the others are black, as in Pillow. Zero colours are as many as there can be.
func (s *bmpSource) readPalette(rest []byte, colours, entry uint64) {
	most := uint64(1) << s.bits
	if colours == 0 || colours > most {
		colours = most
	}
	s.palette = make([]byte, 4*most)
	for i := range min(colours, uint64(len(rest))/entry) {
		copy(s.palette[4*i:], rest[entry*i:][:3])
	}
}

func (s *bmpSource) header() header { return s.head }

// holds multiplies the rows out, which are stored as they are.
func (s *bmpSource) holds() error {
	rowBytes := (int64(s.head.width)*int64(s.bits) + 31) / 32 * 4
	if rowBytes > int64(len(s.pixels))/int64(s.head.height) {
		return tooShort("BMP", s.pixels, s.head)
	}
	return nil
}

func (s *bmpSource) decode(dst *Picture, channels int) error {
	img, err := bmp.Decode(s.plain())
	if err != nil {
		return err
	}
	if !dst.fromImage(img, channels, false) {
		return fail(CodeUnsupported, "decode BMP: unexpected colour model %T", img)
	}
	return nil
}

// plain is the file that package bmp gets.
func (s *bmpSource) plain() io.Reader {
	height := uint32(s.head.height)
	if s.topDown {
		height = -height
	}
	little := binary.LittleEndian
	start := append(make([]byte, 0, 54), "BM\x00\x00\x00\x00\x00\x00\x00\x00"...)
	start = little.AppendUint32(start, uint32(54+len(s.palette))) // where the pixels begin
	start = little.AppendUint32(start, 40)                        // length of what follows
	start = little.AppendUint32(start, uint32(s.head.width))
	start = little.AppendUint32(start, height)
	start = little.AppendUint16(start, 1) // planes
	start = little.AppendUint16(start, s.bits)
	start = append(start, make([]byte, 24)...) // no compression, as many colours as there can be
	return io.MultiReader(bytes.NewReader(start), bytes.NewReader(s.palette), bytes.NewReader(s.pixels))
}
