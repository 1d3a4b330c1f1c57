package serve

import (
	"context"
	"log/slog"
	"time"
)

// logAccess writes one line about an exchange. It holds no header, no query and no picture: secrets and people may be in them.
func (s *Server) logAccess(x *exchange) {
	level := slog.LevelInfo
	if x.door == plainDoor && x.status < 400 || x.r.URL.Path == "/ping" {
		level = slog.LevelDebug // probes
	}
	ctx := context.Background()
	if x.problem != nil && x.problem.cause != nil && x.status >= 500 {
		level = slog.LevelError
	}
	if !s.o.Log.Enabled(ctx, level) {
		return
	}
	attrs := make([]slog.Attr, 0, 12)
	attrs = append(attrs,
		slog.String("method", clip(x.r.Method)), slog.String("path", clip(x.r.URL.Path)), slog.Int("status", x.status),
		slog.Int64("in", max(x.r.ContentLength, 0)), slog.Int64("out", x.written),
		slog.Float64("ms", milliseconds(time.Since(x.start))), slog.String("id", x.id))
	if x.answer.batch > 0 {
		attrs = append(attrs, slog.String("model", x.model), slog.Int("batch", x.answer.batch),
			slog.Float64("queue_ms", milliseconds(x.answer.queue)), slog.Float64("inference_ms", milliseconds(x.answer.inference)))
	}
	if p := x.problem; p != nil {
		attrs = append(attrs, slog.String("code", p.code))
		if p.cause != nil {
			attrs = append(attrs, slog.String("cause", p.cause.Error()))
		}
	}
	s.o.Log.LogAttrs(ctx, level, "request", attrs...)
}
