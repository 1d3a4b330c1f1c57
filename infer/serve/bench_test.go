package serve

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/scones-unlimited/scones/infer"
)

// A nowhere takes an answer and keeps only its status.
type nowhere struct {
	header http.Header
	status int
}

func (n *nowhere) Header() http.Header         { return n.header }
func (n *nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (n *nowhere) WriteHeader(status int)      { n.status = status }

// invocation returns what sends one picture through everything but the network and the runtime.
func invocation(tb testing.TB) func() {
	s, _ := started(tb, Options{}, &fakeScorer{}, infer.Plan{Workers: 1, Batch: 4})
	file := shade(tb, 0)
	picture := bytes.NewReader(file)
	r := httptest.NewRequest(http.MethodPost, "/invocations", nil)
	r.Header.Set("Content-Type", "image/png")
	r.ContentLength = picture.Size()
	r.Body = io.NopCloser(picture)
	w := &nowhere{header: make(http.Header)}
	return func() {
		picture.Reset(file)
		s.Handler().ServeHTTP(w, r)
		if w.status != http.StatusOK {
			tb.Fatalf("status %d", w.status)
		}
	}
}

// BenchmarkInvocation is what the server itself costs a picture.
func BenchmarkInvocation(b *testing.B) {
	do := invocation(b)
	b.ReportAllocs()
	for b.Loop() {
		do()
	}
}

// TestInvocationAllocates holds a picture's way through the server to a budget. Decoding a PNG takes its own part of it.
func TestInvocationAllocates(t *testing.T) {
	const budget = 30
	if n := testing.AllocsPerRun(200, invocation(t)); n > budget {
		t.Errorf("%v allocations a picture, the budget is %d", n, budget)
	}
}
