package preprocess

import (
	"bytes"
	"image"
	"io"

	"golang.org/x/image/tiff"
)

// tiffSource is the first picture of a TIFF file.
type tiffSource struct {
	data []byte
	head header
	tags *tiffTags
}

func isTIFF(data []byte) bool {
	return bytes.HasPrefix(data, []byte("II*\x00")) || bytes.HasPrefix(data, []byte("MM\x00*"))
}

// openTIFF reads the first directory and refuses what package tiff would read wrongly.
func openTIFF(data []byte) (encoded, error) {
	if len(data) < 8 {
		return nil, io.ErrUnexpectedEOF
	}
	t := readTiffTags(data)
	s := &tiffSource{
		data: data, tags: t,
		head: header{width: int(t.width), height: int(t.height), orientation: directoryOrientation(data, t.order), alwaysUpright: true},
	}
	if t.width > maxLongSide || t.height > maxLongSide {
		return s, nil // beyond every limit; package tiff would call it corrupt
	}
	config, err := tiff.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	if t.planar != 1 && t.samples > 1 {
		return nil, fail(CodeUnsupported, "decode TIFF: a plane for each channel (planar configuration %d) is not read", t.planar)
	}
	if t.fillOrder != 1 && (t.compression < 2 || t.compression > 4) {
		return nil, fail(CodeUnsupported, "decode TIFF: fill order %d with compression %d is not read", t.fillOrder, t.compression)
	}
	if config.Width != s.head.width || config.Height != s.head.height {
		return nil, fail(CodeCorrupt, "decode TIFF: the directory gives two sizes")
	}
	return s, nil
}

// holds sees that the strips or tiles lie inside the file, that the file is long enough for the picture and that tiles do not make
// it much larger.
func (s *tiffSource) holds() error {
	t, size := s.tags, uint64(len(s.data))
	for i := range min(len(t.offsets), len(t.byteCounts)) {
		if t.offsets[i] > size || t.byteCounts[i] > size-t.offsets[i] {
			return fail(CodeTruncated, "decode TIFF: block %d ends beyond the file: %w", i, io.ErrUnexpectedEOF)
		}
	}
	bits := uint64(1)
	if len(t.bits) > 0 {
		bits = t.bits[0] * uint64(len(t.bits))
	}
	// The largest factor by which each compression can expand; CCITT's has no bound.
	expand := map[uint64]uint64{0: 1, 1: 1, 5: maxLZW, 8: maxDeflate, 32773: 64, 32946: maxDeflate}[t.compression]
	if need := (t.width*bits + 7) / 8 * t.height; expand > 0 && need/expand > size {
		return tooShort("TIFF", s.data, s.head)
	}
	if t.tileWidth == 0 || t.tileHeight == 0 {
		return nil
	}
	return t.checkTiles()
}

func (s *tiffSource) header() header { return s.head }

func (s *tiffSource) decode(dst *Picture, channels int) error {
	img, err := tiff.Decode(bytes.NewReader(s.data))
	if err != nil {
		return err
	}
	if grey, ok := img.(*image.Gray); ok && s.tags.compression >= 2 && s.tags.compression <= 4 && s.tags.photometric == 1 {
		// Fax codes say black for a set bit; package tiff takes it for the colour, whatever the photometric interpretation.
		for i, v := range grey.Pix {
			grey.Pix[i] = ^v
		}
	}
	if len(s.tags.extra) > 0 && s.tags.extra[0] == 1 { // associated alpha
		divideAlpha(img)
	}
	if !dst.fromImage(img, channels, false) {
		return fail(CodeUnsupported, "decode TIFF: unexpected colour model %T", img)
	}
	return nil
}

// divideAlpha undoes the multiplication by alpha as Pillow does (unpackRGBa in Unpack.c): 255·colour/alpha, truncated.
func divideAlpha(img image.Image) {
	switch img := img.(type) {
	case *image.RGBA:
		for p := img.Pix; len(p) >= 4; p = p[4:] {
			divide(p[:4], 1)
		}
	case *image.RGBA64:
		for p := img.Pix; len(p) >= 8; p = p[8:] {
			divide(p[:8], 2)
		}
	}
}

// divide works on the upper byte of each sample, which is the one that is kept.
func divide(p []uint8, step int) {
	a := uint32(p[3*step])
	for c := range 3 {
		switch a {
		case 255:
		case 0:
			p[c*step] = 0
		default:
			p[c*step] = uint8(min(255*uint32(p[c*step])/a, 255))
		}
	}
}
