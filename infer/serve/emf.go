package serve

import (
	"context"
	"encoding/json"
	"io"
	"sync"
	"time"
)

// The embedded metric format is a line of JSON from which CloudWatch Logs makes metrics (CloudWatch User Guide, "Specification:
// Embedded metric format"). The names, units and dimensions are those that SageMaker gives an endpoint; the namespace cannot be, since
// names that begin with AWS/ are AWS's own.
const (
	emfNamespace = "scones/Endpoints"
	// emfValues is the most values that one line may hold of a metric.
	emfValues = 100
	// emfInterval is how long figures wait for a line.
	emfInterval = time.Minute
)

// emf gathers the figures of invocations and writes them as lines. Every value is kept; a line is written when it is full.
type emf struct {
	endpoint string
	mu       sync.Mutex
	w        io.Writer
	model    []int64 // microseconds
	overhead []int64
	count    int
	client   int
	server   int
	failed   int // in the model's container
}

// record adds an exchange with a model. A nil emf does nothing.
func (m *emf) record(x *exchange) {
	if m == nil || x.model == "" {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.count++
	switch {
	case x.status >= 500:
		m.server++
	case x.status >= 400:
		m.client++
	}
	if x.problem != nil && x.problem.kind.runtime == "" {
		m.failed++
	}
	if x.answer.batch > 0 {
		model := x.answer.decode + x.answer.queue + x.answer.inference
		m.model = append(m.model, model.Microseconds())
		m.overhead = append(m.overhead, max(time.Since(x.start)-model, 0).Microseconds())
	}
	if m.count == emfValues {
		m.write()
	}
}

// every writes what there is once a minute until ctx ends, and then the rest.
func (m *emf) every(ctx context.Context) {
	tick := time.NewTicker(emfInterval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
		m.mu.Lock()
		if m.count > 0 {
			m.write()
		}
		m.mu.Unlock()
		if ctx.Err() != nil {
			return
		}
	}
}

// An emfMetric declares a metric of a line.
type emfMetric struct {
	Name string
	Unit string
}

// write writes a line and begins the next.
func (m *emf) write() {
	line := map[string]any{
		"EndpointName": m.endpoint, "VariantName": Variant, "Invocations": m.count,
		"Invocation4XXErrors": m.client, "Invocation5XXErrors": m.server, "InvocationModelErrors": m.failed,
	}
	metrics := []emfMetric{{"Invocations", "Count"}, {"Invocation4XXErrors", "Count"}, {"Invocation5XXErrors", "Count"}, {"InvocationModelErrors", "Count"}}
	if len(m.model) > 0 {
		line["ModelLatency"], line["OverheadLatency"] = m.model, m.overhead
		metrics = append(metrics, emfMetric{"ModelLatency", "Microseconds"}, emfMetric{"OverheadLatency", "Microseconds"})
	}
	line["_aws"] = map[string]any{
		"Timestamp": time.Now().UnixMilli(),
		"CloudWatchMetrics": []any{map[string]any{
			"Namespace": emfNamespace, "Dimensions": [][]string{{"EndpointName", "VariantName"}}, "Metrics": metrics,
		}},
	}
	if text, err := json.Marshal(line); err == nil { // which holds only numbers and names
		_, _ = m.w.Write(append(text, '\n')) // figures that cannot be written stop no request
	}
	m.model, m.overhead = m.model[:0], m.overhead[:0]
	m.count, m.client, m.server, m.failed = 0, 0, 0, 0
}
