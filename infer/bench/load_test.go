package bench_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scones-unlimited/scones/infer/bench"
)

// TestLoad loads a server that refuses every fourth picture and fails every eighth, in both loops, and compares the counts with the
// server's own.
func TestLoad(t *testing.T) {
	for _, rate := range []float64{0, 200} {
		var seen atomic.Int64
		h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if body, err := io.ReadAll(r.Body); err != nil || string(body) != "picture" {
				t.Errorf("body %q, %v", body, err)
			}
			switch n := seen.Add(1); {
			case n%8 == 0:
				w.WriteHeader(http.StatusInternalServerError)
			case n%4 == 0:
				w.WriteHeader(http.StatusTooManyRequests)
			}
			time.Sleep(time.Millisecond)
		}))
		r, err := bench.Load(t.Context(), bench.LoadOptions{URL: h.URL, Files: [][]byte{[]byte("picture")}, Clients: 4, Rate: rate, Time: 500 * time.Millisecond})
		h.Close()
		if err != nil {
			t.Fatal(err)
		}
		if r.Sent != r.Answered+r.Refused+r.Failed || r.Sent > int(seen.Load()) || r.Answered < 2*r.Refused || r.Refused == 0 || r.Failed == 0 {
			t.Errorf("rate %v: %+v of %d requests", rate, r, seen.Load())
		}
		if rate > 0 && r.Sent+r.Unsent > 101 { // half a second of two hundred
			t.Errorf("sent %d and %d not, at %v a second for %v s", r.Sent, r.Unsent, rate, r.Seconds)
		}
		if r.Latency.P50 < 1 || r.Latency.P99 > r.Latency.Max || r.FirstFailure != "status 500" {
			t.Errorf("rate %v: %+v", rate, r)
		}
	}
}
