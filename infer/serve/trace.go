package serve

import (
	"context"
	"net/http"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// scopeName names what makes the spans.
const scopeName = "github.com/scones-unlimited/scones/infer/serve"

// traced gives every request but probes a span, which goes on with the caller's trace (W3C Trace Context).
func traced(next http.Handler, provider trace.TracerProvider) http.Handler {
	return otelhttp.NewHandler(next, "request",
		otelhttp.WithTracerProvider(provider),
		otelhttp.WithPropagators(propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{})),
		otelhttp.WithFilter(func(r *http.Request) bool {
			switch r.URL.Path {
			case "/ping", "/healthz", "/readyz", "/metrics":
				return false
			}
			return true
		}))
}

// trace records the parts of an answer below the request's span.
func (s *Server) trace(ctx context.Context, e *engine, a answer) {
	if s.o.Tracer == nil {
		return
	}
	tracer := s.o.Tracer.Tracer(scopeName)
	at := a.begun
	for _, part := range []struct {
		name string
		took time.Duration
	}{{"decode", a.decode}, {"queue", a.queue}, {"inference", a.inference}} {
		_, span := tracer.Start(ctx, part.name, trace.WithTimestamp(at))
		if part.name == "inference" {
			span.SetAttributes(attribute.String("scones.model", e.model.Name), attribute.Int("scones.batch", a.batch))
		}
		at = at.Add(part.took)
		span.End(trace.WithTimestamp(at))
	}
}
