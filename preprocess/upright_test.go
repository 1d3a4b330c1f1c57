package preprocess

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/scones-unlimited/scones/model"
)

// uprightContracts are contracts of every mode, and of every filter.
func uprightContracts() map[string]*model.Input {
	contracts := map[string]*model.Input{}
	for _, filter := range allFilters {
		contracts["stretch, "+string(filter)] = stretch(19, 11, 3, filter)
		short := stretch(16, 13, 3, filter)
		short.Resize.Mode, short.Resize.ShortSide = model.ShortSide, 21
		contracts["short side, "+string(filter)] = short
		pad := stretch(24, 17, 3, filter)
		pad.Resize.Mode, pad.Resize.PadValue = model.Pad, 114
		contracts["pad, "+string(filter)] = pad
		hard := stretch(19, 11, 1, filter)
		hard.Resize.NoAntialias = true
		contracts["no antialias, grey, "+string(filter)] = hard
	}
	none := stretch(9, 7, 3, model.Bilinear)
	none.Resize.Mode = model.None
	contracts["none"] = none
	return contracts
}

// A picture that is turned after the resize is, in every byte, the one that is turned before, as Pillow turns it: for every
// orientation, mode and filter, sizes that enlarge, reduce and keep, both orders of the passes, with vector instructions and without.
func TestTurnedAfterTheResize(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	orders := map[bool]int{}
	for name, in := range uprightContracts() {
		for _, vector := range paths() {
			p := mustPipeline(t, in)
			p.vector = vector
			for _, size := range [][2]int{{9, 7}, {11, 19}, {19, 11}, {13, 200}, {200, 13}, {64, 48}, {97, 101}, {101, 97}, {19, 60}, {60, 11}} {
				for orientation := range 9 {
					stored := noise(random, size[0], size[1], in.Channels)
					upright := *stored
					upright.Pix = bytes.Clone(stored.Pix)
					orient(&upright, orientation)
					if orientation > 1 {
						stored.orientation = orientation
					}
					want, wantErr := p.Render(&upright)
					got, err := p.Render(stored)
					what := fmt.Sprintf("%s, vector %v, %v, orientation %d", name, vector, size, orientation)
					if fmt.Sprint(err) != fmt.Sprint(wantErr) {
						t.Fatalf("%s: error %v, turned before: %v", what, err, wantErr)
					}
					if err != nil {
						continue
					}
					if d := compare(got.Pix, want.Pix); got.Width != want.Width || d.largest > 0 {
						t.Fatalf("%s: %.1f %% of the samples differ, by up to %d", what, 100*d.unequal, d.largest)
					}
					if s := p.scratch.Get().(*scratch); s.across != nil { // nil when the collector emptied the pool
						orders[s.columnsFirst()]++
					}
				}
			}
		}
	}
	if len(orders) < 2 {
		t.Errorf("one order of the passes was seen: %v", orders)
	}
}

// DecodeStored and Fill give what Decode and Fill give, for files of every format that may be turned.
func TestDecodeStored(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "testdata", "images", "*exif*"))
	if err != nil || len(files) < 11 {
		t.Fatalf("%d pictures (%v), want 11", len(files), err)
	}
	turned := 0
	for _, apply := range []bool{true, false} {
		in := stretch(32, 24, 3, model.Bilinear)
		in.ApplyEXIF = apply
		p := mustPipeline(t, in)
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			upright, err := p.Decode(data)
			if err != nil {
				t.Fatal(err)
			}
			stored, err := p.DecodeStored(data)
			if err != nil {
				t.Fatal(err)
			}
			if upright.orientation != 0 {
				t.Errorf("%s: Decode leaves orientation %d", file, upright.orientation)
			}
			if stored.orientation != 0 {
				turned++
			}
			want, err := p.Render(upright)
			if err != nil {
				t.Fatal(err)
			}
			got, err := p.Render(stored)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Pix, want.Pix) || stored.SourceWidth != upright.SourceWidth || stored.SourceHeight != upright.SourceHeight {
				t.Errorf("%s, EXIF %v: the two differ", file, apply)
			}
		}
	}
	if turned < 10 {
		t.Errorf("%d pictures were turned, want most", turned)
	}
}

// Filling a picture that is not upright allocates nothing once the buffers are there.
func TestTurnAllocatesNothing(t *testing.T) {
	in := stretch(32, 24, 3, model.Bilinear)
	p, dst := mustPipeline(t, in), NewTensor(in, 1)
	pic := noise(rand.New(rand.NewPCG(1, 2)), 90, 70, 3)
	pic.orientation = 6
	fill := func() {
		if err := p.Fill(dst, 0, pic); err != nil {
			t.Fatal(err)
		}
	}
	fill()
	if allocs := testing.AllocsPerRun(3, fill); allocs > 0 {
		t.Errorf("%v allocations, want none", allocs)
	}
}

// BenchmarkFillTurned is what 12 megapixels on their side cost, after they are decoded.
func BenchmarkFillTurned(b *testing.B) {
	in := stretch(224, 224, 3, model.Bilinear)
	in.Resize.Mode, in.Resize.ShortSide = model.ShortSide, 256
	for _, orientation := range []int{0, 3, 6} {
		b.Run(fmt.Sprint(orientation), func(b *testing.B) {
			p, dst := mustPipeline(b, in), NewTensor(in, 1)
			pic := noise(rand.New(rand.NewPCG(1, 2)), 4000, 3000, 3)
			pic.orientation = orientation
			for b.Loop() {
				if err := p.Fill(dst, 0, pic); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
