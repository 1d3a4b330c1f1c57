package serve

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// seconds are the buckets of times: from a tenth of a millisecond to half a minute.
var seconds = []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}

// metrics are the server's figures, in a registry of its own.
type metrics struct {
	registry  *prometheus.Registry
	handler   http.Handler
	requests  *prometheus.CounterVec   // by door and status
	duration  *prometheus.HistogramVec // by door
	inFlight  prometheus.Gauge
	refused   prometheus.Counter
	cancelled *prometheus.CounterVec
	decode    *prometheus.HistogramVec
	queue     *prometheus.HistogramVec
	inference *prometheus.HistogramVec
	batch     *prometheus.HistogramVec
	load      *prometheus.GaugeVec
	waiting   *waiting
	capture   *captureMetrics
	models    *modelMetrics
}

// engineMetrics are the figures of one model.
type engineMetrics struct {
	cancelled                       prometheus.Counter
	decode, queue, inference, batch prometheus.Observer
}

func newMetrics(s *Server) *metrics {
	model := []string{"model"}
	times := func(name, help string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: seconds}, model)
	}
	m := &metrics{
		registry:  prometheus.NewRegistry(),
		requests:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "scones_requests_total", Help: "Requests by door and status."}, []string{"door", "code"}),
		duration:  prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "scones_request_seconds", Help: "Time of requests.", Buckets: seconds}, []string{"door"}),
		inFlight:  prometheus.NewGauge(prometheus.GaugeOpts{Name: "scones_requests_in_flight", Help: "Requests that are being answered."}),
		refused:   prometheus.NewCounter(prometheus.CounterOpts{Name: "scones_requests_refused_total", Help: "Requests refused because the server was full."}),
		cancelled: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "scones_pictures_cancelled_total", Help: "Pictures whose client went, or whose time was over, before they were scored."}, model),
		decode:    times("scones_decode_seconds", "Time from a picture's bytes to its tensor."),
		queue:     times("scones_queue_seconds", "Time that a decoded picture waits for a worker."),
		inference: times("scones_inference_seconds", "Time of one call of the runtime, for a whole batch."),
		batch: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "scones_batch_pictures", Help: "Pictures in one call of the runtime.",
			Buckets: []float64{1, 2, 4, 8, 16, 32, 64, 128, 256}}, model),
		load: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "scones_model_load_seconds", Help: "Time from opening a model to its first answer."}, model),
	}
	m.waiting = &waiting{s, prometheus.NewDesc("scones_queue_pictures", "Decoded pictures that wait for a worker.", model, nil)}
	m.registry.MustRegister(m.requests, m.duration, m.inFlight, m.refused, m.cancelled, m.decode, m.queue, m.inference, m.batch, m.load, m.waiting,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.capture = newCaptureMetrics(m.registry)
	m.models = newModelMetrics(s, m.registry)
	m.handler = promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
	return m
}

func (m *metrics) forModel(name string) *engineMetrics {
	return &engineMetrics{
		cancelled: m.cancelled.WithLabelValues(name), decode: m.decode.WithLabelValues(name), queue: m.queue.WithLabelValues(name),
		inference: m.inference.WithLabelValues(name), batch: m.batch.WithLabelValues(name),
	}
}

func (m *metrics) loaded(name string, took time.Duration) {
	m.load.WithLabelValues(name).Set(took.Seconds())
}

// count keeps the figures of an exchange.
func (m *metrics) count(x *exchange) {
	m.requests.WithLabelValues(x.door.String(), strconv.Itoa(x.status)).Inc()
	m.duration.WithLabelValues(x.door.String()).Observe(time.Since(x.start).Seconds())
}

// serveMetrics answers Prometheus.
func (s *Server) serveMetrics(x *exchange) *problem {
	x.status = http.StatusOK
	s.metrics.handler.ServeHTTP(x.w, x.r)
	return nil
}

// waiting reads the length of each queue when it is asked.
type waiting struct {
	s    *Server
	desc *prometheus.Desc
}

// Describe implements [prometheus.Collector].
func (w *waiting) Describe(ch chan<- *prometheus.Desc) { ch <- w.desc }

// Collect implements [prometheus.Collector].
func (w *waiting) Collect(ch chan<- prometheus.Metric) {
	for _, name := range w.s.models.list() {
		if e := w.s.models.acquire(name); e != nil {
			ch <- prometheus.MustNewConstMetric(w.desc, prometheus.GaugeValue, float64(e.queue.length()), name)
			e.release()
		}
	}
}
