package preprocess

import (
	"bytes"
	"fmt"
)

// A header is what a file says about its picture before anything is decoded.
type header struct {
	// Width and height as stored, before any orientation.
	width, height int
	// Orientation is EXIF's tag 274, 1 to 8; 1 is upright.
	orientation int
	// AlwaysUpright is set where Pillow applies the orientation while loading, whatever the caller wants: TIFF.
	alwaysUpright bool
}

// An encoded is one picture whose header was read. Each holds the file's bytes and decodes them once.
type encoded interface {
	header() header
	// holds refuses a file that cannot hold the picture which its header declares, before memory is taken for it.
	holds() error
	// decode writes the picture as stored into dst, in channels (1 or 3) as Pillow's convert gives them.
	decode(dst *Picture, channels int) error
}

// A format is one of the file formats that are decoded, told apart by their first bytes.
type format struct {
	name  string
	match func(data []byte) bool
	open  func(data []byte) (encoded, error)
}

// formats in the order in which they are tried; no two match the same bytes.
var formats = [6]format{
	{"PNG", prefix(pngSignature), openPNG},
	{"JPEG", prefix("\xff\xd8\xff"), openJPEG},
	{"WebP", isWebP, openWebP},
	{"GIF", isGIF, openGIF},
	{"BMP", prefix("BM"), openBMP},
	{"TIFF", isTIFF, openTIFF},
}

func prefix(magic string) func([]byte) bool {
	return func(data []byte) bool { return bytes.HasPrefix(data, []byte(magic)) }
}

// FormatOf names the format of a file by its first bytes: PNG, JPEG, WebP, GIF, BMP or TIFF; empty for anything else.
func FormatOf(data []byte) string {
	for _, f := range formats {
		if f.match(data) {
			return f.name
		}
	}
	return ""
}

// openSource finds the format by content, never by a file's name, reads the header and holds the limits against it. It returns the
// format's name for error texts.
func openSource(data []byte, limits Limits) (src encoded, name string, err error) {
	if len(data) == 0 {
		return nil, "", fail(CodeEmpty, "the file is empty")
	}
	for _, f := range formats {
		if f.match(data) {
			src, err = f.read(data, limits)
			return src, f.name, err
		}
	}
	return nil, "", fail(CodeUnsupported, "the content is no PNG, JPEG, WebP, GIF, BMP or TIFF picture (it begins with %q)", data[:min(8, len(data))])
}

// read reads the header and checks it.
func (f *format) read(data []byte, limits Limits) (src encoded, err error) {
	defer guard(f.name, &err)
	src, err = f.open(data)
	if err != nil {
		return nil, refused(f.name, err)
	}
	if err := checkSize(f.name, src.header(), limits); err != nil {
		return nil, err
	}
	return src, src.holds()
}

// checkSize holds the limits against what the header declares.
func checkSize(name string, h header, limits Limits) error {
	if h.width < 1 || h.height < 1 {
		return fail(CodeCorrupt, "decode %s: the header declares %d × %d pixels", name, h.width, h.height)
	}
	// By division, because a header can declare more than 64 bits count.
	if most := limits.maxPixels(); int64(h.width) > most/int64(h.height) {
		return fail(CodeTooManyPix, "decode %s: %d × %d pixels are more than %d, the limit", name, h.width, h.height, most)
	}
	if long := max(h.width, h.height); long > maxLongSide {
		return fail(CodeTooManyPix, "decode %s: a side of %d pixels, the limit is %d", name, long, maxLongSide)
	}
	return nil
}

// maxLongSide bounds a side in pixels. The weights of a resize grow with the side and not with the area, so without it a
// picture of one row within the pixel limit would take gigabytes. JPEG ends at 65,535, WebP at 16,384.
const maxLongSide = 1 << 20

// guard turns a panic inside a decoder into an error about this one picture. None is known; the decoders are not ours.
func guard(name string, err *error) {
	if cause := recover(); cause != nil {
		*err = fail(CodeCorrupt, "decode %s: the decoder gave up: %w", name, fmt.Errorf("%v", cause))
	}
}
