package transform

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/scones-unlimited/scones/aws"
)

// callTime bounds one call, tries and all.
const callTime = time.Minute

// A Job is what a job is asked for.
type Job struct {
	// Model runs in the place of the batch's: the same one under another role. Empty means the batch's.
	Model     string
	Instance  string
	Instances int32
	// Limit of each instance; zero fields are chosen by [LimitFor].
	Limit Limit
}

// A Progress is how a job stands.
type Progress struct {
	Job    string `json:"job"`
	Status string `json:"status"` // InProgress, Completed, Failed, Stopping, Stopped
	Reason string `json:"reason,omitempty"`
	// Created is when it was asked for, Begun when its instances ran, Ended when they did no more; zero where that is yet to come.
	Created time.Time `json:"created"`
	Begun   time.Time `json:"begun,omitzero"`
	Ended   time.Time `json:"ended,omitzero"`
	// Answered of the batch's pictures, as far as it was counted.
	Answered int `json:"answered"`
	// Instance and Instances that it runs on.
	Instance  string `json:"instance"`
	Instances int32  `json:"instances"`
}

// Over tells that the job has ended.
func (p *Progress) Over() bool { return p.Status != "InProgress" && p.Status != "Stopping" }

// InstanceHours that are charged: from the instances' begin to their end.
func (p *Progress) InstanceHours() float64 {
	if p.Begun.IsZero() || p.Ended.Before(p.Begun) {
		return 0
	}
	return p.Ended.Sub(p.Begun).Hours() * float64(p.Instances)
}

// Start asks for a job over the pictures that wait, and returns its name. It lists them in a manifest beside the answers, because a prefix
// would send those again that have an answer.
func (b *Batch) Start(ctx context.Context, j Job) (string, error) {
	waiting := b.Waiting()
	if len(waiting) == 0 {
		return "", errors.New("start a batch transform job: every picture has its answer")
	}
	largest := int64(0)
	manifest := []any{map[string]string{"prefix": b.in.uri()}}
	for _, p := range waiting {
		largest = max(largest, p.Bytes)
		manifest = append(manifest, p.below)
	}
	limit := LimitFor(largest, j.Instance)
	if j.Limit.PayloadMB > 0 {
		limit.PayloadMB = j.Limit.PayloadMB
	}
	if j.Limit.Concurrent > 0 {
		limit.Concurrent = j.Limit.Concurrent
	}
	name := b.jobPrefix() + "-" + strings.ReplaceAll(time.Now().UTC().Format("060102-150405.000"), ".", "-")
	data, err := json.Marshal(manifest)
	if err != nil {
		return "", err
	}
	list := aws.Key{Bucket: b.out.bucket, Key: b.out.prefix + own + name + ".manifest"}
	if err := aws.Put(ctx, b.config, list, data); err != nil {
		return "", err
	}
	if data, err = json.Marshal(state{1, b.in.uri(), b.o.Model}); err != nil {
		return "", err
	}
	if err := aws.Put(ctx, b.config, b.stateKey(), data); err != nil {
		return "", err
	}
	in := &sagemaker.CreateTransformJobInput{
		TransformJobName: &name, ModelName: new(cmp.Or(j.Model, b.o.Model)), BatchStrategy: types.BatchStrategySingleRecord,
		MaxPayloadInMB: &limit.PayloadMB, MaxConcurrentTransforms: &limit.Concurrent,
		ModelClientConfig: &types.ModelClientConfig{InvocationsTimeoutInSeconds: new(int32(60)), InvocationsMaxRetries: new(int32(3))},
		TransformInput: &types.TransformInput{
			ContentType: new("application/x-image"), CompressionType: types.CompressionTypeNone, SplitType: types.SplitTypeNone,
			DataSource: &types.TransformDataSource{S3DataSource: &types.TransformS3DataSource{S3DataType: types.S3DataTypeManifestFile, S3Uri: new(list.String())}},
		},
		TransformOutput: &types.TransformOutput{
			S3OutputPath: new("s3://" + path.Join(b.out.bucket, b.out.prefix)), Accept: new("application/json"), AssembleWith: types.AssemblyTypeNone,
		},
		TransformResources: &types.TransformResources{InstanceType: types.TransformInstanceType(j.Instance), InstanceCount: &j.Instances},
		Tags:               []types.Tag{{Key: new("scones:name"), Value: &b.o.Name}, {Key: new("scones:part"), Value: new("batch/job")}},
	}
	_, err = call(ctx, func(ctx context.Context) (*sagemaker.CreateTransformJobOutput, error) {
		return b.sagemaker.CreateTransformJob(ctx, in)
	})
	if err != nil {
		return "", fmt.Errorf("start a batch transform job: %w", err)
	}
	return name, nil
}

// jobPrefix begins the names of this batch's jobs.
func (b *Batch) jobPrefix() string { return fmt.Sprintf("scones-%.24s-%s", b.o.Name, b.hash()) }

// Running is the newest job of this batch that has not ended; empty where there is none.
func (b *Batch) Running(ctx context.Context) (string, error) {
	for _, status := range []types.TransformJobStatus{types.TransformJobStatusInProgress, types.TransformJobStatusStopping} {
		out, err := call(ctx, func(ctx context.Context) (*sagemaker.ListTransformJobsOutput, error) {
			return b.sagemaker.ListTransformJobs(ctx, &sagemaker.ListTransformJobsInput{
				NameContains: new(b.jobPrefix()), StatusEquals: status, SortBy: types.SortByCreationTime, SortOrder: types.SortOrderDescending, MaxResults: new(int32(1)),
			})
		})
		if err != nil {
			return "", fmt.Errorf("look for a job that runs: %w", err)
		}
		if len(out.TransformJobSummaries) > 0 {
			return awssdk.ToString(out.TransformJobSummaries[0].TransformJobName), nil
		}
	}
	return "", nil
}

// Stop ends a job; what it has answered stays.
func (b *Batch) Stop(ctx context.Context, job string) error {
	_, err := call(ctx, func(ctx context.Context) (*sagemaker.StopTransformJobOutput, error) {
		return b.sagemaker.StopTransformJob(ctx, &sagemaker.StopTransformJobInput{TransformJobName: &job})
	})
	if err != nil {
		return fmt.Errorf("stop job %s: %w", job, err)
	}
	return nil
}
