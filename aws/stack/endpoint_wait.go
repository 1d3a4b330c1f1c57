package stack

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cloudwatchtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/scones-unlimited/scones/aws/plan"
)

// A RollbackError is an update that SageMaker took back. The endpoint answers as before.
type RollbackError struct {
	Endpoint string
	// Config is the one that did not stay.
	Config string
	// Reason is SageMaker's, where it gives one.
	Reason string
	// Alarms are those that are in alarm, with their reasons.
	Alarms []string
}

// Error says what rolled it back.
func (e *RollbackError) Error() string {
	text := fmt.Sprintf("the update to %s was rolled back, and endpoint %q answers as before", e.Config, e.Endpoint)
	if len(e.Alarms) > 0 {
		text += ": alarm " + strings.Join(e.Alarms, "; alarm ")
	}
	if e.Reason != "" {
		text += ": " + e.Reason
	}
	return text
}

// Hint says what the user can do.
func (e *RollbackError) Hint() string {
	return "scones logs shows what the new container said; the same command tries again, the one before stays with what there is"
}

// A FailedError is an endpoint that did not come up.
type FailedError struct{ Endpoint, Reason string }

// Error gives SageMaker's reason.
func (e *FailedError) Error() string {
	return fmt.Sprintf("endpoint %q failed: %s", e.Endpoint, e.Reason)
}

// Hint says what the user can do.
func (e *FailedError) Hint() string {
	return "scones logs shows what the container said; the same command deletes the failed endpoint and tries again"
}

// settleTime is how long an endpoint may still look as before an update that was accepted.
const settleTime = time.Minute

// Wait watches the endpoint until its configuration is in service. Errors are [*RollbackError], [*FailedError], [*plan.StillError], or a
// service's.
func (e *Endpoint) Wait(ctx context.Context, watch *plan.Watch) error {
	began, moved := time.Now(), false
	for {
		out, err := e.a.sagemaker.DescribeEndpoint(ctx, &sagemaker.DescribeEndpointInput{EndpointName: &e.name})
		if err != nil && !(missing(err) && time.Since(began) < settleTime) {
			return said(err)
		}
		if err == nil {
			if done, err := e.arrived(ctx, out, moved || time.Since(began) > settleTime); done || err != nil {
				return err
			}
			moved = moved || endpointPhases[out.EndpointStatus] != plan.Ready
			watch.Say(progress(out))
		}
		if patience := e.Patience(); time.Since(began) > patience {
			return &plan.StillError{Detail: "not in service", After: patience}
		}
		if err := watch.Sleep(ctx); err != nil {
			return err
		}
	}
}

// arrived judges a look. Moved tells that an update has been seen under way, so that an old configuration in service is one that came back.
func (e *Endpoint) arrived(ctx context.Context, out *sagemaker.DescribeEndpointOutput, moved bool) (bool, error) {
	switch endpointPhases[out.EndpointStatus] {
	case plan.Ready:
		if awssdk.ToString(out.EndpointConfigName) == e.spec.Config.name {
			return true, nil
		}
		if !moved && out.FailureReason == nil {
			return false, nil
		}
		return false, &RollbackError{e.name, e.spec.Config.name, awssdk.ToString(out.FailureReason), e.alarming(ctx, awssdk.ToString(out.FailureReason))}
	case plan.Failed:
		reason := awssdk.ToString(out.FailureReason)
		if reason == "" {
			reason = string(out.EndpointStatus)
		}
		return false, &FailedError{e.name, reason}
	case plan.Deleting:
		return false, errors.New("somebody is deleting it")
	}
	return false, nil
}

// alarming lists the alarms that are in alarm, or that SageMaker names although they have calmed down since. That they cannot be read is
// no reason to hide the roll-back.
func (e *Endpoint) alarming(ctx context.Context, reason string) []string {
	var names []string
	for _, a := range e.spec.Alarms {
		names = append(names, a.name)
	}
	if len(names) == 0 {
		return nil
	}
	out, err := e.a.alarms.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmNames: names})
	if err != nil {
		return nil
	}
	var list []string
	for _, a := range out.MetricAlarms {
		if a.StateValue != cloudwatchtypes.StateValueAlarm && !strings.Contains(reason, awssdk.ToString(a.AlarmName)) {
			continue
		}
		list = append(list, fmt.Sprintf("%s (%s)", awssdk.ToString(a.AlarmName), awssdk.ToString(a.StateReason)))
	}
	return list
}

// progress says how far a roll-out is: how much of the traffic which fleet has.
func progress(out *sagemaker.DescribeEndpointOutput) string {
	text := string(out.EndpointStatus)
	p := out.PendingDeploymentSummary
	if p == nil || len(p.ProductionVariants) == 0 {
		return text
	}
	v := p.ProductionVariants[0]
	var parts []string
	if v.CurrentWeight != nil && v.DesiredWeight != nil && *v.DesiredWeight > 0 {
		parts = append(parts, fmt.Sprintf("%.0f %% of the traffic on the new fleet", 100*float64(*v.CurrentWeight)/float64(*v.DesiredWeight)))
	}
	if v.CurrentInstanceCount != nil && v.DesiredInstanceCount != nil {
		parts = append(parts, fmt.Sprintf("%d of %d instances", *v.CurrentInstanceCount, *v.DesiredInstanceCount))
	}
	for _, s := range v.VariantStatus {
		parts = append(parts, variantWords[s.Status])
	}
	if len(parts) == 0 {
		return text
	}
	return text + ": " + strings.Join(parts, ", ")
}

var variantWords = map[types.VariantStatus]string{
	types.VariantStatusCreating:          "starting instances",
	types.VariantStatusUpdating:          "updating",
	types.VariantStatusDeleting:          "removing the old fleet",
	types.VariantStatusActivatingTraffic: "moving traffic",
	types.VariantStatusBaking:            "watching the alarms",
}
