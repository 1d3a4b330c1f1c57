package preprocess

import (
	"errors"
	"slices"

	"github.com/scones-unlimited/scones/preprocess/turbojpeg"
)

// decodeTurbo decodes with libjpeg-turbo straight into the picture, which is converted in place where the library does not give what
// is wanted.
func (s *jpegSource) decodeTurbo(dst *Picture, channels int) error {
	l := &s.layout
	colour := turbojpeg.RGB
	switch {
	case l.components == 1 && channels == 1:
		colour = turbojpeg.Grey
	case l.components == 4:
		colour = turbojpeg.CMYK
	}
	data := s.data
	if !l.ended {
		data = slices.Concat(data, jpegEnd)
	}
	dst.reset(s.scale.Of(l.width), s.scale.Of(l.height), colour.Samples())
	if err := s.turbo.Decode(dst.Pix, data, l.width, l.height, s.scale, colour); err != nil {
		if err = s.fault(err); err != nil {
			return err
		}
	}
	dst.SourceWidth, dst.SourceHeight = l.width, l.height
	switch {
	case colour == turbojpeg.CMYK:
		dst.narrowInk(channels)
	case channels == 1 && colour == turbojpeg.RGB:
		dst.narrowGrey()
	}
	return nil
}

// fault decides what an error of the library means. A picture is whole or absent: what only breaks a rule is let pass, as Pillow does
// and package jpeg; a picture that the library has patched is refused, which Pillow does not.
func (s *jpegSource) fault(err error) error {
	fault, ok := errors.AsType[*turbojpeg.Fault](err)
	switch {
	case !ok:
		return err
	case fault.Kind == turbojpeg.Odd:
		return nil
	case fault.Kind == turbojpeg.Unsupported:
		return fail(CodeUnsupported, "decode JPEG: %w", err)
	case fault.Kind == turbojpeg.Short || !s.layout.ended:
		return fail(CodeTruncated, "decode JPEG: the file ends before the picture does: %w", err)
	}
	return fail(CodeCorrupt, "decode JPEG: %w", err)
}

// narrowGrey makes one grey sample of each pixel's three.
func (p *Picture) narrowGrey() {
	n := p.Width * p.Height
	from := p.Pix
	p.Channels = 1
	for i := range n {
		p.Pix[i] = luma(from[3*i], from[3*i+1], from[3*i+2])
	}
	p.Pix = p.Pix[:n]
}

// narrowInk makes colour or grey of CMYK, all of which Pillow takes for Adobe's inverted one (rawmode "CMYK;I").
func (p *Picture) narrowInk(channels int) {
	n := p.Width * p.Height
	p.Channels = channels
	to := p.Pix
	for from := p.Pix[:4*n]; len(from) >= 4; from = from[4:] {
		to = p.setInk(to, 255-from[0], 255-from[1], 255-from[2], 255-from[3])
	}
	p.Pix = p.Pix[:n*channels]
}
