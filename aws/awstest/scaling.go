package awstest

import (
	"maps"
	"slices"
	"strings"

	scaling "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"

	"github.com/scones-unlimited/scones/aws/awstest/wire"
)

type scalingState struct {
	targets  map[string]*types.ScalableTarget
	policies map[string]*types.ScalingPolicy
	tags     map[string]map[string]string // by the target's ARN
}

func newScaling() *scalingState {
	return &scalingState{map[string]*types.ScalableTarget{}, map[string]*types.ScalingPolicy{}, map[string]map[string]string{}}
}

func scalingService() *service {
	return &service{name: "application-autoscaling", model: "application-autoscaling", operations: map[string]operation{
		"RegisterScalableTarget": typed(registerScalableTarget), "DescribeScalableTargets": typed(describeScalableTargets), "DeregisterScalableTarget": typed(deregisterScalableTarget),
		"PutScalingPolicy": typed(putScalingPolicy), "DescribeScalingPolicies": typed(describeScalingPolicies), "DeleteScalingPolicy": typed(deleteScalingPolicy),
		"DescribeScalingActivities": typed(describeScalingActivities), "ListTagsForResource": typed(listScalingTags), "TagResource": typed(tagScaling), "UntagResource": typed(untagScaling),
	}}
}

func scalingKey(resource *string, dimension types.ScalableDimension) string {
	return value(resource) + " " + string(dimension)
}

// scaled finds the variant, or the alias, that a target is of.
func (c *call) scaled(resource string) error {
	parts := strings.Split(resource, "/")
	if len(parts) == 4 && parts[0] == "endpoint" && parts[2] == "variant" {
		if e := c.region.sagemaker.endpoints[parts[1]]; e != nil {
			for _, v := range e.variants {
				if *v.VariantName == parts[3] && v.ServerlessConfig == nil && e.serves() {
					return nil
				}
			}
		}
		return wire.Errorf("ValidationException", "Could not find endpoint %q, or a variant %q of it on instances that is in service.", parts[1], parts[3])
	}
	if strings.HasPrefix(resource, "function:") {
		return nil
	}
	return wire.Errorf("ValidationException", "Unsupported resource %q", resource)
}

func registerScalableTarget(c *call, in *scaling.RegisterScalableTargetInput) (*scaling.RegisterScalableTargetOutput, error) {
	if err := c.scaled(value(in.ResourceId)); err != nil {
		return nil, err
	}
	key := scalingKey(in.ResourceId, in.ScalableDimension)
	t := c.region.scaling.targets[key]
	if t == nil {
		if in.MinCapacity == nil || in.MaxCapacity == nil {
			return nil, wire.Errorf("ValidationException", "MinCapacity and MaxCapacity are required for a new scalable target")
		}
		t = &types.ScalableTarget{
			ResourceId: in.ResourceId, ScalableDimension: in.ScalableDimension, ServiceNamespace: in.ServiceNamespace, CreationTime: new(c.now),
			ScalableTargetARN: c.region.arn("application-autoscaling", "scalable-target/"+strings.ReplaceAll(c.Server.id(), "-", "")),
			RoleARN:           new("arn:aws:iam::" + Account + ":role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"),
			SuspendedState:    &types.SuspendedState{DynamicScalingInSuspended: new(false), DynamicScalingOutSuspended: new(false), ScheduledScalingSuspended: new(false)},
		}
		c.region.scaling.tags[*t.ScalableTargetARN] = map[string]string{}
	} else if len(in.Tags) > 0 {
		return nil, wire.Errorf("ValidationException", "Tags can be given only when a scalable target is registered for the first time; use TagResource")
	}
	low, high := t.MinCapacity, t.MaxCapacity
	if in.MinCapacity != nil {
		low = in.MinCapacity
	}
	if in.MaxCapacity != nil {
		high = in.MaxCapacity
	}
	if *low > *high || *low < 0 {
		return nil, wire.Errorf("ValidationException", "Maximum capacity cannot be less than minimum capacity")
	}
	t.MinCapacity, t.MaxCapacity = low, high
	maps.Copy(c.region.scaling.tags[*t.ScalableTargetARN], in.Tags)
	c.region.scaling.targets[key] = t
	return &scaling.RegisterScalableTargetOutput{ScalableTargetARN: t.ScalableTargetARN}, nil
}

func noTarget(in *string) error {
	return wire.Errorf("ObjectNotFoundException", "No scalable target found for resource ID: %s", value(in))
}

func describeScalableTargets(c *call, in *scaling.DescribeScalableTargetsInput) (*scaling.DescribeScalableTargetsOutput, error) {
	out := []types.ScalableTarget{}
	for _, t := range c.region.scaling.targets {
		if t.ServiceNamespace == in.ServiceNamespace && (len(in.ResourceIds) == 0 || slices.Contains(in.ResourceIds, *t.ResourceId)) && (in.ScalableDimension == "" || in.ScalableDimension == t.ScalableDimension) {
			out = append(out, *t)
		}
	}
	slices.SortFunc(out, func(a, b types.ScalableTarget) int { return strings.Compare(*a.ResourceId, *b.ResourceId) })
	out, next, err := page(c.Server, out, in.NextToken, in.MaxResults, 50)
	if err != nil {
		return nil, wire.Errorf("InvalidNextTokenException", "The next token is invalid")
	}
	return &scaling.DescribeScalableTargetsOutput{ScalableTargets: out, NextToken: next}, nil
}

// deregisterScalableTarget takes the target's policies and their alarms away as well.
func deregisterScalableTarget(c *call, in *scaling.DeregisterScalableTargetInput) (*scaling.DeregisterScalableTargetOutput, error) {
	key := scalingKey(in.ResourceId, in.ScalableDimension)
	t := c.region.scaling.targets[key]
	if t == nil {
		return nil, noTarget(in.ResourceId)
	}
	c.region.unscale(key)
	return &scaling.DeregisterScalableTargetOutput{}, nil
}

func (r *region) unscale(key string) {
	for name, p := range r.scaling.policies {
		if scalingKey(p.ResourceId, p.ScalableDimension) == key {
			r.dropPolicy(name)
		}
	}
	if t := r.scaling.targets[key]; t != nil {
		delete(r.scaling.tags, *t.ScalableTargetARN)
	}
	delete(r.scaling.targets, key)
}

func (r *region) dropPolicy(name string) {
	for _, a := range r.scaling.policies[name].Alarms {
		delete(r.cloudwatch.alarms, *a.AlarmName)
		delete(r.cloudwatch.tags, *a.AlarmARN)
	}
	delete(r.scaling.policies, name)
}

func describeScalingActivities(c *call, in *scaling.DescribeScalingActivitiesInput) (*scaling.DescribeScalingActivitiesOutput, error) {
	return &scaling.DescribeScalingActivitiesOutput{ScalingActivities: []types.ScalingActivity{}}, nil
}

func (c *call) scalingTags(arn *string) (map[string]string, error) {
	if tags, ok := c.region.scaling.tags[value(arn)]; ok {
		return tags, nil
	}
	return nil, wire.Errorf("ResourceNotFoundException", "The specified resource %s doesn't exist", value(arn))
}

func listScalingTags(c *call, in *scaling.ListTagsForResourceInput) (*scaling.ListTagsForResourceOutput, error) {
	tags, err := c.scalingTags(in.ResourceARN)
	if err != nil {
		return nil, err
	}
	return &scaling.ListTagsForResourceOutput{Tags: tags}, nil
}

func tagScaling(c *call, in *scaling.TagResourceInput) (*scaling.TagResourceOutput, error) {
	tags, err := c.scalingTags(in.ResourceARN)
	if err != nil {
		return nil, err
	}
	maps.Copy(tags, in.Tags)
	return &scaling.TagResourceOutput{}, nil
}

func untagScaling(c *call, in *scaling.UntagResourceInput) (*scaling.UntagResourceOutput, error) {
	tags, err := c.scalingTags(in.ResourceARN)
	if err != nil {
		return nil, err
	}
	for _, k := range in.TagKeys {
		delete(tags, k)
	}
	return &scaling.UntagResourceOutput{}, nil
}
