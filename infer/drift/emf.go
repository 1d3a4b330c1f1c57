package drift

import (
	"encoding/json"
	"io"
	"strings"
	"time"
)

// MetricsNamespace is where Model Monitor puts its metrics of data, so that dashboards and alarms made for it go on.
const MetricsNamespace = "aws/sagemaker/Endpoints/data-metrics"

// Metrics of a run that Model Monitor does not have, in the same namespace.
const (
	DriftMetric     = "scones_drift"      // 1 when the verdict is drift, 0 when it is quiet; left out when it cannot be said
	CannotSayMetric = "scones_cannot_say" // 1 or 0
	RowsMetric      = "scones_rows"
)

// A Metric is one figure of a report.
type Metric struct {
	Name  string
	Unit  string // of CloudWatch
	Value float64
}

// Metrics are a report's figures under the names that Model Monitor gives them: feature_baseline_drift_NAME is the distance of the
// distribution functions (or of a label's shares), feature_non_null_NAME the number of values that are there, feature_data_NAME the mean.
// Three more say the verdict and the number of rows.
func (r *Report) Metrics() []Metric {
	one := func(b bool) float64 {
		if b {
			return 1
		}
		return 0
	}
	out := []Metric{{CannotSayMetric, "Count", one(r.Verdict == CannotSay)}, {RowsMetric, "Count", float64(r.Window.Rows)}}
	if r.Verdict != CannotSay { // a 0 would end an alarm that a drift began
		out = append(out, Metric{DriftMetric, "Count", one(r.Verdict == Drift)})
	}
	for _, c := range r.Columns {
		name := MetricName(c.Name)
		if !c.Simple.Missing() {
			out = append(out, Metric{"feature_baseline_drift_" + name, "None", float64(c.Simple)})
		}
		out = append(out, Metric{"feature_non_null_" + name, "Count", float64(c.Window.N)})
		if !c.Window.Mean.Missing() {
			out = append(out, Metric{"feature_data_" + name, "None", float64(c.Window.Mean)})
		}
	}
	return out
}

// MetricName is a column's name with what CloudWatch takes in a metric's.
func MetricName(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("_-./#", r):
			return r
		}
		return '_'
	}, name)
}

// metricsInLine is the most metrics that one line of the embedded metric format may declare.
const metricsInLine = 100

// WriteEMF writes the metrics in CloudWatch's embedded metric format, a line for each hundred, with the dimensions of Model Monitor:
// Endpoint and MonitoringSchedule.
func (r *Report) WriteEMF(w io.Writer, endpoint, schedule string, at time.Time) error {
	metrics := r.Metrics()
	for len(metrics) > 0 {
		part := metrics[:min(metricsInLine, len(metrics))]
		metrics = metrics[len(part):]
		line := map[string]any{"Endpoint": endpoint, "MonitoringSchedule": schedule}
		declared := make([]map[string]string, len(part))
		for i, m := range part {
			line[m.Name] = m.Value
			declared[i] = map[string]string{"Name": m.Name, "Unit": m.Unit}
		}
		line["_aws"] = map[string]any{"Timestamp": at.UnixMilli(), "CloudWatchMetrics": []any{map[string]any{
			"Namespace": MetricsNamespace, "Dimensions": [][]string{{"Endpoint", "MonitoringSchedule"}}, "Metrics": declared,
		}}}
		text, err := json.Marshal(line)
		if err != nil {
			return err
		}
		if _, err := w.Write(append(text, '\n')); err != nil {
			return err
		}
	}
	return nil
}
