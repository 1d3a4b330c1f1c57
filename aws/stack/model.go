package stack

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/scones-unlimited/scones/aws/plan"
)

// A ModelSpec is what SageMaker needs to serve a model.
type ModelSpec struct {
	Deployment string
	Part       plan.Part
	// Image is the container's URI.
	Image string
	// Artifact is the URI of a model.tar.gz in S3.
	Artifact    string
	Environment map[string]string
	Role        *Role
	// Isolated cuts the container off the network.
	Isolated bool
	Needs    []plan.Resource
}

// A Model is a model of SageMaker. It cannot be changed, so its name holds a hash of what it is.
type Model struct {
	modelItem
	wanted
	spec ModelSpec
}

// Model describes a model.
func (a *Account) Model(s ModelSpec) *Model {
	m := &Model{spec: s}
	m.wanted = wanted{deployment: s.Deployment, part: s.Part, needs: append([]plan.Resource{s.Role}, s.Needs...),
		fields: modelFields(s.Image, s.Artifact, s.Environment, s.Role.ARN())}
	// The network is in the name, not in the fields: stand-ins do not tell it.
	hash := plan.Hash(append(slices.Clone(m.fields), plan.F("isolated", strconv.FormatBool(s.Isolated))))
	m.modelItem = modelItem{item{a, plan.Model, s.Deployment + "-" + hash}}
	return m
}

func modelFields(image, artifact string, environment map[string]string, role string) plan.Fields {
	if environment == nil {
		environment = map[string]string{}
	}
	text, err := json.Marshal(environment) // keys in order
	if err != nil {
		panic(err) // strings always encode
	}
	return plan.Fields{plan.Fixed("image", image), plan.Fixed("artifact", artifact), plan.Fixed("environment", string(text)), plan.Fixed("role", role)}
}

// Create makes the model.
func (m *Model) Create(ctx context.Context) error {
	_, err := m.a.sagemaker.CreateModel(ctx, &sagemaker.CreateModelInput{
		ModelName: &m.name, ExecutionRoleArn: awssdk.String(m.spec.Role.ARN()), EnableNetworkIsolation: &m.spec.Isolated, Tags: m.sagemakerTags(),
		PrimaryContainer: &types.ContainerDefinition{Image: &m.spec.Image, ModelDataUrl: &m.spec.Artifact, Environment: m.spec.Environment},
	})
	if err != nil {
		return unassumable(err)
	}
	return nil
}

// Update sets the tags; nothing else can be changed.
func (m *Model) Update(ctx context.Context, from plan.State) error {
	return m.a.tag(ctx, from.ARN, m.sagemakerTags())
}

type modelItem struct{ item }

// Read asks for the model and its tags.
func (m modelItem) Read(ctx context.Context) (plan.State, error) {
	out, err := m.a.sagemaker.DescribeModel(ctx, &sagemaker.DescribeModelInput{ModelName: &m.name})
	if missing(err) {
		return plan.State{}, nil
	}
	if err != nil {
		return plan.State{}, said(err)
	}
	state := plan.State{Phase: plan.Ready, ARN: awssdk.ToString(out.ModelArn), Created: awssdk.ToTime(out.CreationTime)}
	if c := out.PrimaryContainer; c != nil {
		state.Fields = modelFields(awssdk.ToString(c.Image), awssdk.ToString(c.ModelDataUrl), c.Environment, awssdk.ToString(out.ExecutionRoleArn))
	}
	state.Tags, err = m.a.sagemakerTagsOf(ctx, state.ARN)
	return state, err
}

// Delete deletes the model.
func (m modelItem) Delete(ctx context.Context) error {
	_, err := m.a.sagemaker.DeleteModel(ctx, &sagemaker.DeleteModelInput{ModelName: &m.name})
	return deleted(err)
}

type modelFinder struct{ a *Account }

// Kind is the model's.
func (f modelFinder) Kind() plan.Kind { return plan.Model }

// How names the calls.
func (f modelFinder) How() string { return "sagemaker:ListModels, sagemaker:ListTags" }

// Find lists models by name; their tags are read with them.
func (f modelFinder) Find(ctx context.Context, name string) ([]plan.Item, error) {
	var names []*string
	for pages := sagemaker.NewListModelsPaginator(f.a.sagemaker, &sagemaker.ListModelsInput{NameContains: nameFilter(name)}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, said(err)
		}
		for _, m := range page.Models {
			names = append(names, m.ModelName)
		}
	}
	return f.a.items(names, name, func(i item) plan.Item { return modelItem{i} }, plan.Model), nil
}
