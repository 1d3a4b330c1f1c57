package awstest

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

type model struct {
	in   *sagemaker.CreateModelInput
	arn  *string
	made time.Time
}

// container is what the model runs first.
func (m *model) container() Container {
	d := m.in.PrimaryContainer
	if d == nil && len(m.in.Containers) > 0 {
		d = &m.in.Containers[0]
	}
	if d == nil {
		return Container{}
	}
	return Container{value(d.Image), dataURL(d), d.Environment}
}

func dataURL(d *types.ContainerDefinition) string {
	if d.ModelDataSource != nil && d.ModelDataSource.S3DataSource != nil {
		return value(d.ModelDataSource.S3DataSource.S3Uri)
	}
	return value(d.ModelDataUrl)
}

func createModel(c *call, in *sagemaker.CreateModelInput) (*sagemaker.CreateModelOutput, error) {
	if err := checkName("modelName", in.ModelName, 63); err != nil {
		return nil, err
	}
	arn := c.region.arn("sagemaker", "model/"+strings.ToLower(*in.ModelName))
	if c.region.sagemaker.models[*in.ModelName] != nil {
		return nil, invalid("Cannot create already existing model %q.", *arn)
	}
	if (in.PrimaryContainer == nil) == (len(in.Containers) == 0) {
		return nil, invalid("Exactly one of PrimaryContainer and Containers must be given.")
	}
	if in.ExecutionRoleArn == nil {
		return nil, invalid("ExecutionRoleArn is required for creating a model")
	}
	if err := c.checkRole(*in.ExecutionRoleArn); err != nil {
		return nil, err
	}
	containers := in.Containers
	if in.PrimaryContainer != nil {
		containers = []types.ContainerDefinition{*in.PrimaryContainer}
	}
	for _, d := range containers {
		if err := c.checkContainer(*in.ExecutionRoleArn, &d); err != nil {
			return nil, err
		}
	}
	if err := c.region.tag(*arn, in.Tags); err != nil {
		return nil, err
	}
	c.region.sagemaker.models[*in.ModelName] = &model{in, arn, c.now}
	return &sagemaker.CreateModelOutput{ModelArn: arn}, nil
}

// checkContainer refuses model data that is not there or that the role may not read, and an image of this account that is not there.
func (c *call) checkContainer(role string, d *types.ContainerDefinition) error {
	if value(d.Image) == "" && value(d.ModelPackageName) == "" {
		return invalid("A container needs Image or ModelPackageName")
	}
	if url := dataURL(d); url != "" {
		bucket, key, ok := splitS3(url)
		b := c.s3.buckets[bucket]
		whole := d.ModelDataSource == nil || d.ModelDataSource.S3DataSource.S3DataType == types.S3ModelDataTypeS3Object
		if !ok || whole && !strings.HasSuffix(key, ".tar.gz") && d.ModelDataSource == nil {
			return invalid("Invalid model data URL %q: it must be the address of a .tar.gz in S3", url)
		}
		if b == nil || b.region != c.regionID || whole && b.newest(key) == nil || !c.may(role, "s3:GetObject", "arn:aws:s3:::"+bucket+"/"+key, nil) {
			return invalid("Could not access model data at %s. Please ensure that the role %q exists and that its trust relationship policy allows the action \"sts:AssumeRole\" for the service principal \"%s\". Also ensure that the role has \"s3:GetObject\" permissions and that the object is located in %s. If your Model uses multiple models or uncompressed models, please ensure that the role has \"s3:ListBucket\" permission.", url, role, sagemakerRole, c.regionID)
		}
	}
	return nil
}

// splitS3 takes the address of an object or a prefix apart.
func splitS3(url string) (bucket, key string, ok bool) {
	rest, ok := strings.CutPrefix(url, "s3://")
	bucket, key, _ = strings.Cut(rest, "/")
	return bucket, key, ok && bucket != ""
}

func (c *call) model(name *string) (*model, error) {
	if m := c.region.sagemaker.models[value(name)]; m != nil {
		return m, nil
	}
	return nil, invalid("Could not find model %q.", *c.region.arn("sagemaker", "model/"+strings.ToLower(value(name))))
}

func describeModel(c *call, in *sagemaker.DescribeModelInput) (*sagemaker.DescribeModelOutput, error) {
	m, err := c.model(in.ModelName)
	if err != nil {
		return nil, err
	}
	out := &sagemaker.DescribeModelOutput{
		ModelName: m.in.ModelName, ModelArn: m.arn, CreationTime: &m.made, Containers: m.in.Containers, PrimaryContainer: m.in.PrimaryContainer,
		ExecutionRoleArn: m.in.ExecutionRoleArn, VpcConfig: m.in.VpcConfig, InferenceExecutionConfig: m.in.InferenceExecutionConfig, EnableNetworkIsolation: new(value(m.in.EnableNetworkIsolation)),
	}
	if d := m.in.PrimaryContainer; d != nil {
		filled := *d // the service says what it took for granted
		if filled.Mode == "" {
			filled.Mode = types.ContainerModeSingleModel
		}
		if filled.ModelDataUrl != nil && filled.ModelDataSource == nil {
			filled.ModelDataSource = &types.ModelDataSource{S3DataSource: &types.S3ModelDataSource{S3Uri: filled.ModelDataUrl, S3DataType: types.S3ModelDataTypeS3Object, CompressionType: types.ModelCompressionTypeGzip}}
		}
		if filled.Environment == nil {
			filled.Environment = map[string]string{}
		}
		out.PrimaryContainer = &filled
	}
	return out, nil
}

func deleteModel(c *call, in *sagemaker.DeleteModelInput) (*sagemaker.DeleteModelOutput, error) {
	m, err := c.model(in.ModelName)
	if err != nil {
		return nil, err
	}
	delete(c.region.sagemaker.models, *in.ModelName)
	delete(c.region.sagemaker.tags, *m.arn)
	return &sagemaker.DeleteModelOutput{}, nil
}

func listModels(c *call, in *sagemaker.ListModelsInput) (*sagemaker.ListModelsOutput, error) {
	f := filter{in.NameContains, in.CreationTimeAfter, in.CreationTimeBefore, in.SortOrder == types.OrderKeyAscending, in.SortBy == types.ModelSortKeyName, in.NextToken, in.MaxResults}
	names, next, err := listed(c, f, c.region.sagemaker.models, func(m *model) time.Time { return m.made })
	if err != nil {
		return nil, err
	}
	out := &sagemaker.ListModelsOutput{Models: []types.ModelSummary{}, NextToken: next}
	for _, name := range names {
		m := c.region.sagemaker.models[name]
		out.Models = append(out.Models, types.ModelSummary{ModelName: m.in.ModelName, ModelArn: m.arn, CreationTime: &m.made})
	}
	return out, nil
}
