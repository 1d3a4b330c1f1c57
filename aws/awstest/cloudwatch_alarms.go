package awstest

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/scones-unlimited/scones/aws/awstest/wire"
)

// An alarm with the time up to which SetAlarmState holds it.
type alarm struct {
	types.MetricAlarm
	forced time.Time
}

func putMetricAlarm(c *call, in *cloudwatch.PutMetricAlarmInput) (*cloudwatch.PutMetricAlarmOutput, error) {
	switch {
	case len(in.Metrics) == 0 && (in.MetricName == nil || in.Namespace == nil || in.Period == nil || in.Statistic == "" && in.ExtendedStatistic == nil):
		return nil, wire.Errorf("ValidationError", "A metric alarm needs MetricName, Namespace, Period and a statistic")
	case len(in.Metrics) == 0 && value(in.Period)%60 != 0 && value(in.Period) != 10 && value(in.Period) != 20 && value(in.Period) != 30:
		return nil, wire.Errorf("ValidationError", "Period must be 10, 20, 30 or a multiple of 60")
	case value(in.EvaluationPeriods) < 1 || value(in.DatapointsToAlarm) > value(in.EvaluationPeriods):
		return nil, wire.Errorf("ValidationError", "DatapointsToAlarm must be from 1 to EvaluationPeriods")
	case in.Threshold == nil && in.ThresholdMetricId == nil:
		return nil, wire.Errorf("ValidationError", "Threshold is required")
	case in.TreatMissingData != nil && !slices.Contains([]string{"breaching", "notBreaching", "ignore", "missing"}, *in.TreatMissingData):
		return nil, wire.Errorf("ValidationError", "Option %s is not supported for TreatMissingData", *in.TreatMissingData)
	}
	w := c.region.cloudwatch
	arn := c.region.arn("cloudwatch", "alarm:"+value(in.AlarmName))
	a := &alarm{MetricAlarm: types.MetricAlarm{
		AlarmName: in.AlarmName, AlarmArn: arn, AlarmDescription: in.AlarmDescription, AlarmConfigurationUpdatedTimestamp: new(c.now), ActionsEnabled: new(in.ActionsEnabled == nil || *in.ActionsEnabled),
		OKActions: filled(in.OKActions), AlarmActions: filled(in.AlarmActions), InsufficientDataActions: filled(in.InsufficientDataActions), StateValue: types.StateValueInsufficientData,
		StateReason: new("Unchecked: Initial alarm creation"), StateUpdatedTimestamp: new(c.now), StateTransitionedTimestamp: new(c.now), MetricName: in.MetricName, Namespace: in.Namespace, Statistic: in.Statistic,
		ExtendedStatistic: in.ExtendedStatistic, Dimensions: filled(in.Dimensions), Period: in.Period, Unit: in.Unit, EvaluationPeriods: in.EvaluationPeriods, DatapointsToAlarm: in.DatapointsToAlarm,
		Threshold: in.Threshold, ComparisonOperator: in.ComparisonOperator, TreatMissingData: in.TreatMissingData, EvaluateLowSampleCountPercentile: in.EvaluateLowSampleCountPercentile, Metrics: in.Metrics, ThresholdMetricId: in.ThresholdMetricId,
	}}
	if old := w.alarms[value(in.AlarmName)]; old != nil { // an update leaves the state as it is, and takes no tags
		a.StateValue, a.StateReason, a.StateUpdatedTimestamp, a.StateTransitionedTimestamp = old.StateValue, old.StateReason, old.StateUpdatedTimestamp, old.StateTransitionedTimestamp
	} else {
		w.tags[*arn] = in.Tags
	}
	w.alarms[value(in.AlarmName)] = a
	return &cloudwatch.PutMetricAlarmOutput{}, nil
}

// filled is a list that is written even when it is empty.
func filled[T any](list []T) []T { return append([]T{}, list...) }

func describeAlarms(c *call, in *cloudwatch.DescribeAlarmsInput) (*cloudwatch.DescribeAlarmsOutput, error) {
	out := []types.MetricAlarm{}
	for _, name := range slices.Sorted(maps.Keys(c.region.cloudwatch.alarms)) {
		a := c.region.cloudwatch.alarms[name]
		named := len(in.AlarmNames) == 0 || slices.Contains(in.AlarmNames, name)
		if named && strings.HasPrefix(name, value(in.AlarmNamePrefix)) && (in.StateValue == "" || in.StateValue == a.StateValue) {
			out = append(out, a.MetricAlarm)
		}
	}
	out, next, err := page(c.Server, out, in.NextToken, in.MaxRecords, 50)
	if err != nil {
		return nil, wire.Errorf("InvalidNextToken", "The next token %s is invalid.", value(in.NextToken))
	}
	return &cloudwatch.DescribeAlarmsOutput{MetricAlarms: out, CompositeAlarms: []types.CompositeAlarm{}, NextToken: next}, nil
}

// deleteAlarms fails as a whole where one of several is not there.
func deleteAlarms(c *call, in *cloudwatch.DeleteAlarmsInput) (*cloudwatch.DeleteAlarmsOutput, error) {
	w := c.region.cloudwatch
	for _, name := range in.AlarmNames {
		if w.alarms[name] == nil && len(in.AlarmNames) > 1 {
			return nil, &wire.Error{Status: 404, Code: "ResourceNotFound", Message: "The alarm " + name + " does not exist"}
		}
	}
	for _, name := range in.AlarmNames {
		if a := w.alarms[name]; a != nil {
			delete(w.tags, *a.AlarmArn)
			delete(w.alarms, name)
		}
	}
	return &cloudwatch.DeleteAlarmsOutput{}, nil
}

// forcedFor is how long a state that was set by hand lasts; on AWS it is until the next evaluation.
const forcedFor = 2 * time.Minute

func setAlarmState(c *call, in *cloudwatch.SetAlarmStateInput) (*cloudwatch.SetAlarmStateOutput, error) {
	a := c.region.cloudwatch.alarms[value(in.AlarmName)]
	if a == nil {
		return nil, &wire.Error{Status: 404, Code: "ResourceNotFound", Message: "The alarm does not exist"}
	}
	a.forced = c.now.Add(forcedFor)
	c.region.transition(a, in.StateValue, value(in.StateReason))
	return &cloudwatch.SetAlarmStateOutput{}, nil
}

func tagAlarm(c *call, in *cloudwatch.TagResourceInput) (*cloudwatch.TagResourceOutput, error) {
	w := c.region.cloudwatch
	now, ok := w.tags[value(in.ResourceARN)]
	if !ok {
		return nil, resourceNotFound(value(in.ResourceARN))
	}
	for _, tag := range in.Tags {
		now = slices.DeleteFunc(slices.Clone(now), func(t types.Tag) bool { return *t.Key == *tag.Key })
		now = append(now, tag)
	}
	w.tags[*in.ResourceARN] = now
	return &cloudwatch.TagResourceOutput{}, nil
}

func untagAlarm(c *call, in *cloudwatch.UntagResourceInput) (*cloudwatch.UntagResourceOutput, error) {
	w := c.region.cloudwatch
	now, ok := w.tags[value(in.ResourceARN)]
	if !ok {
		return nil, resourceNotFound(value(in.ResourceARN))
	}
	w.tags[*in.ResourceARN] = slices.DeleteFunc(slices.Clone(now), func(t types.Tag) bool { return slices.Contains(in.TagKeys, *t.Key) })
	return &cloudwatch.UntagResourceOutput{}, nil
}

func listAlarmTags(c *call, in *cloudwatch.ListTagsForResourceInput) (*cloudwatch.ListTagsForResourceOutput, error) {
	tags, ok := c.region.cloudwatch.tags[value(in.ResourceARN)]
	if !ok {
		return nil, resourceNotFound(value(in.ResourceARN))
	}
	return &cloudwatch.ListTagsForResourceOutput{Tags: filled(tags)}, nil
}
