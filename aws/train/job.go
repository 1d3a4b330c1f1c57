package train

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

// A Job is a training job that is to be made.
type Job struct {
	// Name is unique in account and region for ever: 1 to 63 letters, digits and hyphens.
	Name string
	// Image is the algorithm's, Role the ARN of the role that the job runs as.
	Image, Role string
	Settings    Settings
	Data        Data
	// Output is the URI below which the model is stored, as NAME/output/model.tar.gz.
	Output string
	// Instance is the type of the machines, Instances how many, VolumeGB the disk of each.
	Instance  string
	Instances int
	VolumeGB  int
	// MaxRuntime ends the job; what it has learned until then is stored where the algorithm can.
	MaxRuntime time.Duration
	// Spot takes machines that AWS may take back, and MaxWait bounds waiting and running together.
	Spot    bool
	MaxWait time.Duration
	Tags    map[string]string
}

// Data says where pictures and lists lie.
type Data struct {
	// Train and Validation are the prefixes of the pictures, or of the record files.
	Train, Validation string
	// TrainList and ValidationList are the .lst files; empty for records.
	TrainList, ValidationList string
	// Records are RecordIO files instead of pictures.
	Records bool
}

var jobName = regexp.MustCompile(`^[a-zA-Z0-9](-?[a-zA-Z0-9]){0,62}$`)

// roleARN is the pattern of RoleArn in the service's API model.
var roleARN = regexp.MustCompile(`^arn:aws[a-z\-]*:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+$`)

// gpu are the families that the algorithm trains on (developer guide, "EC2 Instance Recommendation for the Image Classification
// Algorithm").
var gpu = regexp.MustCompile(`^ml\.(p2|p3|g4dn|g5)\.`)

// A JobError says which choice about a job cannot be.
type JobError struct{ problem, hint string }

// Error says what is wrong.
func (e *JobError) Error() string { return e.problem }

// Hint says what would be right.
func (e *JobError) Hint() string { return e.hint }

// Bounds of a job's time: a day is the service's default for MaxRuntime, 28 days its maximum.
const (
	minRuntime = time.Minute
	maxRuntime = 28 * 24 * time.Hour
)

// Check tells whether a job can be made. Errors are [*JobError].
func (j *Job) Check() error {
	switch {
	case !jobName.MatchString(j.Name):
		return &JobError{fmt.Sprintf("job name %q: want up to 63 letters, digits and single hyphens between them", j.Name), "say another --name"}
	case !gpu.MatchString(j.Instance):
		return &JobError{fmt.Sprintf("the algorithm does not train on %q", j.Instance), "it takes machines with a GPU of the families ml.p2, ml.p3, ml.g4dn and ml.g5, such as ml.g4dn.xlarge"}
	case j.Role != "" && !roleARN.MatchString(j.Role):
		return &JobError{fmt.Sprintf("role %q is no ARN", j.Role), "such as arn:aws:iam::123456789012:role/training; or leave --role out to have one made"}
	case j.Instances < 1 || j.VolumeGB < 1:
		return &JobError{"a job needs one machine or more, and a disk", ""}
	case j.MaxRuntime < minRuntime || j.MaxRuntime > maxRuntime:
		return &JobError{fmt.Sprintf("maximal run time %v: must be 1m to 672h", j.MaxRuntime), ""}
	case j.Spot && j.MaxWait < j.MaxRuntime:
		return &JobError{fmt.Sprintf("waiting and running together, %v, cannot be less than running, %v", j.MaxWait, j.MaxRuntime), "say a longer --max-wait"}
	}
	return nil
}

// the types of the channels' content.
const (
	pictures = "application/x-image"
	records  = "application/x-recordio"
)

// channels are the algorithm's inputs by name.
func (j *Job) channels() []types.Channel {
	kind := pictures
	if j.Data.Records {
		kind = records
	}
	var all []types.Channel
	for _, c := range [][2]string{
		{"train", j.Data.Train}, {"validation", j.Data.Validation}, {"train_lst", j.Data.TrainList}, {"validation_lst", j.Data.ValidationList},
	} {
		if c[1] == "" {
			continue
		}
		all = append(all, types.Channel{
			ChannelName: &c[0], ContentType: &kind, CompressionType: types.CompressionTypeNone,
			DataSource: &types.DataSource{S3DataSource: &types.S3DataSource{
				S3DataType: types.S3DataTypeS3Prefix, S3Uri: &c[1], S3DataDistributionType: types.S3DataDistributionFullyReplicated,
			}},
		})
	}
	return all
}

func (j *Job) resources() *types.ResourceConfig {
	return &types.ResourceConfig{
		InstanceType: types.TrainingInstanceType(j.Instance), InstanceCount: awssdk.Int32(int32(j.Instances)), VolumeSizeInGB: awssdk.Int32(int32(j.VolumeGB)),
	}
}

func (j *Job) stopping() *types.StoppingCondition {
	s := &types.StoppingCondition{MaxRuntimeInSeconds: awssdk.Int32(int32(j.MaxRuntime.Seconds()))}
	if j.Spot {
		s.MaxWaitTimeInSeconds = awssdk.Int32(int32(j.MaxWait.Seconds()))
	}
	return s
}

// checkpoints is where a spot job puts what it goes on from; nil for others.
func (j *Job) checkpoints() *types.CheckpointConfig {
	if !j.Spot {
		return nil
	}
	return &types.CheckpointConfig{S3Uri: awssdk.String(j.CheckpointURI())}
}

// CheckpointURI is where a spot job keeps its checkpoints.
func (j *Job) CheckpointURI() string {
	return strings.TrimSuffix(j.Output, "/") + "/" + j.Name + "/checkpoints"
}

func (j *Job) tags() []types.Tag {
	var tags []types.Tag
	for key, value := range j.Tags {
		tags = append(tags, types.Tag{Key: &key, Value: &value})
	}
	return tags
}

// input is the request.
func (j *Job) input() *sagemaker.CreateTrainingJobInput {
	return &sagemaker.CreateTrainingJobInput{
		TrainingJobName:           &j.Name,
		AlgorithmSpecification:    &types.AlgorithmSpecification{TrainingImage: &j.Image, TrainingInputMode: types.TrainingInputModeFile},
		RoleArn:                   &j.Role,
		HyperParameters:           j.Settings,
		InputDataConfig:           j.channels(),
		OutputDataConfig:          &types.OutputDataConfig{S3OutputPath: &j.Output},
		ResourceConfig:            j.resources(),
		StoppingCondition:         j.stopping(),
		EnableManagedSpotTraining: awssdk.Bool(j.Spot),
		CheckpointConfig:          j.checkpoints(),
		Tags:                      j.tags(),
	}
}

// Request is CreateTrainingJob's input as JSON with the API's names, as aws sagemaker create-training-job --cli-input-json takes it.
func (j *Job) Request() ([]byte, error) { return requestJSON(j.input()) }

// requestJSON leaves out what is not said.
func requestJSON(input any) ([]byte, error) {
	data, err := json.Marshal(input)
	if err != nil {
		return nil, err
	}
	var value any
	if err := json.Unmarshal(data, &value); err != nil {
		return nil, err
	}
	return json.MarshalIndent(said(value), "", "  ")
}

// said removes nulls, empty texts and empty lists.
func said(value any) any {
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			if inner = said(inner); inner == nil || inner == "" {
				delete(v, key)
			} else {
				v[key] = inner
			}
		}
		if len(v) == 0 {
			return nil
		}
	case []any:
		for i := range v {
			v[i] = said(v[i])
		}
		if len(v) == 0 {
			return nil
		}
	}
	return value
}
