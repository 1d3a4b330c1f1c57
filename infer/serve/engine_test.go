package serve

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/infer"
)

// answerTo is the container's answer for a picture of one grey.
func answerTo(grey int) string {
	share := float32(grey) / 255
	return string(appendArray(nil, []float32{share, 1 - share}))
}

// TestBatchIsWhatWaits holds the one worker while pictures come, and sees them go together; each gets its own answer.
func TestBatchIsWhatWaits(t *testing.T) {
	scorer := &fakeScorer{gate: make(chan struct{}), entered: make(chan int, 100)}
	s, h := started(t, Options{}, scorer, infer.Plan{Workers: 1, Batch: 8})
	var wg sync.WaitGroup
	send := func(grey int) {
		wg.Go(func() {
			got := ask(t, "POST", h.URL+"/invocations", bytes.NewReader(shade(t, uint8(grey))), "Content-Type", "image/png")
			if got.status != http.StatusOK || got.body != answerTo(grey) {
				t.Errorf("grey %d: %d %s, want %s", grey, got.status, got.body, answerTo(grey))
			}
		})
	}
	send(0)
	sizes := []int{<-scorer.entered}
	for grey := 1; grey <= 10; grey++ {
		send(grey)
	}
	e := s.models.acquire("")
	defer e.release()
	waitUntil(t, func() bool { return e.queue.length() == 10 })
	close(scorer.gate)
	wg.Wait()
	close(scorer.entered)
	for n := range scorer.entered {
		sizes = append(sizes, n)
	}
	if want := []int{1, 8, 2}; !slices.Equal(sizes, want) {
		t.Errorf("batches of %v pictures, want %v", sizes, want)
	}
}

func waitUntil(t *testing.T, done func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("waited in vain")
		}
	}
}

// TestWorkersShare leaves half of what waits to another worker that has nothing to do, or that has a core of its own.
func TestWorkersShare(t *testing.T) {
	for _, c := range []struct {
		idle  int
		equal bool
		want  int
	}{{1, false, 2}, {0, false, 4}, {1, true, 2}, {0, true, 2}} {
		q := newQueue(2, 8, 0, c.equal)
		q.idle = c.idle
		for range 4 {
			q.push(new(job))
		}
		if got := q.take(nil, time.NewTimer(time.Hour)); len(got) != c.want {
			t.Errorf("%d idle, equal shares %t: a batch of %d, want %d", c.idle, c.equal, len(got), c.want)
		}
	}
}

// TestMaxDelay waits for company, but not for ever, and not when the batch is full.
func TestMaxDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(1, 3, 50*time.Millisecond, false)
		var got []string
		start := time.Now()
		done := make(chan struct{})
		go func() {
			defer close(done)
			timer := time.NewTimer(time.Hour)
			for {
				jobs := q.take(nil, timer)
				if len(jobs) == 0 {
					return
				}
				got = append(got, fmt.Sprintf("%d at %v", len(jobs), time.Since(start)))
			}
		}()
		q.push(new(job))
		time.Sleep(20 * time.Millisecond)
		q.push(new(job))
		time.Sleep(80 * time.Millisecond)
		for range 3 {
			q.push(new(job))
		}
		synctest.Wait()
		q.push(new(job))
		q.close()
		<-done
		want := []string{"2 at 50ms", "3 at 100ms", "1 at 100ms"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

// TestGoneClientIsNotComputed cancels requests while they wait, and sees that the scorer never gets them.
func TestGoneClientIsNotComputed(t *testing.T) {
	scorer := &fakeScorer{gate: make(chan struct{}), entered: make(chan int, 100)}
	s, _ := started(t, Options{}, scorer, infer.Plan{Workers: 1, Batch: 4})
	e := s.models.acquire("")
	defer e.release()
	results := make(chan error, 10)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		_, err := e.classify(t.Context(), nil, shade(t, 1))
		results <- err
	}()
	<-scorer.entered
	before := scorer.pictures.Load()
	for range 5 {
		go func() {
			_, err := e.classify(ctx, nil, shade(t, 2))
			results <- err
		}()
	}
	waitUntil(t, func() bool { return e.queue.length() == 5 })
	cancel()
	for range 5 {
		if err := <-results; !errors.Is(err, errGone) {
			t.Errorf("error %v, want one that wraps %v", err, errGone)
		}
	}
	close(scorer.gate)
	if err := <-results; err != nil {
		t.Error(err)
	}
	waitUntil(t, func() bool { return e.queue.length() == 0 })
	if after := scorer.pictures.Load(); after != before {
		t.Errorf("%d pictures were computed for nobody", after-before)
	}
}

// TestBrokenRuntime turns readiness off while the runtime fails, and on again when it works.
func TestBrokenRuntime(t *testing.T) {
	scorer := &fakeScorer{}
	s, h := started(t, Options{}, scorer, infer.Plan{Workers: 1, Batch: 4})
	wantReply(t, ask(t, "GET", h.URL+"/ping", nil), 200)
	err := errors.New("secret/path: device lost")
	scorer.err.Store(&err)
	got := ask(t, "POST", h.URL+"/invocations", bytes.NewReader(shade(t, 1)), "Content-Type", "image/png")
	wantReply(t, got, 500, `"code":"inference-failed"`)
	if strings.Contains(got.body, "secret") {
		t.Errorf("the answer tells what is inside: %s", got.body)
	}
	wantReply(t, ask(t, "GET", h.URL+"/ping", nil), 503, "the runtime fails")
	scorer.err.Store(nil)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go s.probe(ctx)
	waitUntil(t, s.ready)
	wantReply(t, ask(t, "GET", h.URL+"/readyz", nil), 200, "ready")
}

// TestInstallRefusesAModelThatCannotAnswer leaves what was there.
func TestInstallRefusesAModelThatCannotAnswer(t *testing.T) {
	s, h := started(t, Options{}, &fakeScorer{}, infer.Plan{})
	broken := &fakeScorer{}
	err := errors.New("broken")
	broken.err.Store(&err)
	closed := make(chan struct{})
	m := testModel(t, broken, infer.Plan{})
	m.Close = func() error { close(closed); return nil }
	if got := s.Install(t.Context(), m); !errors.Is(got, err) {
		t.Errorf("Install = %v, want %v", got, err)
	}
	<-closed
	wantReply(t, ask(t, "POST", h.URL+"/invocations", bytes.NewReader(shade(t, 255)), "Content-Type", "image/png"), 200, "[1.0, 0.0]")
}
