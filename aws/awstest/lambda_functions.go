package awstest

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

const lambdaPrincipal = "lambda.amazonaws.com"

// zipLimit is the most bytes that a function's archive may have in the request.
const zipLimit = 50 << 20

// unpack finds a function's code, and refuses what is no archive.
func (c *call) unpack(data []byte, bucket, key, image *string) ([]byte, error) {
	switch {
	case image != nil:
		return []byte(*image), nil
	case bucket != nil:
		b := c.s3.buckets[*bucket]
		if b == nil || b.newest(value(key)) == nil {
			return nil, badParameter("Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist.")
		}
		data = b.newest(*key).data
	case len(data) > zipLimit:
		return nil, lambdaError(413, "RequestTooLargeException", "Request must be smaller than 69905067 bytes for the CreateFunction operation")
	}
	if _, err := zip.NewReader(bytes.NewReader(data), int64(len(data))); err != nil {
		return nil, badParameter("Could not unzip uploaded file. Please check your file, then try to upload again.")
	}
	return data, nil
}

func createFunction(c *call, in *lambda.CreateFunctionInput) (*types.FunctionConfiguration, error) {
	m := functionName.FindStringSubmatch(value(in.FunctionName))
	if m == nil {
		return nil, lambdaError(400, "ValidationException", "1 validation error detected: Value at 'functionName' failed to satisfy constraint")
	}
	name := m[3]
	if c.region.lambda.functions[name] != nil {
		return nil, conflict("Function already exist: " + name)
	}
	if in.PackageType != types.PackageTypeImage && (in.Runtime == "" || in.Handler == nil) {
		return nil, badParameter("Runtime and Handler are mandatory parameters for functions created with deployment packages.")
	}
	if !c.assumable(value(in.Role), lambdaPrincipal) {
		return nil, badParameter("The role defined for the function cannot be assumed by Lambda.")
	}
	if in.Code == nil {
		return nil, badParameter("Code is required")
	}
	code, err := c.unpack(in.Code.ZipFile, in.Code.S3Bucket, in.Code.S3Key, in.Code.ImageUri)
	if err != nil {
		return nil, err
	}
	f := &function{aliases: map[string]*types.AliasConfiguration{}, policies: map[string]*resourcePolicy{}, tags: maps.Clone(in.Tags), async: map[string]*types.FunctionEventInvokeConfig{}, made: c.now, due: c.now.Add(FunctionTime)}
	v := &functionVersion{code: code, uri: in.Code.ImageUri}
	v.FunctionConfiguration = types.FunctionConfiguration{
		FunctionName: &name, FunctionArn: c.region.arn("lambda", "function:"+name), Role: in.Role, Runtime: in.Runtime, Handler: in.Handler, Description: in.Description, Timeout: in.Timeout, MemorySize: in.MemorySize,
		Architectures: in.Architectures, PackageType: in.PackageType, DeadLetterConfig: in.DeadLetterConfig, Layers: nil, Version: new("$LATEST"), LoggingConfig: in.LoggingConfig, EphemeralStorage: in.EphemeralStorage,
		TracingConfig: &types.TracingConfigResponse{Mode: types.TracingModePassThrough},
	}
	if in.TracingConfig != nil {
		v.TracingConfig.Mode = in.TracingConfig.Mode
	}
	if in.Environment != nil {
		v.Environment = &types.EnvironmentResponse{Variables: in.Environment.Variables}
	}
	v.complete()
	if err := v.check(); err != nil {
		return nil, err
	}
	v.touch(c)
	f.versions = []*functionVersion{v}
	c.region.lambda.functions[name] = f
	if in.Publish {
		f.publish(c, nil)
	}
	return f.show(v, c.now), nil
}

// complete fills in what the service takes for granted.
func (v *functionVersion) complete() {
	if v.Timeout == nil {
		v.Timeout = new(int32(3))
	}
	if v.MemorySize == nil {
		v.MemorySize = new(int32(128))
	}
	if len(v.Architectures) == 0 {
		v.Architectures = []types.Architecture{types.ArchitectureX8664}
	}
	if v.PackageType == "" {
		v.PackageType = types.PackageTypeZip
	}
	if v.Description == nil {
		v.Description = new("")
	}
	if v.EphemeralStorage == nil {
		v.EphemeralStorage = &types.EphemeralStorage{Size: new(int32(512))}
	}
	if v.LoggingConfig == nil {
		v.LoggingConfig = &types.LoggingConfig{LogFormat: types.LogFormatText, LogGroup: new("/aws/lambda/" + *v.FunctionName)}
	}
}

func (v *functionVersion) check() error {
	switch {
	case *v.Timeout < 1 || *v.Timeout > 900:
		return badParameter("Timeout must be from 1 to 900 seconds")
	case *v.MemorySize < 128 || *v.MemorySize > 10240:
		return badParameter("MemorySize must be from 128 to 10240 MB")
	case v.PackageType == types.PackageTypeZip && !slices.Contains(v.Runtime.Values(), v.Runtime):
		return badParameter("Value " + string(v.Runtime) + " at 'runtime' failed to satisfy constraint")
	}
	if v.Environment != nil {
		size := 0
		for key, value := range v.Environment.Variables {
			size += len(key) + len(value)
			if strings.HasPrefix(key, "AWS_") {
				return badParameter("Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: " + key)
			}
		}
		if size > 4096 {
			return badParameter("Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit.")
		}
	}
	return nil
}

// touch notes a change.
func (v *functionVersion) touch(c *call) {
	sum := sha256.Sum256(v.code)
	v.CodeSha256, v.CodeSize = new(base64.StdEncoding.EncodeToString(sum[:])), int64(len(v.code))
	v.LastModified, v.RevisionId = new(c.now.Format("2006-01-02T15:04:05.000-0700")), new(c.Server.id())
}

func getFunction(c *call, in *lambda.GetFunctionInput) (*lambda.GetFunctionOutput, error) {
	configuration, f, v, err := c.configuration(in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	out := &lambda.GetFunctionOutput{Configuration: configuration, Tags: f.tags, Code: &types.FunctionCodeLocation{RepositoryType: new("S3"), Location: new(c.URL + "/awslambda-code")}}
	if v.uri != nil {
		out.Code = &types.FunctionCodeLocation{RepositoryType: new("ECR"), ImageUri: v.uri, ResolvedImageUri: v.uri}
	}
	if f.concurrency != nil {
		out.Concurrency = &types.Concurrency{ReservedConcurrentExecutions: f.concurrency}
	}
	return out, nil
}

// configuration finds the version that a name and a qualifier mean.
func (c *call) configuration(name, qualifier *string) (*types.FunctionConfiguration, *function, *functionVersion, error) {
	f, inName, err := c.region.functionOf(name)
	if err != nil {
		return nil, nil, nil, err
	}
	if qualifier != nil {
		inName = *qualifier
	}
	v := f.version(inName)
	if v == nil {
		return nil, nil, nil, noFunction(*f.versions[0].FunctionArn + ":" + inName)
	}
	out := f.show(v, c.now)
	if inName != "" {
		out.FunctionArn = new(*f.versions[0].FunctionArn + ":" + inName)
	}
	return out, f, v, nil
}

func getFunctionConfiguration(c *call, in *lambda.GetFunctionConfigurationInput) (*types.FunctionConfiguration, error) {
	out, _, _, err := c.configuration(in.FunctionName, in.Qualifier)
	return out, err
}

func listFunctions(c *call, in *lambda.ListFunctionsInput) (*lambda.ListFunctionsOutput, error) {
	out := []types.FunctionConfiguration{}
	for _, name := range slices.Sorted(maps.Keys(c.region.lambda.functions)) {
		if f := c.region.lambda.functions[name]; c.visible(f.made) {
			out = append(out, *f.show(f.versions[0], c.now))
		}
	}
	out, next, err := page(c.Server, out, in.Marker, in.MaxItems, 50)
	if err != nil {
		return nil, badParameter(err.Message)
	}
	return &lambda.ListFunctionsOutput{Functions: out, NextMarker: next}, nil
}

// deleteFunction takes versions, aliases and permissions with it, and leaves mappings behind, as Lambda does.
func deleteFunction(c *call, in *lambda.DeleteFunctionInput) (*lambda.DeleteFunctionOutput, error) {
	f, qualifier, err := c.region.functionOf(in.FunctionName)
	if err != nil {
		return nil, err
	}
	if in.Qualifier != nil {
		qualifier = *in.Qualifier
	}
	if qualifier == "" {
		delete(c.region.lambda.functions, *f.versions[0].FunctionName)
		return &lambda.DeleteFunctionOutput{}, nil
	}
	for name, a := range f.aliases {
		if *a.FunctionVersion == qualifier || a.RoutingConfig != nil && a.RoutingConfig.AdditionalVersionWeights[qualifier] > 0 {
			return nil, conflict("Unable to delete version because the following aliases reference it: [" + name + "]")
		}
	}
	if qualifier == "$LATEST" || f.version(qualifier) == nil || f.aliases[qualifier] != nil {
		return nil, badParameter("$LATEST version and aliases cannot be deleted without deleting the function.")
	}
	f.versions = slices.DeleteFunc(f.versions, func(v *functionVersion) bool { return *v.Version == qualifier })
	return &lambda.DeleteFunctionOutput{}, nil
}
