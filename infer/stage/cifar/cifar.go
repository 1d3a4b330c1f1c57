// Package cifar reads the archive of CIFAR-100, in the version that Python reads and in the binary one.
//
// The Python version holds pickles. They are read by a machine of its own that makes strings, numbers, lists and arrays of bytes and
// nothing else: a pickle that asks for anything to be called is refused by name. The archive's SHA-256 is compared before a byte of it is
// unpacked, and every size has a limit before memory is taken for it.
//
// Source: https://www.cs.toronto.edu/~kriz/cifar.html (Krizhevsky 2009), which describes both versions.
package cifar

import (
	"image"
)

// The shape of every picture: Side × Side pixels of three colours, a plane each, rows from the top.
const (
	Side        = 32
	plane       = Side * Side
	pictureSize = 3 * plane
)

// A Set is one half of the archive, the pictures of training or of test.
type Set struct {
	Rows []Row
	// pix holds the pictures one after the other: all red samples, all green, all blue.
	pix []byte
}

// A Row says what a picture of a Set is.
type Row struct {
	// File is the picture's name in the archive, such as bicycle_s_000017.png. The binary version has none: it is empty.
	File string
	// Fine is the class, 0 to 99, Coarse the group of classes, 0 to 19.
	Fine, Coarse int
}

// Picture is a copy of the picture of a row.
func (s *Set) Picture(row int) *image.NRGBA {
	from := s.pix[row*pictureSize:][:pictureSize]
	out := image.NewNRGBA(image.Rect(0, 0, Side, Side))
	for i := range plane {
		to := out.Pix[4*i:][:4]
		to[0], to[1], to[2], to[3] = from[i], from[plane+i], from[2*plane+i], 0xff
	}
	return out
}

// An Archive is the whole of it.
type Archive struct {
	// SHA256 of the file in hexadecimal digits.
	SHA256 string
	// Fine and Coarse are the names of classes and of groups.
	Fine, Coarse []string
	Train, Test  Set
}
