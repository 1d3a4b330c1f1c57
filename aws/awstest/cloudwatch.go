package awstest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/scones-unlimited/scones/aws/awstest/wire"
)

type cloudwatchState struct {
	alarms     map[string]*alarm
	metrics    map[string]*metric
	dashboards map[string]*dashboard
	tags       map[string][]types.Tag
}

// A metric with all that was ever counted of it.
type metric struct {
	namespace, name string
	dimensions      map[string]string
	samples         []sample
}

type sample struct {
	at               time.Time
	sum, count       float64
	minimum, maximum float64
}

func newCloudWatch() *cloudwatchState {
	return &cloudwatchState{map[string]*alarm{}, map[string]*metric{}, map[string]*dashboard{}, map[string][]types.Tag{}}
}

func cloudwatchService() *service {
	return &service{name: "monitoring", model: "cloudwatch", namespace: "http://monitoring.amazonaws.com/doc/2010-08-01/", shapes: "com.amazonaws.cloudwatch", operations: map[string]operation{
		"PutMetricAlarm": typed(putMetricAlarm), "DescribeAlarms": typed(describeAlarms), "DeleteAlarms": typed(deleteAlarms), "SetAlarmState": typed(setAlarmState),
		"PutMetricData": typed(putMetricData), "GetMetricStatistics": typed(getMetricStatistics), "GetMetricData": typed(getMetricData), "ListMetrics": typed(listMetrics),
		"PutDashboard": typed(putDashboard), "GetDashboard": typed(getDashboard), "DeleteDashboards": typed(deleteDashboards), "ListDashboards": typed(listDashboards),
		"TagResource": typed(tagAlarm), "UntagResource": typed(untagAlarm), "ListTagsForResource": typed(listAlarmTags),
	}}
}

func metricKey(namespace, name string, dimensions map[string]string) string {
	var b strings.Builder
	b.WriteString(namespace + "\x00" + name)
	for _, key := range slices.Sorted(maps.Keys(dimensions)) {
		b.WriteString("\x00" + key + "\x01" + dimensions[key])
	}
	return b.String()
}

func byName(dimensions []types.Dimension) map[string]string {
	out := map[string]string{}
	for _, d := range dimensions {
		out[value(d.Name)] = value(d.Value)
	}
	return out
}

func (w *cloudwatchState) metric(namespace, name string, dimensions map[string]string) *metric {
	key := metricKey(namespace, name, dimensions)
	m := w.metrics[key]
	if m == nil {
		m = &metric{namespace, name, dimensions, nil}
		w.metrics[key] = m
	}
	return m
}

func (w *cloudwatchState) add(namespace, name string, dimensions map[string]string, at time.Time, amount float64) {
	m := w.metric(namespace, name, dimensions)
	m.samples = append(m.samples, sample{at, amount, 1, amount, amount})
}

func putMetricData(c *call, in *cloudwatch.PutMetricDataInput) (*cloudwatch.PutMetricDataOutput, error) {
	if strings.HasPrefix(value(in.Namespace), "AWS/") {
		return nil, wire.Errorf("InvalidParameterValue", "The value AWS/ for parameter Namespace is invalid.")
	}
	for i, d := range in.MetricData {
		at := c.now
		if d.Timestamp != nil {
			at = *d.Timestamp
		}
		if at.Before(c.now.Add(-14*24*time.Hour)) || at.After(c.now.Add(2*time.Hour)) {
			return nil, wire.Errorf("InvalidParameterValue", "The parameter MetricData.member.%d.Timestamp must specify a time within the past two weeks and the next two hours", i+1)
		}
		m := c.region.cloudwatch.metric(value(in.Namespace), value(d.MetricName), byName(d.Dimensions))
		switch {
		case d.StatisticValues != nil:
			s := d.StatisticValues
			m.samples = append(m.samples, sample{at, value(s.Sum), value(s.SampleCount), value(s.Minimum), value(s.Maximum)})
		case d.Value != nil:
			m.samples = append(m.samples, sample{at, *d.Value, 1, *d.Value, *d.Value})
		default:
			for i, v := range d.Values {
				count := 1.0
				if i < len(d.Counts) {
					count = d.Counts[i]
				}
				m.samples = append(m.samples, sample{at, v * count, count, v, v})
			}
		}
	}
	return &cloudwatch.PutMetricDataOutput{}, nil
}

// merged is what a metric was from a time up to another; ok is false where there is nothing.
func (m *metric) merged(from, to time.Time) (sample, bool) {
	out := sample{at: from}
	for _, s := range m.samples {
		if s.at.Before(from) || !s.at.Before(to) {
			continue
		}
		if out.count == 0 {
			out.minimum, out.maximum = s.minimum, s.maximum
		}
		out.sum, out.count = out.sum+s.sum, out.count+s.count
		out.minimum, out.maximum = min(out.minimum, s.minimum), max(out.maximum, s.maximum)
	}
	return out, out.count > 0
}

// statistic of a sample. Percentiles are taken to be the maximum: single values are not kept.
func (s sample) statistic(name string) float64 {
	switch name {
	case "Sum":
		return s.sum
	case "SampleCount":
		return s.count
	case "Average":
		return s.sum / s.count
	case "Minimum":
		return s.minimum
	}
	return s.maximum
}

func listMetrics(c *call, in *cloudwatch.ListMetricsInput) (*cloudwatch.ListMetricsOutput, error) {
	out := []types.Metric{}
	for _, key := range slices.Sorted(maps.Keys(c.region.cloudwatch.metrics)) {
		m := c.region.cloudwatch.metrics[key]
		if in.Namespace != nil && *in.Namespace != m.namespace || in.MetricName != nil && *in.MetricName != m.name {
			continue
		}
		shown := true
		for _, d := range in.Dimensions {
			got, has := m.dimensions[value(d.Name)]
			shown = shown && has && (d.Value == nil || *d.Value == got)
		}
		if !shown {
			continue
		}
		entry := types.Metric{Namespace: &m.namespace, MetricName: &m.name, Dimensions: []types.Dimension{}}
		for _, name := range slices.Sorted(maps.Keys(m.dimensions)) {
			entry.Dimensions = append(entry.Dimensions, types.Dimension{Name: &name, Value: new(m.dimensions[name])})
		}
		out = append(out, entry)
	}
	out, next, err := page(c.Server, out, in.NextToken, nil, 500)
	if err != nil {
		return nil, err
	}
	return &cloudwatch.ListMetricsOutput{Metrics: out, NextToken: next}, nil
}

// resourceNotFound is CloudWatch's error for tags of what is not there.
func resourceNotFound(arn string) error {
	return &wire.Error{Status: 404, Code: "ResourceNotFoundException", Message: fmt.Sprintf("Resource %s not found", arn)}
}
