package serve

import (
	"math"
	"slices"
	"sync"
	"time"
)

// The page shows the last requests, and five minutes by the second.
const (
	historyRequests = 50
	historySeconds  = 300
	// historySamples bounds the latencies of one second; beyond it they are thinned out evenly.
	historySamples = 256
)

// A history holds what the page shows of the past, in bounded memory.
type history struct {
	mu       sync.Mutex
	requests [historyRequests]PastRequest
	count    int64 // requests ever
	seconds  [historySeconds]second
}

// A second is what happened in one.
type second struct {
	at                int64 // since 1970; another second's slot is void
	answered, refused int
	times             []float64 // milliseconds, every step-th
	step              int
	queue             int // the longest
}

// A PastRequest is a line of the page's table. It holds no picture and no header.
type PastRequest struct {
	ID     string  `json:"id"`
	Time   string  `json:"time"` // RFC 3339, UTC
	Path   string  `json:"path"`
	Status int     `json:"status"`
	Code   string  `json:"code,omitempty"` // why it was refused
	Model  string  `json:"model,omitempty"`
	Label  string  `json:"label,omitempty"`
	Score  float64 `json:"score"`
	MS     float64 `json:"ms"`
	Batch  int     `json:"batch"`
}

// note keeps an exchange with a model.
func (h *history) note(x *exchange, queue int) {
	now := time.Now()
	r := PastRequest{
		ID: x.id, Time: x.start.UTC().Format("2006-01-02T15:04:05.000Z"), Path: clip(x.r.URL.Path), Status: x.status, Model: x.model,
		Label: x.label, Score: math.Round(float64(x.score)*1e4) / 1e4, MS: milliseconds(now.Sub(x.start)), Batch: x.answer.batch,
	}
	if x.problem != nil {
		r.Code = x.problem.code
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.requests[h.count%historyRequests] = r
	h.count++
	h.second(now.Unix()).note(r, queue)
}

// second returns the slot of a second.
func (h *history) second(at int64) *second {
	s := &h.seconds[at%historySeconds]
	if s.at != at {
		*s = second{at: at, times: s.times[:0], step: 1}
	}
	return s
}

func (s *second) note(r PastRequest, queue int) {
	s.queue = max(s.queue, queue)
	if r.Status >= 400 {
		s.refused++
		return
	}
	s.answered++
	if s.answered%s.step != 0 {
		return
	}
	if len(s.times) == historySamples {
		for i := range len(s.times) / 2 {
			s.times[i] = s.times[2*i+1]
		}
		s.times, s.step = s.times[:len(s.times)/2], 2*s.step
	}
	s.times = append(s.times, r.MS)
}

// A Tick is one second of the page's charts.
type Tick struct {
	At       int64   `json:"at"`
	Answered int     `json:"answered"`
	Refused  int     `json:"refused"`
	P50      float64 `json:"p50"`
	P99      float64 `json:"p99"`
	Queue    int     `json:"queue"`
}

// ticks are the whole seconds after one, the oldest first.
func (h *history) ticks(after int64) []Tick {
	h.mu.Lock()
	defer h.mu.Unlock()
	last := time.Now().Unix() - 1
	var out []Tick
	for at := max(after+1, last-historySeconds+2); at <= last; at++ {
		t := Tick{At: at}
		if s := &h.seconds[at%historySeconds]; s.at == at {
			times := slices.Sorted(slices.Values(s.times))
			t = Tick{at, s.answered, s.refused, quantile(times, .5), quantile(times, .99), s.queue}
		}
		out = append(out, t)
	}
	return out
}

// quantile of sorted values: the smallest that no fewer than q of them reach; 0 of none.
func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[max(int(math.Ceil(q*float64(len(sorted))))-1, 0)]
}

// last are the requests with the newest first.
func (h *history) last() []PastRequest {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := make([]PastRequest, 0, historyRequests)
	for i := h.count - 1; i >= max(h.count-historyRequests, 0); i-- {
		out = append(out, h.requests[i%historyRequests])
	}
	return out
}

// noteHistory keeps an exchange for the page.
func (s *Server) noteHistory(x *exchange) {
	if x.model == "" {
		return
	}
	queue := 0
	if e := s.models.acquire(x.model); e != nil {
		queue = e.queue.length()
		e.release()
	}
	s.history.note(x, queue)
}

// top is the most probable class.
func (e *engine) top(scores []float32) (string, float32) {
	best := 0
	for i, score := range scores {
		if score > scores[best] {
			best = i
		}
	}
	return e.model.Classifier.Model.Labels[best], scores[best]
}
