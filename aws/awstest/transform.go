package awstest

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

type transformJob struct {
	in               *sagemaker.CreateTransformJobInput
	arn              *string
	model            *model
	made, start, end time.Time
	status           types.TransformJobStatus
	reason           *string
}

func createTransformJob(c *call, in *sagemaker.CreateTransformJobInput) (*sagemaker.CreateTransformJobOutput, error) {
	if err := checkName("transformJobName", in.TransformJobName, 63); err != nil {
		return nil, err
	}
	arn := c.region.arn("sagemaker", "transform-job/"+strings.ToLower(*in.TransformJobName))
	if c.region.sagemaker.transform[*in.TransformJobName] != nil {
		return nil, jobExists("Transform", *arn)
	}
	m, err := c.model(in.ModelName)
	if err != nil {
		return nil, err
	}
	payload, concurrent := int32(6), int32(1)
	if in.MaxPayloadInMB != nil {
		payload = *in.MaxPayloadInMB
	}
	if in.MaxConcurrentTransforms != nil {
		concurrent = *in.MaxConcurrentTransforms
	}
	r := in.TransformResources
	switch {
	case payload < 0 || payload > 100 || payload*max(concurrent, 1) > 100:
		return nil, invalid("The product of MaxPayloadInMB (%d) and MaxConcurrentTransforms (%d) must not exceed 100 MB", payload, concurrent)
	case r == nil || !slices.Contains(r.InstanceType.Values(), r.InstanceType) || value(r.InstanceCount) < 1:
		return nil, invalid("TransformResources needs an instance type of batch transform and at least one instance")
	case in.TransformInput == nil || in.TransformInput.DataSource == nil || in.TransformInput.DataSource.S3DataSource == nil || in.TransformOutput == nil:
		return nil, invalid("TransformInput and TransformOutput are required")
	case in.BatchStrategy == types.BatchStrategyMultiRecord && in.TransformInput.SplitType != types.SplitTypeLine && in.TransformInput.SplitType != types.SplitTypeRecordio && in.TransformInput.SplitType != types.SplitTypeTfrecord:
		return nil, invalid("BatchStrategy MultiRecord needs a SplitType")
	}
	if bucket, _, ok := splitS3(value(in.TransformOutput.S3OutputPath)); !ok || c.s3.buckets[bucket] == nil {
		return nil, invalid("The S3 output path %q is not one of a bucket that exists", value(in.TransformOutput.S3OutputPath))
	}
	if err := c.region.tag(*arn, in.Tags); err != nil {
		return nil, err
	}
	c.region.sagemaker.transform[*in.TransformJobName] = &transformJob{in: in, arn: arn, model: m, made: c.now, status: types.TransformJobStatusInProgress}
	return &sagemaker.CreateTransformJobOutput{TransformJobArn: arn}, nil
}

func describeTransformJob(c *call, in *sagemaker.DescribeTransformJobInput) (*sagemaker.DescribeTransformJobOutput, error) {
	j := c.region.sagemaker.transform[value(in.TransformJobName)]
	if j == nil {
		return nil, noJob()
	}
	out := &sagemaker.DescribeTransformJobOutput{
		TransformJobName: j.in.TransformJobName, TransformJobArn: j.arn, TransformJobStatus: j.status, FailureReason: j.reason, ModelName: j.in.ModelName, MaxConcurrentTransforms: j.in.MaxConcurrentTransforms,
		ModelClientConfig: j.in.ModelClientConfig, MaxPayloadInMB: j.in.MaxPayloadInMB, BatchStrategy: j.in.BatchStrategy, Environment: j.in.Environment, TransformInput: j.in.TransformInput,
		TransformOutput: j.in.TransformOutput, DataCaptureConfig: j.in.DataCaptureConfig, TransformResources: j.in.TransformResources, CreationTime: &j.made, DataProcessing: j.in.DataProcessing,
	}
	if !j.start.IsZero() {
		out.TransformStartTime = &j.start
	}
	if !j.end.IsZero() {
		out.TransformEndTime = &j.end
	}
	return out, nil
}

func stopTransformJob(c *call, in *sagemaker.StopTransformJobInput) (*sagemaker.StopTransformJobOutput, error) {
	j := c.region.sagemaker.transform[value(in.TransformJobName)]
	if j == nil {
		return nil, noJob()
	}
	if j.status != types.TransformJobStatusInProgress {
		return nil, invalid("The request was rejected because the transform job is in status %s.", j.status)
	}
	j.status, j.end = types.TransformJobStatusStopping, c.now.Add(StopTime)
	return &sagemaker.StopTransformJobOutput{}, nil
}

func listTransformJobs(c *call, in *sagemaker.ListTransformJobsInput) (*sagemaker.ListTransformJobsOutput, error) {
	shown := map[string]*transformJob{}
	for name, j := range c.region.sagemaker.transform {
		if in.StatusEquals == "" || in.StatusEquals == j.status {
			shown[name] = j
		}
	}
	f := filter{in.NameContains, in.CreationTimeAfter, in.CreationTimeBefore, in.SortOrder == types.SortOrderAscending, in.SortBy == types.SortByName, in.NextToken, in.MaxResults}
	names, next, err := listed(c, f, shown, func(j *transformJob) time.Time { return j.made })
	if err != nil {
		return nil, err
	}
	out := &sagemaker.ListTransformJobsOutput{TransformJobSummaries: []types.TransformJobSummary{}, NextToken: next}
	for _, name := range names {
		j := shown[name]
		s := types.TransformJobSummary{TransformJobName: j.in.TransformJobName, TransformJobArn: j.arn, CreationTime: &j.made, TransformJobStatus: j.status, FailureReason: j.reason, LastModifiedTime: &j.made}
		if !j.end.IsZero() && j.status != types.TransformJobStatusStopping {
			s.TransformEndTime = &j.end
		}
		out.TransformJobSummaries = append(out.TransformJobSummaries, s)
	}
	return out, nil
}

func (r *region) settleTransform(j *transformJob) {
	switch j.status {
	case types.TransformJobStatusStopping:
		if !r.now.Before(j.end) {
			j.status = types.TransformJobStatusStopped
		}
	case types.TransformJobStatusInProgress:
		if j.start.IsZero() && !r.now.Before(j.made.Add(StartTime)) {
			j.start = j.made.Add(StartTime)
		}
		if due := j.made.Add(TransformTime); !r.now.Before(due) {
			j.end = due
			r.runTransform(j)
		}
	}
}

// runTransform answers for every object. A job in which an object fails is Failed, with the results of the others written.
func (r *region) runTransform(j *transformJob) {
	fail := func(reason string) { j.status, j.reason = types.TransformJobStatusFailed, &reason }
	role := value(j.model.in.ExecutionRoleArn)
	if reason := r.unfit([]variant{{ProductionVariant: types.ProductionVariant{ModelName: j.in.ModelName, VariantName: new("transform")}, model: j.model}}); reason != "" {
		fail("ClientError: " + reason)
		return
	}
	bucket, keys, prefix, reason := r.objects(role, j.in.TransformInput.DataSource.S3DataSource)
	if reason != "" {
		fail(reason)
		return
	}
	outBucket, outPrefix, _ := splitS3(value(j.in.TransformOutput.S3OutputPath))
	to := r.s3.buckets[outBucket]
	container := j.model.container()
	container.Environment = maps.Clone(container.Environment)
	if container.Environment == nil {
		container.Environment = map[string]string{}
	}
	maps.Copy(container.Environment, j.in.Environment)
	group, stream := "/aws/sagemaker/TransformJobs", *j.in.TransformJobName+"/i-0123456789abcdef0"
	slices.Sort(keys)
	for _, key := range keys {
		if !r.may(role, "s3:GetObject", "arn:aws:s3:::"+bucket+"/"+key, nil) {
			fail("ClientError: Role cannot read s3://" + bucket + "/" + key + ": AccessDenied")
			return
		}
		o := r.s3.buckets[bucket].newest(key)
		most := 6
		if j.in.MaxPayloadInMB != nil {
			most = int(*j.in.MaxPayloadInMB)
		}
		if o == nil || most > 0 && len(o.data) > most<<20 {
			fail("ClientError: See job logs for more information")
			r.write(group, stream+"/data-log", j.end, bucket+"/"+key+": ClientError: too large, or not there")
			continue
		}
		answer, failure := r.runs(container, o.data)
		if failure != nil {
			fail("ClientError: See job logs for more information")
			r.write(group, stream+"/data-log", j.end, bucket+"/"+key+": ClientError: "+failure.Message)
			continue
		}
		out := strings.Trim(outPrefix, "/") + "/" + strings.TrimPrefix(key[strings.LastIndexByte(prefix, '/')+1:], "/") + ".out"
		out = strings.TrimPrefix(out, "/")
		if to == nil || !r.may(role, "s3:PutObject", "arn:aws:s3:::"+outBucket+"/"+out, nil) {
			fail("ClientError: Role cannot write s3://" + outBucket + "/" + out + ": AccessDenied")
			return
		}
		if j.in.TransformOutput.AssembleWith == types.AssemblyTypeLine {
			answer = append(slices.Clone(answer), '\n')
		}
		r.store(to, out, answer, "application/octet-stream")
	}
	if j.status == types.TransformJobStatusInProgress {
		j.status = types.TransformJobStatusCompleted
	}
}

// manifest reads the file that lists the objects: [{"prefix": "s3://…/"}, "a.png", …].
func (r *region) manifest(role string, b *bucket, key string) (bucket string, keys []string, prefix, reason string) {
	o := b.newest(key)
	if o == nil || !r.may(role, "s3:GetObject", "arn:aws:s3:::"+b.name+"/"+key, nil) {
		return b.name, nil, "", "ClientError: Manifest file cannot be read: s3://" + b.name + "/" + key
	}
	var entries []json.RawMessage
	var head struct{ Prefix string }
	if json.Unmarshal(o.data, &entries) != nil || len(entries) < 2 || json.Unmarshal(entries[0], &head) != nil {
		return b.name, nil, "", "ClientError: Manifest file is invalid: s3://" + b.name + "/" + key
	}
	bucket, prefix, _ = splitS3(head.Prefix)
	for _, entry := range entries[1:] {
		var name string
		if json.Unmarshal(entry, &name) != nil {
			return bucket, nil, prefix, "ClientError: Manifest file is invalid: s3://" + b.name + "/" + key
		}
		keys = append(keys, prefix+name)
	}
	if r.s3.buckets[bucket] == nil {
		return bucket, nil, prefix, "ClientError: S3 bucket does not exist, Bucket: " + bucket
	}
	return bucket, keys, prefix, ""
}
