package awstest

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/scones-unlimited/scones/aws/awstest/wire"
	"github.com/scones-unlimited/scones/aws/workflow/asl"
)

type statesState struct {
	machines   map[string]*machine
	executions map[string]*execution // by ARN
}

// A machine with its versions and aliases.
type machine struct {
	sfn.DescribeStateMachineOutput
	tags     []types.Tag
	versions []*machineVersion
	number   int
	aliases  map[string]*sfn.DescribeStateMachineAliasOutput
}

type machineVersion struct {
	sfn.DescribeStateMachineOutput
	arn  string
	made time.Time
}

func newStates() *statesState {
	return &statesState{map[string]*machine{}, map[string]*execution{}}
}

const statesPrincipal = "states.amazonaws.com"

func statesService() *service {
	return &service{name: "states", model: "stepfunctions", lower: true, operations: map[string]operation{
		"CreateStateMachine": typed(createStateMachine), "DescribeStateMachine": typed(describeStateMachine), "UpdateStateMachine": typed(updateStateMachine), "DeleteStateMachine": typed(deleteStateMachine), "ListStateMachines": typed(listStateMachines),
		"ValidateStateMachineDefinition": typed(validateDefinition), "PublishStateMachineVersion": typed(publishStateMachineVersion), "ListStateMachineVersions": typed(listStateMachineVersions), "DeleteStateMachineVersion": typed(deleteStateMachineVersion),
		"CreateStateMachineAlias": typed(createStateMachineAlias), "DescribeStateMachineAlias": typed(describeStateMachineAlias), "UpdateStateMachineAlias": typed(updateStateMachineAlias), "DeleteStateMachineAlias": typed(deleteStateMachineAlias), "ListStateMachineAliases": typed(listStateMachineAliases),
		"StartExecution": typed(startExecution), "DescribeExecution": typed(describeExecution), "ListExecutions": typed(listExecutions), "StopExecution": typed(stopExecution), "GetExecutionHistory": executionHistory,
		"TagResource": typed(tagMachine), "UntagResource": typed(untagMachine), "ListTagsForResource": typed(listMachineTags),
	}}
}

var machineName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,80}$`)

// checkDefinition refuses what Step Functions would not take. What the interpreter here does not know is no error of the definition's.
func checkDefinition(text string) error {
	if _, err := asl.Parse([]byte(text)); err != nil {
		return wire.Errorf("InvalidDefinition", "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: %v'", err)
	}
	return nil
}

func (c *call) checkMachineRole(arn string, machine string) error {
	r := c.iam.byARN(arn)
	if r == nil || !c.visible(r.made) || !r.trustsSource(statesPrincipal, machine) {
		return wire.Errorf("AccessDeniedException", "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the provided role.")
	}
	return nil
}

// checkMachineLogging refuses logs that cannot be delivered: the group must be there and the role may deliver.
func (c *call) checkMachineLogging(role string, l *types.LoggingConfiguration) error {
	if l == nil || l.Level == "" || l.Level == types.LogLevelOff {
		return nil
	}
	for _, d := range l.Destinations {
		arn := ""
		if d.CloudWatchLogsLogGroup != nil {
			arn = value(d.CloudWatchLogsLogGroup.LogGroupArn)
		}
		name, ok := strings.CutPrefix(strings.TrimSuffix(arn, ":*"), *c.region.arn("logs", "log-group:"))
		if !ok || !strings.HasSuffix(arn, ":*") || c.region.logs.groups[name] == nil {
			return wire.Errorf("InvalidLoggingConfiguration", "Log Destination is not a log group that exists, with :* at its end: %s", arn)
		}
	}
	for _, action := range []string{"logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups"} {
		if !c.may(role, action, "*", nil) {
			return wire.Errorf("AccessDeniedException", "The state machine IAM Role is not authorized to access the Log Destination: it lacks %s", action)
		}
	}
	return nil
}

func createStateMachine(c *call, in *sfn.CreateStateMachineInput) (*sfn.CreateStateMachineOutput, error) {
	if !machineName.MatchString(value(in.Name)) {
		return nil, wire.Errorf("InvalidName", "Invalid Name: '%s'", value(in.Name))
	}
	arn := *c.region.arn("states", "stateMachine:"+*in.Name)
	if err := checkDefinition(value(in.Definition)); err != nil {
		return nil, err
	}
	if old := c.region.states.machines[arn]; old != nil {
		// The same again is no error; tags and role do not count as a difference.
		if *old.Definition == *in.Definition && (in.Type == "" || in.Type == old.Type) {
			return &sfn.CreateStateMachineOutput{StateMachineArn: &arn, CreationDate: old.CreationDate}, nil
		}
		return nil, wire.Errorf("StateMachineAlreadyExists", "State Machine Already Exists: '%s'", arn)
	}
	if err := c.checkMachineRole(value(in.RoleArn), arn); err != nil {
		return nil, err
	}
	if err := c.checkMachineLogging(value(in.RoleArn), in.LoggingConfiguration); err != nil {
		return nil, err
	}
	m := &machine{tags: in.Tags, aliases: map[string]*sfn.DescribeStateMachineAliasOutput{}}
	m.DescribeStateMachineOutput = sfn.DescribeStateMachineOutput{
		Name: in.Name, StateMachineArn: &arn, Definition: in.Definition, RoleArn: in.RoleArn, Type: in.Type, CreationDate: new(c.now), Status: types.StateMachineStatusActive, LoggingConfiguration: in.LoggingConfiguration,
		TracingConfiguration: in.TracingConfiguration, RevisionId: new("INITIAL"),
	}
	if m.Type == "" {
		m.Type = types.StateMachineTypeStandard
	}
	if m.LoggingConfiguration == nil {
		m.LoggingConfiguration = &types.LoggingConfiguration{Level: types.LogLevelOff}
	}
	if m.TracingConfiguration == nil {
		m.TracingConfiguration = &types.TracingConfiguration{}
	}
	c.region.states.machines[arn] = m
	out := &sfn.CreateStateMachineOutput{StateMachineArn: &arn, CreationDate: m.CreationDate}
	if in.Publish {
		out.StateMachineVersionArn = new(m.publish(c.now).arn)
	}
	return out, nil
}

// publish makes a version of a machine as it is, or gives the last where nothing has changed since.
func (m *machine) publish(now time.Time) *machineVersion {
	if n := len(m.versions); n > 0 && *m.versions[n-1].RevisionId == *m.RevisionId {
		return m.versions[n-1]
	}
	m.number++
	v := &machineVersion{m.DescribeStateMachineOutput, fmt.Sprintf("%s:%d", *m.StateMachineArn, m.number), now}
	m.versions = append(m.versions, v)
	return v
}

func noMachine(arn string) error {
	return wire.Errorf("StateMachineDoesNotExist", "State Machine Does Not Exist: '%s'", arn)
}

// machine finds a machine by its ARN; behind it may be a version or an alias.
func (r *region) machine(arn *string) (*machine, string, error) {
	if m := r.states.machines[value(arn)]; m != nil {
		return m, "", nil
	}
	at := strings.LastIndexByte(value(arn), ':')
	if at > 0 {
		if m := r.states.machines[(*arn)[:at]]; m != nil {
			qualifier := (*arn)[at+1:]
			if m.aliases[*arn] != nil || slices.ContainsFunc(m.versions, func(v *machineVersion) bool { return v.arn == *arn }) {
				return m, qualifier, nil
			}
		}
	}
	return nil, "", noMachine(value(arn))
}

func describeStateMachine(c *call, in *sfn.DescribeStateMachineInput) (*sfn.DescribeStateMachineOutput, error) {
	m, qualifier, err := c.region.machine(in.StateMachineArn)
	if err != nil {
		return nil, err
	}
	if qualifier != "" {
		for _, v := range m.versions {
			if v.arn == *in.StateMachineArn {
				out := v.DescribeStateMachineOutput
				out.StateMachineArn = &v.arn
				return &out, nil
			}
		}
	}
	return &m.DescribeStateMachineOutput, nil
}

func updateStateMachine(c *call, in *sfn.UpdateStateMachineInput) (*sfn.UpdateStateMachineOutput, error) {
	m, qualifier, err := c.region.machine(in.StateMachineArn)
	if err != nil || qualifier != "" {
		return nil, errors.Join(err, noMachine(value(in.StateMachineArn)))
	}
	changed := m.DescribeStateMachineOutput
	set(&changed.Definition, in.Definition)
	set(&changed.RoleArn, in.RoleArn)
	set(&changed.LoggingConfiguration, in.LoggingConfiguration)
	set(&changed.TracingConfiguration, in.TracingConfiguration)
	if err := checkDefinition(*changed.Definition); err != nil {
		return nil, err
	}
	if in.RoleArn != nil {
		if err := c.checkMachineRole(*in.RoleArn, *m.StateMachineArn); err != nil {
			return nil, err
		}
	}
	if err := c.checkMachineLogging(*changed.RoleArn, changed.LoggingConfiguration); err != nil {
		return nil, err
	}
	changed.RevisionId = new(c.Server.id())
	m.DescribeStateMachineOutput = changed
	out := &sfn.UpdateStateMachineOutput{UpdateDate: new(c.now), RevisionId: m.RevisionId}
	if in.Publish {
		out.StateMachineVersionArn = new(m.publish(c.now).arn)
	}
	return out, nil
}

// deleteStateMachine is no error where there is none, as with Step Functions. Executions under way are aborted.
func deleteStateMachine(c *call, in *sfn.DeleteStateMachineInput) (*sfn.DeleteStateMachineOutput, error) {
	m := c.region.states.machines[value(in.StateMachineArn)]
	if m == nil {
		return &sfn.DeleteStateMachineOutput{}, nil
	}
	for _, e := range c.region.states.executions {
		if e.machine == *m.StateMachineArn && e.cancel != nil {
			e.cancel()
		}
	}
	delete(c.region.states.machines, *m.StateMachineArn)
	return &sfn.DeleteStateMachineOutput{}, nil
}

func listStateMachines(c *call, in *sfn.ListStateMachinesInput) (*sfn.ListStateMachinesOutput, error) {
	out := []types.StateMachineListItem{}
	for _, arn := range slices.Sorted(maps.Keys(c.region.states.machines)) {
		if m := c.region.states.machines[arn]; c.visible(*m.CreationDate) {
			out = append(out, types.StateMachineListItem{Name: m.Name, StateMachineArn: m.StateMachineArn, Type: m.Type, CreationDate: m.CreationDate})
		}
	}
	out, next, err := statesPage(c, out, in.NextToken, in.MaxResults, 100)
	return &sfn.ListStateMachinesOutput{StateMachines: out, NextToken: next}, err
}

func statesPage[T any](c *call, items []T, token *string, most int32, usual int) ([]T, *string, error) {
	var limit *int32
	if most > 0 {
		limit = &most
	}
	items, next, err := page(c.Server, items, token, limit, usual)
	if err != nil {
		return nil, nil, wire.Errorf("InvalidToken", "Invalid Token: '%s'", value(token))
	}
	return items, next, nil
}

func validateDefinition(_ *call, in *sfn.ValidateStateMachineDefinitionInput) (*sfn.ValidateStateMachineDefinitionOutput, error) {
	out := &sfn.ValidateStateMachineDefinitionOutput{Result: types.ValidateStateMachineDefinitionResultCodeOk, Diagnostics: []types.ValidateStateMachineDefinitionDiagnostic{}, Truncated: new(false)}
	if err := checkDefinition(value(in.Definition)); err != nil {
		out.Result = types.ValidateStateMachineDefinitionResultCodeFail
		out.Diagnostics = append(out.Diagnostics, types.ValidateStateMachineDefinitionDiagnostic{Severity: types.ValidateStateMachineDefinitionSeverityError, Code: new("SCHEMA_VALIDATION_FAILED"), Message: new(err.Error())})
	}
	return out, nil
}
