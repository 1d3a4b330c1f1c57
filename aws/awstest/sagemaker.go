package awstest

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/scones-unlimited/scones/aws/awstest/wire"
)

type sagemakerState struct {
	models    map[string]*model
	configs   map[string]*endpointConfig
	endpoints map[string]*endpoint
	training  map[string]*trainingJob
	transform map[string]*transformJob
	tuning    map[string]*tuningJob
	tags      map[string][]types.Tag // by ARN
}

func newSageMaker() *sagemakerState {
	return &sagemakerState{map[string]*model{}, map[string]*endpointConfig{}, map[string]*endpoint{}, map[string]*trainingJob{}, map[string]*transformJob{}, map[string]*tuningJob{}, map[string][]types.Tag{}}
}

func sagemakerService() *service {
	return &service{name: "sagemaker", model: "sagemaker", operations: map[string]operation{
		"CreateModel": typed(createModel), "DescribeModel": typed(describeModel), "DeleteModel": typed(deleteModel), "ListModels": typed(listModels),
		"CreateEndpointConfig": typed(createEndpointConfig), "DescribeEndpointConfig": typed(describeEndpointConfig), "DeleteEndpointConfig": typed(deleteEndpointConfig), "ListEndpointConfigs": typed(listEndpointConfigs),
		"CreateEndpoint": typed(createEndpoint), "DescribeEndpoint": typed(describeEndpoint), "UpdateEndpoint": typed(updateEndpoint), "DeleteEndpoint": typed(deleteEndpoint), "ListEndpoints": typed(listEndpoints),
		"CreateTrainingJob": typed(createTrainingJob), "DescribeTrainingJob": typed(describeTrainingJob), "StopTrainingJob": typed(stopTrainingJob), "ListTrainingJobs": typed(listTrainingJobs),
		"CreateTransformJob": typed(createTransformJob), "DescribeTransformJob": typed(describeTransformJob), "StopTransformJob": typed(stopTransformJob), "ListTransformJobs": typed(listTransformJobs),
		"CreateHyperParameterTuningJob": typed(createTuningJob), "DescribeHyperParameterTuningJob": typed(describeTuningJob), "StopHyperParameterTuningJob": typed(stopTuningJob),
		"ListTrainingJobsForHyperParameterTuningJob": typed(listTuningTrainingJobs), "ListHyperParameterTuningJobs": typed(listTuningJobs),
		"AddTags": typed(addTags), "DeleteTags": typed(deleteTags), "ListTags": typed(listTags),
		"InvokeEndpoint": invokeEndpoint, "InvokeEndpointAsync": invokeEndpointAsync,
	}, routes: []route{
		{pattern: "POST /endpoints/{EndpointName}/invocations", operation: "InvokeEndpoint"},
		{pattern: "POST /endpoints/{EndpointName}/async-invocations", operation: "InvokeEndpointAsync", status: 202},
	}}
}

// sagemakerRole is the principal that a role of SageMaker's trusts.
const sagemakerRole = "sagemaker.amazonaws.com"

var sagemakerName = regexp.MustCompile(`^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$`)

func invalid(format string, args ...any) *wire.Error {
	return wire.Errorf("ValidationException", format, args...)
}

// checkName holds a name to what all of SageMaker's are held to, at most so many characters.
func checkName(member string, name *string, most int) error {
	if !sagemakerName.MatchString(value(name)) || len(value(name)) > most {
		return invalid("1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,%d}", value(name), member, most-1)
	}
	return nil
}

// checkRole refuses a role that SageMaker may not take on.
func (c *call) checkRole(arn string) error {
	if !strings.HasPrefix(arn, "arn:aws:iam::"+Account+":role/") {
		return invalid("Invalid role ARN %q", arn)
	}
	if !c.assumable(arn, sagemakerRole) {
		return invalid("Could not assume role %s. Please ensure that the role exists and allows principal '%s' to assume the role.", arn, sagemakerRole)
	}
	return nil
}

// checkNewTags refuses what no tag may be, and keeps the rest under the ARN.
func (r *region) tag(arn string, tags []types.Tag) error {
	now := slices.Clone(r.sagemaker.tags[arn])
	seen := map[string]bool{}
	for _, tag := range tags {
		key := value(tag.Key)
		if seen[key] {
			return invalid("Duplicate tag keys: %s", key)
		}
		seen[key] = true
		if strings.HasPrefix(strings.ToLower(key), "aws:") {
			return invalid("Tag keys may not begin with aws:, which %q does", key)
		}
		now = slices.DeleteFunc(now, func(t types.Tag) bool { return value(t.Key) == key })
		now = append(now, tag)
	}
	if len(now) > 50 {
		return invalid("The number of tags on %s exceeds 50", arn)
	}
	r.sagemaker.tags[arn] = now
	return nil
}

// taggable tells whether an ARN names something that is there.
func (r *region) taggable(arn string) bool {
	_, ok := r.sagemaker.tags[arn]
	return ok
}

func addTags(c *call, in *sagemaker.AddTagsInput) (*sagemaker.AddTagsOutput, error) {
	arn := value(in.ResourceArn)
	if !c.region.taggable(arn) {
		return nil, invalid("Could not find resource %s", arn)
	}
	if err := c.region.tag(arn, in.Tags); err != nil {
		return nil, err
	}
	return &sagemaker.AddTagsOutput{Tags: c.region.sagemaker.tags[arn]}, nil
}

func deleteTags(c *call, in *sagemaker.DeleteTagsInput) (*sagemaker.DeleteTagsOutput, error) {
	arn := value(in.ResourceArn)
	if !c.region.taggable(arn) {
		return nil, invalid("Could not find resource %s", arn)
	}
	c.region.sagemaker.tags[arn] = slices.DeleteFunc(slices.Clone(c.region.sagemaker.tags[arn]), func(t types.Tag) bool { return slices.Contains(in.TagKeys, value(t.Key)) })
	return &sagemaker.DeleteTagsOutput{}, nil
}

func listTags(c *call, in *sagemaker.ListTagsInput) (*sagemaker.ListTagsOutput, error) {
	arn := value(in.ResourceArn)
	if !c.region.taggable(arn) {
		return nil, invalid("Could not find resource %s", arn)
	}
	tags, next, err := page(c.Server, append([]types.Tag{}, c.region.sagemaker.tags[arn]...), in.NextToken, in.MaxResults, 50)
	if err != nil {
		return nil, err
	}
	return &sagemaker.ListTagsOutput{Tags: tags, NextToken: next}, nil
}

// A filter is what SageMaker's lists have in common.
type filter struct {
	contains      *string
	after, before *time.Time
	ascending     bool
	byName        bool
	token         *string
	most          *int32
}

// listed applies a filter to what there is, newest first where the caller does not ask for another order, and cuts a page.
func listed[T any](c *call, f filter, all map[string]T, made func(T) time.Time) ([]string, *string, error) {
	var names []string
	for name, item := range all {
		at := made(item)
		if !c.visible(at) || !strings.Contains(strings.ToLower(name), strings.ToLower(value(f.contains))) || f.after != nil && !at.After(*f.after) || f.before != nil && !at.Before(*f.before) {
			continue
		}
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		order := made(all[a]).Compare(made(all[b]))
		if order == 0 || f.byName {
			order = strings.Compare(a, b)
		}
		if !f.ascending {
			order = -order
		}
		return order
	})
	names, next, err := page(c.Server, names, f.token, f.most, 10)
	if err != nil {
		return nil, nil, err
	}
	return names, next, nil
}
