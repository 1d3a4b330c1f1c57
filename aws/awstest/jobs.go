package awstest

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/scones-unlimited/scones/aws/awstest/wire"
)

// How long jobs take, by the cloud's clock: until the machines run, and a stop.
const (
	StartTime     = 2 * time.Minute
	StopTime      = time.Minute
	TransformTime = 4 * time.Minute // of a transform job, from its begin
)

// jobExists is SageMaker's error for a job's name that was used before; names of jobs are never free again.
func jobExists(kind, arn string) error {
	return wire.Errorf("ResourceInUse", "%s job names must be unique within an AWS account and region, and a %s job with this name already exists (%s)", kind, strings.ToLower(kind), arn)
}

func noJob() error { return invalid("Requested resource not found.") }

// settleJobs brings jobs to the clock's time.
func (r *region) settleJobs() {
	for _, j := range r.sagemaker.transform {
		r.settleTransform(j)
	}
	for _, j := range r.sagemaker.training {
		r.settleTraining(j)
	}
	for _, j := range r.sagemaker.tuning {
		r.settleTuning(j)
	}
}

// objects are what a data source names, with their addresses behind the prefix, or why the role cannot have them.
func (r *region) objects(role string, source *types.TransformS3DataSource) (bucket string, keys []string, prefix, reason string) {
	bucket, prefix, _ = splitS3(value(source.S3Uri))
	b := r.s3.buckets[bucket]
	if b == nil {
		return bucket, nil, prefix, "ClientError: S3 bucket does not exist, Bucket: " + bucket
	}
	if source.S3DataType == types.S3DataTypeManifestFile {
		return r.manifest(role, b, prefix)
	}
	if !r.may(role, "s3:ListBucket", "arn:aws:s3:::"+bucket, map[string]string{"s3:prefix": prefix}) {
		return bucket, nil, prefix, "ClientError: Role cannot list S3 bucket: AccessDenied, Bucket: " + bucket
	}
	for key := range b.objects {
		if strings.HasPrefix(key, prefix) && b.newest(key) != nil && !strings.HasSuffix(key, "/") {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return bucket, nil, prefix, "ClientError: No S3 objects found under S3 URL \"" + value(source.S3Uri) + "\" given in input data source."
	}
	return bucket, keys, prefix, ""
}
