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

// A Scale is how many instances an endpoint may have, and what decides.
type Scale struct {
	Min, Max int32
	// Target is the number of requests a minute that one instance should get; for an asynchronous endpoint, of requests that wait.
	Target float64
}

// resourceID is how Application Auto Scaling calls an endpoint's variant.
func resourceID(endpoint string) string { return "endpoint/" + endpoint + "/variant/" + Variant }

// endpointOf is the endpoint of a resourceID.
func endpointOf(resource string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(resource, "endpoint/"), "/")
	return name
}

const scalingDimension = types.ScalableDimensionSageMakerVariantDesiredInstanceCount

// Scaling's objects carry no tags that every partition can read. They belong to an endpoint by their resource ID, and so to its
// deployment.
const (
	targetPart plan.Part = "endpoint/scaling-target"
	policyPart plan.Part = "endpoint/scaling-policy"
)

// A ScalingTarget lets the number of an endpoint's instances be changed within bounds.
type ScalingTarget struct {
	targetItem
	wanted
	scale Scale
}

// ScalingTarget describes the bounds of an endpoint.
func (a *Account) ScalingTarget(e *Endpoint, s Scale) *ScalingTarget {
	t := &ScalingTarget{targetItem: targetItem{item{a, plan.ScalableTarget, resourceID(e.name)}}, scale: s}
	t.wanted = wanted{deployment: e.deployment, part: targetPart, needs: []plan.Resource{e}, fields: plan.Fields{plan.F("instances", instances(s.Min, s.Max))}}
	return t
}

func instances(least, most int32) string { return fmt.Sprintf("%d to %d", least, most) }

// Create registers the bounds; it is one call, and so is a change.
func (t *ScalingTarget) Create(ctx context.Context) error {
	_, err := t.a.scaling.RegisterScalableTarget(ctx, &applicationautoscaling.RegisterScalableTargetInput{
		ServiceNamespace: types.ServiceNamespaceSagemaker, ScalableDimension: scalingDimension, ResourceId: &t.name, MinCapacity: &t.scale.Min, MaxCapacity: &t.scale.Max,
	})
	return ignore(err)
}

// Update registers other bounds.
func (t *ScalingTarget) Update(ctx context.Context, _ plan.State) error { return t.Create(ctx) }

type targetItem struct{ item }

// Read asks for the bounds.
func (t targetItem) Read(ctx context.Context) (plan.State, error) {
	out, err := t.a.scaling.DescribeScalableTargets(ctx, &applicationautoscaling.DescribeScalableTargetsInput{
		ServiceNamespace: types.ServiceNamespaceSagemaker, ScalableDimension: scalingDimension, ResourceIds: []string{t.name},
	})
	if err != nil {
		return plan.State{}, said(err)
	}
	for _, found := range out.ScalableTargets {
		if awssdk.ToString(found.ResourceId) == t.name {
			return plan.State{Phase: plan.Ready, ARN: awssdk.ToString(found.ScalableTargetARN), Created: awssdk.ToTime(found.CreationTime), Tags: plan.Tags(endpointOf(t.name), targetPart),
				Fields: plan.Fields{plan.F("instances", instances(awssdk.ToInt32(found.MinCapacity), awssdk.ToInt32(found.MaxCapacity)))}}, nil
		}
	}
	return plan.State{}, nil
}

// Delete lets the endpoint stay at the size that it has.
func (t targetItem) Delete(ctx context.Context) error {
	_, err := t.a.scaling.DeregisterScalableTarget(ctx, &applicationautoscaling.DeregisterScalableTargetInput{
		ServiceNamespace: types.ServiceNamespaceSagemaker, ScalableDimension: scalingDimension, ResourceId: &t.name,
	})
	return ignore(err, "ObjectNotFoundException")
}

type targetFinder struct{ a *Account }

// Kind is the bounds'.
func (f targetFinder) Kind() plan.Kind { return plan.ScalableTarget }

// How names the calls.
func (f targetFinder) How() string { return "application-autoscaling:DescribeScalableTargets" }

// Find lists the bounds of a deployment's endpoint; of all, those that have a policy of ours.
func (f targetFinder) Find(ctx context.Context, name string) ([]plan.Item, error) {
	if name != "" {
		return []plan.Item{targetItem{item{f.a, plan.ScalableTarget, resourceID(name)}}}, nil
	}
	policies, err := policyFinder(f).Find(ctx, "")
	if err != nil {
		return nil, err
	}
	var items []plan.Item
	for _, p := range policies {
		items = append(items, targetItem{item{f.a, plan.ScalableTarget, resourceID(strings.TrimSuffix(p.Name(), policySuffix))}})
	}
	return items, nil
}
