package train

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/aws/plan"
)

// logGroup is where the training jobs of an account and region write.
const logGroup = "/aws/sagemaker/TrainingJobs"

// Allow are the permissions that a job's role needs, and no more: its pictures, its output, the algorithm's image, its log and its
// metrics (developer guide, "SageMaker Roles", "CreateTrainingJob API"). repository is the ARN of the image's, arn makes one of account
// and region.
func (j *Job) Allow(partition, repository string, arn func(service, object string) string) ([]plan.Statement, error) {
	reads, buckets := []string{}, []string{}
	for _, uri := range []string{j.Data.Train, j.Data.Validation, j.Data.TrainList, j.Data.ValidationList} {
		if uri == "" {
			continue
		}
		bucket, prefix, ok := aws.ParseS3(uri)
		if !ok {
			return nil, fmt.Errorf("%q: want s3://BUCKET/PREFIX", uri)
		}
		object := "arn:" + partition + ":s3:::" + bucket + "/" + prefix
		if strings.HasSuffix(prefix, "/") { // a folder; lists and record files are themselves
			object += "*"
		}
		reads = append(reads, object)
		buckets = appendNew(buckets, "arn:"+partition+":s3:::"+bucket)
	}
	bucket, prefix, ok := aws.ParseS3(j.Output)
	if !ok {
		return nil, fmt.Errorf("%q: want s3://BUCKET/PREFIX", j.Output)
	}
	buckets = appendNew(buckets, "arn:"+partition+":s3:::"+bucket)
	writes := "arn:" + partition + ":s3:::" + bucket + "/" + strings.TrimPrefix(strings.TrimSuffix(prefix, "/")+"/", "/") + "*"
	statements := []plan.Statement{
		{Sid: "ListData", Effect: "Allow", Action: []string{"s3:ListBucket"}, Resource: buckets},
		{Sid: "ReadData", Effect: "Allow", Action: []string{"s3:GetObject"}, Resource: reads},
		{Sid: "WriteModel", Effect: "Allow", Action: []string{"s3:PutObject"}, Resource: []string{writes}},
		{Sid: "PullAlgorithm", Effect: "Allow", Action: []string{"ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"}, Resource: []string{repository}},
		{Sid: "LogIn", Effect: "Allow", Action: []string{"ecr:GetAuthorizationToken"}, Resource: []string{"*"}, Why: "the action knows no resource"},
		{Sid: "MakeLog", Effect: "Allow", Action: []string{"logs:CreateLogGroup"}, Resource: []string{arn("logs", "log-group:"+logGroup)}},
		{Sid: "WriteLog", Effect: "Allow", Action: []string{"logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"}, Resource: []string{arn("logs", "log-group:"+logGroup+":*")}},
		{Sid: "Metrics", Effect: "Allow", Action: []string{"cloudwatch:PutMetricData"}, Resource: []string{"*"},
			Condition: map[string]map[string][]string{"StringEquals": {"cloudwatch:namespace": {"/aws/sagemaker/TrainingJobs"}}}, Why: "the action knows no resource"},
	}
	if j.Spot {
		statements = append(statements, plan.Statement{Sid: "ReadCheckpoints", Effect: "Allow", Action: []string{"s3:GetObject"}, Resource: []string{writes}})
	}
	return statements, nil
}

func appendNew(list []string, text string) []string {
	if slices.Contains(list, text) {
		return list
	}
	return append(list, text)
}
