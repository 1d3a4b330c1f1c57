package awstest

import (
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

type trainingJob struct {
	in          *sagemaker.CreateTrainingJobInput
	arn         *string
	made        time.Time
	status      types.TrainingJobStatus
	secondary   types.SecondaryStatus
	transitions []types.SecondaryStatusTransition
	start, end  time.Time
	reason      *string
	artifact    *string
	metrics     []types.MetricData
	interrupt   bool // a spot instance is to be taken away
	fault       *string
	tuning      *tuningJob
	epochs      []float64 // validation accuracies, one an epoch
}

func createTrainingJob(c *call, in *sagemaker.CreateTrainingJobInput) (*sagemaker.CreateTrainingJobOutput, error) {
	if err := checkName("trainingJobName", in.TrainingJobName, 63); err != nil {
		return nil, err
	}
	j, err := c.train(in)
	if err != nil {
		return nil, err
	}
	return &sagemaker.CreateTrainingJobOutput{TrainingJobArn: j.arn}, nil
}

// train begins a job.
func (c *call) train(in *sagemaker.CreateTrainingJobInput) (*trainingJob, error) {
	arn := c.region.arn("sagemaker", "training-job/"+strings.ToLower(*in.TrainingJobName))
	if c.region.sagemaker.training[*in.TrainingJobName] != nil {
		return nil, jobExists("Training", *arn)
	}
	if err := c.checkRole(value(in.RoleArn)); err != nil {
		return nil, err
	}
	r, stop := in.ResourceConfig, in.StoppingCondition
	switch {
	case in.AlgorithmSpecification == nil || value(in.AlgorithmSpecification.TrainingImage) == "" && value(in.AlgorithmSpecification.AlgorithmName) == "":
		return nil, invalid("AlgorithmSpecification needs TrainingImage or AlgorithmName")
	case r == nil || !slices.Contains(r.InstanceType.Values(), r.InstanceType) || value(r.InstanceCount) < 1 || value(r.VolumeSizeInGB) < 1:
		return nil, invalid("ResourceConfig needs an instance type of training, at least one instance and a volume size")
	case stop == nil || stop.MaxRuntimeInSeconds != nil && *stop.MaxRuntimeInSeconds < 1:
		return nil, invalid("StoppingCondition needs MaxRuntimeInSeconds of at least 1")
	case value(in.EnableManagedSpotTraining) && (stop.MaxWaitTimeInSeconds == nil || *stop.MaxWaitTimeInSeconds < value(stop.MaxRuntimeInSeconds)):
		return nil, invalid("Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds")
	case !value(in.EnableManagedSpotTraining) && stop.MaxWaitTimeInSeconds != nil:
		return nil, invalid("MaxWaitTimeInSeconds is for managed spot training")
	}
	channels := map[string]bool{}
	for _, channel := range in.InputDataConfig {
		if channels[value(channel.ChannelName)] {
			return nil, invalid("Channel names must be unique, %s is not", value(channel.ChannelName))
		}
		channels[value(channel.ChannelName)] = true
	}
	if bucket, _, ok := splitS3(value(in.OutputDataConfig.S3OutputPath)); !ok || c.s3.buckets[bucket] == nil {
		return nil, invalid("No S3 bucket %q of the output path exists", bucket)
	}
	if err := c.trainingQuota(in); err != nil {
		return nil, err
	}
	if err := c.region.tag(*arn, in.Tags); err != nil {
		return nil, err
	}
	j := &trainingJob{in: in, arn: arn, made: c.now, status: types.TrainingJobStatusInProgress}
	j.enter(types.SecondaryStatusStarting, c.now, "Starting the training job")
	c.region.sagemaker.training[*in.TrainingJobName] = j
	return j, nil
}

// trainingQuota counts what runs; [Server.SetQuota] takes the instance's name for it as well.
func (c *call) trainingQuota(in *sagemaker.CreateTrainingJobInput) error {
	most, limited := c.quotas[string(in.ResourceConfig.InstanceType)]
	if !limited {
		return nil
	}
	used := 0
	for _, j := range c.region.sagemaker.training {
		if j.status == types.TrainingJobStatusInProgress && j.in.ResourceConfig.InstanceType == in.ResourceConfig.InstanceType {
			used += int(value(j.in.ResourceConfig.InstanceCount))
		}
	}
	if asked := int(value(in.ResourceConfig.InstanceCount)); used+asked > most {
		return limitExceeded(string(in.ResourceConfig.InstanceType)+" for training job usage", most, used, asked)
	}
	return nil
}

// enter begins a phase and ends the one before.
func (j *trainingJob) enter(status types.SecondaryStatus, at time.Time, message string) {
	if n := len(j.transitions); n > 0 {
		j.transitions[n-1].EndTime = &at
	}
	j.secondary = status
	t := types.SecondaryStatusTransition{Status: status, StartTime: &at, StatusMessage: &message}
	switch status {
	case types.SecondaryStatusCompleted, types.SecondaryStatusFailed, types.SecondaryStatusStopped, types.SecondaryStatusMaxRuntimeExceeded, types.SecondaryStatusMaxWaitTimeExceeded:
		t.EndTime = &at
	}
	j.transitions = append(j.transitions, t)
}

func describeTrainingJob(c *call, in *sagemaker.DescribeTrainingJobInput) (*sagemaker.DescribeTrainingJobOutput, error) {
	j := c.region.sagemaker.training[value(in.TrainingJobName)]
	if j == nil {
		return nil, noJob()
	}
	q := j.in
	out := &sagemaker.DescribeTrainingJobOutput{
		TrainingJobName: q.TrainingJobName, TrainingJobArn: j.arn, TrainingJobStatus: j.status, SecondaryStatus: j.secondary, FailureReason: j.reason, HyperParameters: q.HyperParameters,
		AlgorithmSpecification: q.AlgorithmSpecification, RoleArn: q.RoleArn, InputDataConfig: q.InputDataConfig, OutputDataConfig: q.OutputDataConfig, ResourceConfig: q.ResourceConfig,
		StoppingCondition: q.StoppingCondition, CreationTime: &j.made, LastModifiedTime: j.transitions[len(j.transitions)-1].StartTime, SecondaryStatusTransitions: j.transitions, FinalMetricDataList: j.metrics,
		EnableManagedSpotTraining: new(value(q.EnableManagedSpotTraining)), EnableNetworkIsolation: new(value(q.EnableNetworkIsolation)), EnableInterContainerTrafficEncryption: new(value(q.EnableInterContainerTrafficEncryption)),
		CheckpointConfig: q.CheckpointConfig, VpcConfig: q.VpcConfig, Environment: q.Environment,
	}
	out.ModelArtifacts = &types.ModelArtifacts{S3ModelArtifacts: j.artifact}
	if j.artifact == nil { // where it will be
		out.ModelArtifacts.S3ModelArtifacts = new(strings.TrimSuffix(value(q.OutputDataConfig.S3OutputPath), "/") + "/" + *q.TrainingJobName + "/output/model.tar.gz")
	}
	if j.tuning != nil {
		out.TuningJobArn = j.tuning.arn
	}
	if !j.start.IsZero() {
		out.TrainingStartTime = &j.start
		end := j.end
		if end.IsZero() {
			end = c.now
		} else {
			out.TrainingEndTime = &j.end
		}
		seconds := max(int32(end.Sub(j.start).Seconds()), 1)
		out.TrainingTimeInSeconds = &seconds
		out.BillableTimeInSeconds = new(seconds * value(q.ResourceConfig.InstanceCount))
		if value(q.EnableManagedSpotTraining) {
			*out.BillableTimeInSeconds = max(seconds*3/10, 1) // what spot saves is about 70 %
		}
	}
	return out, nil
}

func stopTrainingJob(c *call, in *sagemaker.StopTrainingJobInput) (*sagemaker.StopTrainingJobOutput, error) {
	j := c.region.sagemaker.training[value(in.TrainingJobName)]
	if j == nil {
		return nil, noJob()
	}
	if j.status != types.TrainingJobStatusInProgress {
		return nil, invalid("The request was rejected because the training job is in status %s.", j.status)
	}
	j.status = types.TrainingJobStatusStopping
	j.enter(types.SecondaryStatusStopping, c.now, "Stopping the training job")
	return &sagemaker.StopTrainingJobOutput{}, nil
}

func listTrainingJobs(c *call, in *sagemaker.ListTrainingJobsInput) (*sagemaker.ListTrainingJobsOutput, error) {
	shown := map[string]*trainingJob{}
	for name, j := range c.region.sagemaker.training {
		if in.StatusEquals == "" || in.StatusEquals == j.status {
			shown[name] = j
		}
	}
	f := filter{in.NameContains, in.CreationTimeAfter, in.CreationTimeBefore, in.SortOrder == types.SortOrderAscending, in.SortBy == types.SortByName, in.NextToken, in.MaxResults}
	names, next, err := listed(c, f, shown, func(j *trainingJob) time.Time { return j.made })
	if err != nil {
		return nil, err
	}
	out := &sagemaker.ListTrainingJobsOutput{TrainingJobSummaries: []types.TrainingJobSummary{}, NextToken: next}
	for _, name := range names {
		j := shown[name]
		s := types.TrainingJobSummary{TrainingJobName: j.in.TrainingJobName, TrainingJobArn: j.arn, CreationTime: &j.made, TrainingJobStatus: j.status, LastModifiedTime: j.transitions[len(j.transitions)-1].StartTime}
		if !j.end.IsZero() {
			s.TrainingEndTime = &j.end
		}
		out.TrainingJobSummaries = append(out.TrainingJobSummaries, s)
	}
	return out, nil
}
