//go:build cgo

package infer_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/ort"
	"github.com/scones-unlimited/scones/infer/ort/orttest"
	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/model/mxnet"
	"github.com/scones-unlimited/scones/model/onnx"
	"github.com/scones-unlimited/scones/preprocess"
	"github.com/scones-unlimited/scones/preprocess/npy"
)

// exported converts one of the repository's artifacts.
func exported(t testing.TB, name string, o onnx.ExportOptions) (*model.Model, infer.ModelFile) {
	t.Helper()
	artifact, err := mxnet.Open(filepath.Join("..", "testdata", "mxnet", name, "model.tar.gz"), mxnet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer artifact.Close()
	var file bytes.Buffer
	if _, err := onnx.Export(&file, artifact, o); err != nil {
		t.Fatal(err)
	}
	return manifestOf(t, file.Bytes()), infer.ModelFile{Data: file.Bytes()}
}

// made opens one of this folder's models.
func made(t testing.TB, name string) (*model.Model, infer.ModelFile) {
	t.Helper()
	path := filepath.Join("testdata", name)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return manifestOf(t, data), infer.ModelFile{Path: path}
}

func manifestOf(t testing.TB, data []byte) *model.Model {
	t.Helper()
	f, err := onnx.Read(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	m, err := f.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func open(t testing.TB, m *model.Model, file infer.ModelFile, o infer.SessionOptions) *infer.Session {
	t.Helper()
	o.Library = ort.Library{Path: orttest.Library(t)}
	s, err := infer.OpenSession(t.Context(), m, file, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// noise fills a batch with pixels that no two pictures share.
func noise(in *model.Input, n int) *preprocess.Tensor {
	tensor := preprocess.NewTensor(in, n)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range tensor.U8 {
		tensor.U8[i] = uint8(random.UintN(256))
	}
	for i := range tensor.F32 {
		tensor.F32[i] = float32(random.UintN(256))
	}
	return tensor
}

// part copies count pictures of a batch, from first on, into a batch of their own.
func part(in *model.Input, whole *preprocess.Tensor, first, count int) *preprocess.Tensor {
	tensor := preprocess.NewTensor(in, count)
	from, to := first*whole.PerPicture, (first+count)*whole.PerPicture
	if whole.U8 != nil {
		copy(tensor.U8, whole.U8[from:to])
	} else {
		copy(tensor.F32, whole.F32[from:to])
	}
	return tensor
}

func scores(t testing.TB, s *infer.Session, m *model.Model, batch *preprocess.Tensor, n int) []float32 {
	t.Helper()
	dst := make([]float32, n*len(m.Labels))
	if err := s.Scores(t.Context(), dst, batch, n); err != nil {
		t.Fatal(err)
	}
	return dst
}

// TestSessionAgreesWithMXNet scores the pictures that MXNet has scored.
func TestSessionAgreesWithMXNet(t *testing.T) {
	for name, tolerance := range map[string]float64{"resnet20-32": 1e-5, "resnet20-32-fp16": 5e-3} {
		for _, element := range []model.Element{model.Uint8, model.Float32} {
			t.Run(fmt.Sprint(name, "/", element), func(t *testing.T) {
				m, file := exported(t, name, onnx.ExportOptions{Input: element})
				s := open(t, m, file, infer.SessionOptions{})
				images, want := array(t, name, "images.npy"), array(t, name, "expected.npy")
				n := int(want.Shape[0])
				batch := preprocess.NewTensor(&m.Input, n)
				if element == model.Float32 {
					copy(batch.F32, images.F32)
				} else { // planes to pixels
					plane := m.Input.Width * m.Input.Height
					for i, v := range images.F32 {
						picture, channel, at := i/(3*plane), i/plane%3, i%plane
						batch.U8[(picture*plane+at)*3+channel] = uint8(v)
					}
				}
				got := scores(t, s, m, batch, n)
				for i := range got {
					if d := math.Abs(float64(got[i] - want.F32[i])); !(d <= tolerance) {
						t.Errorf("picture %d class %d: %v, MXNet says %v", i/len(m.Labels), i%len(m.Labels), got[i], want.F32[i])
					}
				}
			})
		}
	}
}

func array(t *testing.T, name, file string) *npy.Array {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "testdata", "mxnet", name, file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	a, err := npy.Read(f, 64<<20)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestScoresDoNotDependOnTheBatch is what resuming and bad files rely on: a picture's scores are the same, bit for bit, alone and in
// every place of batches of every size.
func TestScoresDoNotDependOnTheBatch(t *testing.T) {
	for _, name := range []string{"resnet20-32", "resnet18-224-thin", "odd"} {
		var m *model.Model
		var file infer.ModelFile
		if name == "odd" {
			m, file = made(t, "odd.onnx")
		} else {
			m, file = exported(t, name, onnx.ExportOptions{})
		}
		total := 64
		if m.Input.Width == 224 {
			total = 16
		}
		whole := noise(&m.Input, total)
		var want []float32
		for _, threads := range []int{1, 2, 3, 4} {
			s := open(t, m, file, infer.SessionOptions{Threads: threads})
			all := scores(t, s, m, whole, total)
			if want == nil {
				want = all
			}
			classes := len(m.Labels)
			for _, n := range []int{1, 2, 3, 4, 5, 8, 16, 31, 64} {
				for first := 0; first+n <= total && first < 8; first += 3 {
					got := scores(t, s, m, part(&m.Input, whole, first, n), n)
					if diff := cmp.Diff(bitsOf(want[first*classes:(first+n)*classes]), bitsOf(got)); diff != "" {
						t.Errorf("%s with %d threads: pictures %d to %d score differently in a batch of %d (-want +got):\n%s", name, threads, first, first+n, n, diff)
					}
				}
			}
		}
	}
}

func bitsOf(values []float32) []uint32 {
	bits := make([]uint32, len(values))
	for i, v := range values {
		bits[i] = math.Float32bits(v)
	}
	return bits
}

// TestSessionHalf runs a float16 model that insists on four pictures with any number of them.
func TestSessionHalf(t *testing.T) {
	m, file := made(t, "half.onnx")
	s := open(t, m, file, infer.SessionOptions{})
	batch := preprocess.NewTensor(&m.Input, 9)
	for i := range batch.F32 {
		batch.F32[i] = float32(i % batch.PerPicture * 37 % 256)
		if i/batch.PerPicture < 4 {
			batch.F32[i] = float32(i * 37 % 256)
		}
	}
	// As testdata/make.py prints them; the pictures from the fifth on are like the first.
	want := []float32{
		0.045074462890625, -0.0250244140625, -0.1571044921875, 0.0214996337890625, 0.28271484375, -0.1998291015625,
		0.161865234375, -0.10400390625, -0.1614990234375, 0.25634765625, 0.0572509765625, -0.272216796875,
	}
	for range 5 {
		want = append(want, want[:3]...)
	}
	for n := 1; n <= 9; n++ {
		if diff := cmp.Diff(want[:3*n], scores(t, s, m, batch, n)); diff != "" {
			t.Errorf("%d pictures (-want +got):\n%s", n, diff)
		}
	}
}

// TestScoresOfPartOfABatch leaves what lies behind the first n pictures and scores alone.
func TestScoresOfPartOfABatch(t *testing.T) {
	m, file := exported(t, "resnet20-32", onnx.ExportOptions{})
	s := open(t, m, file, infer.SessionOptions{})
	whole := noise(&m.Input, 6)
	want := scores(t, s, m, whole, 6)
	classes := len(m.Labels)
	for n := 6; n >= 1; n-- {
		got := slices.Repeat([]float32{-7}, 6*classes)
		if err := s.Scores(t.Context(), got, whole, n); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(slices.Concat(want[:n*classes], slices.Repeat([]float32{-7}, (6-n)*classes)), got); diff != "" {
			t.Errorf("%d of 6 (-want +got):\n%s", n, diff)
		}
	}
}

// TestSessionSideBySide calls from many goroutines with batches of their own.
func TestSessionSideBySide(t *testing.T) {
	m, file := exported(t, "resnet20-32", onnx.ExportOptions{})
	s := open(t, m, file, infer.SessionOptions{})
	whole := noise(&m.Input, 12)
	want := scores(t, s, m, whole, 12)
	classes := len(m.Labels)
	var wg sync.WaitGroup
	for first := range 12 {
		wg.Go(func() {
			for n := range 12 - first {
				got := make([]float32, (n+1)*classes)
				if err := s.Scores(t.Context(), got, part(&m.Input, whole, first, n+1), n+1); err != nil {
					t.Error(err)
					return
				}
				if !slices.Equal(got, want[first*classes:(first+n+1)*classes]) {
					t.Errorf("pictures %d to %d score differently side by side", first, first+n)
				}
			}
		})
	}
	wg.Wait()
}

// TestScoresCancelled stops a run that would take seconds, and uses the session again.
func TestScoresCancelled(t *testing.T) {
	m, file := exported(t, "resnet18-224-thin", onnx.ExportOptions{})
	s := open(t, m, file, infer.SessionOptions{})
	small := noise(&m.Input, 1)
	want := scores(t, s, m, small, 1)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dst := []float32{-7}
	dst = append(dst, make([]float32, len(m.Labels))...)
	if err := s.Scores(ctx, dst, small, 1); !errors.Is(err, context.Canceled) || dst[0] != -7 {
		t.Errorf("cancelled before: error %v, scores %v", err, dst)
	}

	const many = 256
	large := noise(&m.Input, many)
	ctx, cancel = context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	err := s.Scores(ctx, make([]float32, many*len(m.Labels)), large, many)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("cut off while it runs: error %v, want %v", err, context.DeadlineExceeded)
	}
	if got := scores(t, s, m, small, 1); !slices.Equal(got, want) {
		t.Errorf("after a run that was cut off: %v, want %v", got, want)
	}
}

// TestCloseWaits closes under runs in flight: each ends well or says that the session is closed.
func TestCloseWaits(t *testing.T) {
	m, file := exported(t, "resnet20-32", onnx.ExportOptions{})
	s := open(t, m, file, infer.SessionOptions{})
	batch := noise(&m.Input, 8)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				err := s.Scores(t.Context(), make([]float32, 8*len(m.Labels)), batch, 8)
				if errors.Is(err, infer.ErrClosed) {
					return
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	scores(t, s, m, batch, 8)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	wg.Wait()
}
