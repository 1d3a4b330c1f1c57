package serve

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/scones-unlimited/scones/infer/capture"
)

// Capture records what is asked and answered, as SageMaker's data capture does: each request of /invocations, /models/NAME/invoke and
// the Runtime API's path, and each encoded picture of the Open Inference Protocol's, as if it had been sent alone. Ready tensors are no
// pictures and are not recorded. Recording is beside the requests: it never makes one wait, and none fails because of it. What there is
// no room for is dropped and counted.
type Capture struct {
	// Dir is the folder that stands for DestinationS3Uri, or where files wait for Ship; empty captures nothing.
	Dir string
	// Ship brings a finished file elsewhere, such as to S3; nil leaves files where they are. Name is the file's below Dir, with slashes.
	// It is called with one file at a time, the oldest first, again and again until it succeeds, and is to have a deadline of its own;
	// then the file is removed. Files of earlier runs are shipped as well.
	Ship func(ctx context.Context, name string, file *os.File) error
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
	ship    *shipment // nil for none
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

// A sighting is a picture and the answer to it on their way to the disk.
type sighting struct {
	body      []byte
	pooled    *[]byte // that body lies in; nil for none
	answer    []byte
	in, out   string // content types
	inference string // the caller's id, or empty
	attribute string
	at        time.Time
}

func (s *sighting) size() int64 { return int64(cap(s.body)) }

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
	if o.Ship != nil {
		if c.ship, err = newShipment(disk, o.Ship, m, fault); err != nil {
			return nil, errors.Join(err, disk.close())
		}
	}
	c.done.Go(c.write)
	return c, nil
}

// offer takes a sighting for recording, unless sampling passes it over, and reports whether it took the body with it. The answer is
// the caller's: it is copied.
func (c *captor) offer(s *sighting, answer []byte) bool {
	if !c.sample.next() {
		return false
	}
	if c.bytes.Add(s.size()) <= captureBacklogBytes {
		if s.pooled == nil {
			s.body = bytes.Clone(s.body)
		}
		if c.o.Output {
			s.answer = bytes.Clone(answer)
		}
		if c.send(s) {
			return true
		}
	}
	c.bytes.Add(-s.size())
	c.metrics.dropped.WithLabelValues(dropBacklog).Inc()
	return false
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
		c.bytes.Add(-s.size())
		if s.pooled != nil {
			freeBody(s.pooled)
		}
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
		r.CaptureData.EndpointInput = capture.NewPayload(capture.Input, s.in, s.body, c.types)
	}
	if c.o.Output {
		r.CaptureData.EndpointOutput = capture.NewPayload(capture.Output, s.out, s.answer, c.types)
	}
	return r
}

// close writes what waits, and ships it as long as ctx lets it; what is offered later is dropped.
func (c *captor) close(ctx context.Context) {
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
	c.ship.close(ctx)
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
	if x.body == nil || x.status != http.StatusOK {
		return
	}
	h := x.r.Header
	seen := &sighting{body: *x.body, pooled: x.body, in: h.Get("Content-Type"), out: contentType, attribute: h.Get(headerCustomAttributes), at: time.Now()}
	if h.Get(headerInferenceID) == x.id {
		seen.inference = x.id
	}
	if s.captor.offer(seen, answer) {
		x.body = nil
	}
}

// captureInference records the encoded pictures of a request of the Open Inference Protocol. A request's id names its one picture;
// those of several carry their number as well.
func (s *Server) captureInference(r *inferRequest, work []unit, all []answer) {
	if s.captor == nil {
		return
	}
	for i, a := range all {
		if work[i].picture == nil {
			continue
		}
		seen := &sighting{body: work[i].picture, in: capture.PictureType(work[i].picture), out: asArray.contentType(), at: time.Now()}
		if id := clip(r.ID); id != "" {
			seen.inference = id
			if len(all) > 1 {
				seen.inference += "/" + strconv.Itoa(i)
			}
		}
		s.captor.offer(seen, appendArray(nil, a.scores))
	}
}

// captureFault tells of records that were lost.
func (s *Server) captureFault(err error) {
	s.o.Log.Error("requests are not recorded", "cause", err.Error())
}
