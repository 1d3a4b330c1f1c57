package preprocess

import (
	"bytes"
	"encoding/binary"
	"image"
	"io"

	"golang.org/x/image/webp"
)

// webpSource is a WebP file, or the first frame of an animated one.
type webpSource struct {
	head header
	// Data is a file that holds the frame alone.
	data []byte
	// At is where the frame lies on the canvas, whose other pixels are black.
	at image.Point
}

func isWebP(data []byte) bool {
	return len(data) >= 16 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP"
}

// riffChunk is a chunk of a RIFF file.
type riffChunk struct {
	kind    string
	content []byte
	// Whole is the chunk with its header and padding.
	whole []byte
}

// riffChunks yields the chunks of a sequence and ends with one of an empty kind when the last is cut off.
func riffChunks(data []byte) func(yield func(riffChunk) bool) {
	return func(yield func(riffChunk) bool) {
		for len(data) >= 8 {
			length := uint64(binary.LittleEndian.Uint32(data[4:]))
			if length > uint64(len(data)-8) {
				yield(riffChunk{})
				return
			}
			padded := min(8+length+length%2, uint64(len(data)))
			if !yield(riffChunk{string(data[:4]), data[8 : 8+length], data[:padded]}) {
				return
			}
			data = data[padded:]
		}
	}
}

// openWebP walks the chunks, so that no declared length is trusted beyond the file, and takes EXIF and the first frame.
func openWebP(data []byte) (encoded, error) {
	size := uint64(binary.LittleEndian.Uint32(data[4:])) + 8
	if size > uint64(len(data)) {
		return nil, fail(CodeTruncated, "decode WebP: %d of %d bytes: %w", len(data), size, io.ErrUnexpectedEOF)
	}
	data = data[:max(size, 12)]
	s := &webpSource{data: data, head: header{orientation: 1}}
	animated := false
	for chunk := range riffChunks(data[12:]) {
		switch chunk.kind {
		case "":
			return nil, fail(CodeTruncated, "decode WebP: a chunk runs over the end: %w", io.ErrUnexpectedEOF)
		case "EXIF":
			s.head.orientation = exifOrientation(chunk.content)
		case "ANMF":
			if !animated {
				animated = true
				if err := s.firstFrame(data, chunk.content); err != nil {
					return nil, err
				}
			}
		}
	}
	config, err := webp.DecodeConfig(bytes.NewReader(s.data))
	if err != nil {
		return nil, err
	}
	if !animated {
		s.head.width, s.head.height = config.Width, config.Height
	} else if s.at.X+config.Width > s.head.width || s.at.Y+config.Height > s.head.height {
		return nil, fail(CodeCorrupt, "decode WebP: the first frame does not lie on the canvas")
	}
	return s, nil
}

// firstFrame makes a file of the first frame of an animation. The frame's header is described by the WebP container
// specification: its place in units of two pixels, its size less one, 24 bits each, then 4 bytes on time and disposal.
func (s *webpSource) firstFrame(data, frame []byte) error {
	if len(data) < 30 || string(data[12:16]) != "VP8X" || len(frame) < 16 {
		return fail(CodeCorrupt, "decode WebP: an animation without its header")
	}
	s.head.width, s.head.height = 1+uint24(data[24:]), 1+uint24(data[27:])
	s.at = image.Pt(2*uint24(frame), 2*uint24(frame[3:]))
	flags := byte(0)
	var parts []byte
	for chunk := range riffChunks(frame[16:]) {
		switch chunk.kind {
		case "":
			return fail(CodeTruncated, "decode WebP: the first frame is cut off: %w", io.ErrUnexpectedEOF)
		case "ALPH":
			flags = 1 << 4
			parts = append(parts, chunk.whole...)
		case "VP8 ", "VP8L":
			parts = append(parts, chunk.whole...)
		}
	}
	head := append([]byte("RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00"), flags, 0, 0, 0)
	head = append(head, frame[6:12]...) // width and height less one
	s.data = append(head, parts...)
	binary.LittleEndian.PutUint32(s.data[4:], uint32(len(s.data)-8))
	return nil
}

func uint24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }

func (s *webpSource) header() header { return s.head }

// holds has nothing to compare: a picture of one colour takes a few bytes, whatever its size.
func (s *webpSource) holds() error { return nil }

func (s *webpSource) decode(dst *Picture, channels int) error {
	img, err := webp.Decode(bytes.NewReader(s.data))
	if err != nil {
		return err
	}
	size := img.Bounds().Size()
	if size.X == s.head.width && size.Y == s.head.height {
		return s.paint(dst, img, channels)
	}
	var frame Picture
	if err := s.paint(&frame, img, channels); err != nil {
		return err
	}
	dst.reset(s.head.width, s.head.height, channels)
	clear(dst.Pix)
	for y := range frame.Height {
		copy(dst.row(s.at.Y + y)[s.at.X*channels:], frame.row(y))
	}
	return nil
}

// paint converts the decoded frame.
func (s *webpSource) paint(dst *Picture, img image.Image, channels int) error {
	switch img := img.(type) {
	case *image.YCbCr:
		dst.fromWebP(img, channels)
	case *image.NYCbCrA:
		dst.fromWebP(&img.YCbCr, channels)
	default:
		if !dst.fromImage(img, channels, false) {
			return fail(CodeUnsupported, "decode WebP: unexpected colour model %T", img)
		}
	}
	return nil
}
