// Package serve answers for pictures over HTTP. One process is taken by SageMaker's clients for an endpoint, by SageMaker for a
// container, and by Triton's and KServe's clients for an Open Inference Protocol server.
//
// A [Server] is made by [New], gets its models by [Server.Install] and answers while [Server.Run] runs. A request passes:
//
//  1. the guard: Host header, request id, token
//  2. its door, which knows how to read a request and how to write an answer or a [problem]: the container's paths, the Runtime API's,
//     the Open Inference Protocol's
//  3. admission, by number and bytes, before its body is read; what does not fit is refused at once
//  4. the engine of its model: pictures are decoded side by side; the decoded ones wait for a worker, and what waits when a worker
//     frees up is its batch
//
// A picture's scores do not depend on the batch that it is in, because [infer.Session] gives that.
//
// # Security
//
// Every outside byte has a limit before it is parsed and every wait has an end. Answers hold no path, no stack and no secret; what
// went wrong inside goes to the log.
package serve

import (
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/scones-unlimited/scones/infer"
)

// The defaults of [Options].
const (
	// DefaultMaxPayload is InvokeEndpoint's limit, 6 MiB.
	DefaultMaxPayload = 6 << 20
	// DefaultQueue is the number of requests that are let in at once.
	DefaultQueue = 256
	// DefaultQueueBytes bounds the bodies of the requests that are let in.
	DefaultQueueBytes = 256 << 20
	// DefaultTimeout is what SageMaker gives a container for an answer, 60 s.
	DefaultTimeout = 60 * time.Second
	// DefaultDrain leaves 5 of the 30 seconds that SageMaker waits between SIGTERM and SIGKILL.
	DefaultDrain = 25 * time.Second
	// DefaultEndpoint is the name in the Runtime API's path.
	DefaultEndpoint = "scones"
	// DefaultConnections is the number of open connections.
	DefaultConnections = 4096
)

// Options of a server. The zero value means the defaults.
type Options struct {
	// Endpoint is the name that POST /endpoints/NAME/invocations answers to; empty means [DefaultEndpoint].
	Endpoint string
	// MaxPayload is the largest body in bytes; zero means [DefaultMaxPayload].
	MaxPayload int64
	// MaxDelay is how long a worker that is free waits for a batch to fill; zero means not at all.
	MaxDelay time.Duration
	// Queue is the number of requests that are let in at once, those being computed included; zero means [DefaultQueue].
	Queue int
	// QueueBytes bounds their bodies together; zero means [DefaultQueueBytes].
	QueueBytes int64
	// Timeout of a request, from its first byte to its answer; zero means [DefaultTimeout].
	Timeout time.Duration
	// Drain is the time for what is in to finish once the server shall stop; zero means [DefaultDrain].
	Drain time.Duration
	// DrainDelay is how long requests are still let in after readiness went off, for load balancers that look rarely.
	DrainDelay time.Duration
	// Connections is the largest number of open connections; zero means [DefaultConnections].
	Connections int
	// Token that clients must show; empty asks for none.
	Token string
	// Keys by access key ID, with which requests on the Runtime API's path must be signed; nil accepts any signature and none.
	Keys map[string]string
	// Hosts that a request's Host header may name, besides addresses and localhost; nil allows any.
	Hosts []string
	// TLS encrypts the connections; nil leaves them plain.
	TLS *tls.Config
	// Version of the program, for clients that ask.
	Version string
	// Tracer gets spans of requests; nil makes none.
	Tracer trace.TracerProvider
	// Threshold is the score from which the page lets an answer pass; zero means [DefaultThreshold].
	Threshold float64
	// Memory bounds what the models in service take together, by [Model.Memory]; zero does not.
	Memory int64
	// Store finds what SageMaker's POST /models names; nil loads nothing on request.
	Store func(name, url string) (Source, error)
	// Capture records requests and answers; nil records none.
	Capture *Capture
	// EMF gets CloudWatch's embedded metric format; nil writes none.
	EMF io.Writer
	// Log gets one line a request, and what goes wrong inside. Nil is silent.
	Log *slog.Logger
}

func (o Options) withDefaults() Options {
	o.Endpoint = orDefault(o.Endpoint, DefaultEndpoint)
	o.MaxPayload = orDefault(o.MaxPayload, DefaultMaxPayload)
	o.Queue = orDefault(o.Queue, DefaultQueue)
	o.QueueBytes = orDefault(o.QueueBytes, DefaultQueueBytes)
	o.Timeout = orDefault(o.Timeout, DefaultTimeout)
	o.Drain = orDefault(o.Drain, DefaultDrain)
	o.Connections = orDefault(o.Connections, DefaultConnections)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

func orDefault[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}

// A Model is a classifier in service.
type Model struct {
	// Name in paths, such as /v2/models/NAME.
	Name string
	// Classifier that answers.
	Classifier *infer.Classifier
	// Plan says how many workers score side by side and how large their batches may be.
	Plan infer.Plan
	// SHA256 of the model file and Contract's hash identify what answers.
	SHA256, Contract string
	// Runtime, Device and Decoder are what computes, for people.
	Runtime, Device, Decoder string
	// Memory that it takes, in bytes, about; for [Options.Memory].
	Memory int64
	// Opening is the time that opening the model took, for the metrics.
	Opening time.Duration
	// Close frees the model when nothing uses it any more; nil for nothing to do.
	Close func() error
}

// A Server answers over HTTP. Make it with [New].
type Server struct {
	o         Options
	models    models
	catalog   *catalog
	history   history // for the page
	admission admission
	metrics   *metrics
	emf       *emf    // nil for none
	captor    *captor // nil for none
	handler   http.Handler
	// phase is where the server stands between its start and its end.
	phase atomic.Int32
	// arrived counts the requests that came, whatever became of them.
	arrived atomic.Int64
}

// The phases.
const (
	serving  = int32(iota)
	leaving  // readiness is off, requests are still let in
	refusing // what is in finishes, the rest is refused
)

// ErrName is wrapped when a model's or an endpoint's name cannot stand in a path.
var ErrName = errors.New("bad name")

// New makes a server without a model. It is not ready until [Server.Install] was called.
func New(o Options) (*Server, error) {
	s := &Server{o: o.withDefaults(), catalog: newCatalog()}
	if err := checkName(s.o.Endpoint); err != nil {
		return nil, err
	}
	s.admission = admission{maxCount: int64(s.o.Queue), maxBytes: s.o.QueueBytes}
	s.metrics = newMetrics(s)
	if s.o.EMF != nil {
		s.emf = &emf{endpoint: s.o.Endpoint, w: s.o.EMF}
	}
	if s.o.Capture != nil {
		var err error
		if s.captor, err = newCaptor(s.o.Endpoint, *s.o.Capture, s.metrics.capture, s.captureFault); err != nil {
			return nil, err
		}
	}
	s.handler = s.guard(s.mux(append(s.routes(), s.pageRoutes()...)))
	if s.o.Tracer != nil {
		s.handler = traced(s.handler, s.o.Tracer)
	}
	return s, nil
}

// Handler answers every path. Tests and embedders use it; [Server.Run] adds the listeners, limits on connections and the way to stop.
func (s *Server) Handler() http.Handler { return s.handler }
