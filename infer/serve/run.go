package serve

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// The limits of a connection.
const (
	headerTimeout  = 10 * time.Second
	idleTimeout    = 75 * time.Second // longer than load balancers keep theirs, so that they close first
	maxHeaderBytes = 64 << 10
	// probeInterval is how often a runtime that failed is tried again.
	probeInterval = time.Second
)

// ErrDrain is wrapped when what was in did not finish in time.
var ErrDrain = errors.New("not every request was finished")

// Run answers on a listener, and on another that has only health and metrics if it is not nil, until ctx ends, and then stops without losing a request: readiness goes off and connections are told
// to close; after DrainDelay new requests are refused; what is in finishes within Drain. Then the models are freed. It returns nil
// after a clean stop, and an error that wraps [ErrDrain] when time ran out. It may be called once.
func (s *Server) Run(ctx context.Context, main, probes net.Listener) error {
	server := s.httpServer(s.handler)
	failed := make(chan error, 2)
	limited := limitConnections(main, s.o.Connections)
	main = limited
	if s.o.TLS != nil {
		main = tls.NewListener(main, s.o.TLS)
	}
	go func() { failed <- server.Serve(main) }()
	if probes != nil {
		side := s.httpServer(s.guard(s.mux(s.probeRoutes())))
		go func() { failed <- side.Serve(limitConnections(probes, s.o.Connections)) }()
		defer side.Close()
	}
	probing, stopProbing := context.WithCancel(ctx)
	defer stopProbing()
	go s.probe(probing)
	defer s.models.clear()
	last, release := context.WithCancel(context.WithoutCancel(ctx))
	defer release()
	defer s.captor.close(last)
	if s.emf != nil {
		figures, stop := context.WithCancel(context.WithoutCancel(ctx))
		var last sync.WaitGroup
		last.Go(func() { s.emf.every(figures) })
		defer last.Wait()
		defer stop()
	}
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	time.AfterFunc(s.o.Drain, release)
	if err != nil {
		_ = server.Close()
		return fmt.Errorf("listen: %w", err)
	}
	return s.drain(last, server, &limited.open)
}

// httpServer sets the limits of a connection.
func (s *Server) httpServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       headerTimeout + s.o.Timeout, // a body has a deadline of its own; this holds for what no handler reads
		WriteTimeout:      headerTimeout + 2*s.o.Timeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(s.o.Log.Handler(), slog.LevelDebug), // clients that misbehave
	}
}

// drain stops a server before ctx ends.
func (s *Server) drain(ctx context.Context, server *http.Server, open *atomic.Int64) error {
	s.phase.Store(leaving)
	s.o.Log.Info("stopping: not ready any more", "delay", s.o.DrainDelay.String())
	select {
	case <-time.After(s.o.DrainDelay):
	case <-ctx.Done():
	}
	s.phase.Store(refusing)
	s.o.Log.Info("stopping: finishing what is in", "requests", s.admission.count.Load())
	// New requests on open connections are still answered, by a refusal, while others finish.
	for s.admission.count.Load() > 0 && ctx.Err() == nil {
		time.Sleep(5 * time.Millisecond)
	}
	s.awaitQuiet(ctx, open)
	if err := server.Shutdown(ctx); err != nil {
		_ = server.Close()
		return fmt.Errorf("stop within %v: %w: %d were under way", s.o.Drain, ErrDrain, s.admission.count.Load())
	}
	return nil
}

// Refusing ends when nothing came for quietTime, or for settleTime while no connection is open, or after quietMost.
const (
	quietTime  = 500 * time.Millisecond
	settleTime = 100 * time.Millisecond
	quietMost  = 2 * time.Second
)

// awaitQuiet goes on refusing until clients have gone elsewhere. A connection that is closed while its next request is on the way, or
// before it was accepted, would look like a lost request to its client: one that was told to close its connection may have opened
// another, which is the kernel's until it is accepted.
func (s *Server) awaitQuiet(ctx context.Context, open *atomic.Int64) {
	start := time.Now()
	last, seen := start, s.arrived.Load()
	for ctx.Err() == nil && time.Since(start) < quietMost {
		quiet := settleTime
		if open.Load() > 0 {
			quiet = quietTime
		}
		if time.Since(last) >= quiet {
			return
		}
		time.Sleep(5 * time.Millisecond)
		if n := s.arrived.Load(); n != seen {
			last, seen = time.Now(), n
		}
	}
}

// probe tries broken runtimes again, so that the server is ready again once they work.
func (s *Server) probe(ctx context.Context) {
	tick := time.NewTicker(probeInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for _, name := range s.models.list() {
			e := s.models.acquire(name)
			if e == nil {
				continue
			}
			if e.broken.Load() {
				if err := e.prove(ctx); err != nil && ctx.Err() == nil {
					s.o.Log.Error("the runtime fails", "model", name, "cause", err.Error())
				}
			}
			e.release()
		}
	}
}
