package infer_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"iter"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/preprocess"
)

// A meanScorer answers with the mean of a picture's pixels, so that each row tells which picture it was scored from.
type meanScorer struct {
	calls atomic.Int64
	delay time.Duration
	err   error
}

func (s *meanScorer) Scores(ctx context.Context, dst []float32, batch *preprocess.Tensor, n int) error {
	s.calls.Add(1)
	select {
	case <-time.After(s.delay):
	case <-ctx.Done():
		return ctx.Err()
	}
	for i := range n {
		var sum float32
		for _, v := range batch.U8[i*batch.PerPicture : (i+1)*batch.PerPicture] {
			sum += float32(v)
		}
		p := sum / float32(batch.PerPicture) / 255
		dst[2*i], dst[2*i+1] = p, 1-p
	}
	return s.err
}

func newClassifier(t *testing.T, scorer infer.Scorer) *infer.Classifier {
	t.Helper()
	m := &model.Model{
		Version: model.Version,
		Labels:  []string{"light", "dark"},
		Input: model.Input{Name: "data", Element: model.Uint8, Layout: model.NHWC, Width: 2, Height: 2, Channels: 3,
			ChannelOrder: model.RGB, Resize: model.Resize{Mode: model.Stretch, Filter: model.Bilinear}},
		Output: model.Output{Name: "prob", Activation: model.NoActivation},
	}
	c, err := infer.New(m, scorer, preprocess.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// grey is a PNG of one colour: picture i has the value i % 256.
func grey(t *testing.T, i int) preprocess.Image {
	t.Helper()
	picture := image.NewGray(image.Rect(0, 0, 3, 2))
	for at := range picture.Pix {
		picture.SetGray(at%3, at/3, color.Gray{Y: uint8(i)})
	}
	var buf bytes.Buffer
	if err := png.Encode(&buf, picture); err != nil {
		t.Fatal(err)
	}
	return preprocess.Image{
		Name: fmt.Sprintf("%d.png", i),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(buf.Bytes())), nil },
	}
}

var errMissing = &preprocess.ImageError{Code: preprocess.CodeNotFound, Err: errors.New("no such file")}

func sequence(images ...preprocess.Image) iter.Seq2[preprocess.Image, error] {
	return func(yield func(preprocess.Image, error) bool) {
		for _, image := range images {
			if !yield(image, nil) {
				return
			}
		}
	}
}

func TestBatchKeepsOrderAndGoesOnAfterBadPictures(t *testing.T) {
	const pictures = 101
	var images []preprocess.Image
	bad := func(i int) bool { return i%7 == 3 }
	for i := range pictures {
		image := grey(t, i)
		if bad(i) {
			image.Open = func() (io.ReadCloser, error) { return nil, errMissing }
		}
		images = append(images, image)
	}
	for _, o := range []infer.BatchOptions{{}, {Size: 1, Workers: 1}, {Size: 3, Workers: 4}, {Size: 64, Workers: 2, TopK: -1}} {
		t.Run(fmt.Sprintf("size %d workers %d", o.Size, o.Workers), func(t *testing.T) {
			c := newClassifier(t, &meanScorer{})
			got := 0
			for r, err := range c.Batch(t.Context(), sequence(images...), o) {
				if err != nil {
					t.Fatal(err)
				}
				if want := images[got].Name; r.Index != got || r.Name != want {
					t.Fatalf("result %d is %d %q, want %q", got, r.Index, r.Name, want)
				}
				if bad(got) {
					if preprocess.CodeOf(r.Err) != preprocess.CodeNotFound || r.Scores != nil {
						t.Errorf("result %d: error %v, scores %v, want only %v", got, r.Err, r.Scores, errMissing)
					}
				} else if want := float32(got) / 255; r.Err != nil || r.Scores[0] != want || r.Width != 3 || r.Height != 2 {
					t.Errorf("result %d: scores %v of %d × %d, error %v; want %v of 3 × 2", got, r.Scores, r.Width, r.Height, r.Err, want)
				} else if wantTop := map[bool]int{true: 2, false: 1}[o.TopK < 0]; len(r.Top) != wantTop {
					t.Errorf("result %d: %d top classes, want %d", got, len(r.Top), wantTop)
				}
				got++
			}
			if got != pictures {
				t.Errorf("%d results, want %d", got, pictures)
			}
		})
	}
}

func TestBatchEndsWithTheSourcesError(t *testing.T) {
	broken := errors.New("disk on fire")
	src := func(yield func(preprocess.Image, error) bool) {
		for i := range 5 {
			if !yield(grey(t, i), nil) {
				return
			}
		}
		yield(preprocess.Image{}, broken)
	}
	var names []string
	var last error
	for r, err := range newClassifier(t, &meanScorer{}).Batch(t.Context(), src, infer.BatchOptions{Size: 2}) {
		if last = err; err == nil {
			names = append(names, r.Name)
		}
	}
	if want := []string{"0.png", "1.png", "2.png", "3.png", "4.png"}; !slices.Equal(names, want) || !errors.Is(last, broken) {
		t.Errorf("results %v then %v, want %v then %v", names, last, want, broken)
	}
}

func TestBatchEndsWithTheScorersError(t *testing.T) {
	broken := errors.New("out of memory")
	for r, err := range newClassifier(t, &meanScorer{err: broken}).Batch(t.Context(), sequence(grey(t, 1)), infer.BatchOptions{}) {
		if !errors.Is(err, broken) {
			t.Errorf("result %v, error %v, want error %v", r, err, broken)
		}
	}
}

// TestBatchLeavesNothingBehind breaks out of the range and cancels it at every point. When the range has returned, so has the
// source; and a bubble with a goroutine that never ends fails.
func TestBatchLeavesNothingBehind(t *testing.T) {
	for stop := range 40 {
		synctest.Test(t, func(t *testing.T) {
			image := grey(t, 9)
			var reading atomic.Bool
			endless := func(yield func(preprocess.Image, error) bool) {
				reading.Store(true)
				defer reading.Store(false)
				for yield(image, nil) {
				}
			}
			c := newClassifier(t, &meanScorer{})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			seen := 0
			var last error
			for _, err := range c.Batch(ctx, endless, infer.BatchOptions{Size: 4, Workers: 3}) {
				last = err
				if seen++; seen > stop {
					if stop%2 == 0 {
						break
					}
					cancel()
				}
			}
			if reading.Load() {
				t.Errorf("stopped after %d: the source is still read", stop)
			}
			if stop%2 == 1 && !errors.Is(last, context.Canceled) {
				t.Errorf("cancelled after %d: last error %v, want %v", stop, last, context.Canceled)
			}
		})
	}
}

// TestBatchDoesNotWaitForASlowSource proves that a row comes although its batch is not full and the source goes on.
func TestBatchDoesNotWaitForASlowSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := func(yield func(preprocess.Image, error) bool) {
			if yield(grey(t, 1), nil) {
				time.Sleep(time.Hour)
				yield(grey(t, 2), nil)
			}
		}
		start := time.Now()
		var at []time.Duration
		for _, err := range newClassifier(t, &meanScorer{}).Batch(t.Context(), src, infer.BatchOptions{Size: 16, Workers: 2}) {
			if err != nil {
				t.Fatal(err)
			}
			at = append(at, time.Since(start))
		}
		if len(at) != 2 || at[0] >= time.Minute || at[1] < time.Hour {
			t.Errorf("rows came at %v, want the first at once and the second after an hour", at)
		}
	})
}

// TestBatchHoldsABoundedNumberOfPictures stops consuming and counts how many pictures are opened.
func TestBatchHoldsABoundedNumberOfPictures(t *testing.T) {
	const size, workers = 4, 2
	synctest.Test(t, func(t *testing.T) {
		var opened atomic.Int64
		template := grey(t, 3)
		image := preprocess.Image{Name: "3.png", Open: func() (io.ReadCloser, error) {
			opened.Add(1)
			return template.Open()
		}}
		src := func(yield func(preprocess.Image, error) bool) {
			for yield(image, nil) {
			}
		}
		for range newClassifier(t, &meanScorer{}).Batch(t.Context(), src, infer.BatchOptions{Size: size, Workers: workers}) {
			synctest.Wait() // until every goroutine is blocked
			if got, most := opened.Load(), int64(size*(2*workers+3)); got > most {
				t.Errorf("%d pictures were opened while one was consumed, want at most %d", got, most)
			}
			break
		}
	})
}

func TestClassifierIsSafeForConcurrentUse(t *testing.T) {
	c := newClassifier(t, &meanScorer{})
	var wg sync.WaitGroup
	for i := range 20 {
		file, _ := grey(t, i).Open()
		data, _ := io.ReadAll(file)
		wg.Go(func() {
			scores, err := c.Classify(t.Context(), data)
			if want := float32(i) / 255; err != nil || scores[0] != want {
				t.Errorf("Classify(%d) = %v, %v, want %v", i, scores, err, want)
			}
		})
	}
	wg.Wait()
}
