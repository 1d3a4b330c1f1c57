// Package preprocess turns the bytes of a picture into the tensor that a model expects, exactly as its contract
// ([model.Input]) says: decode, EXIF orientation, colour conversion, Pillow's antialiased resize, centre crop, normalisation.
//
// An [Image] is a name and a way to open it; [Folder], [List] and [Paths] make sequences of them. A [Pipeline] decodes an
// image to a [Picture] and fills it into a [Tensor].
//
// # Security
//
// Every picture is an outside byte: [Limits] hold before anything is decoded, so that a small file that declares a huge picture
// costs nothing. Folders are walked inside an [os.Root], so a symbolic link cannot lead out of them.
package preprocess

import (
	"image"
	"io"
)

// An Image is one picture that may be there: where it came from and how it is opened.
type Image struct {
	// Name is the path that results show.
	Name string
	// Open returns the file's bytes. It is called at most once, possibly from another goroutine, and the reader is closed.
	Open func() (io.ReadCloser, error)
}

// A Picture is a decoded picture: 8-bit samples, rows from the top, no padding between rows.
type Picture struct {
	// Width and Height in pixels, after EXIF orientation was applied, but for pictures of [Pipeline.DecodeStored].
	Width, Height int
	// Channels a pixel: 1 (grey) or 3 (RGB).
	Channels int
	// Pix holds Height × Width × Channels samples.
	Pix []uint8
	// SourceWidth and SourceHeight are the size that the file declares, before EXIF orientation.
	SourceWidth, SourceHeight int

	// orientation that is still to be applied; 0 where Pix is upright.
	orientation int
}

// Image shows the picture to package image, opaque; a grey one shares its samples.
func (p *Picture) Image() image.Image {
	rect := image.Rect(0, 0, p.Width, p.Height)
	if p.Channels == 1 {
		return &image.Gray{Pix: p.Pix, Stride: p.Width, Rect: rect}
	}
	out := image.NewNRGBA(rect)
	for from, to := p.Pix, out.Pix; len(from) >= 3; from, to = from[3:], to[4:] {
		to[0], to[1], to[2], to[3] = from[0], from[1], from[2], 0xff
	}
	return out
}

// Limits hold before a picture is decoded. The zero value means the defaults.
type Limits struct {
	// MaxPixels is the largest width × height, [DefaultMaxPixels] when zero. A side is at most 1,048,576 pixels whatever it says.
	MaxPixels int64
	// MaxBytes is the largest file, [DefaultMaxBytes] when zero.
	MaxBytes int64
}

// The default limits. A decoded colour picture of DefaultMaxPixels is 300 MB; Pillow warns at 89 million pixels.
const (
	DefaultMaxPixels = 100_000_000
	DefaultMaxBytes  = 256 << 20
)

func (l Limits) maxPixels() int64 {
	if l.MaxPixels > 0 {
		return l.MaxPixels
	}
	return DefaultMaxPixels
}

func (l Limits) maxBytes() int64 {
	if l.MaxBytes > 0 {
		return l.MaxBytes
	}
	return DefaultMaxBytes
}
