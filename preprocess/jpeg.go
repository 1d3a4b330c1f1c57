package preprocess

import (
	"sync"

	"github.com/scones-unlimited/scones/preprocess/turbojpeg"
)

// jpegSource is a JPEG file.
type jpegSource struct {
	data   []byte
	layout jpegLayout
	// Turbo decodes the file; nil leaves it to package jpeg.
	turbo *turbojpeg.Library
	// Scale of the decoding, which package jpeg does not have.
	scale turbojpeg.Eighths
}

// jpegSources serve one file after the other.
var jpegSources = sync.Pool{New: func() any { return new(jpegSource) }}

// maxPixelsPerByte is more than a JPEG file can hold: a block of 64 pixels takes at least one bit.
const maxPixelsPerByte = 64 * 8

// maxScanPixels bounds scans × pixels, because every scan of a progressive file visits every block: 100 scans, ten times an encoder's,
// of the largest picture by default.
const maxScanPixels = 100 * DefaultMaxPixels

// openJPEG reads the segments.
func openJPEG(data []byte) (encoded, error) {
	layout, err := readJPEGLayout(data)
	if err != nil {
		return nil, err
	}
	s := jpegSources.Get().(*jpegSource)
	*s = jpegSource{data: data, layout: layout, scale: turbojpeg.Whole}
	return s, nil
}

// close lets the next file have the source.
func (s *jpegSource) close() {
	s.data = nil
	jpegSources.Put(s)
}

func (s *jpegSource) header() header {
	return header{width: s.layout.width, height: s.layout.height, orientation: s.layout.orientation}
}

// holds compares the picture with the most that the file can code, and its scans with what a picture of this size may have.
func (s *jpegSource) holds() error {
	l := &s.layout
	if int64(l.width) > maxPixelsPerByte*int64(len(s.data))/int64(l.height)+1 {
		return tooShort("JPEG", s.data, s.header())
	}
	if int64(l.scans) > maxScanPixels/(int64(l.width)*int64(l.height))+1 {
		return fail(CodeCorrupt, "decode JPEG: %d scans of %d × %d pixels, the limit is %d pixels in all scans", l.scans, l.width, l.height, int64(maxScanPixels))
	}
	return nil
}

func (s *jpegSource) decode(dst *Picture, channels int) error {
	if !s.layout.ended && !s.layout.oneScan { // libjpeg decodes such a file as a whole, so Pillow misses the end
		return fail(CodeTruncated, "decode JPEG: the file ends before the picture does")
	}
	if s.turbo != nil {
		return s.decodeTurbo(dst, channels)
	}
	return s.decodeGo(dst, channels)
}

// jpegEnd is the marker at the end. A file without it may hold the whole picture: it is decoded with the marker added.
var jpegEnd = []byte{0xff, markerEnd}
