package awstest

import (
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

type endpointConfig struct {
	in   *sagemaker.CreateEndpointConfigInput
	arn  *string
	made time.Time
}

func (e *endpointConfig) serverless() bool {
	return slices.ContainsFunc(e.in.ProductionVariants, func(v types.ProductionVariant) bool { return v.ServerlessConfig != nil })
}

func createEndpointConfig(c *call, in *sagemaker.CreateEndpointConfigInput) (*sagemaker.CreateEndpointConfigOutput, error) {
	if err := checkName("endpointConfigName", in.EndpointConfigName, 63); err != nil {
		return nil, err
	}
	arn := c.region.arn("sagemaker", "endpoint-config/"+strings.ToLower(*in.EndpointConfigName))
	if c.region.sagemaker.configs[*in.EndpointConfigName] != nil {
		return nil, invalid("Cannot create already existing endpoint configuration %q.", *arn)
	}
	if len(in.ProductionVariants) == 0 || len(in.ProductionVariants) > 10 {
		return nil, invalid("An endpoint configuration has 1 to 10 production variants, not %d", len(in.ProductionVariants))
	}
	seen := map[string]bool{}
	for i := range in.ProductionVariants {
		v := &in.ProductionVariants[i]
		if err := checkName("variantName", v.VariantName, 63); err != nil {
			return nil, err
		}
		if seen[*v.VariantName] {
			return nil, invalid("Production variant names must be unique, %s is not", *v.VariantName)
		}
		seen[*v.VariantName] = true
		if _, err := c.model(v.ModelName); err != nil {
			return nil, err
		}
		if err := checkVariant(v, len(in.ProductionVariants)); err != nil {
			return nil, err
		}
		if v.InitialVariantWeight == nil {
			v.InitialVariantWeight = new(float32(1))
		}
	}
	config := &endpointConfig{in, arn, c.now}
	if d := in.DataCaptureConfig; d != nil {
		if config.serverless() {
			return nil, invalid("Data capture is not supported for serverless endpoints")
		}
		if bucket, _, ok := splitS3(value(d.DestinationS3Uri)); !ok || bucket == "" || len(d.CaptureOptions) == 0 {
			return nil, invalid("DataCaptureConfig needs an S3 destination and capture options")
		}
	}
	if in.AsyncInferenceConfig != nil && (config.serverless() || len(in.ProductionVariants) > 1) {
		return nil, invalid("Asynchronous inference takes one variant on instances")
	}
	if err := c.region.tag(*arn, in.Tags); err != nil {
		return nil, err
	}
	c.region.sagemaker.configs[*in.EndpointConfigName] = config
	return &sagemaker.CreateEndpointConfigOutput{EndpointConfigArn: arn}, nil
}

// checkVariant holds a variant to the limits of its kind.
func checkVariant(v *types.ProductionVariant, variants int) error {
	if s := v.ServerlessConfig; s != nil {
		memory, most := value(s.MemorySizeInMB), value(s.MaxConcurrency)
		switch {
		case v.InstanceType != "" || v.InitialInstanceCount != nil:
			return invalid("A serverless variant has no instances")
		case memory < 1024 || memory > 6144 || memory%1024 != 0:
			return invalid("MemorySizeInMB must be one of 1024, 2048, 3072, 4096, 5120 and 6144, not %d", memory)
		case most < 1 || most > 200:
			return invalid("MaxConcurrency must be from 1 to 200, not %d", most)
		case variants > 1:
			return invalid("Serverless endpoints have one variant")
		}
		return nil
	}
	if !slices.Contains(v.InstanceType.Values(), v.InstanceType) {
		return invalid("1 validation error detected: Value '%s' at 'productionVariants.1.member.instanceType' failed to satisfy constraint: Member must satisfy enum value set", v.InstanceType)
	}
	if value(v.InitialInstanceCount) < 1 {
		return invalid("InitialInstanceCount must be at least 1")
	}
	return nil
}

func (c *call) config(name *string) (*endpointConfig, error) {
	if e := c.region.sagemaker.configs[value(name)]; e != nil {
		return e, nil
	}
	return nil, invalid("Could not find endpoint configuration %q.", *c.region.arn("sagemaker", "endpoint-config/"+strings.ToLower(value(name))))
}

func describeEndpointConfig(c *call, in *sagemaker.DescribeEndpointConfigInput) (*sagemaker.DescribeEndpointConfigOutput, error) {
	e, err := c.config(in.EndpointConfigName)
	if err != nil {
		return nil, err
	}
	return &sagemaker.DescribeEndpointConfigOutput{
		EndpointConfigName: e.in.EndpointConfigName, EndpointConfigArn: e.arn, CreationTime: &e.made, ProductionVariants: e.in.ProductionVariants, DataCaptureConfig: e.in.DataCaptureConfig,
		AsyncInferenceConfig: e.in.AsyncInferenceConfig, KmsKeyId: e.in.KmsKeyId, ExecutionRoleArn: e.in.ExecutionRoleArn, ExplainerConfig: e.in.ExplainerConfig,
		ShadowProductionVariants: e.in.ShadowProductionVariants, VpcConfig: e.in.VpcConfig, MetricsConfig: e.in.MetricsConfig, EnableNetworkIsolation: new(value(e.in.EnableNetworkIsolation)),
	}, nil
}

// deleteEndpointConfig refuses a configuration in use: AWS takes it, says that one must not, and then knows the endpoint's instances no more.
func deleteEndpointConfig(c *call, in *sagemaker.DeleteEndpointConfigInput) (*sagemaker.DeleteEndpointConfigOutput, error) {
	e, err := c.config(in.EndpointConfigName)
	if err != nil {
		return nil, err
	}
	for _, endpoint := range c.region.sagemaker.endpoints {
		if endpoint.uses(*in.EndpointConfigName) {
			return nil, invalid("The endpoint configuration %q is in use by endpoint %q", *e.arn, endpoint.name)
		}
	}
	delete(c.region.sagemaker.configs, *in.EndpointConfigName)
	delete(c.region.sagemaker.tags, *e.arn)
	return &sagemaker.DeleteEndpointConfigOutput{}, nil
}

func listEndpointConfigs(c *call, in *sagemaker.ListEndpointConfigsInput) (*sagemaker.ListEndpointConfigsOutput, error) {
	f := filter{in.NameContains, in.CreationTimeAfter, in.CreationTimeBefore, in.SortOrder == types.OrderKeyAscending, in.SortBy == types.EndpointConfigSortKeyName, in.NextToken, in.MaxResults}
	names, next, err := listed(c, f, c.region.sagemaker.configs, func(e *endpointConfig) time.Time { return e.made })
	if err != nil {
		return nil, err
	}
	out := &sagemaker.ListEndpointConfigsOutput{EndpointConfigs: []types.EndpointConfigSummary{}, NextToken: next}
	for _, name := range names {
		e := c.region.sagemaker.configs[name]
		out.EndpointConfigs = append(out.EndpointConfigs, types.EndpointConfigSummary{EndpointConfigName: e.in.EndpointConfigName, EndpointConfigArn: e.arn, CreationTime: &e.made})
	}
	return out, nil
}
