package awstest

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

func revision(want, got *string) error {
	if want != nil && *want != value(got) {
		return lambdaError(412, "PreconditionFailedException", "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id")
	}
	return nil
}

func updateFunctionCode(c *call, in *lambda.UpdateFunctionCodeInput) (*types.FunctionConfiguration, error) {
	f, _, err := c.region.functionOf(in.FunctionName)
	if err != nil {
		return nil, err
	}
	v := f.versions[0]
	if err := f.settled(c.now); err != nil {
		return nil, err
	}
	if err := revision(in.RevisionId, v.RevisionId); err != nil {
		return nil, err
	}
	code, err := c.unpack(in.ZipFile, in.S3Bucket, in.S3Key, in.ImageUri)
	if err != nil || in.DryRun {
		return f.show(v, c.now), err
	}
	v.code, v.uri = code, in.ImageUri
	if len(in.Architectures) > 0 {
		v.Architectures = in.Architectures
	}
	f.changed(c)
	if in.Publish {
		return f.publish(c, nil), nil
	}
	return f.show(v, c.now), nil
}

// changed begins an update that takes its time.
func (f *function) changed(c *call) {
	f.versions[0].touch(c)
	f.due = c.now.Add(FunctionTime)
}

// latest is a function that may be changed, and its version $LATEST.
func (c *call) latest(name, expected *string) (*function, *functionVersion, error) {
	f, _, err := c.region.functionOf(name)
	if err != nil {
		return nil, nil, err
	}
	if err := f.settled(c.now); err != nil {
		return nil, nil, err
	}
	v := f.versions[0]
	return f, v, revision(expected, v.RevisionId)
}

func updateFunctionConfiguration(c *call, in *lambda.UpdateFunctionConfigurationInput) (*types.FunctionConfiguration, error) {
	f, v, err := c.latest(in.FunctionName, in.RevisionId)
	if err != nil {
		return nil, err
	}
	if in.Role != nil && !c.assumable(*in.Role, lambdaPrincipal) {
		return nil, badParameter("The role defined for the function cannot be assumed by Lambda.")
	}
	changed := *v
	set(&changed.Role, in.Role)
	set(&changed.Handler, in.Handler)
	set(&changed.Description, in.Description)
	set(&changed.Timeout, in.Timeout)
	set(&changed.MemorySize, in.MemorySize)
	set(&changed.DeadLetterConfig, in.DeadLetterConfig)
	set(&changed.LoggingConfig, in.LoggingConfig)
	set(&changed.EphemeralStorage, in.EphemeralStorage)
	if in.Runtime != "" {
		changed.Runtime = in.Runtime
	}
	if in.Environment != nil {
		changed.Environment = &types.EnvironmentResponse{Variables: in.Environment.Variables}
	}
	if in.TracingConfig != nil {
		changed.TracingConfig = &types.TracingConfigResponse{Mode: in.TracingConfig.Mode}
	}
	if err := changed.check(); err != nil {
		return nil, err
	}
	*v = changed
	f.changed(c)
	return f.show(v, c.now), nil
}

// set takes a value over that the caller gave.
func set[T any](to **T, from *T) {
	if from != nil {
		*to = from
	}
}

func publishVersion(c *call, in *lambda.PublishVersionInput) (*types.FunctionConfiguration, error) {
	f, v, err := c.latest(in.FunctionName, in.RevisionId)
	if err != nil {
		return nil, err
	}
	if in.CodeSha256 != nil && *in.CodeSha256 != *v.CodeSha256 {
		return nil, badParameter("CodeSHA256 (" + *in.CodeSha256 + ") is different from current CodeSHA256 in $LATEST (" + *v.CodeSha256 + "). Please try again with the CodeSHA256 in $LATEST.")
	}
	return f.publish(c, in.Description), nil
}

// publish makes a version, or gives the last one where nothing has changed since.
func (f *function) publish(c *call, description *string) *types.FunctionConfiguration {
	latest := f.versions[0]
	if n := len(f.versions); n > 1 && *f.versions[n-1].RevisionId == *latest.RevisionId {
		return f.show(f.versions[n-1], c.now)
	}
	f.published++
	v := *latest
	v.Version, v.FunctionArn = new(itoa(f.published)), new(*latest.FunctionArn+":"+itoa(f.published))
	v.State, v.LastUpdateStatus = types.StateActive, types.LastUpdateStatusSuccessful
	set(&v.Description, description)
	f.versions = append(f.versions, &v)
	return f.show(&v, c.now)
}

func listVersionsByFunction(c *call, in *lambda.ListVersionsByFunctionInput) (*lambda.ListVersionsByFunctionOutput, error) {
	f, _, err := c.region.functionOf(in.FunctionName)
	if err != nil {
		return nil, err
	}
	out := []types.FunctionConfiguration{}
	for _, v := range f.versions {
		shown := f.show(v, c.now)
		if *v.Version == "$LATEST" {
			shown.FunctionArn = new(*shown.FunctionArn + ":$LATEST")
		}
		out = append(out, *shown)
	}
	out, next, failure := page(c.Server, out, in.Marker, in.MaxItems, 50)
	if failure != nil {
		return nil, badParameter(failure.Message)
	}
	return &lambda.ListVersionsByFunctionOutput{Versions: slices.Clip(out), NextMarker: next}, nil
}
