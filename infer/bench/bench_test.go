package bench_test

import (
	"bytes"
	"context"
	"errors"
	"image/png"
	"io"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/bench"
	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/preprocess"
)

// A sleeper takes its time for each picture.
type sleeper struct {
	each  time.Duration
	sizes *[33]atomic.Int64 // calls by number of pictures
}

func (s *sleeper) Scores(ctx context.Context, dst []float32, _ *preprocess.Tensor, n int) error {
	s.sizes[n].Add(1)
	time.Sleep(time.Duration(n) * s.each)
	for i := range n {
		dst[2*i], dst[2*i+1] = 0.25, 0.75
	}
	return ctx.Err()
}

// subject is a model that sleeps; it counts what was opened and not freed.
type subject struct {
	bench.Subject
	open  atomic.Int64
	sizes [33]atomic.Int64
}

func newSubject(name string, each time.Duration) *subject {
	s := &subject{Subject: bench.Subject{Name: name, MultiplyAdds: 41_000_000, Device: infer.CPU}}
	s.Open = func(context.Context, int) (*infer.Classifier, func(), error) {
		m := &model.Model{
			Version: model.Version, Labels: []string{"light", "dark"},
			Input: model.Input{Name: "data", Element: model.Uint8, Layout: model.NHWC, Width: 8, Height: 8, Channels: 3,
				ChannelOrder: model.RGB, Resize: model.Resize{Mode: model.Stretch, Filter: model.Bilinear}},
			Output: model.Output{Name: "prob", Activation: model.NoActivation},
		}
		c, err := infer.New(m, &sleeper{each, &s.sizes}, preprocess.Limits{})
		s.open.Add(1)
		return c, func() { s.open.Add(-1) }, err
	}
	return s
}

func drawn(t *testing.T, kind bench.Synthetic) []preprocess.Image {
	t.Helper()
	images, err := bench.Draw(kind)
	if err != nil {
		t.Fatal(err)
	}
	return images
}

func TestRun(t *testing.T) {
	s := newSubject("sleeper", 50*time.Microsecond)
	images := drawn(t, bench.Small)
	images[5].Open = func() (io.ReadCloser, error) { return nil, errors.New("no such file") }
	var machine bench.Machine
	r, err := bench.Run(t.Context(), &s.Subject, bench.Options{Pictures: images, Count: 100, Time: 20 * time.Millisecond, Rounds: 2, Cores: 2}, &machine)
	if err != nil {
		t.Fatal(err)
	}
	if s.open.Load() != 0 {
		t.Errorf("%d models were not freed", s.open.Load())
	}
	if r.Model != "sleeper" || r.Count != 100 || r.Failed != 2 || len(r.Rates) != 2 || r.Plan.Workers != 2 || r.Plan.Batch != 16 {
		t.Errorf("report %+v, want 100 pictures in each of 2 rounds, 2 failed, 2 workers with batches of 16", r)
	}
	if got := s.sizes[16].Load(); got < 2*6 {
		t.Errorf("%d calls of 16 pictures, want at least the 12 of the two rounds", got)
	}
	st := r.Stages
	for name, v := range map[string]float64{
		"rate": r.Rate, "limit": r.Limit, "efficiency": r.Efficiency, "read": st.Read, "decode": st.Decode, "resize": st.Resize,
		"inference": st.Inference, "p50": r.Latency.P50, "count": float64(r.Latency.Count), "batch": float64(st.InferenceBatch),
	} {
		if !(v > 0) {
			t.Errorf("%s is %v, want more than 0", name, v)
		}
	}
	// By the definition of the combined limit.
	if want := 2 * 1e6 / (st.Decode + st.Resize + st.Inference); r.Limit != want {
		t.Errorf("limit %v, want %v", r.Limit, want)
	}
	if l := r.Latency; l.P50 > l.P90 || l.P90 > l.P99 {
		t.Errorf("latencies %+v are not in order", l)
	}
	shares := st.Shares()
	if sum := shares[0] + shares[1] + shares[2] + shares[3]; sum < 0.999 || sum > 1.001 {
		t.Errorf("shares %v add up to %v", shares, sum)
	}
}

func TestRunRefuses(t *testing.T) {
	s := newSubject("sleeper", 0)
	broken := []preprocess.Image{{Name: "x.png", Open: func() (io.ReadCloser, error) { return nil, errors.New("no such file") }}}
	if _, err := bench.Run(t.Context(), &s.Subject, bench.Options{Pictures: broken}, new(bench.Machine)); !errors.Is(err, bench.ErrNoPicture) {
		t.Errorf("only broken pictures: error %v, want %v", err, bench.ErrNoPicture)
	}
	if _, err := bench.Run(t.Context(), &s.Subject, bench.Options{}, new(bench.Machine)); !errors.Is(err, bench.ErrNoPicture) {
		t.Errorf("no pictures: error %v, want %v", err, bench.ErrNoPicture)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := bench.Run(ctx, &s.Subject, bench.Options{Pictures: drawn(t, bench.Small)}, new(bench.Machine)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: error %v, want %v", err, context.Canceled)
	}
	if s.open.Load() != 0 {
		t.Errorf("%d models were not freed", s.open.Load())
	}
}

func TestCompare(t *testing.T) {
	slow, fast := newSubject("slow", 20*time.Millisecond), newSubject("fast", time.Millisecond)
	plan := infer.Plan{Workers: 1, Threads: 1, Batch: 1}
	reports := [2]bench.ModelReport{{Plan: plan, Count: 2}, {Plan: plan, Count: 2}}
	c, err := bench.Compare(t.Context(), &slow.Subject, &fast.Subject, reports, bench.Options{Pictures: drawn(t, bench.Small), Rounds: 1}, new(bench.Machine))
	if err != nil {
		t.Fatal(err)
	}
	if c.Pairs != bench.MinPairs || !(c.Least <= c.Ratio && c.Ratio <= c.Most) || c.Ratio <= 1 {
		t.Errorf("comparison %+v: want %d pairs, least ≤ ratio ≤ most, the second faster", c, bench.MinPairs)
	}
	if slow.sizes[1].Load() != 10 || fast.sizes[1].Load() != 10 || slow.open.Load()+fast.open.Load() != 0 {
		t.Errorf("%d and %d pictures were scored, want 10 of each, and %d models were not freed",
			slow.sizes[1].Load(), fast.sizes[1].Load(), slow.open.Load()+fast.open.Load())
	}
}

func TestGrid(t *testing.T) {
	s := newSubject("sleeper", 0)
	chosen := infer.Plan{Workers: 2, Threads: 1, Batch: 8}
	g, err := bench.Grid(t.Context(), &s.Subject, bench.ModelReport{Plan: chosen, Count: 16},
		bench.Options{Pictures: drawn(t, bench.Small), Rounds: 1, Cores: 2}, new(bench.Machine))
	if err != nil {
		t.Fatal(err)
	}
	var got [][3]int
	for _, c := range g.Cells {
		got = append(got, [3]int{c.Workers, c.Threads, c.Batch})
	}
	// Of 16 pictures each worker has two batches, or it is what was chosen.
	want := [][3]int{
		{1, 1, 1}, {1, 1, 4}, {1, 1, 8}, {1, 2, 1}, {1, 2, 4}, {1, 2, 8},
		{2, 1, 1}, {2, 1, 4}, {2, 1, 8}, {2, 2, 1}, {2, 2, 4}, {4, 1, 1}, {4, 2, 1},
	}
	if !slices.Equal(got, want) {
		t.Errorf("cells %v, want %v", got, want)
	}
	if g.Chosen.Batch != 8 || g.Chosen.Rate <= 0 || g.Best.Rate < g.Chosen.Rate || g.Behind != 1-g.Chosen.Rate/g.Best.Rate || s.open.Load() != 0 {
		t.Errorf("best %+v, chosen %+v, behind %v, %d models not freed", g.Best, g.Chosen, g.Behind, s.open.Load())
	}
}

func TestWritePlot(t *testing.T) {
	one := bench.ModelReport{
		Model: "a/path/that/is/far/too/long/for/the/axis/of/a/plot/model.onnx", Rate: 1400, Limit: 1600, Efficiency: 0.88,
		Stages: bench.Stages{Read: 20, Decode: 80, Resize: 10, Inference: 1100},
	}
	for _, models := range [][]bench.ModelReport{{one}, {one, one}} {
		var file bytes.Buffer
		if err := bench.WritePlot(&file, &bench.Report{Models: models}); err != nil {
			t.Fatal(err)
		}
		picture, err := png.Decode(&file)
		if err != nil {
			t.Fatal(err)
		}
		if size := picture.Bounds().Size(); size.X != 1200 || size.Y != 600 {
			t.Errorf("plot of %d × %d pixels, want 1200 × 600", size.X, size.Y)
		}
		colours := make(map[[3]uint32]int)
		for y := range 600 {
			for x := range 1200 {
				r, g, b, _ := picture.At(x, y).RGBA()
				colours[[3]uint32{r >> 8, g >> 8, b >> 8}]++
			}
		}
		if inference := colours[[3]uint32{0x00, 0x72, 0xb2}]; inference < 5000 {
			t.Errorf("%d pixels have the colour of inference, want a large bar", inference)
		}
	}
}
