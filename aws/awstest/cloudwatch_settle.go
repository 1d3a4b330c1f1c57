package awstest

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// settleAlarms evaluates every alarm on one metric at the clock's time; those on expressions keep their state.
func (r *region) settleAlarms() {
	for _, a := range r.cloudwatch.alarms {
		if len(a.Metrics) > 0 || r.now.Before(a.forced) {
			continue
		}
		if state, reason := r.evaluate(a); state != a.StateValue {
			r.transition(a, state, reason)
		}
	}
}

// evaluate looks at as many whole periods as the alarm says, those up to the one that has begun and those up to the one before: what
// happened at the end of a period counts as soon as it did, and until the next has passed.
func (r *region) evaluate(a *alarm) (types.StateValue, string) {
	period := time.Duration(value(a.Period)) * time.Second
	m := r.cloudwatch.metrics[metricKey(value(a.Namespace), value(a.MetricName), byName(a.Dimensions))]
	needed := value(a.DatapointsToAlarm)
	if needed == 0 {
		needed = value(a.EvaluationPeriods)
	}
	breaching, present := int32(0), int32(0)
	for _, end := range []time.Time{r.now.Truncate(period), r.now.Truncate(period).Add(period)} {
		b, p := a.window(m, end, period)
		breaching, present = max(breaching, b), max(present, p)
	}
	missing := value(a.TreatMissingData)
	switch {
	case breaching >= needed:
		return types.StateValueAlarm, fmt.Sprintf("Threshold Crossed: %d datapoints were beyond the threshold (%g).", breaching, value(a.Threshold))
	case present > 0 || missing == "notBreaching" || missing == "breaching":
		return types.StateValueOk, fmt.Sprintf("Threshold Crossed: %d datapoints were not beyond the threshold (%g).", present, value(a.Threshold))
	case missing == "ignore":
		return a.StateValue, ""
	}
	return types.StateValueInsufficientData, "Insufficient Data: no datapoints were received."
}

// window counts the periods up to a time that are beyond the threshold, and those that have data.
func (a *alarm) window(m *metric, end time.Time, period time.Duration) (breaching, present int32) {
	statistic := string(a.Statistic)
	if statistic == "" {
		statistic = value(a.ExtendedStatistic)
	}
	for i := range value(a.EvaluationPeriods) {
		from := end.Add(-time.Duration(i+1) * period)
		var s sample
		ok := false
		if m != nil {
			s, ok = m.merged(from, from.Add(period))
		}
		if ok {
			present++
		}
		if ok && beyond(s.statistic(statistic), a.ComparisonOperator, value(a.Threshold)) || !ok && value(a.TreatMissingData) == "breaching" {
			breaching++
		}
	}
	return breaching, present
}

func beyond(v float64, operator types.ComparisonOperator, threshold float64) bool {
	switch operator {
	case types.ComparisonOperatorGreaterThanThreshold:
		return v > threshold
	case types.ComparisonOperatorGreaterThanOrEqualToThreshold:
		return v >= threshold
	case types.ComparisonOperatorLessThanThreshold:
		return v < threshold
	case types.ComparisonOperatorLessThanOrEqualToThreshold:
		return v <= threshold
	}
	return false
}

// transition changes an alarm's state, and has its actions done.
func (r *region) transition(a *alarm, state types.StateValue, reason string) {
	old := a.StateValue
	a.StateValue, a.StateReason, a.StateUpdatedTimestamp = state, &reason, new(r.now)
	if old == state {
		return
	}
	a.StateTransitionedTimestamp = new(r.now)
	if !value(a.ActionsEnabled) {
		return
	}
	actions := map[types.StateValue][]string{types.StateValueAlarm: a.AlarmActions, types.StateValueOk: a.OKActions, types.StateValueInsufficientData: a.InsufficientDataActions}[state]
	for _, arn := range actions {
		r.act(arn, a, old)
	}
}
