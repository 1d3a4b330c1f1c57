package awstest

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/scones-unlimited/scones/aws/awstest/wire"
)

func publishStateMachineVersion(c *call, in *sfn.PublishStateMachineVersionInput) (*sfn.PublishStateMachineVersionOutput, error) {
	m := c.region.states.machines[value(in.StateMachineArn)]
	if m == nil {
		return nil, noMachine(value(in.StateMachineArn))
	}
	if in.RevisionId != nil && *in.RevisionId != *m.RevisionId {
		return nil, wire.Errorf("ConflictException", "Failed to publish the State Machine version for revision %s. The current State Machine revision is %s.", *in.RevisionId, *m.RevisionId)
	}
	v := m.publish(c.now)
	return &sfn.PublishStateMachineVersionOutput{StateMachineVersionArn: &v.arn, CreationDate: &v.made}, nil
}

func listStateMachineVersions(c *call, in *sfn.ListStateMachineVersionsInput) (*sfn.ListStateMachineVersionsOutput, error) {
	m := c.region.states.machines[value(in.StateMachineArn)]
	if m == nil {
		return nil, noMachine(value(in.StateMachineArn))
	}
	out := []types.StateMachineVersionListItem{}
	for _, v := range slices.Backward(m.versions) {
		out = append(out, types.StateMachineVersionListItem{StateMachineVersionArn: &v.arn, CreationDate: &v.made})
	}
	out, next, err := statesPage(c, out, in.NextToken, in.MaxResults, 100)
	return &sfn.ListStateMachineVersionsOutput{StateMachineVersions: out, NextToken: next}, err
}

func deleteStateMachineVersion(c *call, in *sfn.DeleteStateMachineVersionInput) (*sfn.DeleteStateMachineVersionOutput, error) {
	arn := value(in.StateMachineVersionArn)
	m, _, err := c.region.machine(&arn)
	if err != nil {
		return &sfn.DeleteStateMachineVersionOutput{}, nil
	}
	for _, a := range m.aliases {
		for _, r := range a.RoutingConfiguration {
			if value(r.StateMachineVersionArn) == arn {
				return nil, wire.Errorf("ConflictException", "Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [%s]", *a.Name)
			}
		}
	}
	m.versions = slices.DeleteFunc(m.versions, func(v *machineVersion) bool { return v.arn == arn })
	return &sfn.DeleteStateMachineVersionOutput{}, nil
}

// checkMachineRouting refuses weights that do not add up to a hundred, and versions that are not there.
func (m *machine) checkMachineRouting(routing []types.RoutingConfigurationListItem) error {
	total := int32(0)
	for _, r := range routing {
		total += r.Weight
		if !slices.ContainsFunc(m.versions, func(v *machineVersion) bool { return v.arn == value(r.StateMachineVersionArn) }) {
			return wire.Errorf("ResourceNotFound", "State Machine version %s not found", value(r.StateMachineVersionArn))
		}
	}
	if len(routing) < 1 || len(routing) > 2 || total != 100 {
		return wire.Errorf("ValidationException", "The routing configuration names one or two versions whose weights are 100 together")
	}
	return nil
}

func createStateMachineAlias(c *call, in *sfn.CreateStateMachineAliasInput) (*sfn.CreateStateMachineAliasOutput, error) {
	if len(in.RoutingConfiguration) == 0 || isVersion(value(in.Name)) || !machineName.MatchString(value(in.Name)) {
		return nil, wire.Errorf("ValidationException", "An alias needs a name that is no number, and a routing configuration")
	}
	version := value(in.RoutingConfiguration[0].StateMachineVersionArn)
	m, _, err := c.region.machine(&version)
	if err != nil {
		return nil, wire.Errorf("ResourceNotFound", "State Machine version %s not found", version)
	}
	if err := m.checkMachineRouting(in.RoutingConfiguration); err != nil {
		return nil, err
	}
	arn := *m.StateMachineArn + ":" + *in.Name
	if old := m.aliases[arn]; old != nil {
		same := slices.EqualFunc(old.RoutingConfiguration, in.RoutingConfiguration, func(a, b types.RoutingConfigurationListItem) bool {
			return *a.StateMachineVersionArn == *b.StateMachineVersionArn && a.Weight == b.Weight
		})
		if same && value(old.Description) == value(in.Description) {
			return &sfn.CreateStateMachineAliasOutput{StateMachineAliasArn: &arn, CreationDate: old.CreationDate}, nil
		}
		return nil, wire.Errorf("ConflictException", "Failed to create alias because an alias with the same name and a different routing configuration already exists.")
	}
	m.aliases[arn] = &sfn.DescribeStateMachineAliasOutput{StateMachineAliasArn: &arn, Name: in.Name, Description: in.Description, RoutingConfiguration: in.RoutingConfiguration, CreationDate: new(c.now), UpdateDate: new(c.now)}
	return &sfn.CreateStateMachineAliasOutput{StateMachineAliasArn: &arn, CreationDate: new(c.now)}, nil
}

func (c *call) machineAlias(arn *string) (*machine, *sfn.DescribeStateMachineAliasOutput, error) {
	if m, _, err := c.region.machine(arn); err == nil && m.aliases[*arn] != nil {
		return m, m.aliases[*arn], nil
	}
	return nil, nil, wire.Errorf("ResourceNotFound", "Request references a resource that does not exist: %s", value(arn))
}

func describeStateMachineAlias(c *call, in *sfn.DescribeStateMachineAliasInput) (*sfn.DescribeStateMachineAliasOutput, error) {
	_, a, err := c.machineAlias(in.StateMachineAliasArn)
	return a, err
}

func updateStateMachineAlias(c *call, in *sfn.UpdateStateMachineAliasInput) (*sfn.UpdateStateMachineAliasOutput, error) {
	m, a, err := c.machineAlias(in.StateMachineAliasArn)
	if err != nil {
		return nil, err
	}
	if in.RoutingConfiguration != nil {
		if err := m.checkMachineRouting(in.RoutingConfiguration); err != nil {
			return nil, err
		}
		a.RoutingConfiguration = in.RoutingConfiguration
	}
	set(&a.Description, in.Description)
	a.UpdateDate = new(c.now)
	return &sfn.UpdateStateMachineAliasOutput{UpdateDate: a.UpdateDate}, nil
}

func deleteStateMachineAlias(c *call, in *sfn.DeleteStateMachineAliasInput) (*sfn.DeleteStateMachineAliasOutput, error) {
	m, _, err := c.machineAlias(in.StateMachineAliasArn)
	if err != nil {
		return nil, err
	}
	delete(m.aliases, *in.StateMachineAliasArn)
	return &sfn.DeleteStateMachineAliasOutput{}, nil
}

func listStateMachineAliases(c *call, in *sfn.ListStateMachineAliasesInput) (*sfn.ListStateMachineAliasesOutput, error) {
	m, _, err := c.region.machine(in.StateMachineArn)
	if err != nil {
		return nil, err
	}
	out := []types.StateMachineAliasListItem{}
	for _, arn := range slices.Sorted(maps.Keys(m.aliases)) {
		out = append(out, types.StateMachineAliasListItem{StateMachineAliasArn: &arn, CreationDate: m.aliases[arn].CreationDate})
	}
	out, next, err := statesPage(c, out, in.NextToken, in.MaxResults, 100)
	return &sfn.ListStateMachineAliasesOutput{StateMachineAliases: out, NextToken: next}, err
}

func (c *call) taggedMachine(arn *string) (*machine, error) {
	if m := c.region.states.machines[value(arn)]; m != nil {
		return m, nil
	}
	return nil, wire.Errorf("ResourceNotFound", "Resource not found: '%s'", value(arn))
}

func tagMachine(c *call, in *sfn.TagResourceInput) (*sfn.TagResourceOutput, error) {
	m, err := c.taggedMachine(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	for _, tag := range in.Tags {
		m.tags = append(slices.DeleteFunc(slices.Clone(m.tags), func(t types.Tag) bool { return *t.Key == *tag.Key }), tag)
	}
	return &sfn.TagResourceOutput{}, nil
}

func untagMachine(c *call, in *sfn.UntagResourceInput) (*sfn.UntagResourceOutput, error) {
	m, err := c.taggedMachine(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	m.tags = slices.DeleteFunc(slices.Clone(m.tags), func(t types.Tag) bool { return slices.Contains(in.TagKeys, *t.Key) })
	return &sfn.UntagResourceOutput{}, nil
}

func listMachineTags(c *call, in *sfn.ListTagsForResourceInput) (*sfn.ListTagsForResourceOutput, error) {
	m, err := c.taggedMachine(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	return &sfn.ListTagsForResourceOutput{Tags: filled(m.tags)}, nil
}

// versionOf is the definition that an execution of a machine, a version or an alias runs.
func (m *machine) versionOf(qualifier string) (definition, role string) {
	arn := *m.StateMachineArn + ":" + qualifier
	if a := m.aliases[arn]; a != nil {
		arn = *a.RoutingConfiguration[0].StateMachineVersionArn
	}
	for _, v := range m.versions {
		if strings.EqualFold(v.arn, arn) {
			return *v.Definition, *v.RoleArn
		}
	}
	return *m.Definition, *m.RoleArn
}
