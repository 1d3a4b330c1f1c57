package transform

import (
	"context"
	"fmt"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/aws/stack"
)

// Deployed looks up the model that an endpoint serves, and the instances that it serves it on; a serverless one has none. Where variants
// differ it is the one with the largest share of the traffic. Errors are [*stack.CallError].
func Deployed(ctx context.Context, c *aws.Config, endpoint string) (model, instance string, err error) {
	client := sagemaker.NewFromConfig(c.SDK())
	described, err := call(ctx, func(ctx context.Context) (*sagemaker.DescribeEndpointOutput, error) {
		return client.DescribeEndpoint(ctx, &sagemaker.DescribeEndpointInput{EndpointName: &endpoint})
	})
	if err != nil {
		return "", "", fmt.Errorf("look up endpoint %q: %w", endpoint, err)
	}
	config, err := call(ctx, func(ctx context.Context) (*sagemaker.DescribeEndpointConfigOutput, error) {
		return client.DescribeEndpointConfig(ctx, &sagemaker.DescribeEndpointConfigInput{EndpointConfigName: described.EndpointConfigName})
	})
	if err != nil {
		return "", "", fmt.Errorf("look up endpoint %q: %w", endpoint, err)
	}
	most := float32(-1)
	for _, v := range config.ProductionVariants {
		if weight := awssdk.ToFloat32(v.InitialVariantWeight); weight > most && v.ModelName != nil {
			model, instance, most = *v.ModelName, string(v.InstanceType), weight
		}
	}
	if model == "" {
		return "", "", fmt.Errorf("look up endpoint %q: it serves no model of its own", endpoint)
	}
	return model, instance, nil
}

// call gives a call its deadline, and keeps of an error what the service said.
func call[T any](ctx context.Context, do func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	out, err := do(ctx)
	if err != nil {
		err = stack.Said(err)
	}
	return out, err
}
