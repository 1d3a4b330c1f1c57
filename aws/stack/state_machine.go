package stack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/scones-unlimited/scones/aws/plan"
)

// stateLogs is what the log groups of state machines begin with: for names like this AWS keeps one resource policy for all.
const stateLogs = "/aws/vendedlogs/states/"

// A StateMachineSpec is a standard state machine.
type StateMachineSpec struct {
	Deployment string
	Part       plan.Part
	// Definition in the Amazon States Language, with every placeholder filled.
	Definition []byte
	Role       *Role
	LogGroup   *LogGroup
	Needs      []plan.Resource
}

// A StateMachine is a state machine of Step Functions, with the deployment's name. Each change publishes a version.
type StateMachine struct {
	machineItem
	wanted
	spec StateMachineSpec
}

// StateMachineARN is that of a deployment's state machine.
func (a *Account) StateMachineARN(deployment string) string {
	return a.ARN("states", "stateMachine:"+deployment)
}

// StateMachine describes a state machine.
func (a *Account) StateMachine(s StateMachineSpec) *StateMachine {
	m := &StateMachine{machineItem: machineItem{item{a, plan.StateMachine, s.Deployment}}, spec: s}
	m.wanted = wanted{deployment: s.Deployment, part: s.Part, needs: append([]plan.Resource{s.Role, s.LogGroup}, s.Needs...), price: a.machinePrice(),
		fields: machineFields(types.StateMachineTypeStandard, s.Definition, s.Role.ARN(), m.logging(), m.tracing())}
	return m
}

func (m *StateMachine) logging() *types.LoggingConfiguration {
	return &types.LoggingConfiguration{Level: types.LogLevelError, IncludeExecutionData: false, Destinations: []types.LogDestination{
		{CloudWatchLogsLogGroup: &types.CloudWatchLogsLogGroup{LogGroupArn: awssdk.String(m.spec.LogGroup.ARN() + ":*")}},
	}}
}

func (m *StateMachine) tracing() *types.TracingConfiguration {
	return &types.TracingConfiguration{Enabled: true}
}

func machineFields(kind types.StateMachineType, definition []byte, role string, logging *types.LoggingConfiguration, tracing *types.TracingConfiguration) plan.Fields {
	logs := "off"
	if logging != nil && logging.Level != types.LogLevelOff && len(logging.Destinations) > 0 {
		data := "without data"
		if logging.IncludeExecutionData {
			data = "with data"
		}
		logs = fmt.Sprintf("%s %s to %s", logging.Level, data, awssdk.ToString(logging.Destinations[0].CloudWatchLogsLogGroup.LogGroupArn))
	}
	traces := "off"
	if tracing != nil && tracing.Enabled {
		traces = "on"
	}
	return plan.Fields{
		plan.Fixed("type", string(kind)), plan.F("definition", described(definition)), plan.F("role", role), plan.F("logging", logs), plan.F("tracing", traces),
	}
}

// described says what a definition is: how many states it has at its top, and the hash of its canonical form.
func described(definition []byte) string {
	var machine struct{ States map[string]any }
	if json.Unmarshal(definition, &machine) != nil {
		return "no JSON"
	}
	sum := sha256.Sum256([]byte(canonicalJSON(string(definition))))
	return fmt.Sprintf("%d states, sha256 %s", len(machine.States), hex.EncodeToString(sum[:8]))
}

// ARN of the state machine.
func (m machineItem) ARN() string { return m.a.StateMachineARN(m.name) }

// Create makes the machine, and its first version.
func (m *StateMachine) Create(ctx context.Context) error {
	_, err := m.a.states.CreateStateMachine(ctx, &sfn.CreateStateMachineInput{
		Name: &m.name, Definition: awssdk.String(string(m.spec.Definition)), RoleArn: awssdk.String(m.spec.Role.ARN()), Type: types.StateMachineTypeStandard,
		LoggingConfiguration: m.logging(), TracingConfiguration: m.tracing(), Tags: m.sdkTags(), Publish: true, VersionDescription: awssdk.String(m.fields.Get("definition")),
	})
	return m.passing(err)
}

// Update sets tags and what the machine is, and publishes a version.
func (m *StateMachine) Update(ctx context.Context, from plan.State) error {
	if from.Part() != m.part {
		if _, err := m.a.states.TagResource(ctx, &sfn.TagResourceInput{ResourceArn: awssdk.String(m.ARN()), Tags: m.sdkTags()}); err != nil {
			return said(err)
		}
	}
	if len(plan.Compare(from.Fields, m.fields)) == 0 {
		return nil
	}
	_, err := m.a.states.UpdateStateMachine(ctx, &sfn.UpdateStateMachineInput{
		StateMachineArn: awssdk.String(m.ARN()), Definition: awssdk.String(string(m.spec.Definition)), RoleArn: awssdk.String(m.spec.Role.ARN()),
		LoggingConfiguration: m.logging(), TracingConfiguration: m.tracing(), Publish: true, VersionDescription: awssdk.String(m.fields.Get("definition")),
	})
	return m.passing(err)
}

// passing marks the answers that pass: IAM has made a role that Step Functions does not know yet, or whose permissions it does not see.
func (m *StateMachine) passing(err error) error {
	switch {
	case err == nil:
		return nil
	case has(err, "StateMachineDeleting", "ConflictException"),
		has(err, "AccessDeniedException") && (strings.Contains(err.Error(), "not authorized to assume") || strings.Contains(err.Error(), "authorized to access the Log Destination") || strings.Contains(err.Error(), "is authorized to assume")):
		return plan.NotYet(said(err))
	}
	return said(err)
}

func (m *StateMachine) sdkTags() []types.Tag {
	var tags []types.Tag
	for key, value := range m.tags() {
		tags = append(tags, types.Tag{Key: &key, Value: &value})
	}
	return tags
}

type machineItem struct{ item }

// Read asks for the machine and its tags.
func (m machineItem) Read(ctx context.Context) (plan.State, error) {
	arn := m.ARN()
	out, err := m.a.states.DescribeStateMachine(ctx, &sfn.DescribeStateMachineInput{StateMachineArn: &arn})
	if has(err, "StateMachineDoesNotExist") {
		return plan.State{}, nil
	}
	if err != nil {
		return plan.State{}, said(err)
	}
	state := plan.State{Phase: plan.Ready, Detail: string(out.Status), ARN: arn, Created: awssdk.ToTime(out.CreationDate), Tags: make(map[string]string), Price: m.a.machinePrice()}
	if out.Status == types.StateMachineStatusDeleting {
		state.Phase = plan.Deleting
	}
	state.Fields = machineFields(out.Type, []byte(awssdk.ToString(out.Definition)), awssdk.ToString(out.RoleArn), out.LoggingConfiguration, out.TracingConfiguration)
	tags, err := m.a.states.ListTagsForResource(ctx, &sfn.ListTagsForResourceInput{ResourceArn: &arn})
	if err != nil {
		return state, ignore(err, "ResourceNotFound")
	}
	for _, t := range tags.Tags {
		state.Tags[awssdk.ToString(t.Key)] = awssdk.ToString(t.Value)
	}
	return state, nil
}

// Delete deletes the machine with its versions; executions under way are stopped first, which the service does.
func (m machineItem) Delete(ctx context.Context) error {
	arn := m.ARN()
	_, err := m.a.states.DeleteStateMachine(ctx, &sfn.DeleteStateMachineInput{StateMachineArn: &arn})
	return ignore(err, "StateMachineDoesNotExist")
}

type machineFinder struct{ a *Account }

// Kind is the state machine's.
func (f machineFinder) Kind() plan.Kind { return plan.StateMachine }

// How names the calls.
func (f machineFinder) How() string { return "states:ListStateMachines, states:ListTagsForResource" }

// Find lists state machines by name; their tags are read with them.
func (f machineFinder) Find(ctx context.Context, name string) ([]plan.Item, error) {
	var names []*string
	for pages := sfn.NewListStateMachinesPaginator(f.a.states, &sfn.ListStateMachinesInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, said(err)
		}
		for i := range page.StateMachines {
			names = append(names, page.StateMachines[i].Name)
		}
	}
	return f.a.items(names, name, func(i item) plan.Item { return machineItem{i} }, plan.StateMachine), nil
}
