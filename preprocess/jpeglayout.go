package preprocess

import (
	"bytes"
	"encoding/binary"
	"io"
)

// jpegLayout is what the segments before the first scan say.
type jpegLayout struct {
	orientation int
	components  int
	// Subsampled is set when the first component has twice the width and height of the second.
	subsampled bool
	// AdobeAt is the position of the transform byte in Adobe's APP14 segment, 0 when there is none.
	adobeAt int
	// ScanAt is where the coded data of the first scan begins.
	scanAt int
	// Transform is that byte: 0 is RGB or CMYK, 1 YCbCr, 2 YCCK.
	transform byte
}

// maxScans bounds the scans of a progressive file. Encoders write about ten; each one visits every block, so that a small file of
// many scans would keep a large picture busy for hours.
const maxScans = 500

// readJPEGLayout walks the segments and counts the scans.
func readJPEGLayout(data []byte) (jpegLayout, error) {
	l := jpegLayout{orientation: 1}
	seenEXIF := false
	rest := data[2:]
	for {
		at := bytes.IndexByte(rest, 0xff)
		if at < 0 || at+1 >= len(rest) {
			return l, io.ErrUnexpectedEOF
		}
		marker := rest[at+1]
		if marker == 0xff { // a fill byte
			rest = rest[at+1:]
			continue
		}
		rest = rest[at+2:]
		if marker == 0x00 || marker == 0x01 || marker >= 0xd0 && marker <= 0xd8 { // no segment follows
			continue
		}
		if marker == 0xd9 {
			return l, fail(CodeCorrupt, "decode JPEG: the file holds no scan")
		}
		if len(rest) < 2 {
			return l, io.ErrUnexpectedEOF
		}
		length := int(binary.BigEndian.Uint16(rest))
		if length < 2 || length > len(rest) {
			return l, io.ErrUnexpectedEOF
		}
		segment := rest[2:length]
		rest = rest[length:]
		switch {
		case marker == 0xda:
			l.scanAt = len(data) - len(rest)
			if scans := 1 + bytes.Count(rest, []byte{0xff, 0xda}); scans > maxScans {
				return l, fail(CodeCorrupt, "decode JPEG: %d scans, at most %d are read", scans, maxScans)
			}
			return l, nil
		case marker == 0xc0 || marker == 0xc1 || marker == 0xc2:
			l.frame(segment)
		case marker == 0xe1 && !seenEXIF && bytes.HasPrefix(segment, []byte("Exif\x00\x00")):
			seenEXIF = true
			l.orientation = exifOrientation(segment)
		case marker == 0xee && len(segment) >= 12 && string(segment[:5]) == "Adobe":
			l.adobeAt = len(data) - len(rest) - len(segment) + 11
			l.transform = segment[11]
		}
	}
}

// frame reads a start-of-frame segment: depth, height, width, and three bytes for each component.
func (l *jpegLayout) frame(segment []byte) {
	if len(segment) < 6 {
		return
	}
	l.components = int(segment[5])
	if len(segment) >= 12 {
		l.subsampled = segment[7] == 0x22 && segment[10] == 0x11
	}
}
