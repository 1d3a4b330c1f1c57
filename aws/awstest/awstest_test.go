package awstest_test

import (
	"context"
	"testing"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go"

	"errors"

	"github.com/scones-unlimited/scones/aws/awstest"
)

// start gives a cloud, and the SDK's configuration that the environment makes for it. Calls are tried once.
func start(t *testing.T, o awstest.Options) (*awstest.Server, awssdk.Config) {
	t.Helper()
	cloud := awstest.New(t, o)
	cloud.Setenv(t)
	c, err := config.LoadDefaultConfig(t.Context(), config.WithRetryer(func() awssdk.Retryer { return retry.AddWithMaxAttempts(retry.NewStandard(), 1) }))
	if err != nil {
		t.Fatal(err)
	}
	return cloud, c
}

// must calls an operation that is to succeed.
func must[In, Out, O any](t *testing.T, operation func(context.Context, *In, ...func(O)) (*Out, error), in *In) *Out {
	t.Helper()
	out, err := operation(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// refused calls an operation that is to fail, and gives the error's code.
func refused[In, Out, O any](t *testing.T, want string, operation func(context.Context, *In, ...func(O)) (*Out, error), in *In) {
	t.Helper()
	_, err := operation(t.Context(), in)
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok || api.ErrorCode() != want {
		t.Errorf("%T: %v, want %s", in, err, want)
	}
}

const trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"sagemaker.amazonaws.com"},"Action":"sts:AssumeRole"}]}`

// wide allows everything that hosting, training and transform need.
const wide = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*","logs:*","ecr:*"],"Resource":"*"}]}`
