package awstest

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

// A tuningJob searches in steps of the same size between the ends of each range.
type tuningJob struct {
	in     *sagemaker.CreateHyperParameterTuningJobInput
	arn    *string
	made   time.Time
	end    time.Time
	status types.HyperParameterTuningJobStatus
	jobs   []*trainingJob
	tuned  []map[string]string
	reason *string
}

func createTuningJob(c *call, in *sagemaker.CreateHyperParameterTuningJobInput) (*sagemaker.CreateHyperParameterTuningJobOutput, error) {
	if err := checkName("hyperParameterTuningJobName", in.HyperParameterTuningJobName, 32); err != nil {
		return nil, err
	}
	arn := c.region.arn("sagemaker", "hyper-parameter-tuning-job/"+strings.ToLower(*in.HyperParameterTuningJobName))
	if c.region.sagemaker.tuning[*in.HyperParameterTuningJobName] != nil {
		return nil, jobExists("Tuning", *arn)
	}
	config, definition := in.HyperParameterTuningJobConfig, in.TrainingJobDefinition
	if config == nil || config.ResourceLimits == nil || value(config.ResourceLimits.MaxParallelTrainingJobs) < 1 || definition == nil || config.HyperParameterTuningJobObjective == nil || config.ParameterRanges == nil {
		return nil, invalid("awstest tunes one training job definition, with limits, an objective and ranges")
	}
	if err := c.checkRole(value(definition.RoleArn)); err != nil {
		return nil, err
	}
	for _, r := range config.ParameterRanges.ContinuousParameterRanges {
		low, errLow := strconv.ParseFloat(value(r.MinValue), 64)
		high, errHigh := strconv.ParseFloat(value(r.MaxValue), 64)
		if errLow != nil || errHigh != nil || low >= high || low <= 0 && r.ScalingType == types.HyperParameterScalingTypeLogarithmic {
			return nil, invalid("The range of %s, %s to %s, is none", value(r.Name), value(r.MinValue), value(r.MaxValue))
		}
		if _, fixed := definition.StaticHyperParameters[value(r.Name)]; fixed {
			return nil, invalid("%s is both tuned and static", value(r.Name))
		}
	}
	if err := c.region.tag(*arn, in.Tags); err != nil {
		return nil, err
	}
	c.region.sagemaker.tuning[*in.HyperParameterTuningJobName] = &tuningJob{in: in, arn: arn, made: c.now, status: types.HyperParameterTuningJobStatusInProgress}
	return &sagemaker.CreateHyperParameterTuningJobOutput{HyperParameterTuningJobArn: arn}, nil
}

// settleTuning begins as many training jobs as may run at once.
func (r *region) settleTuning(t *tuningJob) {
	if t.status == types.HyperParameterTuningJobStatusStopping && t.count(types.TrainingJobStatusInProgress, types.TrainingJobStatusStopping) == 0 {
		t.status, t.end = types.HyperParameterTuningJobStatusStopped, r.now
	}
	limits := t.in.HyperParameterTuningJobConfig.ResourceLimits
	most := int(value(limits.MaxNumberOfTrainingJobs))
	if t.status != types.HyperParameterTuningJobStatusInProgress {
		return
	}
	for len(t.jobs) < most && t.count(types.TrainingJobStatusInProgress) < int(value(limits.MaxParallelTrainingJobs)) {
		if err := r.try(t, most); err != nil {
			t.status, t.reason, t.end = types.HyperParameterTuningJobStatusFailed, new(err.Error()), r.now
			return
		}
	}
	if len(t.jobs) == most && t.count(types.TrainingJobStatusInProgress) == 0 {
		t.status, t.end = types.HyperParameterTuningJobStatusCompleted, r.now
		if t.count(types.TrainingJobStatusCompleted) == 0 {
			t.status, t.reason = types.HyperParameterTuningJobStatusFailed, new("All training jobs failed.")
		}
	}
}

func (t *tuningJob) count(statuses ...types.TrainingJobStatus) int {
	n := 0
	for _, j := range t.jobs {
		if slices.Contains(statuses, j.status) {
			n++
		}
	}
	return n
}

// try begins the next training job.
func (r *region) try(t *tuningJob, most int) error {
	d, n := t.in.TrainingJobDefinition, len(t.jobs)
	tuned := map[string]string{}
	at := float64(n) / float64(max(most-1, 1))
	for _, c := range t.in.HyperParameterTuningJobConfig.ParameterRanges.ContinuousParameterRanges {
		low, _ := strconv.ParseFloat(*c.MinValue, 64)
		high, _ := strconv.ParseFloat(*c.MaxValue, 64)
		v := low + at*(high-low)
		if low > 0 {
			v = math.Exp(math.Log(low) + at*(math.Log(high)-math.Log(low)))
		}
		tuned[*c.Name] = strconv.FormatFloat(v, 'g', 6, 64)
	}
	for _, i := range t.in.HyperParameterTuningJobConfig.ParameterRanges.IntegerParameterRanges {
		low, _ := strconv.Atoi(*i.MinValue)
		high, _ := strconv.Atoi(*i.MaxValue)
		tuned[*i.Name] = itoa(low + int(at*float64(high-low)))
	}
	for _, one := range t.in.HyperParameterTuningJobConfig.ParameterRanges.CategoricalParameterRanges {
		tuned[*one.Name] = one.Values[n%len(one.Values)]
	}
	parameters := maps.Clone(d.StaticHyperParameters)
	if parameters == nil {
		parameters = map[string]string{}
	}
	maps.Copy(parameters, tuned)
	parameters["_tuning_objective_metric"] = *t.in.HyperParameterTuningJobConfig.HyperParameterTuningJobObjective.MetricName
	in := &sagemaker.CreateTrainingJobInput{
		TrainingJobName: new(fmt.Sprintf("%s-%03d-%08x", *t.in.HyperParameterTuningJobName, n+1, n+1)), HyperParameters: parameters, RoleArn: d.RoleArn, InputDataConfig: d.InputDataConfig, OutputDataConfig: d.OutputDataConfig,
		ResourceConfig: d.ResourceConfig, StoppingCondition: d.StoppingCondition, EnableManagedSpotTraining: d.EnableManagedSpotTraining,
		AlgorithmSpecification: &types.AlgorithmSpecification{TrainingImage: d.AlgorithmSpecification.TrainingImage, TrainingInputMode: d.AlgorithmSpecification.TrainingInputMode},
	}
	j, err := (&call{Server: r.Server, region: r, regionID: r.id}).train(in)
	if err != nil {
		return err
	}
	j.tuning = t
	t.jobs, t.tuned = append(t.jobs, j), append(t.tuned, tuned)
	return nil
}

func (t *tuningJob) summary(i int) types.HyperParameterTrainingJobSummary {
	j := t.jobs[i]
	s := types.HyperParameterTrainingJobSummary{TrainingJobName: j.in.TrainingJobName, TrainingJobArn: j.arn, CreationTime: &j.made, TrainingJobStatus: j.status, TunedHyperParameters: t.tuned[i], FailureReason: j.reason, ObjectiveStatus: types.ObjectiveStatusPending}
	if !j.start.IsZero() {
		s.TrainingStartTime = &j.start
	}
	if !j.end.IsZero() {
		s.TrainingEndTime = &j.end
	}
	objective := t.in.HyperParameterTuningJobConfig.HyperParameterTuningJobObjective
	for _, m := range j.metrics {
		if *m.MetricName == *objective.MetricName {
			s.ObjectiveStatus = types.ObjectiveStatusSucceeded
			s.FinalHyperParameterTuningJobObjectiveMetric = &types.FinalHyperParameterTuningJobObjectiveMetric{MetricName: m.MetricName, Value: m.Value, Type: objective.Type}
		}
	}
	if j.status == types.TrainingJobStatusFailed {
		s.ObjectiveStatus = types.ObjectiveStatusFailed
	}
	return s
}

func describeTuningJob(c *call, in *sagemaker.DescribeHyperParameterTuningJobInput) (*sagemaker.DescribeHyperParameterTuningJobOutput, error) {
	t := c.region.sagemaker.tuning[value(in.HyperParameterTuningJobName)]
	if t == nil {
		return nil, noJob()
	}
	out := &sagemaker.DescribeHyperParameterTuningJobOutput{
		HyperParameterTuningJobName: t.in.HyperParameterTuningJobName, HyperParameterTuningJobArn: t.arn, HyperParameterTuningJobConfig: t.in.HyperParameterTuningJobConfig, TrainingJobDefinition: t.in.TrainingJobDefinition,
		HyperParameterTuningJobStatus: t.status, CreationTime: &t.made, LastModifiedTime: new(c.now), FailureReason: t.reason,
		TrainingJobStatusCounters: &types.TrainingJobStatusCounters{
			Completed: new(int32(t.count(types.TrainingJobStatusCompleted))), InProgress: new(int32(t.count(types.TrainingJobStatusInProgress))), Stopped: new(int32(t.count(types.TrainingJobStatusStopped))),
			NonRetryableError: new(int32(t.count(types.TrainingJobStatusFailed))), RetryableError: new(int32(0)),
		},
		ObjectiveStatusCounters: &types.ObjectiveStatusCounters{Succeeded: new(int32(0)), Pending: new(int32(0)), Failed: new(int32(0))},
	}
	if !t.end.IsZero() {
		out.HyperParameterTuningEndTime = &t.end
	}
	for i := range t.jobs {
		s := t.summary(i)
		switch s.ObjectiveStatus {
		case types.ObjectiveStatusSucceeded:
			*out.ObjectiveStatusCounters.Succeeded++
			if out.BestTrainingJob == nil || better(s, *out.BestTrainingJob) {
				out.BestTrainingJob = &s
			}
		case types.ObjectiveStatusFailed:
			*out.ObjectiveStatusCounters.Failed++
		default:
			*out.ObjectiveStatusCounters.Pending++
		}
	}
	return out, nil
}

func better(a, b types.HyperParameterTrainingJobSummary) bool {
	x, y := a.FinalHyperParameterTuningJobObjectiveMetric, b.FinalHyperParameterTuningJobObjectiveMetric
	if x.Type == types.HyperParameterTuningJobObjectiveTypeMinimize {
		return *x.Value < *y.Value
	}
	return *x.Value > *y.Value
}

func stopTuningJob(c *call, in *sagemaker.StopHyperParameterTuningJobInput) (*sagemaker.StopHyperParameterTuningJobOutput, error) {
	t := c.region.sagemaker.tuning[value(in.HyperParameterTuningJobName)]
	if t == nil {
		return nil, noJob()
	}
	t.status = types.HyperParameterTuningJobStatusStopping
	for _, j := range t.jobs {
		if j.status == types.TrainingJobStatusInProgress {
			j.status = types.TrainingJobStatusStopping
			j.enter(types.SecondaryStatusStopping, c.now, "Stopping the training job")
		}
	}
	return &sagemaker.StopHyperParameterTuningJobOutput{}, nil
}

func listTuningTrainingJobs(c *call, in *sagemaker.ListTrainingJobsForHyperParameterTuningJobInput) (*sagemaker.ListTrainingJobsForHyperParameterTuningJobOutput, error) {
	t := c.region.sagemaker.tuning[value(in.HyperParameterTuningJobName)]
	if t == nil {
		return nil, noJob()
	}
	jobs := []types.HyperParameterTrainingJobSummary{}
	for i := range t.jobs {
		if s := t.summary(i); in.StatusEquals == "" || in.StatusEquals == s.TrainingJobStatus {
			jobs = append(jobs, s)
		}
	}
	jobs, next, err := page(c.Server, jobs, in.NextToken, in.MaxResults, 10)
	if err != nil {
		return nil, err
	}
	return &sagemaker.ListTrainingJobsForHyperParameterTuningJobOutput{TrainingJobSummaries: jobs, NextToken: next}, nil
}

func listTuningJobs(c *call, in *sagemaker.ListHyperParameterTuningJobsInput) (*sagemaker.ListHyperParameterTuningJobsOutput, error) {
	f := filter{in.NameContains, in.CreationTimeAfter, in.CreationTimeBefore, in.SortOrder == types.SortOrderAscending, in.SortBy == types.HyperParameterTuningJobSortByOptionsName, in.NextToken, in.MaxResults}
	names, next, err := listed(c, f, c.region.sagemaker.tuning, func(t *tuningJob) time.Time { return t.made })
	if err != nil {
		return nil, err
	}
	out := &sagemaker.ListHyperParameterTuningJobsOutput{HyperParameterTuningJobSummaries: []types.HyperParameterTuningJobSummary{}, NextToken: next}
	for _, name := range names {
		t := c.region.sagemaker.tuning[name]
		described, err := describeTuningJob(c, &sagemaker.DescribeHyperParameterTuningJobInput{HyperParameterTuningJobName: &name})
		if err != nil {
			return nil, err
		}
		out.HyperParameterTuningJobSummaries = append(out.HyperParameterTuningJobSummaries, types.HyperParameterTuningJobSummary{
			HyperParameterTuningJobName: t.in.HyperParameterTuningJobName, HyperParameterTuningJobArn: t.arn, HyperParameterTuningJobStatus: t.status, CreationTime: &t.made, Strategy: t.in.HyperParameterTuningJobConfig.Strategy,
			TrainingJobStatusCounters: described.TrainingJobStatusCounters, ObjectiveStatusCounters: described.ObjectiveStatusCounters, HyperParameterTuningEndTime: described.HyperParameterTuningEndTime,
		})
	}
	return out, nil
}
