package train

import (
	"context"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

// A State is how a job stands.
type State string

// The states, in the service's words.
const (
	Running   State = "InProgress"
	Stopping  State = "Stopping"
	Completed State = "Completed"
	Failed    State = "Failed"
	Stopped   State = "Stopped"
)

// Over tells that nothing will happen any more.
func (s State) Over() bool { return s == Completed || s == Failed || s == Stopped }

// A Phase is a part of a job's life, with what the service says about it.
type Phase struct {
	Name    string    `json:"phase"`
	Message string    `json:"message,omitempty"`
	Start   time.Time `json:"start"`
	// End is zero while it lasts.
	End time.Time `json:"end,omitzero"`
}

// A Status is what the service says of a job.
type Status struct {
	Name  string `json:"name"`
	ARN   string `json:"arn"`
	State State  `json:"state"`
	// Phases so far, in order: Starting, Downloading, Training, Uploading, and on spot machines Interrupted.
	Phases []Phase `json:"phases"`
	// Reason of a failure.
	Reason string `json:"reason,omitempty"`
	// Artifact is the URI of the model, where there is one.
	Artifact string    `json:"artifact,omitempty"`
	Created  time.Time `json:"created"`
	// Trained and Billed are seconds of one machine; on spot machines Billed is less.
	Trained int `json:"seconds_trained"`
	Billed  int `json:"seconds_billed"`

	Image     string   `json:"image"`
	Role      string   `json:"role"`
	Settings  Settings `json:"settings"`
	Data      Data     `json:"data"`
	Output    string   `json:"output"`
	Instance  string   `json:"instance"`
	Instances int      `json:"instances"`
	Spot      bool     `json:"spot,omitempty"`
	// Metrics are the last values of what the service measured, such as validation:accuracy.
	Metrics map[string]float64 `json:"metrics,omitempty"`
}

// Phase is the one that the job is in, or ended with.
func (s *Status) Phase() Phase {
	if len(s.Phases) == 0 {
		return Phase{}
	}
	return s.Phases[len(s.Phases)-1]
}

// Describe asks how a job stands. Errors are [*Error], and wrap [ErrNoJob] where there is none.
func (s *Service) Describe(ctx context.Context, name string) (*Status, error) {
	out, err := s.sagemaker.DescribeTrainingJob(ctx, &sagemaker.DescribeTrainingJobInput{TrainingJobName: &name})
	if err != nil {
		return nil, translate("look at the training job "+name, err)
	}
	return statusOf(out), nil
}

func statusOf(out *sagemaker.DescribeTrainingJobOutput) *Status {
	s := &Status{
		Name: awssdk.ToString(out.TrainingJobName), ARN: awssdk.ToString(out.TrainingJobArn), State: State(out.TrainingJobStatus),
		Reason: awssdk.ToString(out.FailureReason), Created: awssdk.ToTime(out.CreationTime), Role: awssdk.ToString(out.RoleArn),
		Trained: int(awssdk.ToInt32(out.TrainingTimeInSeconds)), Billed: int(awssdk.ToInt32(out.BillableTimeInSeconds)),
		Settings: Settings(out.HyperParameters), Spot: awssdk.ToBool(out.EnableManagedSpotTraining), Metrics: map[string]float64{},
	}
	for _, t := range out.SecondaryStatusTransitions {
		s.Phases = append(s.Phases, Phase{string(t.Status), awssdk.ToString(t.StatusMessage), awssdk.ToTime(t.StartTime), awssdk.ToTime(t.EndTime)})
	}
	if len(s.Phases) == 0 && out.SecondaryStatus != "" {
		s.Phases = []Phase{{Name: string(out.SecondaryStatus), Start: s.Created}}
	}
	if out.ModelArtifacts != nil {
		s.Artifact = awssdk.ToString(out.ModelArtifacts.S3ModelArtifacts)
	}
	if out.AlgorithmSpecification != nil {
		s.Image = awssdk.ToString(out.AlgorithmSpecification.TrainingImage)
	}
	if out.OutputDataConfig != nil {
		s.Output = awssdk.ToString(out.OutputDataConfig.S3OutputPath)
	}
	if r := out.ResourceConfig; r != nil {
		s.Instance, s.Instances = string(r.InstanceType), int(awssdk.ToInt32(r.InstanceCount))
	}
	s.Data = dataOf(out.InputDataConfig)
	for _, m := range out.FinalMetricDataList {
		s.Metrics[awssdk.ToString(m.MetricName)] = float64(awssdk.ToFloat32(m.Value))
	}
	return s
}

func dataOf(channels []types.Channel) Data {
	var d Data
	to := map[string]*string{"train": &d.Train, "validation": &d.Validation, "train_lst": &d.TrainList, "validation_lst": &d.ValidationList}
	for _, c := range channels {
		at := to[awssdk.ToString(c.ChannelName)]
		if at == nil || c.DataSource == nil || c.DataSource.S3DataSource == nil {
			continue
		}
		*at = awssdk.ToString(c.DataSource.S3DataSource.S3Uri)
		d.Records = d.Records || awssdk.ToString(c.ContentType) == records
	}
	return d
}
