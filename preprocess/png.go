package preprocess

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image/png"
	"io"
	"strings"
	"sync"
)

const pngSignature = "\x89PNG\r\n\x1a\n"

// maxDeflate is the largest factor by which deflate can expand: 258 bytes from a length and a distance code of one bit each.
const maxDeflate = 1032

// pngSource is a PNG file.
type pngSource struct {
	data []byte
	head header
	// Depth in bits a sample, and the colour type, as in IHDR.
	depth, colourType byte
	// Plain is set when IHDR is as the specification wants it.
	plain, interlaced bool
}

// pngSources serve one file after the other.
var pngSources = sync.Pool{New: func() any { return new(pngSource) }}

// close lets the next file have the source.
func (s *pngSource) close() {
	s.data = nil
	pngSources.Put(s)
}

// openPNG reads the header and the eXIf chunk.
func openPNG(data []byte) (encoded, error) {
	if len(data) < 33 { // the signature and an IHDR chunk
		return nil, io.ErrUnexpectedEOF
	}
	s := pngSources.Get().(*pngSource)
	*s = pngSource{data: data, head: header{orientation: 1}}
	s.head.width, s.head.height = int(binary.BigEndian.Uint32(data[16:])), int(binary.BigEndian.Uint32(data[20:]))
	s.depth, s.colourType = data[24], data[25]
	if string(data[12:16]) == "IHDR" && (s.head.width > maxLongSide || s.head.height > maxLongSide) {
		return s, nil // beyond every limit; package png would call it unsupported
	}
	if s.plain, s.interlaced = plainPNG(data), data[28] == 1; !s.plain {
		if _, err := png.DecodeConfig(bytes.NewReader(data)); err != nil {
			return nil, err
		}
	}
	if block := pngChunk(data, "eXIf"); block != nil {
		s.head.orientation = exifOrientation(block)
	}
	return s, nil
}

// plainPNG checks IHDR of a file that is long enough for one.
func plainPNG(data []byte) bool {
	depths := [7]string{0: "\x01\x02\x04\x08\x10", 2: "\x08\x10", 3: "\x01\x02\x04\x08", 4: "\x08\x10", 6: "\x08\x10"} // by colour type
	return string(data[8:16]) == "\x00\x00\x00\x0dIHDR" && data[25] <= 6 && strings.IndexByte(depths[data[25]], data[24]) >= 0 &&
		data[26] == 0 && data[27] == 0 && data[28] <= 1 && crc32.ChecksumIEEE(data[12:29]) == binary.BigEndian.Uint32(data[29:])
}

// holds compares the size of the samples with the most that deflate can make of the file.
func (s *pngSource) holds() error {
	samples := [7]int64{2: 3, 4: 2, 6: 4}[s.colourType%7]
	rowBytes := (int64(s.head.width)*max(samples, 1)*int64(s.depth)+7)/8 + 1 // and the filter's byte
	if rowBytes > maxDeflate*int64(len(s.data))/int64(s.head.height)+1 {
		return tooShort("PNG", s.data, s.head)
	}
	return nil
}

// pngChunks yields the chunks that lie wholly within the file.
func pngChunks(data []byte) func(yield func(kind [4]byte, content []byte) bool) {
	return func(yield func([4]byte, []byte) bool) {
		for rest := data[len(pngSignature):]; len(rest) >= 12; { // length, kind, checksum
			length := uint64(binary.BigEndian.Uint32(rest))
			if length > uint64(len(rest)-12) || !yield([4]byte(rest[4:8]), rest[8:8+length]) {
				return
			}
			rest = rest[12+length:]
		}
	}
}

// pngChunk returns the content of the first chunk of a kind, or nil.
func pngChunk(data []byte, wanted string) []byte {
	for kind, content := range pngChunks(data) {
		if string(kind[:]) == wanted {
			return content
		}
	}
	return nil
}

// pngEnds reports whether the file is there to its last chunk.
func pngEnds(data []byte) bool {
	for kind := range pngChunks(data) {
		if string(kind[:]) == "IEND" {
			return true
		}
	}
	return false
}

func (s *pngSource) header() header { return s.head }

func (s *pngSource) decode(dst *Picture, channels int) error {
	if s.decodeFast(dst, channels) {
		return nil
	}
	img, err := png.Decode(bytes.NewReader(s.data))
	if err != nil {
		if !pngEnds(s.data) { // package png does not tell a short file from a short stream
			return fail(CodeTruncated, "decode PNG: the file ends before its last chunk: %w", err)
		}
		return err
	}
	wide16 := s.colourType == 0 && s.depth == 16 // Pillow's mode I;16
	if !dst.fromImage(img, channels, wide16) {
		return fail(CodeUnsupported, "decode PNG: unexpected colour model %T", img)
	}
	return nil
}
