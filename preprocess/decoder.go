package preprocess

import (
	"errors"
	"fmt"
	"runtime"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/preprocess/turbojpeg"
)

// ErrScaled is wrapped when a contract asks for [model.Scaled] and there is no decoder that can.
var ErrScaled = errors.New("decode \"scaled\" needs libjpeg-turbo")

// A scaledError says why libjpeg-turbo, which the contract needs, cannot be used.
type scaledError struct{ cause error }

func (e *scaledError) Error() string   { return fmt.Sprintf("input.decode: %v: %v", ErrScaled, e.cause) }
func (e *scaledError) Unwrap() []error { return []error{ErrScaled, e.cause} }

// Hint says how to get the library.
func (e *scaledError) Hint() string {
	return turbojpeg.Hint() + ", or decode whole pictures with --decode exact"
}

// findTurbo returns libjpeg-turbo, or nil where package jpeg may take its place.
func findTurbo(in *model.Input) (*turbojpeg.Library, error) {
	lib, err := turbojpeg.Default()
	switch {
	case err == nil:
		return lib, nil
	case !errors.Is(err, turbojpeg.ErrNotFound): // what the user names is used or refused
		return nil, err
	case in.Decode == model.Scaled:
		return nil, &scaledError{err}
	}
	return nil, nil
}

// Decoder names what decodes pictures: libjpeg-turbo where it is found, for JPEG, and Go for all else. Scores of different decoders
// may differ in their last digits.
func Decoder() string {
	name := "go " + runtime.Version()
	if lib, err := turbojpeg.Default(); err == nil {
		name = lib.Name() + ", " + name
	}
	return name
}

// scale is the smallest at which a picture is still twice as large in both directions as it is resized to.
func (p *Pipeline) scale(h header) turbojpeg.Eighths {
	if p.in.Decode != model.Scaled || p.in.Resize.Mode == model.None || p.turbo == nil {
		return turbojpeg.Whole
	}
	width, height := h.width, h.height
	if p.in.ApplyEXIF && h.orientation >= 5 { // on its side
		width, height = height, width
	}
	g := layOut(&p.in, width, height)
	for e := turbojpeg.Eighths(1); e < turbojpeg.Whole; e++ {
		if e.Of(width) >= 2*g.width && e.Of(height) >= 2*g.height {
			return e
		}
	}
	return turbojpeg.Whole
}
