package serve

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/scones-unlimited/scones/infer"
)

// hostileRequests and hostileSeed make the run that the gate repeats.
const (
	hostileRequests = 10_000
	hostileSeed     = 20261125
)

// TestHostileRequests sends bad requests to a server as it runs. None may crash it, hang, get an answer that tells what is inside, or a
// status 5xx other than package http's own refusals. Afterwards the server answers as before and holds no more than before.
func TestHostileRequests(t *testing.T) {
	n := hostileRequests
	if testing.Short() {
		n /= 20
	}
	s, err := New(Options{MaxPayload: 200_000, Endpoint: "scones"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Install(t.Context(), testModel(t, &fakeScorer{}, infer.Plan{Workers: 2, Batch: 4})); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx, l, nil) }()
	url := "http://" + l.Addr().String()
	good := func() {
		wantReply(t, ask(t, "POST", url+"/invocations", bytes.NewReader(shade(t, 0)), "Content-Type", "image/png"), http.StatusOK, "[0.0, 1.0]")
	}
	good()
	before := runtime.NumGoroutine()
	type bad struct {
		at   int
		kind string
		data []byte
	}
	work := make(chan bad)
	var wg sync.WaitGroup
	var mu sync.Mutex
	seen := make(map[int]int)
	for range 8 {
		wg.Go(func() {
			for b := range work {
				statuses, err := provoke(l.Addr().String(), b.data)
				mu.Lock()
				for _, status := range statuses {
					seen[status]++
				}
				mu.Unlock()
				if err != nil {
					t.Errorf("request %d, %s: %v\n%.300q", b.at, b.kind, err, b.data)
				}
			}
		})
	}
	h := newHostile(t, hostileSeed)
	for at := range n {
		kind, data := h.request()
		work <- bad{at, kind, data}
	}
	close(work)
	wg.Wait()
	t.Logf("answers by status: %v", seen)
	good()
	http.DefaultClient.CloseIdleConnections()
	waitUntil(t, func() bool { return runtime.NumGoroutine() <= before+2 })
	if in := s.admission.count.Load(); in != 0 || s.admission.bytes.Load() != 0 {
		t.Errorf("%d requests with %d bytes are still in", in, s.admission.bytes.Load())
	}
	for _, status := range []int{200, 400, 404, 405, 413, 415, 424, 431} {
		if seen[status] == 0 && !testing.Short() {
			t.Errorf("no request got %d: the generator misses something", status)
		}
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// leaks are words that an answer never holds.
var leaks = []string{"goroutine ", ".go:", "/root", "/home", "/tmp", "runtime error", "panic"}

// hangTime is longer than any answer may take.
const hangTime = 20 * time.Second

// provoke sends the bytes and returns the statuses of the answers.
func provoke(addr string, data []byte) (statuses []int, err error) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(hangTime))
	go func() {
		_, _ = c.Write(data) // the server may have refused it before the end
		_ = c.(*net.TCPConn).CloseWrite()
	}()
	answer, err := io.ReadAll(c)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return nil, fmt.Errorf("it hangs after %d bytes of an answer", len(answer))
	}
	for _, leak := range leaks {
		if bytes.Contains(answer, []byte(leak)) {
			return nil, fmt.Errorf("the answer holds %q: %.500q", leak, answer)
		}
	}
	for r := bufio.NewReader(bytes.NewReader(answer)); ; {
		if _, err := r.Peek(1); err != nil {
			break
		}
		response, err := http.ReadResponse(r, nil)
		if err != nil {
			return statuses, fmt.Errorf("no HTTP: %w: %.300q", err, answer)
		}
		if _, err := io.Copy(io.Discard, response.Body); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			return statuses, fmt.Errorf("status %d: %w", response.StatusCode, err)
		}
		statuses = append(statuses, response.StatusCode)
		if meant := []int{http.StatusNotImplemented, http.StatusHTTPVersionNotSupported}; response.StatusCode >= 500 && !slices.Contains(meant, response.StatusCode) {
			return statuses, fmt.Errorf("status %d: %.300q", response.StatusCode, answer)
		}
		if strings.Contains(response.Header.Get("X-Evil"), "1") {
			return statuses, errors.New("a header was injected")
		}
	}
	return statuses, nil
}
