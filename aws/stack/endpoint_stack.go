package stack

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/aws/plan"
)

// EndpointStacks are what [Account.EndpointStack] describes wholly.
var EndpointStacks = []string{"endpoint"}

// EndpointOptions are what people choose about an endpoint.
type EndpointOptions struct {
	// Name of the deployment, and of the endpoint.
	Name string
	// Image is the container's URI; Repository the ARN that the role may pull it from.
	Image, Repository string
	// Artifact is the URI of a model.tar.gz in S3; or Upload is one on this machine.
	Artifact string
	Upload   *File
	// Environment of the container.
	Environment map[string]string
	// Isolated cuts the container off the network; AWS's own images may want it.
	Isolated bool
	Compute  Compute
	// AsyncURI is where an asynchronous endpoint puts its answers.
	AsyncURI string
	// CapturePercent of requests and answers go to the bucket.
	CapturePercent int32
	Shift          Shift
	Scale          *Scale
	// MaxErrors in a minute, of status 5xx, and MaxLatency of the model, on average in a minute, roll an update back. They matter
	// where there is a shift.
	MaxErrors  int32
	MaxLatency time.Duration
}

// The defaults of the limits that roll an update back.
const (
	DefaultMaxErrors  = 0
	DefaultMaxLatency = time.Second
)

// EndpointStack returns the resources of an endpoint, the endpoint last but for what scales it.
func (a *Account) EndpointStack(o EndpointOptions) ([]plan.Resource, error) {
	if err := CheckName(o.Name); err != nil {
		return nil, err
	}
	bucket := a.Bucket(o.Name)
	logs := a.LogGroup(o.Name, "endpoint/logs", endpointLogs+o.Name)
	artifact := o.Artifact
	var modelNeeds []plan.Resource
	if o.Upload != nil {
		upload := a.Upload(o.Name, "endpoint/artifact", *o.Upload)
		artifact = upload.name
		modelNeeds = append(modelNeeds, upload)
	}
	captures := bucket.URI(strings.TrimSuffix(CapturePrefix, "/"))
	allow, err := a.hostingStatements(o, artifact, logs)
	if err != nil {
		return nil, err
	}
	// The permissions are in the role's name: an update that is rolled back finds its role as it was.
	permissions := plan.Policy{Statement: allow}
	role := a.Role(RoleSpec{
		Deployment: o.Name, Part: "endpoint/role", Suffix: "hosting-" + plan.Hash(plan.Fields{plan.F("policy", permissions.Document())})[:6], Service: "sagemaker.amazonaws.com", Condition: a.FromHere(""), Allow: allow,
		Needs: []plan.Resource{bucket},
	})
	model := a.Model(ModelSpec{
		Deployment: o.Name, Part: "endpoint/model", Image: o.Image, Artifact: artifact, Environment: o.Environment, Role: role, Isolated: o.Isolated, Needs: modelNeeds,
	})
	config := a.EndpointConfig(ConfigSpec{
		Deployment: o.Name, Part: "endpoint/config", Model: model, Compute: o.Compute, CapturePercent: o.CapturePercent, CaptureURI: captures, AsyncURI: o.AsyncURI,
	})
	spec := EndpointSpec{Deployment: o.Name, Part: "endpoint/endpoint", Config: config, Shift: o.Shift, Scale: o.Scale, Needs: []plan.Resource{logs}}
	if o.Shift.Percent > 0 {
		spec.Alarms = a.rollbackAlarms(o)
	}
	endpoint := a.Endpoint(spec)
	resources := []plan.Resource{bucket, endpoint}
	if o.Scale != nil {
		target := a.ScalingTarget(endpoint, *o.Scale)
		resources = append(resources, target, a.ScalingPolicy(target, o.AsyncURI != ""))
	}
	return resources, nil
}

// rollbackAlarms are what ends a roll-out.
func (a *Account) rollbackAlarms(o EndpointOptions) []*Alarm {
	latency := o.MaxLatency
	if latency <= 0 {
		latency = DefaultMaxLatency
	}
	of := EndpointDimensions(o.Name)
	return []*Alarm{
		a.Alarm(AlarmSpec{Deployment: o.Name, Part: "endpoint/alarm-5xx", Suffix: "5xx", Namespace: "AWS/SageMaker", Metric: "Invocation5XXErrors",
			Dimensions: of, Statistic: types.StatisticSum, Threshold: float64(o.MaxErrors), Description: "Rolls an update of the endpoint back: it answers with errors"}),
		a.Alarm(AlarmSpec{Deployment: o.Name, Part: "endpoint/alarm-latency", Suffix: "latency", Namespace: "AWS/SageMaker", Metric: "ModelLatency", // microseconds
			Dimensions: of, Statistic: types.StatisticAverage, Threshold: float64(latency.Microseconds()), Description: "Rolls an update of the endpoint back: it is slow"}),
	}
}

// hostingStatements are what the container needs: its artifact, its image, its log, and where captures and answers go.
func (a *Account) hostingStatements(o EndpointOptions, artifact string, logs *LogGroup) ([]plan.Statement, error) {
	object := func(uri string) (string, error) {
		bucket, key, ok := aws.ParseS3(uri)
		if !ok {
			return "", fmt.Errorf("%q: want s3://BUCKET/KEY", uri)
		}
		return "arn:" + a.Partition + ":s3:::" + bucket + "/" + key, nil
	}
	model, err := object(artifact)
	if err != nil {
		return nil, fmt.Errorf("artifact %w", err)
	}
	if o.Repository == "" {
		return nil, errors.New("the image's repository is not known")
	}
	statements := []plan.Statement{
		{Sid: "ReadArtifact", Effect: "Allow", Action: []string{"s3:GetObject"}, Resource: []string{model}},
		{Sid: "PullImage", Effect: "Allow", Action: []string{"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"}, Resource: []string{o.Repository}},
		{Sid: "LogInToRegistry", Effect: "Allow", Action: []string{"ecr:GetAuthorizationToken"}, Resource: []string{"*"}, Why: whyToken},
		{Sid: "WriteLogs", Effect: "Allow", Action: []string{"logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"}, Resource: []string{logs.ARN() + ":*"}},
		{Sid: "WriteMetrics", Effect: "Allow", Action: []string{"cloudwatch:PutMetricData"}, Resource: []string{"*"}, Why: whyMetrics,
			Condition: map[string]map[string][]string{"StringEquals": {"cloudwatch:namespace": {"/aws/sagemaker/Endpoints", "AWS/SageMaker"}}}},
	}
	if o.CapturePercent > 0 {
		statements = append(statements, plan.Statement{Sid: "WriteCaptures", Effect: "Allow", Action: []string{"s3:PutObject"},
			Resource: []string{a.Bucket(o.Name).ARN() + "/" + CapturePrefix + o.Name + "/*"}})
	}
	if o.AsyncURI != "" {
		answers, err := object(strings.TrimSuffix(o.AsyncURI, "/"))
		if err != nil {
			return nil, fmt.Errorf("asynchronous answers %w", err)
		}
		statements = append(statements, plan.Statement{Sid: "ReadRequestsWriteAnswers", Effect: "Allow", Action: []string{"s3:GetObject", "s3:PutObject"},
			Resource: []string{answers + "/*", a.Bucket(o.Name).ARN() + "/" + AsyncPrefix + "*"}})
	}
	return statements, nil
}

// Why a statement is for any resource. IAM offers no narrower one for these actions; a test lists them.
const (
	whyToken   = "a token of the registry is for all of it: the action knows no resource"
	whyMetrics = "the action knows no resource; the condition narrows it to a namespace"
)
