package train

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

// A Range is what automatic tuning may choose a hyperparameter from: numbers between two, or one of some values.
type Range struct {
	Name     string
	Min, Max float64
	Log      bool
	Integer  bool
	Values   []string
}

// ParseRanges reads NAME=MIN:MAX and NAME=VALUE,VALUE, and holds them against what may be tuned. Errors are [*ParameterError].
func ParseRanges(texts []string) ([]Range, error) {
	var ranges []Range
	for _, text := range texts {
		name, value, _ := strings.Cut(text, "=")
		p, known := FindParameter(name)
		bad := func(problem string, values ...any) error {
			return &ParameterError{Name: name, Value: value, Problem: fmt.Sprintf(problem, values...), hint: tunable()}
		}
		switch {
		case !known:
			return nil, &ParameterError{Name: name, Problem: "is not known to the algorithm", hint: nearest(name)}
		case p.Tune == nil:
			return nil, bad("cannot be tuned")
		case slices.ContainsFunc(ranges, func(r Range) bool { return r.Name == name }):
			return nil, bad("is there twice")
		case p.Type == Choice:
			values := strings.Split(value, ",")
			for _, v := range values {
				if err := p.check(v); err != nil {
					return nil, err
				}
			}
			ranges = append(ranges, Range{Name: name, Values: values})
			continue
		}
		low, high, ok := strings.Cut(value, ":")
		from, errLow := strconv.ParseFloat(low, 64)
		to, errHigh := strconv.ParseFloat(high, 64)
		switch {
		case !ok || errLow != nil || errHigh != nil || !(from < to):
			return nil, bad("is no range; such as %s=%v:%v", name, p.Tune.Min, p.Tune.Max)
		case from < p.Tune.Min || to > p.Tune.Max:
			return nil, bad("must lie between %v and %v", p.Tune.Min, p.Tune.Max)
		case p.Type == Integer && (from != float64(int(from)) || to != float64(int(to))):
			return nil, bad("must be whole numbers")
		}
		ranges = append(ranges, Range{Name: name, Min: from, Max: to, Log: p.Tune.Log && from > 0, Integer: p.Type == Integer})
	}
	return ranges, nil
}

// tunable lists what may be tuned.
func tunable() string {
	var names []string
	for _, p := range Parameters {
		if p.Tune != nil {
			names = append(names, p.Name)
		}
	}
	return "these can be tuned: " + strings.Join(names, ", ")
}

// A Tuning is a search for the best hyperparameters: training jobs that differ in what [Range] says.
type Tuning struct {
	// Job is what they have in common. Its name is the search's, 32 characters at most.
	Job    Job
	Ranges []Range
	// Jobs is how many there are at most, Parallel how many at once. Few at once learn more from each other.
	Jobs, Parallel int
}

// Objective is what tuning maximises, as the algorithm measures it.
const Objective = "validation:accuracy"

// maxTuningName bounds the name: training jobs add 20 characters.
const maxTuningName = 32

// Check tells whether a search can be made. Errors are [*JobError].
func (t *Tuning) Check() error {
	switch {
	case len(t.Job.Name) > maxTuningName:
		return &JobError{fmt.Sprintf("job name %q: a search's has %d characters at most", t.Job.Name, maxTuningName), "say a shorter --name"}
	case t.Jobs < 1 || t.Jobs > 750 || t.Parallel < 1 || t.Parallel > min(t.Jobs, 100): // the service's own bounds
		return &JobError{fmt.Sprintf("%d jobs, %d at once: want 1 to 750 jobs, and 1 to 100 at once, no more than there are", t.Jobs, t.Parallel), ""}
	}
	return t.Job.Check()
}

func (t *Tuning) input() *sagemaker.CreateHyperParameterTuningJobInput {
	static := maps.Clone(map[string]string(t.Job.Settings))
	ranges := new(types.ParameterRanges)
	for _, r := range t.Ranges {
		delete(static, r.Name)
		scale := types.HyperParameterScalingTypeLinear
		if r.Log {
			scale = types.HyperParameterScalingTypeLogarithmic
		}
		low, high := strconv.FormatFloat(r.Min, 'g', -1, 64), strconv.FormatFloat(r.Max, 'g', -1, 64)
		switch {
		case r.Values != nil:
			ranges.CategoricalParameterRanges = append(ranges.CategoricalParameterRanges, types.CategoricalParameterRange{Name: &r.Name, Values: r.Values})
		case r.Integer:
			ranges.IntegerParameterRanges = append(ranges.IntegerParameterRanges, types.IntegerParameterRange{Name: &r.Name, MinValue: &low, MaxValue: &high, ScalingType: scale})
		default:
			ranges.ContinuousParameterRanges = append(ranges.ContinuousParameterRanges, types.ContinuousParameterRange{Name: &r.Name, MinValue: &low, MaxValue: &high, ScalingType: scale})
		}
	}
	j := &t.Job
	return &sagemaker.CreateHyperParameterTuningJobInput{
		HyperParameterTuningJobName: &j.Name,
		HyperParameterTuningJobConfig: &types.HyperParameterTuningJobConfig{
			Strategy: types.HyperParameterTuningJobStrategyTypeBayesian,
			HyperParameterTuningJobObjective: &types.HyperParameterTuningJobObjective{
				Type: types.HyperParameterTuningJobObjectiveTypeMaximize, MetricName: awssdk.String(Objective),
			},
			ResourceLimits:  &types.ResourceLimits{MaxNumberOfTrainingJobs: awssdk.Int32(int32(t.Jobs)), MaxParallelTrainingJobs: awssdk.Int32(int32(t.Parallel))},
			ParameterRanges: ranges,
		},
		TrainingJobDefinition: &types.HyperParameterTrainingJobDefinition{
			AlgorithmSpecification: &types.HyperParameterAlgorithmSpecification{TrainingImage: &j.Image, TrainingInputMode: types.TrainingInputModeFile},
			StaticHyperParameters:  static, RoleArn: &j.Role, InputDataConfig: j.channels(), OutputDataConfig: &types.OutputDataConfig{S3OutputPath: &j.Output},
			ResourceConfig: j.resources(), StoppingCondition: j.stopping(), EnableManagedSpotTraining: awssdk.Bool(j.Spot), CheckpointConfig: j.checkpoints(),
		},
		Tags: j.tags(),
	}
}

// Request is CreateHyperParameterTuningJob's input as JSON with the API's names.
func (t *Tuning) Request() ([]byte, error) { return requestJSON(t.input()) }
