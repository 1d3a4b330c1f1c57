package preprocess

import (
	"bytes"
	"encoding/binary"
	"io"
)

// jpegLayout is what the segments of a file say.
type jpegLayout struct {
	orientation int
	seenEXIF    bool
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

// readJPEGLayout walks the markers up to the end of the picture. Coded data is passed over like all bytes between segments: in it a
// zero or a restart marker follows each 0xff.
func readJPEGLayout(data []byte) (jpegLayout, error) {
	l := jpegLayout{orientation: 1}
	scans := 0
	for rest := data[2:]; ; {
		marker, segment, next, ok := nextSegment(rest)
		if !ok {
			if scans > 0 { // package jpeg finds what is missing
				return l, nil
			}
			return l, io.ErrUnexpectedEOF
		}
		rest = next
		switch {
		case marker == markerEnd:
			if scans == 0 {
				return l, fail(CodeCorrupt, "decode JPEG: the file holds no scan")
			}
			return l, nil
		case marker == markerScan:
			if scans++; scans > maxScans {
				return l, fail(CodeCorrupt, "decode JPEG: more than %d scans, the limit", maxScans)
			}
			if scans == 1 {
				l.scanAt = len(data) - len(rest)
			}
		case marker == 0xc0 || marker == 0xc1 || marker == 0xc2:
			l.frame(segment)
		case marker == 0xe1 && !l.seenEXIF && bytes.HasPrefix(segment, []byte("Exif\x00\x00")):
			l.seenEXIF = true
			l.orientation = exifOrientation(segment)
		case marker == 0xee && len(segment) >= 12 && string(segment[:5]) == "Adobe":
			l.adobeAt = len(data) - len(rest) - len(segment) + 11
			l.transform = segment[11]
		}
	}
}

// The markers that end the walk and begin a scan.
const (
	markerEnd  = 0xd9
	markerScan = 0xda
)

// nextSegment finds the next marker that a segment follows, or the end marker, which none does. It reports false where the data ends
// before the segment does.
func nextSegment(data []byte) (marker byte, segment, rest []byte, ok bool) {
	for {
		at := bytes.IndexByte(data, 0xff)
		if at < 0 || at+1 >= len(data) {
			return 0, nil, nil, false
		}
		marker, data = data[at+1], data[at+1:]
		if marker == 0xff { // a fill byte
			continue
		}
		data = data[1:]
		switch {
		case marker == markerEnd:
			return marker, nil, data, true
		case marker == 0x00 || marker == 0x01 || marker >= 0xd0 && marker <= 0xd8: // coded data, restarts: no segment follows
			continue
		}
		if len(data) < 2 {
			return 0, nil, nil, false
		}
		length := int(binary.BigEndian.Uint16(data))
		if length < 2 || length > len(data) {
			return 0, nil, nil, false
		}
		return marker, data[2:length], data[length:], true
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
