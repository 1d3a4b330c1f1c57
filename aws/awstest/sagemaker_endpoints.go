package awstest

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/scones-unlimited/scones/aws/awstest/wire"
)

// How long endpoints take, by the cloud's clock.
const (
	CreateTime   = 3 * time.Minute
	DeleteTime   = 30 * time.Second
	RollbackTime = time.Minute
)

type endpoint struct {
	name           string
	arn            *string
	config         string
	capture        *types.DataCaptureConfig
	made, modified time.Time
	due            time.Time // when what is under way ends; of an update, its next step
	status         types.EndpointStatus
	reason         *string
	variants       []variant
	update         *update
	deployment     *types.DeploymentConfig // of the last update
	captured       *captureFile
	invoked        int
}

// A variant is a fleet that serves.
type variant struct {
	types.ProductionVariant
	model     *model
	instances int32
	status    types.VariantStatus
	since     time.Time
}

func (e *endpoint) uses(config string) bool {
	return e.config == config || e.update != nil && e.update.config == config
}

func createEndpoint(c *call, in *sagemaker.CreateEndpointInput) (*sagemaker.CreateEndpointOutput, error) {
	if err := checkName("endpointName", in.EndpointName, 63); err != nil {
		return nil, err
	}
	arn := c.region.arn("sagemaker", "endpoint/"+strings.ToLower(*in.EndpointName))
	if c.region.sagemaker.endpoints[*in.EndpointName] != nil {
		return nil, invalid("Cannot create already existing endpoint %q.", *arn)
	}
	config, err := c.config(in.EndpointConfigName)
	if err != nil {
		return nil, err
	}
	if err := c.quota(config, nil); err != nil {
		return nil, err
	}
	if err := c.region.tag(*arn, in.Tags); err != nil {
		return nil, err
	}
	e := &endpoint{name: *in.EndpointName, arn: arn, config: *in.EndpointConfigName, made: c.now, modified: c.now, due: c.now.Add(CreateTime), status: types.EndpointStatusCreating, deployment: in.DeploymentConfig}
	e.variants = c.region.fleet(config)
	e.capture = config.in.DataCaptureConfig
	c.region.sagemaker.endpoints[e.name] = e
	return &sagemaker.CreateEndpointOutput{EndpointArn: arn}, nil
}

// fleet is what a configuration starts.
func (r *region) fleet(config *endpointConfig) []variant {
	var fleet []variant
	for _, v := range config.in.ProductionVariants {
		fleet = append(fleet, variant{v, r.sagemaker.models[*v.ModelName], value(v.InitialInstanceCount), types.VariantStatusCreating, r.now})
	}
	return fleet
}

// SetQuota says how many instances of a type all endpoints may have together.
func (s *Server) SetQuota(instance string, most int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.quotas == nil {
		s.quotas = map[string]int{}
	}
	s.quotas[instance] = most
}

// quota refuses what would be more instances than the account may have.
func (c *call) quota(config *endpointConfig, besides *endpoint) error {
	asked := map[types.ProductionVariantInstanceType]int32{}
	for _, v := range config.in.ProductionVariants {
		asked[v.InstanceType] += value(v.InitialInstanceCount)
	}
	for instance, count := range asked {
		most, limited := c.quotas[string(instance)]
		if !limited {
			continue
		}
		used := int32(0)
		for _, e := range c.region.sagemaker.endpoints {
			for _, v := range e.variants {
				if v.InstanceType == instance && e != besides {
					used += v.instances
				}
			}
		}
		if used+count > int32(most) {
			return limitExceeded(string(instance)+" for endpoint usage", most, int(used), int(count))
		}
	}
	return nil
}

// limitExceeded is SageMaker's error for more than a quota.
func limitExceeded(quota string, most, used, asked int) error {
	return wire.Errorf("ResourceLimitExceeded", "The account-level service limit '%s' is %d Instances, with current utilization of %d Instances and a request delta of %d Instances. Please use AWS Service Quotas to request an increase for this quota.", quota, most, used, asked)
}

func (c *call) endpoint(name *string) (*endpoint, error) {
	if e := c.region.sagemaker.endpoints[value(name)]; e != nil {
		return e, nil
	}
	return nil, invalid("Could not find endpoint %q.", *c.region.arn("sagemaker", "endpoint/"+strings.ToLower(value(name))))
}

func describeEndpoint(c *call, in *sagemaker.DescribeEndpointInput) (*sagemaker.DescribeEndpointOutput, error) {
	e, err := c.endpoint(in.EndpointName)
	if err != nil {
		return nil, err
	}
	out := &sagemaker.DescribeEndpointOutput{
		EndpointName: &e.name, EndpointArn: e.arn, EndpointConfigName: &e.config, EndpointStatus: e.status, FailureReason: e.reason, CreationTime: &e.made, LastModifiedTime: &e.modified, LastDeploymentConfig: e.deployment,
	}
	if config := c.region.sagemaker.configs[e.config]; config != nil {
		out.AsyncInferenceConfig = config.in.AsyncInferenceConfig
	}
	if d := e.capture; d != nil {
		status := types.CaptureStatusStarted
		if d.EnableCapture == nil || !*d.EnableCapture {
			status = types.CaptureStatusStopped
		}
		out.DataCaptureConfig = &types.DataCaptureConfigSummary{EnableCapture: new(value(d.EnableCapture)), CaptureStatus: status, CurrentSamplingPercentage: d.InitialSamplingPercentage, DestinationS3Uri: d.DestinationS3Uri, KmsKeyId: new(value(d.KmsKeyId))}
	}
	if e.status != types.EndpointStatusCreating && e.status != types.EndpointStatusFailed {
		for _, v := range e.variants {
			out.ProductionVariants = append(out.ProductionVariants, v.summary(e.update.share(false)))
		}
	}
	if e.update != nil {
		out.PendingDeploymentSummary = e.update.summary()
	}
	return out, nil
}

func (v variant) summary(share float32) types.ProductionVariantSummary {
	weight := value(v.InitialVariantWeight)
	s := types.ProductionVariantSummary{VariantName: v.VariantName, CurrentWeight: new(weight * share), DesiredWeight: new(weight), CurrentServerlessConfig: v.ServerlessConfig}
	if v.ServerlessConfig == nil {
		s.CurrentInstanceCount, s.DesiredInstanceCount = new(v.instances), new(v.instances)
	}
	if v.model != nil {
		s.DeployedImages = []types.DeployedImage{{SpecifiedImage: new(v.model.container().Image), ResolvedImage: new(v.model.container().Image), ResolutionTime: &v.since}}
	}
	if v.status != "" {
		s.VariantStatus = []types.ProductionVariantStatus{{Status: v.status, StartTime: &v.since}}
	}
	return s
}

// deleteEndpoint refuses an endpoint with something under way.
func deleteEndpoint(c *call, in *sagemaker.DeleteEndpointInput) (*sagemaker.DeleteEndpointOutput, error) {
	e, err := c.endpoint(in.EndpointName)
	if err != nil {
		return nil, err
	}
	switch e.status {
	case types.EndpointStatusInService, types.EndpointStatusFailed, types.EndpointStatusUpdateRollbackFailed, types.EndpointStatusOutOfService:
	default:
		return nil, invalid("Cannot update in-progress endpoint %q.", *e.arn)
	}
	e.status, e.due, e.modified = types.EndpointStatusDeleting, c.now.Add(DeleteTime), c.now
	return &sagemaker.DeleteEndpointOutput{}, nil
}

func listEndpoints(c *call, in *sagemaker.ListEndpointsInput) (*sagemaker.ListEndpointsOutput, error) {
	shown := map[string]*endpoint{}
	for name, e := range c.region.sagemaker.endpoints {
		if in.StatusEquals == "" || in.StatusEquals == e.status {
			shown[name] = e
		}
	}
	f := filter{in.NameContains, in.CreationTimeAfter, in.CreationTimeBefore, in.SortOrder == types.OrderKeyAscending, in.SortBy == types.EndpointSortKeyName, in.NextToken, in.MaxResults}
	names, next, err := listed(c, f, shown, func(e *endpoint) time.Time { return e.made })
	if err != nil {
		return nil, err
	}
	out := &sagemaker.ListEndpointsOutput{Endpoints: []types.EndpointSummary{}, NextToken: next}
	for _, name := range names {
		e := shown[name]
		out.Endpoints = append(out.Endpoints, types.EndpointSummary{EndpointName: &e.name, EndpointArn: e.arn, CreationTime: &e.made, LastModifiedTime: &e.modified, EndpointStatus: e.status})
	}
	return out, nil
}
