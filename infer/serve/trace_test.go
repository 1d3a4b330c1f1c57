package serve

import (
	"bytes"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/scones-unlimited/scones/infer"
)

// TestTrace goes on with the caller's trace and shows the parts of an answer below the request; probes make no spans.
func TestTrace(t *testing.T) {
	spans := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	_, h := started(t, Options{Tracer: provider}, &fakeScorer{}, infer.Plan{})
	const caller = "4bf92f3577b34da6a3ce929d0e0e4736"
	wantReply(t, ask(t, "POST", h.URL+"/invocations", bytes.NewReader(shade(t, 0)), "traceparent", "00-"+caller+"-00f067aa0ba902b7-01"), 200)
	wantReply(t, ask(t, "GET", h.URL+"/ping", nil), 200)
	waitUntil(t, func() bool { return len(spans.GetSpans()) == 4 })
	var names []string
	var request trace.SpanID
	for _, span := range spans.GetSpans() {
		if span.SpanKind == trace.SpanKindServer {
			request = span.SpanContext.SpanID()
		}
	}
	for _, span := range spans.GetSpans() {
		if id := span.SpanContext.TraceID().String(); id != caller {
			t.Errorf("span %q is of trace %s, not the caller's", span.Name, id)
		}
		if span.SpanContext.SpanID() != request {
			names = append(names, span.Name)
			if span.Parent.SpanID() != request {
				t.Errorf("span %q is not below the request's", span.Name)
			}
		}
	}
	slices.Sort(names)
	if diff := cmp.Diff([]string{"decode", "inference", "queue"}, names); diff != "" {
		t.Error(diff)
	}
}
