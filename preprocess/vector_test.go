package preprocess

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/scones-unlimited/scones/model"
)

// paths are the ways in which this processor can resize.
func paths() []bool { return slices.Compact([]bool{false, hasVector}) }

// randomAxis has weights of any size, those that no filter has among them.
func randomAxis(random *rand.Rand, in, n int) *axis {
	a := &axis{direction: direction{in: in, out: in + 1, n: n, filter: model.Bilinear}, taps: 1 + random.IntN(in)}
	for i := range n {
		low := min(i*in/n, in-1)
		a.first = append(a.first, int32(low))
		a.count = append(a.count, int32(min(a.taps, in-low)))
	}
	for range n * a.taps {
		w := int32(random.Uint32())
		switch random.IntN(4) {
		case 0:
			w = []int32{0, -1, 1 << 15, 1<<15 - 1, -1 << 15, 1 << precision, math.MinInt32, math.MaxInt32}[random.IntN(8)]
		case 1:
			w >>= 8
		}
		a.weights = append(a.weights, w)
	}
	return a
}

// filled is a guarded slice of random bytes.
func filled(t testing.TB, random *rand.Rand, n int) []uint8 {
	out := guarded(t, n)
	for i := range out {
		out[i] = uint8(min(max(random.IntN(416)-80, 0), 255))
	}
	return out
}

// Vector instructions sum rows as the plain loop does, whatever the weights are, read nothing beyond the source and write nothing
// beyond the window.
func checkRows(t *testing.T, random *rand.Rand) {
	channels := 1 + 2*random.IntN(2)
	in, n, height := 1+random.IntN(60), 1+random.IntN(30), 1+random.IntN(9)
	a := randomAxis(random, in, n)
	a.split.words = slices.Repeat([]int16{77}, 5000) // of another direction
	a.splitRows(channels)
	src := filled(t, random, in*channels*height)
	var got [2][]uint8
	for i, vector := range []bool{false, hasVector} {
		r := resampler{vector: vector, channels: channels, across: a}
		got[i] = guarded(t, n*channels*height)
		r.rows(got[i], n*channels, src, in*channels, 0, height)
	}
	if !bytes.Equal(got[0], got[1]) {
		t.Fatalf("%d rows of %d × %d channels to %d, %d taps: %v, the plain loop gives %v", height, in, channels, n, a.taps, got[1], got[0])
	}
}

// The same for columns, all rows at once and in parts.
func checkColumns(t *testing.T, random *rand.Rand) {
	height, width := 1+random.IntN(40), 1+random.IntN(150)
	a := randomAxis(random, height, 1+random.IntN(5))
	a.splitColumns()
	src := filled(t, random, height*width)
	row := random.IntN(a.n)
	low, high := int(a.first[row]), a.end(row)
	cut := low + random.IntN(high-low)
	var got [3][]uint8
	for i := range got {
		r := resampler{vector: hasVector && i > 0, down: a}
		got[i] = guarded(t, width)
		p := part{row: row, from: low, to: high, sums: make([]int32, width)}
		if i == 2 && cut > low {
			p.to = cut
			r.add(nil, p, src[p.from*width:], width)
			p.from, p.to = cut, high
		}
		r.add(got[i], p, src[p.from*width:], width)
	}
	for _, v := range got[1:] {
		if !bytes.Equal(got[0], v) {
			t.Fatalf("%d columns of %d rows, cut at %d: %v, the plain loop gives %v", width, high-low, cut-low, v, got[0])
		}
	}
}

// checkRender compares whole pictures of random sizes under a random contract.
func checkRender(t *testing.T, random *rand.Rand) {
	channels := 1 + 2*random.IntN(2)
	limit := []int{8, 40, 300}[random.IntN(3)]
	src := noise(random, 1+random.IntN(limit), 1+random.IntN(limit), channels)
	in := stretch(1+random.IntN(90), 1+random.IntN(90), channels, allFilters[random.IntN(4)])
	in.Resize.NoAntialias = random.IntN(3) == 0
	switch random.IntN(3) {
	case 0:
		in.Resize.Mode, in.Resize.ShortSide = model.ShortSide, max(in.Width, in.Height)+random.IntN(9)
	case 1:
		in.Resize.Mode = model.Pad
	}
	src.Pix = append(guarded(t, len(src.Pix))[:0], src.Pix...)
	var got []*Picture
	for _, vector := range []bool{false, hasVector} {
		p := mustPipeline(t, in)
		p.vector = vector
		pic, err := p.Render(src)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, pic)
	}
	if !bytes.Equal(got[0].Pix, got[1].Pix) {
		t.Fatalf("%d × %d × %d under %+v: vector instructions give another picture", src.Width, src.Height, channels, in)
	}
}

// FuzzVector compares vector instructions and plain loops in every byte.
func FuzzVector(f *testing.F) {
	for seed := range uint64(300) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		random := rand.New(rand.NewPCG(seed, 0))
		checkRows(t, random)
		checkColumns(t, random)
		checkRender(t, random)
	})
}

// Every weight is its halves.
func TestHalves(t *testing.T) {
	for _, w := range []int32{0, 1, -1, 1<<15 - 1, 1 << 15, -1 << 15, -1<<15 - 1, 1 << precision, -1 << precision, math.MaxInt32, math.MinInt32} {
		upper, lower := halves(w)
		if got := int32(upper)<<16 + int32(lower); got != w {
			t.Errorf("halves(%d) = %d, %d, which is %d", w, upper, lower, got)
		}
	}
}
