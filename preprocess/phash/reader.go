package phash

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"io"
	"sync"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/preprocess"
)

// A Fingerprint identifies a picture, from the narrowest to the widest sense of same.
type Fingerprint struct {
	// File is the SHA-256 of the bytes, Pixels that of the upright colour picture and its size.
	File, Pixels [sha256.Size]byte
	// Hash of the look; it says nothing where Flat is true.
	Hash Hash
	// Flat is true for a picture without contrast, Grey for one whose pixels are all grey.
	Flat, Grey bool
	// Width and Height in pixels, upright.
	Width, Height int32
}

// A Reader takes fingerprints. It is safe for concurrent use.
type Reader struct {
	pipeline *preprocess.Pipeline
	small    sync.Pool // of tensors for one picture
}

// NewReader returns a reader; limits hold for every picture.
func NewReader(limits preprocess.Limits) (*Reader, error) {
	pipeline, err := preprocess.New(&model.Input{
		Name: "picture", Element: model.Uint8, Layout: model.NHWC, Width: Side, Height: Side, Channels: 3, ChannelOrder: model.RGB,
		Resize: model.Resize{Mode: model.Stretch, Filter: model.Bilinear}, ApplyEXIF: true,
	}, limits)
	if err != nil {
		return nil, err
	}
	in := pipeline.Input()
	return &Reader{pipeline, sync.Pool{New: func() any { return preprocess.NewTensor(&in, 1) }}}, nil
}

// Fingerprint reads one picture. Errors are [*preprocess.ImageError].
func (r *Reader) Fingerprint(image preprocess.Image) (Fingerprint, error) {
	var f Fingerprint
	file := sha256.New()
	open := image.Open
	image.Open = func() (io.ReadCloser, error) {
		from, err := open()
		if err != nil {
			return nil, err
		}
		return &tee{from, file}, nil
	}
	picture, err := r.pipeline.Load(image)
	if err != nil {
		return f, err
	}
	defer r.pipeline.Release(picture)
	file.Sum(f.File[:0])
	pixels := sha256.New()
	var size [16]byte
	binary.LittleEndian.PutUint64(size[:8], uint64(picture.Width))
	binary.LittleEndian.PutUint64(size[8:], uint64(picture.Height))
	pixels.Write(size[:])
	pixels.Write(picture.Pix)
	f.Width, f.Height, f.Grey = int32(picture.Width), int32(picture.Height), isGrey(picture.Pix)
	pixels.Sum(f.Pixels[:0])
	f.Hash, f.Flat, err = r.Look(picture)
	return f, err
}

// Decode decodes a file to the upright colour picture that [Reader.Look] takes. Errors are [*preprocess.ImageError].
func (r *Reader) Decode(data []byte) (*preprocess.Picture, error) { return r.pipeline.Decode(data) }

// Release gives a picture of Decode back, as [preprocess.Pipeline.Release].
func (r *Reader) Release(picture *preprocess.Picture) { r.pipeline.Release(picture) }

// Look hashes a decoded picture; flat is true for one without contrast, whose hash says nothing.
func (r *Reader) Look(picture *preprocess.Picture) (h Hash, flat bool, err error) {
	small := r.small.Get().(*preprocess.Tensor)
	defer r.small.Put(small)
	if err := r.pipeline.Fill(small, 0, picture); err != nil {
		return h, false, err
	}
	var grey [Side * Side]uint8
	for i := range grey {
		p := small.U8[3*i:][:3]
		grey[i] = Luma(p[0], p[1], p[2])
	}
	h, ok := Of(&grey)
	return h, !ok, nil
}

// Luma is the grey level of a colour: ITU-R BT.601's weights in 16 bits, rounded, as Pillow's convert("L").
func Luma(red, green, blue uint8) uint8 {
	return uint8((19595*uint32(red) + 38470*uint32(green) + 7471*uint32(blue) + 0x8000) >> 16)
}

// isGrey looks at the pixels of a colour picture.
func isGrey(pix []uint8) bool {
	for ; len(pix) >= 3; pix = pix[3:] {
		if pix[0] != pix[1] || pix[1] != pix[2] {
			return false
		}
	}
	return true
}

// tee hashes what is read.
type tee struct {
	io.ReadCloser
	hash hash.Hash
}

func (t *tee) Read(p []byte) (int, error) {
	n, err := t.ReadCloser.Read(p)
	t.hash.Write(p[:n])
	return n, err
}
