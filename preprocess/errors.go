package preprocess

import (
	"errors"
	"io/fs"
)

// A Code says in one stable word why a picture gave no answer. Codes are part of the result schema: they may be added, never
// renamed.
type Code string

// The codes.
const (
	CodeNotFound    Code = "not-found"          // no file of this name
	CodePermission  Code = "permission-denied"  // the file may not be read
	CodeNotAFile    Code = "not-a-file"         // a folder, pipe, socket or device
	CodeOutside     Code = "outside-folder"     // a symbolic link that leads out of the folder
	CodeRead        Code = "read-failed"        // the file broke off with an input/output error
	CodeEmpty       Code = "empty"              // no bytes
	CodeTooLarge    Code = "too-many-bytes"     // more than Limits.MaxBytes
	CodeTooManyPix  Code = "too-many-pixels"    // more than Limits.MaxPixels
	CodeTooSmall    Code = "too-small"          // smaller than a model without resize needs
	CodeUnsupported Code = "unsupported-format" // no picture format that is decoded here
	CodeTruncated   Code = "truncated"          // the file ends before the picture does
	CodeCorrupt     Code = "corrupt"            // the format's own rules are broken
	CodeBadLine     Code = "bad-list-line"      // a line of a .lst file that names no picture
	CodeInference   Code = "inference-failed"   // the runtime or the model refused the picture
)

// An ImageError is the reason why one picture gave no answer; the run goes on.
type ImageError struct {
	Code Code
	Err  error
}

// Error gives the cause; the code is for machines.
func (e *ImageError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *ImageError) Unwrap() error { return e.Err }

// CodeOf returns the code of err: of an [*ImageError] in its chain, or by what package fs says of it, or [CodeRead].
func CodeOf(err error) Code {
	if image, ok := errors.AsType[*ImageError](err); ok {
		return image.Code
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return CodeNotFound
	case errors.Is(err, fs.ErrPermission):
		return CodePermission
	}
	return CodeRead
}
