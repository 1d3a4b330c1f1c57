package train

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

// A Trial is one training job of a search.
type Trial struct {
	Job      string   `json:"job"`
	State    State    `json:"state"`
	Settings Settings `json:"tuned"`
	// Accuracy on the validation pictures; negative while it is not known.
	Accuracy float64 `json:"validation_accuracy"`
	Reason   string  `json:"reason,omitempty"`
}

// A Search is what the service says of a search.
type Search struct {
	Name   string  `json:"name"`
	State  State   `json:"state"`
	Reason string  `json:"reason,omitempty"`
	Trials []Trial `json:"trials"`
	// Best is the name of the best trial; empty when there is none.
	Best string `json:"best,omitempty"`
	// Jobs is how many there will be.
	Jobs int `json:"jobs"`
}

// CreateTuning begins a search. Errors are [*Error].
func (s *Service) CreateTuning(ctx context.Context, t *Tuning) error {
	input := t.input()
	err := s.assumed(ctx, func() error {
		_, err := s.sagemaker.CreateHyperParameterTuningJob(ctx, input)
		return translate("make the tuning job "+t.Job.Name, err)
	})
	if !taken(err) {
		return err
	}
	// The answer to an attempt may have been lost, and the search is this one.
	made, described := s.sagemaker.DescribeHyperParameterTuningJob(ctx, &sagemaker.DescribeHyperParameterTuningJobInput{HyperParameterTuningJobName: &t.Job.Name})
	if described == nil && made.TrainingJobDefinition != nil && maps.Equal(made.TrainingJobDefinition.StaticHyperParameters, input.TrainingJobDefinition.StaticHyperParameters) {
		return nil
	}
	return err
}

// StopTuning tells a search and its jobs to stop.
func (s *Service) StopTuning(ctx context.Context, name string) error {
	_, err := s.sagemaker.StopHyperParameterTuningJob(ctx, &sagemaker.StopHyperParameterTuningJobInput{HyperParameterTuningJobName: &name})
	return translate("stop the tuning job "+name, err)
}

// maxTrials bounds the jobs that are listed; a search has 750 at most.
const maxTrials = 1000

// DescribeTuning asks how a search stands. Errors are [*Error], and wrap [ErrNoJob] where there is none.
func (s *Service) DescribeTuning(ctx context.Context, name string) (*Search, error) {
	out, err := s.sagemaker.DescribeHyperParameterTuningJob(ctx, &sagemaker.DescribeHyperParameterTuningJobInput{HyperParameterTuningJobName: &name})
	if err != nil {
		return nil, translate("look at the tuning job "+name, err)
	}
	found := &Search{Name: name, State: State(out.HyperParameterTuningJobStatus), Reason: awssdk.ToString(out.FailureReason)}
	if c := out.HyperParameterTuningJobConfig; c != nil && c.ResourceLimits != nil {
		found.Jobs = int(awssdk.ToInt32(c.ResourceLimits.MaxNumberOfTrainingJobs))
	}
	if out.BestTrainingJob != nil {
		found.Best = awssdk.ToString(out.BestTrainingJob.TrainingJobName)
	}
	pages := sagemaker.NewListTrainingJobsForHyperParameterTuningJobPaginator(s.sagemaker, &sagemaker.ListTrainingJobsForHyperParameterTuningJobInput{HyperParameterTuningJobName: &name})
	for pages.HasMorePages() && len(found.Trials) < maxTrials {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, translate("list the jobs of the tuning job "+name, err)
		}
		for _, job := range page.TrainingJobSummaries {
			found.Trials = append(found.Trials, trialOf(job))
		}
	}
	slices.SortFunc(found.Trials, func(a, b Trial) int { return strings.Compare(a.Job, b.Job) })
	return found, nil
}

func trialOf(job types.HyperParameterTrainingJobSummary) Trial {
	t := Trial{
		Job: awssdk.ToString(job.TrainingJobName), State: State(job.TrainingJobStatus), Settings: job.TunedHyperParameters, Accuracy: unsaid,
		Reason: awssdk.ToString(job.FailureReason),
	}
	if m := job.FinalHyperParameterTuningJobObjectiveMetric; m != nil && m.Value != nil {
		t.Accuracy = float64(*m.Value)
	}
	return t
}

// FollowTuning watches a search until it is over, or ctx ends, which does nothing to the search.
func (s *Service) FollowTuning(ctx context.Context, name string, every time.Duration, report func(*Search)) (*Search, error) {
	if every <= 0 {
		every = DefaultEvery
	}
	for {
		search, err := s.DescribeTuning(ctx, name)
		if err != nil {
			return nil, err
		}
		report(search)
		if search.State.Over() {
			return search, nil
		}
		if err := pause(ctx, every); err != nil {
			return search, err
		}
	}
}
