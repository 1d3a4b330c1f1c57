package stack

import (
	"context"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/scones-unlimited/scones/aws/plan"
)

// An EndpointSpec is an endpoint and how its updates are rolled out.
type EndpointSpec struct {
	Deployment string
	Part       plan.Part
	Config     *EndpointConfig
	// Shift is how traffic moves to a new configuration; the zero value moves it all at once, when the new fleet is up.
	Shift Shift
	// Alarms roll an update back.
	Alarms []*Alarm
	// Scale is set where the number of instances is somebody else's matter.
	Scale *Scale
	Needs []plan.Resource
}

// An Endpoint is an endpoint of SageMaker. Its name is the deployment's.
type Endpoint struct {
	endpointItem
	wanted
	spec EndpointSpec
}

// Endpoint describes an endpoint.
func (a *Account) Endpoint(s EndpointSpec) *Endpoint {
	e := &Endpoint{endpointItem: endpointItem{item{a, plan.Endpoint, s.Deployment}}, spec: s}
	needs := append([]plan.Resource{s.Config}, s.Needs...)
	for _, alarm := range s.Alarms {
		needs = append(needs, alarm)
	}
	e.wanted = wanted{deployment: s.Deployment, part: s.Part, needs: needs, price: a.computePrice(s.Config.spec.Compute, s.Scale),
		fields: plan.Fields{plan.F("config", s.Config.name)}}
	return e
}

// Patience covers a start with a large image on a graphics card, or a whole roll-out.
func (e *Endpoint) Patience() time.Duration { return plan.DefaultPatience + e.spec.Shift.longest() }

// Create begins to make the endpoint.
func (e *Endpoint) Create(ctx context.Context) error {
	_, err := e.a.sagemaker.CreateEndpoint(ctx, &sagemaker.CreateEndpointInput{EndpointName: &e.name, EndpointConfigName: &e.spec.Config.name, Tags: e.sagemakerTags()})
	return ignore(err)
}

// Update sets the tags where they are missing, and begins to roll the configuration out. The old fleet answers until the new one does.
func (e *Endpoint) Update(ctx context.Context, from plan.State) error {
	if from.Part() != e.part {
		if err := e.a.tag(ctx, from.ARN, e.sagemakerTags()); err != nil {
			return err
		}
	}
	if from.Fields.Get("config") == e.spec.Config.name {
		return nil
	}
	in := &sagemaker.UpdateEndpointInput{EndpointName: &e.name, EndpointConfigName: &e.spec.Config.name, DeploymentConfig: e.spec.Shift.deployment(e.spec.Alarms)}
	if e.spec.Scale != nil { // which has chosen a number of instances meanwhile
		in.RetainAllVariantProperties = awssdk.Bool(true)
		in.ExcludeRetainedVariantProperties = []types.VariantProperty{
			{VariantPropertyType: types.VariantPropertyTypeDataCaptureConfig}, {VariantPropertyType: types.VariantPropertyTypeDesiredWeight},
		}
	}
	_, err := e.a.sagemaker.UpdateEndpoint(ctx, in)
	return ignore(err)
}

type endpointItem struct{ item }

// Read asks for the endpoint, what it runs on, and its tags. While an update is under way its configuration is the new one.
func (e endpointItem) Read(ctx context.Context) (plan.State, error) {
	out, err := e.a.sagemaker.DescribeEndpoint(ctx, &sagemaker.DescribeEndpointInput{EndpointName: &e.name})
	if missing(err) {
		return plan.State{}, nil
	}
	if err != nil {
		return plan.State{}, said(err)
	}
	state := plan.State{Phase: endpointPhases[out.EndpointStatus], Detail: string(out.EndpointStatus), ARN: awssdk.ToString(out.EndpointArn), Created: awssdk.ToTime(out.CreationTime)}
	if state.Phase == plan.Absent {
		state.Phase = plan.Pending // a status that is newer than this program
	}
	if reason := awssdk.ToString(out.FailureReason); reason != "" {
		state.Detail += ": " + reason
	}
	config := awssdk.ToString(out.EndpointConfigName)
	if p := out.PendingDeploymentSummary; p != nil && state.Phase == plan.Pending && p.EndpointConfigName != nil {
		config = *p.EndpointConfigName
	}
	state.Fields = plan.Fields{plan.F("config", config)}
	if state.Price, err = e.price(ctx, out); err != nil {
		return state, err
	}
	state.Tags, err = e.a.sagemakerTagsOf(ctx, state.ARN)
	return state, err
}

// endpointPhases sort the service's words. An endpoint that is out of service or whose roll-back failed cannot be updated any more.
var endpointPhases = map[types.EndpointStatus]plan.Phase{
	types.EndpointStatusInService:            plan.Ready,
	types.EndpointStatusCreating:             plan.Pending,
	types.EndpointStatusUpdating:             plan.Pending,
	types.EndpointStatusSystemUpdating:       plan.Pending,
	types.EndpointStatusRollingBack:          plan.Pending,
	types.EndpointStatusDeleting:             plan.Deleting,
	types.EndpointStatusFailed:               plan.Failed,
	types.EndpointStatusOutOfService:         plan.Failed,
	types.EndpointStatusUpdateRollbackFailed: plan.Failed,
}

// price is what the endpoint costs now: the instances that it has, of the type in its configuration.
func (e endpointItem) price(ctx context.Context, out *sagemaker.DescribeEndpointOutput) (plan.Price, error) {
	config, err := e.a.sagemaker.DescribeEndpointConfig(ctx, &sagemaker.DescribeEndpointConfigInput{EndpointConfigName: out.EndpointConfigName})
	if missing(err) || err == nil && len(config.ProductionVariants) == 0 {
		return plan.Price{Unknown: "what " + e.name + " runs on: its configuration is gone"}, nil
	}
	if err != nil {
		return plan.Price{}, said(err)
	}
	compute := computeOf(config.ProductionVariants[0])
	if len(out.ProductionVariants) > 0 && out.ProductionVariants[0].CurrentInstanceCount != nil {
		compute.Count = *out.ProductionVariants[0].CurrentInstanceCount
	}
	return e.a.computePrice(compute, nil), nil
}

// Delete begins to delete the endpoint.
func (e endpointItem) Delete(ctx context.Context) error {
	_, err := e.a.sagemaker.DeleteEndpoint(ctx, &sagemaker.DeleteEndpointInput{EndpointName: &e.name})
	return deleted(err)
}

type endpointFinder struct{ a *Account }

// Kind is the endpoint's.
func (f endpointFinder) Kind() plan.Kind { return plan.Endpoint }

// How names the calls.
func (f endpointFinder) How() string { return "sagemaker:ListEndpoints, sagemaker:ListTags" }

// Find lists endpoints by name; their tags are read with them.
func (f endpointFinder) Find(ctx context.Context, name string) ([]plan.Item, error) {
	var names []*string
	for pages := sagemaker.NewListEndpointsPaginator(f.a.sagemaker, &sagemaker.ListEndpointsInput{NameContains: nameFilter(name)}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, said(err)
		}
		for _, e := range page.Endpoints {
			names = append(names, e.EndpointName)
		}
	}
	return f.a.items(names, name, func(i item) plan.Item { return endpointItem{i} }, plan.Endpoint), nil
}
