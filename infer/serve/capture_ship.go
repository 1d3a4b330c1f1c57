package serve

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// The waits between two attempts to ship: the first doubles up to the longest, and chance takes up to half of each away, so that
// servers that failed together do not come back together.
const (
	shipWait    = time.Second
	shipLongest = time.Minute
)

// A shipment brings the finished files of a [captureDisk] elsewhere, in a goroutine of its own. Nil ships nothing.
type shipment struct {
	ship    func(ctx context.Context, name string, file *os.File) error
	root    *os.Root
	metrics *captureMetrics
	fault   func(error)
	wake    chan struct{}
	ended   chan struct{} // closed by close
	done    sync.WaitGroup
	stop    context.CancelFunc
	mu      sync.Mutex
	waiting []string // the oldest first
	gone    []string // shipped, and not yet known to the disk
}

// newShipment begins with what earlier runs left.
func newShipment(d *captureDisk, ship func(context.Context, string, *os.File) error, m *captureMetrics, fault func(error)) (*shipment, error) {
	root, err := os.OpenRoot(d.o.Dir)
	if err != nil {
		return nil, fmt.Errorf("ship captures: %w", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &shipment{
		ship: ship, root: root, metrics: m, fault: fault, wake: make(chan struct{}, 1), ended: make(chan struct{}), stop: stop,
	}
	for _, file := range d.files {
		s.waiting = append(s.waiting, file.name)
	}
	d.shipment = s
	s.done.Go(func() { s.run(ctx) })
	return s, nil
}

// add takes a file that will not change any more. It is safe for concurrent use, and does not wait.
func (s *shipment) add(name string) {
	if s == nil {
		return
	}
	s.mu.Lock()
	s.waiting = append(s.waiting, name)
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// shipped are the files that went since it was last asked.
func (s *shipment) shipped() []string {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	gone := s.gone
	s.gone = nil
	return gone
}

// next is the oldest file that waits.
func (s *shipment) next() (name string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.metrics.waiting.Set(float64(len(s.waiting)))
	if len(s.waiting) == 0 {
		return "", false
	}
	return s.waiting[0], true
}

// run ships until there is nothing left and nothing will come, or until ctx ends.
func (s *shipment) run(ctx context.Context) {
	wait, last := shipWait, ""
	for {
		name, ok := s.next()
		if !ok {
			select {
			case <-s.wake:
				continue
			case <-s.ended:
			}
			if _, ok := s.next(); ok { // it came with the end
				continue
			}
			return
		}
		err := s.one(ctx, name)
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			wait, last = shipWait, ""
			continue
		}
		s.metrics.shipFailures.Inc()
		if text := err.Error(); text != last { // said once
			last = text
			s.fault(err)
		}
		select {
		case <-time.After(wait - rand.N(wait/2)):
		case <-ctx.Done():
			return
		}
		wait = min(2*wait, shipLongest)
	}
}

// one ships a file and removes it. A file that is not there any more has made room for others.
func (s *shipment) one(ctx context.Context, name string) error {
	local := filepath.FromSlash(name)
	file, err := s.root.Open(local)
	gone := errors.Is(err, fs.ErrNotExist)
	if err == nil {
		err = s.ship(ctx, name, file)
		file.Close()
		if err == nil {
			s.metrics.shipped.Inc()
			if err = s.root.Remove(local); errors.Is(err, fs.ErrNotExist) {
				err = nil
			}
		}
	}
	if err != nil && !gone {
		return fmt.Errorf("ship captures %q: %w", name, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = slices.DeleteFunc(s.waiting, func(other string) bool { return other == name })
	s.gone = append(s.gone, name)
	return nil
}

// close ships what is left until ctx ends. What could not be shipped stays for the next run, which is said.
func (s *shipment) close(ctx context.Context) {
	if s == nil {
		return
	}
	close(s.ended)
	release := context.AfterFunc(ctx, s.stop)
	defer release()
	s.done.Wait()
	s.stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range s.gone { // the disk has ended, and will not ask
		prune(s.root, name)
	}
	if n := len(s.waiting); n > 0 {
		s.fault(fmt.Errorf("ship captures: %d files could not be shipped and wait in %q for the next start", n, s.root.Name()))
	}
	if err := s.root.Close(); err != nil {
		s.fault(err)
	}
}
