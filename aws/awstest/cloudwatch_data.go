package awstest

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/scones-unlimited/scones/aws/awstest/wire"
)

func getMetricStatistics(c *call, in *cloudwatch.GetMetricStatisticsInput) (*cloudwatch.GetMetricStatisticsOutput, error) {
	period := time.Duration(value(in.Period)) * time.Second
	if period < time.Second || !value(in.StartTime).Before(value(in.EndTime)) {
		return nil, wire.Errorf("InvalidParameterValue", "The period must be positive, and StartTime before EndTime")
	}
	out := &cloudwatch.GetMetricStatisticsOutput{Label: in.MetricName, Datapoints: []types.Datapoint{}}
	m := c.region.cloudwatch.metrics[metricKey(value(in.Namespace), value(in.MetricName), byName(in.Dimensions))]
	if m == nil {
		return out, nil
	}
	for from := in.StartTime.Truncate(period); from.Before(*in.EndTime); from = from.Add(period) {
		s, ok := m.merged(from, from.Add(period))
		if !ok {
			continue
		}
		point := types.Datapoint{Timestamp: new(from), Unit: types.StandardUnitNone}
		for name, field := range map[types.Statistic]**float64{"Sum": &point.Sum, "Average": &point.Average, "SampleCount": &point.SampleCount, "Minimum": &point.Minimum, "Maximum": &point.Maximum} {
			if slices.Contains(in.Statistics, name) {
				*field = new(s.statistic(string(name)))
			}
		}
		for _, name := range in.ExtendedStatistics {
			if point.ExtendedStatistics == nil {
				point.ExtendedStatistics = map[string]float64{}
			}
			point.ExtendedStatistics[name] = s.statistic(name)
		}
		out.Datapoints = append(out.Datapoints, point)
	}
	return out, nil
}

func getMetricData(c *call, in *cloudwatch.GetMetricDataInput) (*cloudwatch.GetMetricDataOutput, error) {
	out := &cloudwatch.GetMetricDataOutput{MetricDataResults: []types.MetricDataResult{}, Messages: []types.MessageData{}}
	for _, q := range in.MetricDataQueries {
		if q.MetricStat == nil {
			return nil, wire.Errorf("ValidationError", "awstest computes no expressions: %s", value(q.Expression))
		}
		metric := q.MetricStat.Metric
		result := types.MetricDataResult{Id: q.Id, Label: metric.MetricName, StatusCode: types.StatusCodeComplete, Timestamps: []time.Time{}, Values: []float64{}}
		if q.Label != nil {
			result.Label = q.Label
		}
		period := time.Duration(value(q.MetricStat.Period)) * time.Second
		if period < time.Second {
			return nil, wire.Errorf("ValidationError", "The period must be positive")
		}
		m := c.region.cloudwatch.metrics[metricKey(value(metric.Namespace), value(metric.MetricName), byName(metric.Dimensions))]
		if m != nil && in.StartTime != nil && in.EndTime != nil {
			for from := in.StartTime.Truncate(period); from.Before(*in.EndTime); from = from.Add(period) {
				if s, ok := m.merged(from, from.Add(period)); ok {
					result.Timestamps = append(result.Timestamps, from)
					result.Values = append(result.Values, s.statistic(value(q.MetricStat.Stat)))
				}
			}
		}
		if in.ScanBy != types.ScanByTimestampAscending { // the newest first is what the service does unasked
			slices.Reverse(result.Timestamps)
			slices.Reverse(result.Values)
		}
		out.MetricDataResults = append(out.MetricDataResults, result)
	}
	return out, nil
}
