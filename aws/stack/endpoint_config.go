package stack

import (
	"context"
	"fmt"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/scones-unlimited/scones/aws/plan"
)

// Variant is the name of an endpoint's one production variant, as SageMaker's Python SDK calls it.
const Variant = "AllTraffic"

// A Compute is what an endpoint runs on: instances, or memory without servers.
type Compute struct {
	// Instance is a type such as ml.m5.large; empty means serverless.
	Instance string
	// Count of instances at the start.
	Count int32
	// MemoryMB of a serverless endpoint: 1024 to 6144 in steps of 1024.
	MemoryMB int32
	// Concurrency is how many requests a serverless endpoint answers at once, 1 to 200.
	Concurrency int32
}

// String writes "1 × ml.m5.large" or "serverless, 2048 MB, 5 at once".
func (c Compute) String() string {
	if c.Instance == "" {
		return fmt.Sprintf("serverless, %d MB, %d at once", c.MemoryMB, c.Concurrency)
	}
	return fmt.Sprintf("%d × %s", c.Count, c.Instance)
}

// A ConfigSpec is how a model is served.
type ConfigSpec struct {
	Deployment string
	Part       plan.Part
	Model      *Model
	Compute    Compute
	// CapturePercent of requests and answers go to CaptureURI; 0 captures nothing.
	CapturePercent int32
	CaptureURI     string
	// AsyncURI is where an asynchronous endpoint puts its answers; empty means a real-time one.
	AsyncURI string
}

// An EndpointConfig is an endpoint configuration of SageMaker. It cannot be changed, so its name holds a hash of what it is.
type EndpointConfig struct {
	configItem
	wanted
	spec ConfigSpec
}

// EndpointConfig describes an endpoint configuration.
func (a *Account) EndpointConfig(s ConfigSpec) *EndpointConfig {
	c := &EndpointConfig{spec: s}
	c.wanted = wanted{deployment: s.Deployment, part: s.Part, needs: []plan.Resource{s.Model}, fields: configFields(s.Model.name, s.Compute, s.CapturePercent, s.CaptureURI, s.AsyncURI)}
	c.configItem = configItem{item{a, plan.EndpointConfig, s.Deployment + "-" + plan.Hash(c.fields)}}
	return c
}

func configFields(model string, compute Compute, percent int32, captures, async string) plan.Fields {
	capture, answers := "off", "at once"
	if percent > 0 {
		capture = fmt.Sprintf("%d %% of requests and answers to %s", percent, captures)
	}
	if async != "" {
		answers = "later, to " + async
	}
	return plan.Fields{plan.Fixed("model", model), plan.Fixed("compute", compute.String()), plan.Fixed("capture", capture), plan.Fixed("answers", answers)}
}

// Create makes the configuration.
func (c *EndpointConfig) Create(ctx context.Context) error {
	s := c.spec
	variant := types.ProductionVariant{VariantName: awssdk.String(Variant), ModelName: &s.Model.name, InitialVariantWeight: awssdk.Float32(1)}
	if s.Compute.Instance != "" {
		variant.InstanceType = types.ProductionVariantInstanceType(s.Compute.Instance)
		variant.InitialInstanceCount = &s.Compute.Count
	} else {
		variant.ServerlessConfig = &types.ProductionVariantServerlessConfig{MemorySizeInMB: &s.Compute.MemoryMB, MaxConcurrency: &s.Compute.Concurrency}
	}
	in := &sagemaker.CreateEndpointConfigInput{EndpointConfigName: &c.name, ProductionVariants: []types.ProductionVariant{variant}, Tags: c.sagemakerTags()}
	if s.CapturePercent > 0 {
		in.DataCaptureConfig = &types.DataCaptureConfig{
			EnableCapture: awssdk.Bool(true), InitialSamplingPercentage: &s.CapturePercent, DestinationS3Uri: &s.CaptureURI,
			CaptureOptions:           []types.CaptureOption{{CaptureMode: types.CaptureModeInput}, {CaptureMode: types.CaptureModeOutput}},
			CaptureContentTypeHeader: &types.CaptureContentTypeHeader{JsonContentTypes: []string{"application/json"}},
		}
	}
	if s.AsyncURI != "" {
		in.AsyncInferenceConfig = &types.AsyncInferenceConfig{OutputConfig: &types.AsyncInferenceOutputConfig{S3OutputPath: &s.AsyncURI}}
	}
	_, err := c.a.sagemaker.CreateEndpointConfig(ctx, in)
	return ignore(err)
}

// Update sets the tags; nothing else can be changed.
func (c *EndpointConfig) Update(ctx context.Context, from plan.State) error {
	return c.a.tag(ctx, from.ARN, c.sagemakerTags())
}

type configItem struct{ item }

// Read asks for the configuration and its tags.
func (c configItem) Read(ctx context.Context) (plan.State, error) {
	out, err := c.a.sagemaker.DescribeEndpointConfig(ctx, &sagemaker.DescribeEndpointConfigInput{EndpointConfigName: &c.name})
	if missing(err) {
		return plan.State{}, nil
	}
	if err != nil {
		return plan.State{}, said(err)
	}
	state := plan.State{Phase: plan.Ready, ARN: awssdk.ToString(out.EndpointConfigArn), Created: awssdk.ToTime(out.CreationTime)}
	if len(out.ProductionVariants) > 0 {
		var percent int32
		var captures, async string
		if d := out.DataCaptureConfig; d != nil && awssdk.ToBool(d.EnableCapture) {
			percent, captures = awssdk.ToInt32(d.InitialSamplingPercentage), awssdk.ToString(d.DestinationS3Uri)
		}
		if a := out.AsyncInferenceConfig; a != nil && a.OutputConfig != nil {
			async = awssdk.ToString(a.OutputConfig.S3OutputPath)
		}
		state.Fields = configFields(awssdk.ToString(out.ProductionVariants[0].ModelName), computeOf(out.ProductionVariants[0]), percent, captures, async)
	}
	state.Tags, err = c.a.sagemakerTagsOf(ctx, state.ARN)
	return state, err
}

func computeOf(v types.ProductionVariant) Compute {
	if s := v.ServerlessConfig; s != nil {
		return Compute{MemoryMB: awssdk.ToInt32(s.MemorySizeInMB), Concurrency: awssdk.ToInt32(s.MaxConcurrency)}
	}
	return Compute{Instance: string(v.InstanceType), Count: awssdk.ToInt32(v.InitialInstanceCount)}
}

// Delete deletes the configuration.
func (c configItem) Delete(ctx context.Context) error {
	_, err := c.a.sagemaker.DeleteEndpointConfig(ctx, &sagemaker.DeleteEndpointConfigInput{EndpointConfigName: &c.name})
	return deleted(err)
}

type configFinder struct{ a *Account }

// Kind is the configuration's.
func (f configFinder) Kind() plan.Kind { return plan.EndpointConfig }

// How names the calls.
func (f configFinder) How() string { return "sagemaker:ListEndpointConfigs, sagemaker:ListTags" }

// Find lists configurations by name; their tags are read with them.
func (f configFinder) Find(ctx context.Context, name string) ([]plan.Item, error) {
	var names []*string
	for pages := sagemaker.NewListEndpointConfigsPaginator(f.a.sagemaker, &sagemaker.ListEndpointConfigsInput{NameContains: nameFilter(name)}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, said(err)
		}
		for _, c := range page.EndpointConfigs {
			names = append(names, c.EndpointConfigName)
		}
	}
	return f.a.items(names, name, func(i item) plan.Item { return configItem{i} }, plan.EndpointConfig), nil
}
