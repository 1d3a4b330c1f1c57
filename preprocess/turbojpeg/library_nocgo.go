//go:build !(cgo && (linux || darwin) && (amd64 || arm64))

package turbojpeg

import "fmt"

// A Library is a loaded libjpeg-turbo. This build has none.
type Library struct{}

// Open fails: this build loads no library.
func Open(path string) (*Library, error) {
	if _, err := nameOf(path); err != nil {
		return nil, fmt.Errorf("open libjpeg-turbo %q: %w", path, err)
	}
	return nil, fmt.Errorf("load libjpeg-turbo %q: this build cannot load libraries", path)
}

// Name identifies the library in reports.
func (*Library) Name() string { return "" }

// Path of the file.
func (*Library) Path() string { return "" }

// Decode is never called, because there is no library.
func (*Library) Decode(dst, data []byte, width, height int, scale Eighths, colour Colour) error {
	return ErrNotFound
}
