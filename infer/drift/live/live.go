// Package live shows the latest [drift.Report] to browsers and to Prometheus.
package live

import (
	"bytes"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/scones-unlimited/scones/infer/drift"
)

// A Server answers with what [Server.Update] was given last:
//
//	GET /             the page
//	GET /report.json  the report
//	GET /metrics      figures for Prometheus
//	GET /healthz      200 once a check succeeded and the last one is no older than three times the interval
//
// It is safe for concurrent use.
type Server struct {
	every   time.Duration
	metrics *metrics
	mux     *http.ServeMux
	mu      sync.RWMutex
	page    []byte
	report  []byte
	checked time.Time
}

// NewServer makes a server of checks that come at an interval.
func NewServer(every time.Duration) *Server {
	s := &Server{every: every, metrics: newMetrics(), mux: http.NewServeMux()}
	s.mux.HandleFunc("GET /{$}", s.showPage)
	s.mux.HandleFunc("GET /report.json", s.showReport)
	s.mux.HandleFunc("GET /healthz", s.showHealth)
	s.mux.Handle("GET /metrics", promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{}))
	return s
}

// Update hands over the outcome of a check and its page.
func (s *Server) Update(r *drift.Report, page []byte, at time.Time) error {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(r); err != nil {
		return err
	}
	s.metrics.update(r, at)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.page, s.report, s.checked = page, text.Bytes(), at
	return nil
}

// Unchanged says that a check found the rows of the last one.
func (s *Server) Unchanged(at time.Time) {
	s.metrics.checked(at)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.checked = at
}

// Failed counts a check that could not be made.
func (s *Server) Failed() { s.metrics.failures.Inc() }

// ServeHTTP answers.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	s.mux.ServeHTTP(w, r)
}

// waiting is the page before the first check.
const waiting = `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="5">` +
	`<title>scones monitor watch</title><style>:root{color-scheme:light dark}body{font:16px system-ui,sans-serif;margin:2em}</style></head>` +
	`<body><main><h1>Nothing to show yet</h1><p>The first check is under way, or there are no rows yet. This page looks again by itself.</p></main></body></html>`

func (s *Server) showPage(w http.ResponseWriter, _ *http.Request) {
	s.mu.RLock()
	page := s.page
	s.mu.RUnlock()
	if page == nil {
		page = []byte(waiting)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(page) // the client may be gone
}

func (s *Server) showReport(w http.ResponseWriter, _ *http.Request) {
	s.mu.RLock()
	report := s.report
	s.mu.RUnlock()
	if report == nil {
		http.Error(w, "there is no report yet", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(report) // the client may be gone
}

func (s *Server) showHealth(w http.ResponseWriter, _ *http.Request) {
	s.mu.RLock()
	checked := s.checked
	s.mu.RUnlock()
	if checked.IsZero() || time.Since(checked) > 3*s.every+time.Minute {
		http.Error(w, "no check succeeded lately", http.StatusServiceUnavailable)
		return
	}
	_, _ = w.Write([]byte("ok\n")) // the client may be gone
}
