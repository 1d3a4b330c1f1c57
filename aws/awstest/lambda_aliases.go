package awstest

import (
	"maps"
	"regexp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

var aliasName = regexp.MustCompile(`^[a-zA-Z0-9-_]{1,128}$`)

func (f *function) alias(name *string) (*types.AliasConfiguration, error) {
	if a := f.aliases[value(name)]; a != nil {
		return a, nil
	}
	return nil, lambdaError(404, "ResourceNotFoundException", "Cannot find alias arn: "+*f.versions[0].FunctionArn+":"+value(name))
}

// checkRouting refuses versions that are not there, and weights that are none.
func (f *function) checkRouting(version string, routing *types.AliasRoutingConfiguration) error {
	if f.aliases[version] != nil || f.version(version) == nil {
		return lambdaError(404, "ResourceNotFoundException", "Function not found: "+*f.versions[0].FunctionArn+":"+version)
	}
	if routing == nil {
		return nil
	}
	if len(routing.AdditionalVersionWeights) > 1 || len(routing.AdditionalVersionWeights) == 1 && version == "$LATEST" {
		return badParameter("An alias routes to at most one version more, and not beside $LATEST")
	}
	for other, weight := range routing.AdditionalVersionWeights {
		if other == version || other == "$LATEST" || f.version(other) == nil || f.aliases[other] != nil || weight < 0 || weight > 1 {
			return badParameter("Invalid version or weight in the routing configuration: " + other)
		}
	}
	return nil
}

func createAlias(c *call, in *lambda.CreateAliasInput) (*types.AliasConfiguration, error) {
	f, _, err := c.region.functionOf(in.FunctionName)
	if err != nil {
		return nil, err
	}
	if !aliasName.MatchString(value(in.Name)) || isVersion(*in.Name) {
		return nil, badParameter("Invalid alias name " + value(in.Name))
	}
	arn := *f.versions[0].FunctionArn + ":" + *in.Name
	if f.aliases[*in.Name] != nil {
		return nil, conflict("Alias already exists: " + arn)
	}
	if err := f.checkRouting(value(in.FunctionVersion), in.RoutingConfig); err != nil {
		return nil, err
	}
	a := &types.AliasConfiguration{Name: in.Name, AliasArn: &arn, FunctionVersion: in.FunctionVersion, Description: new(value(in.Description)), RoutingConfig: in.RoutingConfig, RevisionId: new(c.Server.id())}
	f.aliases[*in.Name] = a
	return a, nil
}

func getAlias(c *call, in *lambda.GetAliasInput) (*types.AliasConfiguration, error) {
	f, _, err := c.region.functionOf(in.FunctionName)
	if err != nil {
		return nil, err
	}
	return f.alias(in.Name)
}

func updateAlias(c *call, in *lambda.UpdateAliasInput) (*types.AliasConfiguration, error) {
	f, _, err := c.region.functionOf(in.FunctionName)
	if err != nil {
		return nil, err
	}
	a, err := f.alias(in.Name)
	if err != nil {
		return nil, err
	}
	if err := revision(in.RevisionId, a.RevisionId); err != nil {
		return nil, err
	}
	changed := *a
	set(&changed.FunctionVersion, in.FunctionVersion)
	set(&changed.Description, in.Description)
	set(&changed.RoutingConfig, in.RoutingConfig)
	if changed.RoutingConfig != nil && len(changed.RoutingConfig.AdditionalVersionWeights) == 0 {
		changed.RoutingConfig = nil
	}
	if err := f.checkRouting(*changed.FunctionVersion, changed.RoutingConfig); err != nil {
		return nil, err
	}
	changed.RevisionId = new(c.Server.id())
	*a = changed
	return a, nil
}

func deleteAlias(c *call, in *lambda.DeleteAliasInput) (*lambda.DeleteAliasOutput, error) {
	f, _, err := c.region.functionOf(in.FunctionName)
	if err != nil {
		return nil, err
	}
	delete(f.aliases, value(in.Name)) // one that is not there is no error to Lambda
	delete(f.policies, value(in.Name))
	return &lambda.DeleteAliasOutput{}, nil
}

func listAliases(c *call, in *lambda.ListAliasesInput) (*lambda.ListAliasesOutput, error) {
	f, _, err := c.region.functionOf(in.FunctionName)
	if err != nil {
		return nil, err
	}
	out := []types.AliasConfiguration{}
	for _, name := range slices.Sorted(maps.Keys(f.aliases)) {
		if a := f.aliases[name]; in.FunctionVersion == nil || *in.FunctionVersion == *a.FunctionVersion {
			out = append(out, *a)
		}
	}
	out, next, failure := page(c.Server, out, in.Marker, in.MaxItems, 50)
	if failure != nil {
		return nil, badParameter(failure.Message)
	}
	return &lambda.ListAliasesOutput{Aliases: out, NextMarker: next}, nil
}
