package job

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/scones-unlimited/scones/infer/drift"
)

// Metrics takes data for one namespace.
type Metrics interface {
	Put(ctx context.Context, namespace string, data []Datum) error
}

// A Datum is a value, or the statistics of several.
type Datum struct {
	Name       string
	Dimensions []Dimension
	Time       time.Time
	// Value, where Stats is nil.
	Value float64
	Stats *Statistics
	// Unit is CloudWatch's: Count, None.
	Unit string
}

// A Dimension tells metrics of one name apart.
type Dimension struct{ Name, Value string }

// Statistics are those of a set of values.
type Statistics struct{ Count, Sum, Min, Max float64 }

// A Spelling is one of the ways in which Model Monitor's metrics are named. The developer guide has two, which differ from each other
// and from what the SDK's dashboards search for and people's alarms watch. Each is a set of metrics of its own, and is charged as one.
type Spelling string

// The spellings.
const (
	// Endpoints is aws/sagemaker/Endpoints/data-metrics with Endpoint and MonitoringSchedule, which alarms in use are set on.
	Endpoints Spelling = "endpoints"
	// Dashboard is the same with Feature besides, which is what the SageMaker Python SDK's AutomaticDataQualityDashboard searches for.
	Dashboard Spelling = "dashboard"
	// Guide is /aws/sagemaker/Endpoints/data-metric with EndpointName and ScheduleName: the guide's page on the built-in container.
	Guide Spelling = "guide"
	// Container is /aws/sagemaker/Endpoint/data-metrics with Endpoint and MonitoringSchedule: the guide's page on containers of one's own.
	Container Spelling = "container"
)

// Spellings lists all.
var Spellings = []Spelling{Endpoints, Dashboard, Guide, Container}

// Namespace of a spelling.
func (s Spelling) Namespace() string {
	switch s {
	case Guide:
		return "/aws/sagemaker/Endpoints/data-metric"
	case Container:
		return "/aws/sagemaker/Endpoint/data-metrics"
	}
	return drift.MetricsNamespace
}

func (s Spelling) dimensions(endpoint, schedule string) []Dimension {
	switch s {
	case Guide:
		return []Dimension{{"EndpointName", endpoint}, {"ScheduleName", schedule}}
	case Dashboard:
		return []Dimension{{"Endpoint", endpoint}, {"Feature", "_"}, {"MonitoringSchedule", schedule}}
	}
	return []Dimension{{"Endpoint", endpoint}, {"MonitoringSchedule", schedule}}
}

// ParseSpellings reads names separated by commas; "none" and nothing are none.
func ParseSpellings(text string) ([]Spelling, error) {
	var list []Spelling
	for name := range strings.SplitSeq(text, ",") {
		name = strings.TrimSpace(name)
		switch s := Spelling(name); {
		case name == "" || name == "none":
		case !slices.Contains(Spellings, s):
			return nil, fmt.Errorf("metrics %q: want none, or some of %v", name, Spellings)
		case !slices.Contains(list, s):
			list = append(list, s)
		}
	}
	return list, nil
}

// MetricsOf counts how many metrics a spelling has for a baseline: what CloudWatch charges for.
func MetricsOf(columns []drift.Column) int {
	n := 0
	for i := range columns {
		switch c := &columns[i]; {
		case c.Numbers != nil:
			n += 3
		case c.Values != nil:
			n += 2
		}
	}
	return n
}

// own are the metrics that Model Monitor does not have. There is no datum of drift where nothing can be said: an alarm then stays as it is.
func own(r *drift.Report, endpoint, monitor string, at time.Time) []Datum {
	dims := Endpoints.dimensions(endpoint, monitor)
	data := []Datum{{Name: drift.RowsMetric, Dimensions: dims, Time: at, Value: float64(r.Window.Rows), Unit: "Count"}}
	flag := func(name string, is bool) {
		d := Datum{Name: name, Dimensions: dims, Time: at, Unit: "Count"}
		if is {
			d.Value = 1
		}
		data = append(data, d)
	}
	flag(drift.CannotSayMetric, r.Verdict == drift.CannotSay)
	if r.Verdict != drift.CannotSay {
		flag(drift.DriftMetric, r.Verdict == drift.Drift)
	}
	return data
}

// theirs are Model Monitor's metrics of all columns: feature_data_ with the statistics of numbers, feature_non_null_ with how many there
// are, feature_baseline_drift_ with the distance. A datum without a value is left out.
func theirs(r *drift.Report, dims []Dimension, at time.Time, robust bool) []Datum {
	var data []Datum
	for i := range r.Columns {
		c := &r.Columns[i]
		name := metricName(c.Name)
		if len(c.Bins) == 0 && len(c.Shares) == 0 { // vectors
			continue
		}
		if w := &c.Window; w.N > 0 && !w.Mean.Missing() {
			data = append(data, Datum{Name: "feature_data_" + name, Dimensions: dims, Time: at,
				Stats: &Statistics{float64(w.N), float64(w.Mean) * float64(w.N), float64(w.Min), float64(w.Max)}})
		}
		data = append(data, Datum{Name: "feature_non_null_" + name, Dimensions: dims, Time: at, Value: float64(c.Window.N), Unit: "Count"})
		distance := c.Simple
		if robust {
			distance = c.Robust
		}
		if !distance.Missing() {
			data = append(data, Datum{Name: "feature_baseline_drift_" + name, Dimensions: dims, Time: at, Value: float64(distance)})
		}
	}
	return data
}

// metricName keeps what CloudWatch takes and dashboards read: printable ASCII, no spaces.
func metricName(column string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("_-./#", r):
			return r
		}
		return '_'
	}, column)
	return name[:min(len(name), 200)] // CloudWatch takes 255 characters with the prefix
}
