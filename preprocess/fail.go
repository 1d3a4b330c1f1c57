package preprocess

import (
	"errors"
	"fmt"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

// fail makes an [*ImageError]; the format's last verb may be %w.
func fail(code Code, format string, args ...any) *ImageError {
	return &ImageError{Code: code, Err: fmt.Errorf(format, args...)}
}

// refused turns a decoder's error into an [*ImageError] that tells a file that ends early from one that is broken and from one
// that uses what no decoder here reads.
func refused(format string, err error) *ImageError {
	if known, ok := errors.AsType[*ImageError](err); ok {
		return known
	}
	return fail(codeOfDecoder(err), "decode %s: %w", format, err)
}

// tooShort says that a file is cut off for certain.
func tooShort(format string, data []byte, h header) *ImageError {
	return fail(CodeTruncated, "decode %s: %d bytes cannot hold %d × %d pixels: %w", format, len(data), h.width, h.height, io.ErrUnexpectedEOF)
}

// codeOfDecoder maps the error of a decoder of package image or golang.org/x/image.
func codeOfDecoder(err error) Code {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return CodeTruncated
	}
	if _, ok := errors.AsType[jpeg.UnsupportedError](err); ok {
		return CodeUnsupported
	}
	if _, ok := errors.AsType[png.UnsupportedError](err); ok {
		return CodeUnsupported
	}
	if _, ok := errors.AsType[tiff.UnsupportedError](err); ok {
		return CodeUnsupported
	}
	if errors.Is(err, bmp.ErrUnsupported) {
		return CodeUnsupported
	}
	return CodeCorrupt
}
