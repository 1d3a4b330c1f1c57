package preprocess

import (
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scones-unlimited/scones/model"
)

var allFilters = []model.Filter{model.Nearest, model.Bilinear, model.Bicubic, model.Lanczos}

// stretch is a contract that resizes to a size and nothing else.
func stretch(width, height, channels int, filter model.Filter) *model.Input {
	in := plainInput(channels)
	in.Width, in.Height, in.Resize.Filter = width, height, filter
	return in
}

// readPicture reads a PNG with package png alone.
func readPicture(t testing.TB, path string, channels int) *Picture {
	t.Helper()
	pix, size := readRGB(t, path)
	if channels == 1 {
		pix = everyThird(pix)
	}
	return &Picture{Width: size.X, Height: size.Y, Channels: channels, Pix: pix}
}

// Every filter, reducing, enlarging and keeping each side: equal to Pillow's resize in every sample, with vector instructions and
// without.
func TestResizeAsPillowDoes(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "testdata", "goldens", "resize", "*.*.*.*.png"))
	if err != nil || len(files) < 48 {
		t.Fatalf("%d goldens (%v), want 48", len(files), err)
	}
	for _, file := range files {
		parts := strings.Split(filepath.Base(file), ".") // source size, mode, filter, size, png
		channels := 3
		if parts[1] == "L" {
			channels = 1
		}
		want := readPicture(t, file, channels)
		src := readPicture(t, filepath.Join(filepath.Dir(file), parts[0]+"."+parts[1]+".png"), channels)
		for _, vector := range paths() {
			p := mustPipeline(t, stretch(want.Width, want.Height, channels, model.Filter(parts[2])))
			p.vector = vector
			got, err := p.Render(src)
			if err != nil {
				t.Fatal(err)
			}
			if d := compare(got.Pix, want.Pix); d.largest > 0 {
				t.Errorf("%s, vector %v: %.1f %% of the samples differ, by up to %d; want none", filepath.Base(file), vector, 100*d.unequal, d.largest)
			}
		}
	}
}

// noise is a picture of random samples, many of them at the ends of the range.
func noise(random *rand.Rand, width, height, channels int) *Picture {
	p := new(Picture)
	p.reset(width, height, channels)
	for i := range p.Pix {
		p.Pix[i] = uint8(min(max(random.IntN(416)-80, 0), 255))
	}
	return p
}

// slowResize is the resize as a formula: each output sample is the weighted mean of the input samples under the filter, in
// float64, rows before columns or columns before rows, rounded to whole samples in between.
func slowResize(src *Picture, width, height int, filter model.Filter, antialias, columnsFirst bool) [][]float64 {
	planes := make([][]float64, 0, src.Channels)
	for c := range src.Channels {
		plane := make([]float64, src.Width*src.Height)
		for i := range plane {
			plane[i] = float64(src.Pix[i*src.Channels+c])
		}
		if columnsFirst {
			plane = slowColumns(plane, src.Width, src.Height, height, filter, antialias)
			plane = slowRows(plane, src.Width, height, width, filter, antialias)
		} else {
			plane = slowRows(plane, src.Width, src.Height, width, filter, antialias)
			plane = slowColumns(plane, width, src.Height, height, filter, antialias)
		}
		planes = append(planes, plane)
	}
	return planes
}

func slowRows(plane []float64, from, rows, to int, filter model.Filter, antialias bool) []float64 {
	out := make([]float64, to*rows)
	for y := range rows {
		for x := range to {
			out[y*to+x] = slowSample(to, from, x, filter, antialias, func(i int) float64 { return plane[y*from+i] })
		}
	}
	return out
}

func slowColumns(plane []float64, columns, from, to int, filter model.Filter, antialias bool) []float64 {
	out := make([]float64, columns*to)
	for y := range to {
		for x := range columns {
			out[y*columns+x] = slowSample(to, from, y, filter, antialias, func(i int) float64 { return plane[i*columns+x] })
		}
	}
	return out
}

// slowSample computes output sample i of to, from samples 0 to from-1.
func slowSample(to, from, i int, filter model.Filter, antialias bool, at func(int) float64) float64 {
	if to == from {
		return at(i)
	}
	scale := float64(from) / float64(to)
	widen := 1.0
	if antialias && scale > 1 {
		widen = scale
	}
	centre := (float64(i) + 0.5) * scale
	sum, total := 0.0, 0.0
	for j := range from {
		w := slowWeight(filter, (float64(j)+0.5-centre)/widen)
		sum += w * at(j)
		total += w
	}
	return math.Round(min(max(sum/total, 0), 255))
}

// slowWeight is the filter as textbooks write it.
func slowWeight(filter model.Filter, x float64) float64 {
	x = math.Abs(x)
	switch filter {
	case model.Bicubic: // Keys 1981, a = -1/2
		switch {
		case x < 1:
			return 1.5*math.Pow(x, 3) - 2.5*math.Pow(x, 2) + 1
		case x < 2:
			return -0.5*math.Pow(x, 3) + 2.5*math.Pow(x, 2) - 4*x + 2
		}
		return 0
	case model.Lanczos:
		switch {
		case x == 0:
			return 1
		case x < 3:
			return 3 * math.Sin(math.Pi*x) * math.Sin(math.Pi*x/3) / (math.Pi * math.Pi * x * x)
		}
		return 0
	}
	return max(0, 1-x)
}

// The fast path agrees with the formula within one unit, at random sizes, with and without antialias.
func TestResizeAgreesWithFormula(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 150 {
		channels := 1 + 2*random.IntN(2)
		src := noise(random, 1+random.IntN(40), 1+random.IntN(40), channels)
		width, height := 1+random.IntN(40), 1+random.IntN(40)
		filter := allFilters[1+random.IntN(3)]
		in := stretch(width, height, channels, filter)
		in.Resize.NoAntialias = random.IntN(3) == 0
		name := fmt.Sprintf("%d×%d to %d×%d %s antialias=%v", src.Width, src.Height, width, height, filter, !in.Resize.NoAntialias)
		got, err := mustPipeline(t, in).Render(src)
		if err != nil {
			t.Fatal(err)
		}
		columnsFirst := src.Height > height && src.Height-height > 2*(src.Width-width)
		want := slowResize(src, width, height, filter, !in.Resize.NoAntialias, columnsFirst)
		for i, v := range got.Pix {
			if gap := math.Abs(float64(v) - want[i%channels][i/channels]); gap > 1 {
				t.Fatalf("%s: sample %d is %d, the formula gives %v", name, i, v, want[i%channels][i/channels])
			}
		}
	}
}

// The window that a crop keeps is what a resize of the whole followed by the crop would give.
func TestCropIsWindowOfResize(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 60 {
		src := noise(random, 1+random.IntN(60), 1+random.IntN(60), 3)
		in := stretch(1+random.IntN(12), 1+random.IntN(12), 3, allFilters[random.IntN(4)])
		in.Resize.Mode, in.Resize.ShortSide = model.ShortSide, 12+random.IntN(8)
		if random.IntN(2) == 0 {
			in.Resize.CropRounding = model.RoundDown
		}
		got, err := mustPipeline(t, in).Render(src)
		if err != nil {
			t.Fatal(err)
		}
		g := layOut(in, src.Width, src.Height)
		whole, err := mustPipeline(t, stretch(g.width, g.height, 3, in.Resize.Filter)).Render(src)
		if err != nil {
			t.Fatal(err)
		}
		for y := range in.Height {
			want := whole.row(g.cutY + y)[3*g.cutX:][:3*in.Width]
			if string(got.row(y)) != string(want) {
				t.Fatalf("%d×%d to %d×%d, cut at %d, %d, %s: row %d differs", src.Width, src.Height, g.width, g.height, g.cutX, g.cutY, in.Resize.Filter, y)
			}
		}
	}
}

// A window far inside a very long enlargement costs what the window costs.
func TestLongPictureIsCheap(t *testing.T) {
	src := noise(rand.New(rand.NewPCG(5, 6)), 50_000, 2, 3)
	in := stretch(224, 224, 3, model.Bicubic)
	in.Resize.Mode, in.Resize.ShortSide = model.ShortSide, 256
	p := mustPipeline(t, in)
	dst := NewTensor(in, 1)
	if err := p.Fill(dst, 0, src); err != nil { // 6,400,000 × 256 after the resize
		t.Fatal(err)
	}
	if allocs := testing.AllocsPerRun(3, func() { _ = p.Fill(dst, 0, src) }); allocs > 1 {
		t.Errorf("%v allocations, want at most 1", allocs)
	}
}
