package preprocess

import (
	"bytes"
	"encoding/binary"
	"io"
)

// jpegLayout is what the segments of a file say.
type jpegLayout struct {
	// Width, height and components of the first frame.
	width, height, components int
	orientation               int
	seenEXIF                  bool
	// Scans of the picture.
	scans int
	// OneScan is set when the first scan is the whole picture: it holds all components, and the frame is not progressive.
	oneScan bool
	// Ended is set when the end marker is there.
	ended bool
	// Tables is set when tables come before the first scan, or are not needed.
	tables      bool
	progressive bool
	// Subsampled is set when the first component has twice the width and height of the second.
	subsampled bool
	// AdobeAt is the position of the transform byte in Adobe's APP14 segment, 0 when there is none.
	adobeAt int
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
	for rest := data[2:]; ; {
		marker, segment, next, ok := nextSegment(rest)
		if !ok {
			if l.scans > 0 { // the decoder finds what is missing
				return l, nil
			}
			return l, io.ErrUnexpectedEOF
		}
		rest = next
		switch {
		case marker == markerEnd:
			if l.scans == 0 {
				return l, fail(CodeCorrupt, "decode JPEG: the file holds no scan")
			}
			l.ended = true
			return l, nil
		case marker == markerScan:
			if l.scans++; l.scans > maxScans {
				return l, fail(CodeCorrupt, "decode JPEG: more than %d scans, the limit", maxScans)
			}
			if l.scans == 1 {
				if err := l.firstScan(segment); err != nil {
					return l, err
				}
			}
		case marker == markerTables:
			l.tables = true
		case marker >= 0xc0 && marker <= 0xcf && marker != 0xc8 && marker != 0xcc: // all kinds of frames
			if l.components == 0 {
				l.frame(marker, segment)
			}
		case marker == 0xe1 && !l.seenEXIF && bytes.HasPrefix(segment, []byte("Exif\x00\x00")):
			l.seenEXIF = true
			l.orientation = exifOrientation(segment)
		case marker == 0xee && len(segment) >= 12 && string(segment[:5]) == "Adobe":
			l.adobeAt = len(data) - len(rest) - len(segment) + 11
			l.transform = segment[11]
		}
	}
}

// firstScan checks that what a scan needs came before it. Libjpeg-turbo takes standard tables where there are none and package jpeg
// refuses; here both refuse.
func (l *jpegLayout) firstScan(segment []byte) error {
	switch {
	case l.components == 0:
		return fail(CodeCorrupt, "decode JPEG: a scan comes before the frame")
	case l.components == 2 || l.components > 4:
		return fail(CodeUnsupported, "decode JPEG: %d components", l.components)
	case !l.tables:
		return fail(CodeCorrupt, "decode JPEG: a scan comes before the Huffman tables")
	}
	l.oneScan = !l.progressive && len(segment) > 0 && int(segment[0]) == l.components
	return nil
}

// The markers that end the walk, begin a scan and hold Huffman tables.
const (
	markerEnd    = 0xd9
	markerScan   = 0xda
	markerTables = 0xc4
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
func (l *jpegLayout) frame(marker byte, segment []byte) {
	if len(segment) < 6 {
		return
	}
	l.height, l.width = int(binary.BigEndian.Uint16(segment[1:])), int(binary.BigEndian.Uint16(segment[3:]))
	l.components = int(segment[5])
	l.progressive = marker&3 == 2
	l.tables = l.tables || marker > 0xc8 // arithmetic coding
	if len(segment) >= 12 {
		l.subsampled = segment[7] == 0x22 && segment[10] == 0x11
	}
}
