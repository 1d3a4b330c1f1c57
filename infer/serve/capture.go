package serve

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/scones-unlimited/scones/infer/capture"
)

// Capture records what is asked and answered on /invocations, /models/NAME/invoke and the Runtime API's path, as SageMaker's data
// capture does. Recording is beside the requests: it never makes one wait, and none fails because of it. What there is no room for is
// dropped and counted.
type Capture struct {
	// Dir is the folder that stands for DestinationS3Uri; empty captures nothing.
	Dir string
	// Percent of the answered requests that are recorded, 0 to 100, as InitialSamplingPercentage.
	Percent int
	// Input and Output say which of the two is recorded.
	Input, Output bool
	// MaxBytes bounds the endpoint's files below Dir; the oldest whole files go first. Zero means [DefaultCaptureMax].
	MaxBytes int64
}

const (
	// DefaultCaptureMax bounds the files of captures, 1 GiB.
	DefaultCaptureMax = 1 << 30
	// captureBacklog and captureBacklogBytes bound what waits to be written; the larger is as much as ten of the largest requests.
	captureBacklog      = 4096
	captureBacklogBytes = 64 << 20
)

// A captor writes records behind the requests. Nil captures nothing.
type captor struct {
	o       Capture
	types   capture.ContentTypes
	metrics *captureMetrics
	disk    *captureDisk
	sample  sampler
	work    chan *sighting
	bytes   atomic.Int64 // of the bodies that wait
	done    sync.WaitGroup
	// mu is held for reading by those who send work.
	mu     sync.RWMutex
	closed bool
	// fault is told each error that is not like the last.
	fault func(error)
}

// A sighting is a request and its answer on their way to the disk. The body is the pool's.
type sighting struct {
	body      *[]byte
	answer    []byte
	in, out   string // content types
	inference string // the caller's id, or empty
	attribute string
	at        time.Time
}

// newCaptor prepares the folder and starts to write; close ends it.
func newCaptor(endpoint string, o Capture, m *captureMetrics, fault func(error)) (*captor, error) {
	o.MaxBytes = orDefault(o.MaxBytes, DefaultCaptureMax)
	if o.Percent < 0 || o.Percent > 100 {
		return nil, fmt.Errorf("capture %d %% of the requests: must be 0 to 100", o.Percent)
	}
	disk, err := newCaptureDisk(capture.WriterOptions{Dir: o.Dir, Endpoint: endpoint, Variant: Variant}, o.MaxBytes, m)
	if err != nil {
		return nil, err
	}
	c := &captor{
		o: o, types: capture.DefaultContentTypes(), metrics: m, disk: disk, sample: sampler{percent: o.Percent},
		work: make(chan *sighting, captureBacklog), fault: fault,
	}
	c.done.Go(c.write)
	return c, nil
}

// offer takes an answered request for recording and reports whether it took the body with it.
func (c *captor) offer(x *exchange, contentType string, answer []byte) bool {
	if c == nil || !c.sample.next() {
		return false
	}
	size := int64(cap(*x.body))
	if c.bytes.Add(size) > captureBacklogBytes {
		c.bytes.Add(-size)
		c.metrics.dropped.WithLabelValues(dropBacklog).Inc()
		return false
	}
	h := x.r.Header
	s := &sighting{body: x.body, in: h.Get("Content-Type"), out: contentType, attribute: h.Get(headerCustomAttributes), at: time.Now()}
	if h.Get(headerInferenceID) == x.id {
		s.inference = x.id
	}
	if c.o.Output {
		s.answer = bytes.Clone(answer)
	}
	if !c.send(s) {
		c.bytes.Add(-size)
		c.metrics.dropped.WithLabelValues(dropBacklog).Inc()
		return false
	}
	return true
}

func (c *captor) send(s *sighting) bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.closed { // the request outlasted the drain
		return false
	}
	select {
	case c.work <- s:
		return true
	default:
		return false
	}
}

// write records what comes until there will be no more.
func (c *captor) write() {
	last := ""
	for s := range c.work {
		err := c.disk.write(c.record(s), s.at)
		c.bytes.Add(-int64(cap(*s.body)))
		freeBody(s.body)
		switch {
		case err == nil:
			last = ""
			c.metrics.captured.Inc()
		default:
			c.metrics.dropped.WithLabelValues(dropDisk).Inc()
			if text := err.Error(); text != last { // a full disk is said once
				last = text
				c.fault(err)
			}
		}
	}
	if err := c.disk.close(); err != nil {
		c.fault(err)
	}
}

// record is what SageMaker would have written.
func (c *captor) record(s *sighting) *capture.Record {
	r := &capture.Record{
		EventMetadata: capture.Metadata{EventID: uuid.NewString(), InferenceID: s.inference, InferenceTime: capture.FormatTime(s.at)},
		EventVersion:  capture.Version,
	}
	if s.attribute != "" {
		r.EventMetadata.CustomAttributes = []string{s.attribute}
	}
	if c.o.Input {
		r.CaptureData.EndpointInput = capture.NewPayload(capture.Input, s.in, *s.body, c.types)
	}
	if c.o.Output {
		r.CaptureData.EndpointOutput = capture.NewPayload(capture.Output, s.out, s.answer, c.types)
	}
	return r
}

// close writes what waits; what is offered later is dropped.
func (c *captor) close() {
	if c == nil {
		return
	}
	c.mu.Lock()
	if !c.closed {
		c.closed = true
		close(c.work)
	}
	c.mu.Unlock()
	c.done.Wait()
}

// A sampler takes exactly percent of each hundred, which of them by chance: a client that asks by turns for two things is not caught
// on the same foot each time, as by every n-th request (selection sampling: Knuth, The Art of Computer Programming 2, 3.4.2 S).
type sampler struct {
	percent int
	mu      sync.Mutex
	left    int // of the hundred
	wanted  int // of those left
}

func (s *sampler) next() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.left == 0 {
		s.left, s.wanted = 100, s.percent
	}
	take := rand.IntN(s.left) < s.wanted
	s.left--
	if take {
		s.wanted--
	}
	return take
}

// keepBody leaves a body to the exchange where it may have to be recorded.
func (s *Server) keepBody(x *exchange, body *[]byte) {
	if s.captor == nil {
		freeBody(body)
		return
	}
	x.body = body
}

// captureAnswer records an exchange that was answered, as sampling has it.
func (s *Server) captureAnswer(x *exchange, contentType string, answer []byte) {
	if x.body != nil && x.status == http.StatusOK && s.captor.offer(x, contentType, answer) {
		x.body = nil
	}
}

// captureFault tells of records that were lost.
func (s *Server) captureFault(err error) {
	s.o.Log.Error("requests are not recorded", "cause", err.Error())
}
