package stack

import (
	"context"
	"fmt"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/aws/plan"
)

// transformLogs is where the batch transform jobs of an account and region write.
const transformLogs = "/aws/sagemaker/TransformJobs"

// DeployedModel reads what a model of SageMaker is. Ours tells whether a deployment of that name made it. Errors are [*CallError].
func (a *Account) DeployedModel(ctx context.Context, name, model string) (spec ModelSpec, ours bool, err error) {
	out, err := a.sagemaker.DescribeModel(ctx, &sagemaker.DescribeModelInput{ModelName: &model})
	if err != nil {
		return spec, false, said(err)
	}
	tags, err := a.sagemakerTagsOf(ctx, awssdk.ToString(out.ModelArn))
	c := out.PrimaryContainer
	if err != nil || tags[plan.TagName] != name || c == nil {
		return spec, false, err
	}
	return ModelSpec{
		Deployment: name, Image: awssdk.ToString(c.Image), Artifact: awssdk.ToString(c.ModelDataUrl), Environment: c.Environment,
		Isolated: awssdk.ToBool(out.EnableNetworkIsolation),
	}, true, nil
}

// BatchModel is a deployed model as a batch transform runs it: under a role of its own, because that of the endpoint may read its artifact
// alone. In and out are s3://bucket/prefix of the pictures and of the answers.
func (a *Account) BatchModel(deployed ModelSpec, in, out string) (*Model, error) {
	repository, err := a.RepositoryOf(deployed.Image)
	if err != nil {
		return nil, err
	}
	allow, err := a.batchStatements(repository, deployed.Artifact, in, out)
	if err != nil {
		return nil, err
	}
	permissions := plan.Policy{Statement: allow}
	hash := plan.Hash(plan.Fields{plan.F("policy", permissions.Document())})[:6]
	deployed.Part = "batch/model"
	deployed.Role = a.Role(RoleSpec{
		Deployment: deployed.Deployment, Part: "batch/role", Suffix: "batch-" + hash, Service: "sagemaker.amazonaws.com", Condition: a.FromHere(""), Allow: allow,
	})
	return a.Model(deployed), nil
}

// batchStatements are what a job needs: its artifact and image, the pictures and the list of them, its answers and its log.
func (a *Account) batchStatements(repository, artifact, in, out string) ([]plan.Statement, error) {
	arns := make(map[string]string)
	for what, uri := range map[string]string{"artifact": artifact, "pictures": in, "answers": out} {
		bucket, key, ok := aws.ParseS3(uri)
		if !ok {
			return nil, fmt.Errorf("%s %q: want s3://BUCKET/KEY", what, uri)
		}
		if what != "artifact" && key != "" && !strings.HasSuffix(key, "/") {
			key += "/"
		}
		arns[what] = "arn:" + a.Partition + ":s3:::" + bucket + "/" + key
		arns["bucket of "+what] = "arn:" + a.Partition + ":s3:::" + bucket
	}
	logs := a.ARN("logs", "log-group:"+transformLogs)
	buckets := []string{arns["bucket of pictures"]}
	if other := arns["bucket of answers"]; other != buckets[0] {
		buckets = append(buckets, other)
	}
	return []plan.Statement{
		{Sid: "ReadArtifact", Effect: "Allow", Action: []string{"s3:GetObject"}, Resource: []string{arns["artifact"]}},
		{Sid: "ListPictures", Effect: "Allow", Action: []string{"s3:ListBucket"}, Resource: buckets},
		{Sid: "ReadPicturesAndList", Effect: "Allow", Action: []string{"s3:GetObject"}, Resource: []string{arns["pictures"] + "*", arns["answers"] + "*"}},
		{Sid: "WriteAnswers", Effect: "Allow", Action: []string{"s3:PutObject"}, Resource: []string{arns["answers"] + "*"}},
		{Sid: "PullImage", Effect: "Allow", Action: []string{"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"}, Resource: []string{repository}},
		{Sid: "LogInToRegistry", Effect: "Allow", Action: []string{"ecr:GetAuthorizationToken"}, Resource: []string{"*"}, Why: whyToken},
		{Sid: "MakeLog", Effect: "Allow", Action: []string{"logs:CreateLogGroup"}, Resource: []string{logs}},
		{Sid: "WriteLogs", Effect: "Allow", Action: []string{"logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"}, Resource: []string{logs + ":*"}},
		{Sid: "WriteMetrics", Effect: "Allow", Action: []string{"cloudwatch:PutMetricData"}, Resource: []string{"*"}, Why: whyMetrics,
			Condition: map[string]map[string][]string{"StringEquals": {"cloudwatch:namespace": {"/aws/sagemaker/TransformJobs"}}}},
	}, nil
}
