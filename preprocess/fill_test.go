package preprocess

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync"
	"testing"

	"github.com/scones-unlimited/scones/model"
)

// Every layout, channel order and element type: each element of the tensor is the formula of its pixel.
func TestFillPlacesEveryElement(t *testing.T) {
	src := noise(rand.New(rand.NewPCG(7, 8)), 4, 3, 3)
	grey := noise(rand.New(rand.NewPCG(9, 10)), 4, 3, 1)
	for _, channels := range []int{1, 3} {
		for _, layout := range []model.Layout{model.NHWC, model.NCHW} {
			for _, order := range []model.ChannelOrder{model.RGB, model.BGR} {
				for _, element := range []model.Element{model.Uint8, model.Float32, model.Float16} {
					in := stretch(4, 3, channels, model.Bilinear) // nothing to resize
					in.Layout, in.Element = layout, element
					pic := src
					if channels == 1 {
						pic = grey
					} else {
						in.ChannelOrder = order
					}
					if element != model.Uint8 {
						in.Scale, in.Mean, in.Std = 1.0/255, []float64{0.485, 0.456, 0.406}[:channels], []float64{0.229, 0.224, 0.225}[:channels]
					}
					checkFill(t, in, pic)
				}
			}
		}
	}
}

func checkFill(t *testing.T, in *model.Input, pic *Picture) {
	t.Helper()
	dst := NewTensor(in, 3)
	if err := mustPipeline(t, in).Fill(dst, 1, pic); err != nil {
		t.Fatal(err)
	}
	for y := range in.Height {
		for x := range in.Width {
			for c := range in.Channels {
				from := c
				if in.ChannelOrder == model.BGR {
					from = 2 - c
				}
				v := pic.Pix[(y*in.Width+x)*in.Channels+from]
				at := dst.PerPicture + (y*in.Width+x)*in.Channels + c
				if in.Layout == model.NCHW {
					at = dst.PerPicture + (c*in.Height+y)*in.Width + x
				}
				if in.Element == model.Uint8 {
					if dst.U8[at] != v {
						t.Fatalf("%s %s %s: element %d is %d, want %d", in.Element, in.Layout, in.ChannelOrder, at, dst.U8[at], v)
					}
				} else if want := float32((float64(v)/255 - in.Mean[c]) / in.Std[c]); !near(dst.F32[at], want) {
					t.Fatalf("%s %s %s: element %d is %v, want %v", in.Element, in.Layout, in.ChannelOrder, at, dst.F32[at], want)
				}
			}
		}
	}
	outside := append(slices.Clone(dst.U8), make([]uint8, len(dst.F32))...)
	for i := range dst.F32 {
		if dst.F32[i] != 0 {
			outside[i] = 1
		}
	}
	for i, v := range outside {
		if (i < dst.PerPicture || i >= 2*dst.PerPicture) && v != 0 {
			t.Fatalf("%s %s: element %d of another picture was written", in.Element, in.Layout, i)
		}
	}
}

// near allows one unit in the last place, since v/255 and v·(1/255) round differently.
func near(a, b float32) bool {
	return a == b || max(a-b, b-a) <= 1e-6
}

func TestFillRefuses(t *testing.T) {
	in := stretch(4, 3, 3, model.Bilinear)
	p := mustPipeline(t, in)
	pic := noise(rand.New(rand.NewPCG(1, 1)), 5, 5, 3)
	other := NewTensor(stretch(4, 4, 3, model.Bilinear), 2)
	for name, err := range map[string]error{
		"index":    p.Fill(NewTensor(in, 2), 2, pic),
		"negative": p.Fill(NewTensor(in, 2), -1, pic),
		"size":     p.Fill(other, 0, pic),
		"channels": p.Fill(NewTensor(in, 1), 0, noise(rand.New(rand.NewPCG(1, 1)), 5, 5, 1)),
		"empty":    p.Fill(NewTensor(in, 1), 0, new(Picture)),
	} {
		if _, known := errors.AsType[*ImageError](err); err == nil || known {
			t.Errorf("%s: Fill gave %v, want an error that is no ImageError", name, err)
		}
	}
	in.Resize = model.Resize{Mode: model.None}
	small := noise(rand.New(rand.NewPCG(1, 1)), 3, 5, 3)
	if err := mustPipeline(t, in).Fill(NewTensor(in, 1), 0, small); CodeOf(err) != CodeTooSmall {
		t.Errorf("Fill of a picture smaller than the model gave %v, want %s", err, CodeTooSmall)
	}
}

func TestNewRefusesBadContract(t *testing.T) {
	in := stretch(4, 3, 3, "cubic")
	if _, err := New(in, Limits{}); !errors.Is(err, model.ErrManifest) {
		t.Errorf("New gave %v, want ErrManifest", err)
	}
}

// In steady state a picture costs no memory beyond what its decoder takes: sizes take turns, with and without vector instructions.
func TestFillAllocatesNothing(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // the collector empties pools
	random := rand.New(rand.NewPCG(1, 2))
	turns := []*Picture{noise(random, 640, 480, 3), noise(random, 480, 640, 3), noise(random, 32, 32, 3), noise(random, 90, 700, 3)}
	for name, in := range recipes() {
		for _, layout := range []model.Layout{model.NHWC, model.NCHW} {
			for _, element := range []model.Element{model.Uint8, model.Float32} {
				for _, filter := range allFilters {
					in.Layout, in.Element, in.Resize.Filter = layout, element, filter
					for _, vector := range paths() {
						p := mustPipeline(t, in)
						p.vector = vector
						dst := NewTensor(in, 1)
						if allocs := testing.AllocsPerRun(2, func() {
							for _, pic := range turns {
								_ = p.Fill(dst, 0, pic)
							}
						}); allocs > 0 {
							t.Errorf("%s %s %s %s: %v allocations, want 0", name, layout, element, filter, allocs)
						}
					}
				}
			}
		}
	}
}

// One pipeline serves many goroutines: every answer is the answer that it gives alone.
func TestPipelineIsConcurrent(t *testing.T) {
	dir := filepath.Join("..", "testdata", "goldens", "pillow", "images")
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	in := recipes()["squash32"]
	p := mustPipeline(t, in)
	answer := func(file string) []uint8 {
		data, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Error(err)
			return nil
		}
		pic, err := p.Decode(data)
		if err != nil {
			t.Error(err)
			return nil
		}
		defer p.Release(pic)
		dst := NewTensor(in, 1)
		if err := p.Fill(dst, 0, pic); err != nil {
			t.Error(err)
		}
		return dst.U8
	}
	var wg sync.WaitGroup
	for _, e := range entries {
		want := answer(e.Name())
		for range 4 {
			wg.Go(func() {
				if got := answer(e.Name()); !slices.Equal(got, want) {
					t.Errorf("%s: another answer when others run beside it", e.Name())
				}
			})
		}
	}
	wg.Wait()
}
