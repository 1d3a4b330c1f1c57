package awstest

import (
	"slices"
	"strings"

	scaling "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	alarms "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/scones-unlimited/scones/aws/awstest/wire"
)

func policyKey(resource *string, dimension types.ScalableDimension, name *string) string {
	return scalingKey(resource, dimension) + " " + value(name)
}

// putScalingPolicy makes the two alarms by which a policy that tracks a target scales.
func putScalingPolicy(c *call, in *scaling.PutScalingPolicyInput) (*scaling.PutScalingPolicyOutput, error) {
	if c.region.scaling.targets[scalingKey(in.ResourceId, in.ScalableDimension)] == nil {
		return nil, noTarget(in.ResourceId)
	}
	tracking := in.TargetTrackingScalingPolicyConfiguration
	if in.PolicyType == types.PolicyTypeTargetTrackingScaling && (tracking == nil || tracking.TargetValue == nil || (tracking.PredefinedMetricSpecification == nil) == (tracking.CustomizedMetricSpecification == nil)) {
		return nil, wire.Errorf("ValidationException", "A target tracking policy needs a target value and one metric specification")
	}
	key := policyKey(in.ResourceId, in.ScalableDimension, in.PolicyName)
	p := c.region.scaling.policies[key]
	if p == nil {
		p = &types.ScalingPolicy{CreationTime: new(c.now), PolicyARN: c.region.arn("autoscaling", "scalingPolicy:"+c.Server.id()+":resource/"+string(in.ServiceNamespace)+"/"+value(in.ResourceId)+":policyName/"+value(in.PolicyName))}
		for _, kind := range []string{"AlarmHigh", "AlarmLow"} {
			name := "TargetTracking-" + value(in.ResourceId) + "-" + kind + "-" + c.Server.id()
			arn := c.region.arn("cloudwatch", "alarm:"+name)
			p.Alarms = append(p.Alarms, types.Alarm{AlarmName: &name, AlarmARN: arn})
			c.region.cloudwatch.alarms[name] = &alarm{MetricAlarm: alarms.MetricAlarm{AlarmName: &name, AlarmArn: arn, StateValue: alarms.StateValueInsufficientData, StateReason: new("Unchecked: Initial alarm creation"), StateUpdatedTimestamp: new(c.now),
				Metrics: []alarms.MetricDataQuery{{Id: new("m1"), Expression: new("awstest")}}, EvaluationPeriods: new(int32(3)), ComparisonOperator: alarms.ComparisonOperatorGreaterThanThreshold, AlarmActions: []string{*p.PolicyARN}}}
			c.region.cloudwatch.tags[*arn] = nil
		}
	}
	p.PolicyName, p.PolicyType, p.ResourceId, p.ScalableDimension, p.ServiceNamespace = in.PolicyName, in.PolicyType, in.ResourceId, in.ScalableDimension, in.ServiceNamespace
	if p.PolicyType == "" {
		p.PolicyType = types.PolicyTypeStepScaling
	}
	p.TargetTrackingScalingPolicyConfiguration, p.StepScalingPolicyConfiguration = tracking, in.StepScalingPolicyConfiguration
	c.region.scaling.policies[key] = p
	return &scaling.PutScalingPolicyOutput{PolicyARN: p.PolicyARN, Alarms: p.Alarms}, nil
}

func describeScalingPolicies(c *call, in *scaling.DescribeScalingPoliciesInput) (*scaling.DescribeScalingPoliciesOutput, error) {
	out := []types.ScalingPolicy{}
	for _, p := range c.region.scaling.policies {
		if p.ServiceNamespace == in.ServiceNamespace && (in.ResourceId == nil || *in.ResourceId == *p.ResourceId) && (len(in.PolicyNames) == 0 || slices.Contains(in.PolicyNames, *p.PolicyName)) {
			out = append(out, *p)
		}
	}
	slices.SortFunc(out, func(a, b types.ScalingPolicy) int { return strings.Compare(*a.PolicyARN, *b.PolicyARN) })
	out, next, err := page(c.Server, out, in.NextToken, in.MaxResults, 50)
	if err != nil {
		return nil, wire.Errorf("InvalidNextTokenException", "The next token is invalid")
	}
	return &scaling.DescribeScalingPoliciesOutput{ScalingPolicies: out, NextToken: next}, nil
}

func deleteScalingPolicy(c *call, in *scaling.DeleteScalingPolicyInput) (*scaling.DeleteScalingPolicyOutput, error) {
	key := policyKey(in.ResourceId, in.ScalableDimension, in.PolicyName)
	if c.region.scaling.policies[key] == nil {
		return nil, wire.Errorf("ObjectNotFoundException", "No scaling policy found for service namespace: %s, resource ID: %s, scalable dimension: %s", in.ServiceNamespace, value(in.ResourceId), in.ScalableDimension)
	}
	c.region.dropPolicy(key)
	return &scaling.DeleteScalingPolicyOutput{}, nil
}
