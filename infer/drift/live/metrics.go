package live

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/scones-unlimited/scones/infer/drift"
)

// metrics are the figures of the last report, in a registry of their own.
type metrics struct {
	registry *prometheus.Registry
	verdict  *prometheus.GaugeVec
	rows     *prometheus.GaugeVec // by side
	failed   *prometheus.GaugeVec // as all here without a value before the first check
	below    *prometheus.GaugeVec // by side
	effect   *prometheus.GaugeVec // by column
	p        *prometheus.GaugeVec // by column
	drifted  *prometheus.GaugeVec // by column
	skipped  *prometheus.GaugeVec // by cause
	latency  *prometheus.GaugeVec // by quantile
	expected *prometheus.GaugeVec
	last     *prometheus.GaugeVec
	checks   *prometheus.CounterVec // by verdict
	failures prometheus.Counter
}

var verdicts = []drift.Verdict{drift.Quiet, drift.Drift, drift.CannotSay}

func newMetrics() *metrics {
	gauge := func(name, help string, labels ...string) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "scones_monitor_" + name, Help: help}, labels)
	}
	m := &metrics{
		registry: prometheus.NewRegistry(),
		verdict:  gauge("verdict", "1 for the verdict of the last check, 0 for the others.", "verdict"),
		rows:     gauge("rows", "Rows of the window and of the baseline.", "side"),
		failed:   gauge("failed_rows", "Rows of requests that failed."),
		below:    gauge("below_threshold_ratio", "Share of answers below the threshold.", "side"),
		effect:   gauge("column_effect", "Largest difference of a column from the baseline, as Cohen's d.", "column"),
		p:        gauge("column_adjusted_p", "Least p of a column's tests, adjusted for all tests of the check.", "column"),
		drifted:  gauge("column_drift", "1 where a column drifted.", "column"),
		skipped:  gauge("skipped_records", "Records that could not be read.", "cause"),
		latency:  gauge("latency_seconds", "Latency of the window's requests.", "quantile"),
		expected: gauge("expected_accuracy_ratio", "Accuracy that the scores promise."),
		last:     gauge("last_check_timestamp_seconds", "Time of the last check that succeeded."),
		checks:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "scones_monitor_checks_total", Help: "Checks of new rows by verdict."}, []string{"verdict"}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{Name: "scones_monitor_check_failures_total", Help: "Checks that could not be made."}),
	}
	m.registry.MustRegister(m.verdict, m.rows, m.failed, m.below, m.effect, m.p, m.drifted, m.skipped, m.latency, m.expected, m.last, m.checks, m.failures)
	for _, v := range verdicts {
		m.checks.WithLabelValues(string(v))
	}
	return m
}

func (m *metrics) checked(at time.Time) { m.last.WithLabelValues().Set(float64(at.UnixMilli()) / 1000) }

func (m *metrics) update(r *drift.Report, at time.Time) {
	m.checked(at)
	m.checks.WithLabelValues(string(r.Verdict)).Inc()
	for _, v := range verdicts {
		m.verdict.WithLabelValues(string(v)).Set(oneIf(v == r.Verdict))
	}
	m.rows.WithLabelValues("window").Set(float64(r.Window.Rows))
	m.rows.WithLabelValues("baseline").Set(float64(r.Baseline.Rows))
	m.failed.WithLabelValues().Set(float64(r.Window.Failed))
	for _, vec := range []*prometheus.GaugeVec{m.below, m.effect, m.p, m.drifted, m.skipped, m.latency, m.expected} {
		vec.Reset()
	}
	if p := r.Operation.Below; p != nil {
		m.below.WithLabelValues("window").Set(float64(p.Value))
	}
	if p := r.Operation.BaselineBelow; p != nil {
		m.below.WithLabelValues("baseline").Set(float64(p.Value))
	}
	effects, least := map[string]float64{}, map[string]float64{}
	for _, t := range r.Tests {
		if !t.Effect.Size.Missing() {
			effects[t.Column] = max(effects[t.Column], float64(t.Effect.Size))
		}
		if p, there := least[t.Column]; !t.Adjusted.Missing() && (!there || float64(t.Adjusted) < p) {
			least[t.Column] = float64(t.Adjusted)
		}
	}
	for column, v := range effects {
		m.effect.WithLabelValues(column).Set(v)
	}
	for column, v := range least {
		m.p.WithLabelValues(column).Set(v)
	}
	for _, c := range r.Columns {
		m.drifted.WithLabelValues(c.Name).Set(oneIf(c.Drift))
	}
	for cause, n := range r.Window.Skipped {
		m.skipped.WithLabelValues(cause).Set(float64(n))
	}
	if l := r.Operation.Latency; l.N > 0 {
		m.latency.WithLabelValues("0.5").Set(float64(l.Median) / 1000)
		m.latency.WithLabelValues("0.95").Set(float64(l.P95) / 1000)
		m.latency.WithLabelValues("0.99").Set(float64(r.Operation.P99) / 1000)
	}
	if r.Expected != nil {
		m.expected.WithLabelValues().Set(r.Expected.Accuracy)
	}
}

func oneIf(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
