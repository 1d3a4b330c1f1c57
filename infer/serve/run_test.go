package serve

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/scones-unlimited/scones/infer"
)

// running is a server on a listener of its own, and the way to stop it.
func running(t *testing.T, o Options, scorer *fakeScorer) (s *Server, url string, stop func(), done chan error) {
	t.Helper()
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done = make(chan error, 1)
	go func() { done <- s.Run(ctx, l, nil) }()
	url = "http://" + l.Addr().String()
	wantReply(t, ask(t, "GET", url+"/ping", nil), http.StatusServiceUnavailable, "being loaded")
	gate, entered := scorer.gate, scorer.entered
	scorer.gate, scorer.entered = nil, nil
	if err := s.Install(t.Context(), testModel(t, scorer, infer.Plan{Workers: 1, Batch: 1})); err != nil {
		t.Fatal(err)
	}
	scorer.gate, scorer.entered = gate, entered
	wantReply(t, ask(t, "GET", url+"/ping", nil), http.StatusOK)
	return s, url, cancel, done
}

// TestDrain stops a server: readiness goes first, requests are let in for a while, then refused, and what is in gets its answer.
func TestDrain(t *testing.T) {
	scorer := &fakeScorer{gate: make(chan struct{}), entered: make(chan int, 10)}
	s, url, stop, done := running(t, Options{DrainDelay: 300 * time.Millisecond}, scorer)
	first, second := make(chan reply, 1), make(chan reply, 1)
	go func() { first <- ask(t, "POST", url+"/invocations", bytes.NewReader(shade(t, 9))) }()
	<-scorer.entered
	stop()
	waitUntil(t, func() bool { return s.phase.Load() == leaving })
	got := ask(t, "GET", url+"/readyz", nil)
	wantReply(t, got, http.StatusServiceUnavailable, "stopping")
	go func() { second <- ask(t, "POST", url+"/invocations", bytes.NewReader(shade(t, 8))) }()
	waitUntil(t, func() bool { return s.admission.count.Load() == 2 })
	waitUntil(t, func() bool { return s.phase.Load() == refusing })
	wantReply(t, ask(t, "POST", url+"/invocations", bytes.NewReader(shade(t, 7))), http.StatusServiceUnavailable, `"code":"draining"`)
	close(scorer.gate)
	wantReply(t, <-first, http.StatusOK, answerTo(9))
	wantReply(t, <-second, http.StatusOK, answerTo(8))
	if err := <-done; err != nil {
		t.Errorf("Run = %v, want a clean end", err)
	}
}

// TestStopUnderLoad stops servers while clients ask as fast as they can, on connections that they keep. Every request is answered or
// refused, and readiness goes before the first refusal. A client that was refused goes elsewhere.
func TestStopUnderLoad(t *testing.T) {
	for round := range 10 {
		s, url, stop, done := running(t, Options{DrainDelay: 5 * time.Millisecond}, &fakeScorer{})
		var wg sync.WaitGroup
		var answered atomic.Int64
		for range 8 {
			wg.Go(func() {
				client := &http.Client{Transport: &http.Transport{}}
				defer client.CloseIdleConnections()
				for {
					response, err := client.Post(url+"/invocations", "image/png", bytes.NewReader(shade(t, 9)))
					if errors.Is(err, syscall.ECONNREFUSED) {
						return // never let in
					}
					if err != nil {
						t.Errorf("round %d: a request was lost: %v", round, err)
						return
					}
					body, err := io.ReadAll(response.Body)
					response.Body.Close()
					switch {
					case err == nil && response.StatusCode == http.StatusOK && string(body) == answerTo(9):
						answered.Add(1)
						continue
					case err != nil || response.StatusCode != http.StatusServiceUnavailable || s.ready():
						t.Errorf("round %d: %d %s, %v, ready %v", round, response.StatusCode, body, err, s.ready())
					}
					return
				}
			})
		}
		waitUntil(t, func() bool { return answered.Load() > 50 })
		stop()
		wg.Wait()
		if err := <-done; err != nil {
			t.Errorf("round %d: Run = %v", round, err)
		}
	}
}

// TestDrainHasAnEnd stops a server whose runtime hangs.
func TestDrainHasAnEnd(t *testing.T) {
	scorer := &fakeScorer{gate: make(chan struct{}), entered: make(chan int, 10)}
	_, url, stop, done := running(t, Options{Drain: 50 * time.Millisecond}, scorer)
	go http.Post(url+"/invocations", "image/png", bytes.NewReader(shade(t, 9))) //nolint:bodyclose // it gets no answer
	<-scorer.entered
	stop()
	if err := <-done; !errors.Is(err, ErrDrain) {
		t.Errorf("Run = %v, want %v", err, ErrDrain)
	}
	close(scorer.gate)
}
