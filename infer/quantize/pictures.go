package quantize

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"iter"
	"math"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/preprocess"
)

// maxTensorBytes bounds the tensors of all pictures together.
const maxTensorBytes = 256 << 20

// sets are the pictures to choose by and those to judge by.
type sets struct {
	calibration, held set
	failed            int // could not be read
}

// set is pictures that are ready for the model.
type set struct {
	tensor  *preprocess.Tensor
	n       int
	classes []int // the truth, -1 where it is not known
}

// load reads the pictures and deals them out by turns.
func load(ctx context.Context, m *model.Model, pictures iter.Seq2[preprocess.Image, error], o *Options) (*sets, error) {
	pipeline, err := preprocess.New(&m.Input, o.Limits)
	if err != nil {
		return nil, err
	}
	var all []preprocess.Image
	for image, err := range pictures {
		if err != nil {
			return nil, err
		}
		all = append(all, image)
	}
	chosen := spread(all, min(o.Pictures, maxTensorBytes/pictureBytes(m)))
	s := &sets{}
	half := (len(chosen) + 1) / 2
	s.calibration.tensor, s.held.tensor = preprocess.NewTensor(&m.Input, max(half, 1)), preprocess.NewTensor(&m.Input, max(half, 1))
	to, next := &s.calibration, &s.held
	for i, image := range chosen {
		o.Progress("read", i, len(chosen))
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if to.n == to.tensor.N || !to.add(pipeline, image, o.Class) {
			s.failed++
			continue
		}
		to, next = next, to
	}
	if n := s.calibration.n + s.held.n; n < MinPictures {
		return nil, fmt.Errorf("%w: %d of %d can be read, at least %d are needed", ErrPictures, n, len(all), MinPictures)
	}
	return s, nil
}

// pictureBytes is what one picture's tensor takes.
func pictureBytes(m *model.Model) int {
	n := m.Input.Channels * m.Input.Width * m.Input.Height
	if m.Input.Element != model.Uint8 {
		n *= 4
	}
	return n
}

// spread takes n of the list, evenly.
func spread[T any](list []T, n int) []T {
	if n >= len(list) {
		return list
	}
	out := make([]T, n)
	for i := range out {
		out[i] = list[i*len(list)/n]
	}
	return out
}

// add loads a picture as the set's next.
func (s *set) add(p *preprocess.Pipeline, image preprocess.Image, class func(string) (int, bool)) bool {
	picture, err := p.LoadStored(image)
	if err != nil {
		return false
	}
	defer p.Release(picture)
	if p.Fill(s.tensor, s.n, picture) != nil {
		return false
	}
	s.n++
	truth := -1
	if class != nil {
		if c, ok := class(image.Name); ok {
			truth = c
		}
	}
	s.classes = append(s.classes, truth)
	return true
}

// part is count pictures from first on, sharing the set's memory.
func (s *set) part(first, count int) *preprocess.Tensor {
	t := *s.tensor
	t.N = count
	t.Shape = append([]int64{int64(count)}, t.Shape[1:]...)
	from, to := first*t.PerPicture, (first+count)*t.PerPicture
	if t.U8 != nil {
		t.U8 = t.U8[from:to]
	}
	if t.F32 != nil {
		t.F32 = t.F32[from:to]
	}
	return &t
}

// labelled counts the pictures whose truth is known.
func (s *set) labelled() (n int) {
	for _, c := range s.classes {
		if c >= 0 {
			n++
		}
	}
	return n
}

// hash identifies the pictures as the model sees them: the SHA-256 of their tensors, float32 little-endian.
func (s *set) hash() string {
	h := sha256.New()
	part := s.part(0, s.n)
	h.Write(part.U8)
	raw := make([]byte, 4)
	for _, v := range part.F32 {
		binary.LittleEndian.PutUint32(raw, math.Float32bits(v))
		h.Write(raw)
	}
	return hex.EncodeToString(h.Sum(nil))
}
