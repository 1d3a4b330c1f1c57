package stack

import (
	"context"
	"fmt"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"

	"github.com/scones-unlimited/scones/aws/plan"
)

// policySuffix behind the endpoint's name makes the policy's.
const policySuffix = "-scaling"

// A ScalingPolicy keeps a metric of an endpoint near a target by changing the number of its instances.
type ScalingPolicy struct {
	policyItem
	wanted
	scale Scale
	async bool
}

// ScalingPolicy describes the policy of an endpoint.
func (a *Account) ScalingPolicy(t *ScalingTarget, async bool) *ScalingPolicy {
	p := &ScalingPolicy{policyItem: policyItem{item{a, plan.ScalingPolicy, t.deployment + policySuffix}}, scale: t.scale, async: async}
	p.wanted = wanted{deployment: t.deployment, part: policyPart, needs: []plan.Resource{t}, fields: plan.Fields{plan.F("keeps", p.keeps().String())}}
	return p
}

// A keeping is a metric with its target.
type keeping struct {
	metric string
	target float64
}

// String says what is kept.
func (k keeping) String() string { return fmt.Sprintf("%s at %g", k.metric, k.target) }

const (
	perInstance = string(types.MetricTypeSageMakerVariantInvocationsPerInstance)
	backlog     = "ApproximateBacklogSizePerInstance"
)

func (p *ScalingPolicy) keeps() keeping {
	if p.async {
		return keeping{backlog, p.scale.Target}
	}
	return keeping{perInstance, p.scale.Target}
}

// Cooldowns in seconds: SageMaker's guide names 300 as the default for both; growing sooner costs little.
const (
	scaleOut = 60
	scaleIn  = 300
)

// Create makes the policy; it is one call, and so is a change.
func (p *ScalingPolicy) Create(ctx context.Context) error {
	c := &types.TargetTrackingScalingPolicyConfiguration{TargetValue: &p.scale.Target, ScaleOutCooldown: awssdk.Int32(scaleOut), ScaleInCooldown: awssdk.Int32(scaleIn)}
	if p.async {
		c.CustomizedMetricSpecification = &types.CustomizedMetricSpecification{Namespace: awssdk.String("AWS/SageMaker"), MetricName: awssdk.String(backlog),
			Statistic: types.MetricStatisticAverage, Dimensions: []types.MetricDimension{{Name: awssdk.String("EndpointName"), Value: &p.deployment}}}
	} else {
		c.PredefinedMetricSpecification = &types.PredefinedMetricSpecification{PredefinedMetricType: types.MetricTypeSageMakerVariantInvocationsPerInstance}
	}
	_, err := p.a.scaling.PutScalingPolicy(ctx, &applicationautoscaling.PutScalingPolicyInput{
		PolicyName: &p.name, PolicyType: types.PolicyTypeTargetTrackingScaling, ServiceNamespace: types.ServiceNamespaceSagemaker,
		ScalableDimension: scalingDimension, ResourceId: awssdk.String(p.resource()), TargetTrackingScalingPolicyConfiguration: c,
	})
	return ignore(err)
}

// Update sets the policy.
func (p *ScalingPolicy) Update(ctx context.Context, _ plan.State) error { return p.Create(ctx) }

type policyItem struct{ item }

func (p policyItem) resource() string { return resourceID(strings.TrimSuffix(p.name, policySuffix)) }

// Read asks for the policy.
func (p policyItem) Read(ctx context.Context) (plan.State, error) {
	out, err := p.a.scaling.DescribeScalingPolicies(ctx, &applicationautoscaling.DescribeScalingPoliciesInput{
		ServiceNamespace: types.ServiceNamespaceSagemaker, ScalableDimension: scalingDimension, ResourceId: awssdk.String(p.resource()),
	})
	if err != nil {
		return plan.State{}, said(err)
	}
	for _, found := range out.ScalingPolicies {
		if awssdk.ToString(found.PolicyName) != p.name {
			continue
		}
		var k keeping
		if c := found.TargetTrackingScalingPolicyConfiguration; c != nil {
			k.target = awssdk.ToFloat64(c.TargetValue)
			if m := c.PredefinedMetricSpecification; m != nil {
				k.metric = string(m.PredefinedMetricType)
			} else if m := c.CustomizedMetricSpecification; m != nil {
				k.metric = awssdk.ToString(m.MetricName)
			}
		}
		return plan.State{Phase: plan.Ready, ARN: awssdk.ToString(found.PolicyARN), Created: awssdk.ToTime(found.CreationTime),
			Tags: plan.Tags(endpointOf(p.resource()), policyPart), Fields: plan.Fields{plan.F("keeps", k.String())}}, nil
	}
	return plan.State{}, nil
}

// Delete deletes the policy.
func (p policyItem) Delete(ctx context.Context) error {
	_, err := p.a.scaling.DeleteScalingPolicy(ctx, &applicationautoscaling.DeleteScalingPolicyInput{
		PolicyName: &p.name, ServiceNamespace: types.ServiceNamespaceSagemaker, ScalableDimension: scalingDimension, ResourceId: awssdk.String(p.resource()),
	})
	return ignore(err, "ObjectNotFoundException")
}

type policyFinder struct{ a *Account }

// Kind is the policy's.
func (f policyFinder) Kind() plan.Kind { return plan.ScalingPolicy }

// How names the calls.
func (f policyFinder) How() string { return "application-autoscaling:DescribeScalingPolicies" }

// Find names the policy of a deployment's endpoint, or lists those whose names are made as ours.
func (f policyFinder) Find(ctx context.Context, name string) ([]plan.Item, error) {
	if name != "" {
		return []plan.Item{policyItem{item{f.a, plan.ScalingPolicy, name + policySuffix}}}, nil
	}
	var items []plan.Item
	pages := applicationautoscaling.NewDescribeScalingPoliciesPaginator(f.a.scaling, &applicationautoscaling.DescribeScalingPoliciesInput{ServiceNamespace: types.ServiceNamespaceSagemaker})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, said(err)
		}
		for _, p := range page.ScalingPolicies {
			if awssdk.ToString(p.PolicyName) == endpointOf(awssdk.ToString(p.ResourceId))+policySuffix {
				items = append(items, policyItem{item{f.a, plan.ScalingPolicy, *p.PolicyName}})
			}
		}
	}
	return items, nil
}
