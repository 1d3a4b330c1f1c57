package bench

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime"
	"slices"
	"time"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/preprocess"
)

const (
	// sampleCount and sampleBytes bound the pictures that the pieces are measured on.
	sampleCount = 32
	sampleBytes = 64 << 20
	// decodedPixels bounds what is held decoded at once: four pictures of 12 megapixels.
	decodedPixels = 48_000_000
)

// pieces measures the stages of one model, each alone.
type pieces struct {
	classifier *infer.Classifier // one thread a call
	device     infer.Device
	images     []preprocess.Image
	files      [][]byte
	pictures   []*preprocess.Picture
	tensor     *preprocess.Tensor
	scores     []float32
	batches    []int
}

// newPieces reads a sample that is spread over the pictures.
func newPieces(c *infer.Classifier, device infer.Device, images []preprocess.Image, batch int) (*pieces, error) {
	p := &pieces{classifier: c, device: device}
	size, pixels := 0, 0
	var last error
	for i := range min(sampleCount, len(images)) {
		image := images[i*len(images)/min(sampleCount, len(images))]
		data, err := read(image)
		if err == nil && size+len(data) <= sampleBytes {
			var picture *preprocess.Picture
			if picture, err = c.Pipeline.DecodeStored(data); err == nil {
				size += len(data)
				p.images, p.files = append(p.images, image), append(p.files, data)
				if pixels += picture.Width * picture.Height; pixels <= decodedPixels || len(p.pictures) == 0 {
					p.pictures = append(p.pictures, picture)
				}
			}
		}
		if err != nil {
			last = fmt.Errorf("%q: %w", image.Name, err)
		}
	}
	if len(p.files) == 0 {
		return nil, fmt.Errorf("%w: %w", ErrNoPicture, last)
	}
	p.batches = slices.Compact(slices.Sorted(slices.Values([]int{1, 4, 16, batch})))
	most := slices.Max(p.batches)
	p.tensor = preprocess.NewTensor(&c.Model.Input, most)
	for i := range most {
		if err := c.Pipeline.Fill(p.tensor, i, p.pictures[i%len(p.pictures)]); err != nil {
			return nil, err
		}
	}
	p.scores = make([]float32, most*len(c.Model.Labels))
	return p, nil
}

// maxRead bounds a sample file; the pipeline has the user's own limit.
const maxRead = preprocess.DefaultMaxBytes

func read(image preprocess.Image) ([]byte, error) {
	r, err := image.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(io.LimitReader(r, maxRead))
}

// measure runs every piece for about the given time each.
func (p *pieces) measure(ctx context.Context, each time.Duration) (Stages, error) {
	var s Stages
	var err error
	pipeline := p.classifier.Pipeline
	var buffer bytes.Buffer
	if s.Read, err = perPicture(ctx, each/4, 1, false, func(i int) error {
		r, err := p.images[i%len(p.images)].Open()
		if err != nil {
			return err
		}
		defer r.Close()
		buffer.Reset()
		_, err = buffer.ReadFrom(io.LimitReader(r, maxRead))
		return err
	}); err != nil {
		return s, err
	}
	if s.Decode, err = perPicture(ctx, each, 1, false, func(i int) error {
		picture, err := pipeline.DecodeStored(p.files[i%len(p.files)])
		pipeline.Release(picture)
		return err
	}); err != nil {
		return s, err
	}
	if s.Resize, err = perPicture(ctx, each, 1, false, func(i int) error {
		return pipeline.Fill(p.tensor, i%p.tensor.N, p.pictures[i%len(p.pictures)])
	}); err != nil {
		return s, err
	}
	// All batches the first time, then the best of them.
	for _, n := range p.batches {
		cost, err := perPicture(ctx, each, n, p.device != infer.CPU, func(int) error {
			return p.classifier.Scorer.Scores(ctx, p.scores[:n*len(p.classifier.Model.Labels)], p.tensor, n)
		})
		if err != nil {
			return s, err
		}
		if s.InferenceBatch == 0 || cost < s.Inference {
			s.Inference, s.InferenceBatch = cost, n
		}
	}
	p.batches = []int{s.InferenceBatch}
	return s, nil
}

// perPicture calls f, which does n pictures, once to warm up and then until the time is over, and returns microseconds a picture: of
// the thread, or of the clock.
func perPicture(ctx context.Context, limit time.Duration, n int, clock bool, f func(i int) error) (float64, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := f(0); err != nil {
		return 0, err
	}
	start, used := time.Now(), threadTime()
	for i := 0; ; i++ {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		if err := f(i); err != nil {
			return 0, err
		}
		took := time.Since(start)
		if took < limit {
			continue
		}
		if own := threadTime() - used; !clock && own > 0 {
			took = own
		}
		return float64(took.Nanoseconds()) / 1e3 / float64((i+1)*n), nil
	}
}
