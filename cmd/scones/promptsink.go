package main

import (
	"sync"
	"time"

	"github.com/scones-unlimited/scones/infer"
)

// flushEvery is how long a finished row may wait in memory. A person sees no delay, and a kill loses at most this.
const flushEvery = 50 * time.Millisecond

// A promptSink flushes soon after a row, also when no other row follows for long.
type promptSink struct {
	sink
	mu      sync.Mutex
	pending bool  // a flush is on its way
	err     error // of the last flush
}

// Write adds a row, and reports an earlier flush's error.
func (s *promptSink) Write(r infer.Result) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	if !s.pending {
		s.pending = true
		time.AfterFunc(flushEvery, s.flush)
	}
	return s.sink.Write(r)
}

func (s *promptSink) flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending {
		s.pending = false
		s.err = s.sink.Flush()
	}
}

// Finish and Close take the pending flush with them.
func (s *promptSink) Finish() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending = false
	return s.sink.Finish()
}

func (s *promptSink) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending = false
	return s.sink.Close()
}
