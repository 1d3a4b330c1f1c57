package preprocess

import (
	"fmt"
	"sync"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/preprocess/turbojpeg"
)

// A Pipeline applies one contract: it decodes pictures and fills them into tensors. It is safe for concurrent use and keeps its
// buffers for the next picture.
type Pipeline struct {
	in       model.Input
	limits   Limits
	table    *normaliser
	direct   bool               // pictures are rendered straight into the tensor
	vector   bool               // resize with vector instructions
	turbo    *turbojpeg.Library // nil without one
	pictures sync.Pool
	scratch  sync.Pool
}

// scratch is what rendering one picture needs.
type scratch struct {
	resampler
	pix    []uint8
	stored Picture // what the model keeps of a picture that is not upright, before it is turned
}

// New returns the pipeline of an input. The contract is checked first; an error of it is a [*model.FieldError] and wraps
// [model.ErrManifest]. JPEG is decoded by what package turbojpeg finds; an error says what is wrong with the library that the user
// names, or wraps [ErrScaled].
func New(in *model.Input, limits Limits) (*Pipeline, error) {
	if err := in.Validate(); err != nil {
		return nil, fmt.Errorf("prepare preprocessing: %w", err)
	}
	turbo, err := findTurbo(in)
	if err != nil {
		return nil, fmt.Errorf("prepare preprocessing: %w", err)
	}
	p := &Pipeline{in: *in, limits: limits, table: newNormaliser(in), vector: hasVector, turbo: turbo}
	p.direct = in.Element == model.Uint8 && in.ChannelOrder != model.BGR && (in.Layout == model.NHWC || in.Channels == 1)
	p.pictures.New = func() any { return new(Picture) }
	p.scratch.New = func() any { return &scratch{resampler: resampler{vector: p.vector}} }
	return p, nil
}

// Input returns the contract that is applied.
func (p *Pipeline) Input() model.Input { return p.in }

// Decode decodes the bytes of one file: the picture is upright when the contract asks for it, and grey or RGB as it says. Errors
// are [*ImageError]. A picture is whole or absent: a file that ends early gives [CodeTruncated]. The data is not kept.
func (p *Pipeline) Decode(data []byte) (*Picture, error) {
	pic, err := p.DecodeStored(data)
	if err == nil && pic.orientation != 0 {
		orient(pic, pic.orientation)
		pic.orientation = 0
	}
	return pic, err
}

// DecodeStored is Decode for a picture that only [Pipeline.Fill] and [Pipeline.Render] will see: Pix is as the file stores it, and
// they turn the few pixels that they keep. Turning all of 12 megapixels takes three times as long as decoding them. The result is the
// same in every byte.
func (p *Pipeline) DecodeStored(data []byte) (*Picture, error) {
	src, name, err := openSource(data, p.limits)
	if err != nil {
		return nil, err
	}
	pic := p.pictures.Get().(*Picture)
	if err := p.decode(pic, src, name); err != nil {
		p.Release(pic)
		return nil, err
	}
	return pic, nil
}

// decode fills pic from src.
func (p *Pipeline) decode(pic *Picture, src encoded, name string) (err error) {
	defer guard(name, &err)
	if file, ok := src.(*jpegSource); ok {
		file.turbo, file.scale = p.turbo, p.scale(file.header())
	}
	if file, ok := src.(interface{ close() }); ok {
		defer file.close()
	}
	if err := src.decode(pic, p.in.Channels); err != nil {
		return refused(name, err)
	}
	if h := src.header(); (p.in.ApplyEXIF || h.alwaysUpright) && h.orientation >= 2 && h.orientation <= 8 {
		pic.orientation = h.orientation
	}
	return p.checkCovers(pic)
}

// checkCovers refuses a picture that a contract without resize cannot cut from.
func (p *Pipeline) checkCovers(pic *Picture) error {
	if width, height := pic.upright(); p.in.Resize.Mode == model.None && (width < p.in.Width || height < p.in.Height) {
		return fail(CodeTooSmall, "the picture has %d × %d pixels, the model takes %d × %d and does not resize",
			width, height, p.in.Width, p.in.Height)
	}
	return nil
}

// Release gives a picture of Decode or Load back, so that its memory serves the next one. It must not be used afterwards. Calling
// Release is never needed.
func (p *Pipeline) Release(pic *Picture) {
	if pic != nil {
		p.pictures.Put(pic)
	}
}

// Render returns what the model sees: the 8-bit picture after resize and crop, before normalisation, RGB whatever the tensor's
// channel order. It fails with [CodeTooSmall] as Fill does.
func (p *Pipeline) Render(pic *Picture) (*Picture, error) {
	out := new(Picture)
	out.reset(p.in.Width, p.in.Height, p.in.Channels)
	out.SourceWidth, out.SourceHeight = pic.SourceWidth, pic.SourceHeight
	if err := p.render(out.Pix, pic); err != nil {
		return nil, err
	}
	return out, nil
}

// Fill writes the picture as picture i of the tensor, which [NewTensor] made for the pipeline's input. A picture that is too
// small for a contract without resize is an [*ImageError] with [CodeTooSmall]; any other error is the caller's mistake. The tensor
// is left as it was on error.
func (p *Pipeline) Fill(dst *Tensor, i int, pic *Picture) error {
	n := p.in.Channels * p.in.Height * p.in.Width
	have := len(dst.F32)
	if p.in.Element == model.Uint8 {
		have = len(dst.U8)
	}
	if dst.PerPicture != n || i < 0 || i >= dst.N || have < dst.N*n {
		return fmt.Errorf("fill picture %d: the tensor has room for %d pictures of %d elements, the input needs %d of %q",
			i, dst.N, dst.PerPicture, n, p.in.Element)
	}
	if p.direct {
		return p.render(dst.U8[i*n:][:n], pic)
	}
	s := p.scratch.Get().(*scratch)
	defer p.scratch.Put(s)
	s.pix = sized(s.pix, n)
	if err := p.renderWith(s, s.pix, pic); err != nil {
		return err
	}
	p.write(dst, i, s.pix)
	return nil
}

// render resizes and cuts pic into dst, rows without gaps.
func (p *Pipeline) render(dst []uint8, pic *Picture) error {
	s := p.scratch.Get().(*scratch)
	defer p.scratch.Put(s)
	return p.renderWith(s, dst, pic)
}

func (p *Pipeline) renderWith(s *scratch, dst []uint8, pic *Picture) error {
	if pic.Channels != p.in.Channels || pic.Width < 1 || pic.Height < 1 || len(pic.Pix) != pic.Width*pic.Height*pic.Channels {
		return fmt.Errorf("resize picture: %d × %d pixels of %d channels in %d samples, the input has %d channels",
			pic.Width, pic.Height, pic.Channels, len(pic.Pix), p.in.Channels)
	}
	if err := p.checkCovers(pic); err != nil {
		return err
	}
	in := &p.in
	width, height := pic.upright()
	g := layOut(in, width, height)
	stride := in.Width * in.Channels
	if in.Resize.Mode == model.Pad {
		for i := range dst {
			dst[i] = in.Resize.PadValue
		}
		dst = dst[g.padY*stride+g.padX*in.Channels:]
	}
	filter, antialias := in.Resize.Filter, !in.Resize.NoAntialias
	across := direction{in: width, out: g.width, from: g.cutX, n: g.keepX, filter: filter, antialias: antialias}
	down := direction{in: height, out: g.height, from: g.cutY, n: g.keepY, filter: filter, antialias: antialias}
	if pic.orientation == 0 {
		s.prepare(in.Channels, across, down, false)
		s.resample(dst, stride, pic)
		return nil
	}
	columns, rows, side := mirrors(pic.orientation)
	if side {
		across, down = down, across
	}
	if columns {
		across = across.mirror()
	}
	if rows {
		down = down.mirror()
	}
	s.prepare(in.Channels, across, down, side)
	s.stored.reset(across.n, down.n, in.Channels)
	s.stored.orientation = pic.orientation
	s.resample(s.stored.Pix, across.n*in.Channels, pic)
	s.stored.putUpright(dst, stride)
	return nil
}
