package phash

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"io"

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
type Reader struct{ pipeline *preprocess.Pipeline }

// NewReader returns a reader; limits hold for every picture.
func NewReader(limits preprocess.Limits) (*Reader, error) {
	pipeline, err := preprocess.New(&model.Input{
		Name: "picture", Element: model.Uint8, Layout: model.NHWC, Width: Side, Height: Side, Channels: 3, ChannelOrder: model.RGB,
		Resize: model.Resize{Mode: model.Stretch, Filter: model.Bilinear}, ApplyEXIF: true,
	}, limits)
	return &Reader{pipeline}, err
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
	small, err := r.pipeline.Render(picture)
	if err != nil {
		return f, err
	}
	var grey [Side * Side]uint8
	for i := range grey {
		p := small.Pix[3*i:][:3]
		// ITU-R 601 luma in 16 bits, as Pillow's convert("L").
		grey[i] = uint8((19595*uint32(p[0]) + 38470*uint32(p[1]) + 7471*uint32(p[2]) + 0x8000) >> 16)
	}
	h, ok := Of(&grey)
	f.Hash, f.Flat = h, !ok
	return f, nil
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
