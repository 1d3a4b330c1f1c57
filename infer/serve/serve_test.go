package serve

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/preprocess"
)

// A fakeScorer gives each picture scores of its own pixels, so that a test can tell whose they are.
type fakeScorer struct {
	calls, pictures atomic.Int64
	// gate holds each call until something is received or it is closed; nil holds none.
	gate chan struct{}
	// entered gets the number of pictures of each call before its gate; nil for nobody.
	entered chan int
	err     atomic.Pointer[error]
}

func (f *fakeScorer) Scores(ctx context.Context, dst []float32, batch *preprocess.Tensor, n int) error {
	f.calls.Add(1)
	f.pictures.Add(int64(n))
	if f.entered != nil {
		f.entered <- n
	}
	if f.gate != nil {
		select {
		case <-f.gate:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if err := f.err.Load(); err != nil {
		return *err
	}
	for i := range n {
		share := float32(batch.U8[i*batch.PerPicture]) / 255
		dst[2*i], dst[2*i+1] = share, 1-share
	}
	return nil
}

// testModel takes 4 × 4 grey pictures; its first score is the first pixel's share of white.
func testModel(t testing.TB, scorer infer.Scorer, plan infer.Plan) Model {
	t.Helper()
	m := &model.Model{
		Version: model.Version, Labels: []string{"white", "black"},
		Input: model.Input{Name: "data", Element: model.Uint8, Layout: model.NHWC, Width: 4, Height: 4, Channels: 1,
			Resize: model.Resize{Mode: model.Stretch, Filter: model.Bilinear}},
		Output: model.Output{Name: "p", Activation: model.NoActivation},
	}
	c, err := infer.New(m, scorer, preprocess.Limits{MaxPixels: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	return Model{Name: "shade", Classifier: c, Plan: plan, SHA256: "0123"}
}

// shade is a PNG picture of one grey.
func shade(t testing.TB, grey uint8) []byte {
	t.Helper()
	picture := image.NewGray(image.Rect(0, 0, 4, 4))
	for i := range picture.Pix {
		picture.Pix[i] = color.Gray{grey}.Y
	}
	var file bytes.Buffer
	if err := png.Encode(&file, picture); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// started is a server with the test model, whose first inference has run.
func started(t testing.TB, o Options, scorer *fakeScorer, plan infer.Plan) (*Server, *httptest.Server) {
	t.Helper()
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	gate, entered := scorer.gate, scorer.entered
	scorer.gate, scorer.entered = nil, nil
	if err := s.Install(t.Context(), testModel(t, scorer, plan)); err != nil {
		t.Fatal(err)
	}
	scorer.gate, scorer.entered = gate, entered
	h := httptest.NewServer(s.Handler())
	t.Cleanup(func() {
		h.Close()
		s.models.clear()
	})
	return s, h
}

// serveHandler is the address of a server that the test made.
func serveHandler(t testing.TB, s *Server) string {
	t.Helper()
	h := httptest.NewServer(s.Handler())
	t.Cleanup(func() {
		h.Close()
		s.models.clear()
	})
	return h.URL
}

// A reply is what a request got.
type reply struct {
	status int
	header http.Header
	body   string
}

// ask sends a request; pairs are headers.
func ask(t testing.TB, method, url string, body io.Reader, pairs ...string) reply {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i] == "Host" {
			r.Host = pairs[i+1]
		}
		r.Header.Set(pairs[i], pairs[i+1])
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{response.StatusCode, response.Header, string(text)}
}

func wantReply(t *testing.T, got reply, status int, parts ...string) {
	t.Helper()
	if got.status != status {
		t.Errorf("status %d, want %d: %s", got.status, status, got.body)
	}
	for _, part := range parts {
		if !strings.Contains(got.body, part) {
			t.Errorf("body %s lacks %s", got.body, part)
		}
	}
}
