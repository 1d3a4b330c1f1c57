package serve

import "github.com/prometheus/client_golang/prometheus"

// What happens to models.
const (
	changeLoaded   = "loaded"
	changeReplaced = "replaced"
	changeDropped  = "dropped"
	changeFailed   = "failed"
)

// modelMetrics are the figures of the models in service.
type modelMetrics struct {
	changes *prometheus.CounterVec
}

func newModelMetrics(s *Server, r *prometheus.Registry) *modelMetrics {
	m := &modelMetrics{prometheus.NewCounterVec(prometheus.CounterOpts{Name: "scones_model_changes_total",
		Help: "Models that were loaded, replaced or dropped, and those that could not be loaded."}, []string{"change"})}
	for _, change := range []string{changeLoaded, changeReplaced, changeDropped, changeFailed} {
		m.changes.WithLabelValues(change)
	}
	r.MustRegister(m.changes,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "scones_models", Help: "Models in service."}, func() float64 {
			return float64(len(s.models.list()))
		}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "scones_model_memory_bytes", Help: "Estimated memory of the models in service."}, func() float64 {
			used, _ := s.models.memory("")
			return float64(used)
		}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "scones_ready", Help: "1 while requests are welcome, else 0."}, func() float64 {
			if s.ready() {
				return 1
			}
			return 0
		}))
	return m
}
