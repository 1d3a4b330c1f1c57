package stack

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/scones-unlimited/scones/aws/plan"
)

// An AlarmSpec watches one metric.
type AlarmSpec struct {
	Deployment string
	Part       plan.Part
	// Suffix behind the deployment's name makes the alarm's.
	Suffix      string
	Description string
	// Namespace, Metric and Dimensions say what is watched.
	Namespace  string
	Metric     string
	Dimensions map[string]string
	// Statistic of the metric within a period: Sum, Average, Maximum, …
	Statistic types.Statistic
	// Period in seconds; 0 means 60.
	Period int32
	// Datapoints of the last Evaluations periods must be beyond the threshold; 0 means 1, and all of them.
	Evaluations, Datapoints int32
	Threshold               float64
	// Comparison with the threshold; empty means greater than it.
	Comparison types.ComparisonOperator
	// Missing says what a period without data counts as: ignore, breaching, notBreaching or missing. Empty means notBreaching: nobody
	// asked, so nothing is wrong.
	Missing string
	// Actions are ARNs that are told when it goes into alarm.
	Actions []string
	// NoDataActions are ARNs that are told when data stop coming, where Missing is missing. An alarm that is new waits for the first.
	NoDataActions []string
	Needs         []plan.Resource
}

// EndpointDimensions are those of the metrics of a deployment's endpoint.
func EndpointDimensions(deployment string) map[string]string {
	return map[string]string{"EndpointName": deployment, "VariantName": Variant}
}

// An Alarm is an alarm of CloudWatch.
type Alarm struct {
	alarmItem
	wanted
	input cloudwatch.PutMetricAlarmInput
}

// Alarm describes an alarm.
func (a *Account) Alarm(s AlarmSpec) *Alarm {
	s.Period, s.Evaluations = cmp.Or(s.Period, 60), cmp.Or(s.Evaluations, 1)
	s.Datapoints = cmp.Or(s.Datapoints, s.Evaluations)
	alarm := &Alarm{alarmItem: alarmItem{item{a, plan.Alarm, s.Deployment + "-" + s.Suffix}}}
	alarm.input = cloudwatch.PutMetricAlarmInput{
		AlarmName: &alarm.name, AlarmDescription: &s.Description, Namespace: &s.Namespace, MetricName: &s.Metric, Statistic: s.Statistic,
		Period: &s.Period, EvaluationPeriods: &s.Evaluations, DatapointsToAlarm: &s.Datapoints, Threshold: &s.Threshold,
		ComparisonOperator: cmp.Or(s.Comparison, types.ComparisonOperatorGreaterThanThreshold), TreatMissingData: awssdk.String(cmp.Or(s.Missing, "notBreaching")),
		AlarmActions: s.Actions, InsufficientDataActions: s.NoDataActions,
	}
	for _, name := range slices.Sorted(maps.Keys(s.Dimensions)) {
		alarm.input.Dimensions = append(alarm.input.Dimensions, types.Dimension{Name: &name, Value: awssdk.String(s.Dimensions[name])})
	}
	alarm.wanted = wanted{deployment: s.Deployment, part: s.Part, needs: s.Needs, price: a.alarmPrice(), fields: alarmFields(&types.MetricAlarm{
		AlarmDescription: &s.Description, Namespace: &s.Namespace, MetricName: &s.Metric, Statistic: s.Statistic, Period: &s.Period, EvaluationPeriods: &s.Evaluations,
		DatapointsToAlarm: &s.Datapoints, Threshold: &s.Threshold, ComparisonOperator: alarm.input.ComparisonOperator, TreatMissingData: alarm.input.TreatMissingData,
		AlarmActions: s.Actions, InsufficientDataActions: s.NoDataActions, Dimensions: alarm.input.Dimensions,
	})}
	return alarm
}

// ARN of the alarm.
func (a *Alarm) ARN() string { return a.a.ARN("cloudwatch", "alarm:"+a.name) }

// comparisons are the words of a field.
var comparisons = map[types.ComparisonOperator]string{
	types.ComparisonOperatorGreaterThanThreshold:          "above",
	types.ComparisonOperatorGreaterThanOrEqualToThreshold: "at or above",
	types.ComparisonOperatorLessThanThreshold:             "below",
	types.ComparisonOperatorLessThanOrEqualToThreshold:    "at or below",
}

// alarmFields say what an alarm does, of one that is wanted as of one that exists.
func alarmFields(m *types.MetricAlarm) plan.Fields {
	of, n := awssdk.ToInt32(m.DatapointsToAlarm), awssdk.ToInt32(m.EvaluationPeriods)
	when := fmt.Sprintf("%s of %s %s %s %s, %d of %d times %d s", m.Statistic, awssdk.ToString(m.Namespace), awssdk.ToString(m.MetricName),
		comparisons[m.ComparisonOperator], strconv.FormatFloat(awssdk.ToFloat64(m.Threshold), 'f', -1, 64), cmp.Or(of, n), n, awssdk.ToInt32(m.Period))
	var on []string
	for _, d := range m.Dimensions {
		on = append(on, awssdk.ToString(d.Name)+" "+awssdk.ToString(d.Value))
	}
	slices.Sort(on)
	fields := plan.Fields{
		plan.F("when", when), plan.F("of", strings.Join(on, ", ")), plan.F("without data", awssdk.ToString(m.TreatMissingData)),
		plan.F("tells", strings.Join(slices.Sorted(slices.Values(m.AlarmActions)), ", ")), plan.F("description", awssdk.ToString(m.AlarmDescription)),
	}
	if len(m.InsufficientDataActions) > 0 {
		fields = append(fields, plan.F("tells without data", strings.Join(slices.Sorted(slices.Values(m.InsufficientDataActions)), ", ")))
	}
	return fields
}

// Create makes the alarm; it is one call, and so is a change.
func (a *Alarm) Create(ctx context.Context) error {
	in := a.input
	in.Tags = a.sdkTags()
	_, err := a.a.alarms.PutMetricAlarm(ctx, &in)
	return ignore(err)
}

// Update sets the alarm, and the tags, which the call that sets an alarm ignores on one that exists.
func (a *Alarm) Update(ctx context.Context, from plan.State) error {
	if from.Part() != a.part {
		if _, err := a.a.alarms.TagResource(ctx, &cloudwatch.TagResourceInput{ResourceARN: &from.ARN, Tags: a.sdkTags()}); err != nil {
			return said(err)
		}
	}
	return a.Create(ctx)
}

func (a *Alarm) sdkTags() []types.Tag {
	var tags []types.Tag
	for key, value := range a.tags() {
		tags = append(tags, types.Tag{Key: &key, Value: &value})
	}
	return tags
}

type alarmItem struct{ item }

// Read asks for the alarm and its tags.
func (a alarmItem) Read(ctx context.Context) (plan.State, error) {
	out, err := a.a.alarms.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{a.name}, AlarmTypes: []types.AlarmType{types.AlarmTypeMetricAlarm}})
	if err != nil {
		return plan.State{}, said(err)
	}
	if len(out.MetricAlarms) == 0 {
		return plan.State{}, nil
	}
	m := out.MetricAlarms[0]
	state := plan.State{Phase: plan.Ready, Detail: string(m.StateValue), ARN: awssdk.ToString(m.AlarmArn), Created: awssdk.ToTime(m.AlarmConfigurationUpdatedTimestamp), Price: a.a.alarmPrice()}
	state.Fields = alarmFields(&m)
	tags, err := a.a.alarms.ListTagsForResource(ctx, &cloudwatch.ListTagsForResourceInput{ResourceARN: m.AlarmArn})
	if err != nil {
		return state, ignore(err, "ResourceNotFoundException", "ResourceNotFound")
	}
	state.Tags = make(map[string]string)
	for _, t := range tags.Tags {
		state.Tags[awssdk.ToString(t.Key)] = awssdk.ToString(t.Value)
	}
	return state, nil
}

// Delete deletes the alarm.
func (a alarmItem) Delete(ctx context.Context) error {
	_, err := a.a.alarms.DeleteAlarms(ctx, &cloudwatch.DeleteAlarmsInput{AlarmNames: []string{a.name}})
	return ignore(err, "ResourceNotFound", "ResourceNotFoundException")
}

type alarmFinder struct{ a *Account }

// Kind is the alarm's.
func (f alarmFinder) Kind() plan.Kind { return plan.Alarm }

// How names the calls.
func (f alarmFinder) How() string { return "cloudwatch:DescribeAlarms, cloudwatch:ListTagsForResource" }

// Find lists alarms by name; their tags are read with them.
func (f alarmFinder) Find(ctx context.Context, name string) ([]plan.Item, error) {
	var names []*string
	for pages := cloudwatch.NewDescribeAlarmsPaginator(f.a.alarms, &cloudwatch.DescribeAlarmsInput{AlarmNamePrefix: nameFilter(name), AlarmTypes: []types.AlarmType{types.AlarmTypeMetricAlarm}}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, said(err)
		}
		for _, a := range page.MetricAlarms {
			names = append(names, a.AlarmName)
		}
	}
	return f.a.items(names, name, func(i item) plan.Item { return alarmItem{i} }, plan.Alarm), nil
}
