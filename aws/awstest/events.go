package awstest

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/scones-unlimited/scones/aws/awstest/wire"
)

type eventsState struct{ rules map[string]*rule }

// A rule of the default bus, the one there is.
type rule struct {
	types.Rule
	targets []types.Target
	tags    []types.Tag
}

func newEvents() *eventsState { return &eventsState{map[string]*rule{}} }

func eventsService() *service {
	return &service{name: "events", model: "events", operations: map[string]operation{
		"PutRule": typed(putRule), "DescribeRule": typed(describeRule), "DeleteRule": typed(deleteRule), "ListRules": typed(listRules), "EnableRule": typed(enableRule), "DisableRule": typed(disableRule),
		"PutTargets": typed(putTargets), "RemoveTargets": typed(removeTargets), "ListTargetsByRule": typed(listTargetsByRule), "PutEvents": typed(putEvents),
		"TagResource": typed(tagRule), "UntagResource": typed(untagRule), "ListTagsForResource": typed(listRuleTags),
	}}
}

func (c *call) rule(name, bus *string) (*rule, error) {
	if b := value(bus); b != "" && b != "default" && b != *c.region.arn("events", "event-bus/default") {
		return nil, wire.Errorf("ResourceNotFoundException", "Event bus %s does not exist.", b)
	}
	if r := c.region.events.rules[value(name)]; r != nil {
		return r, nil
	}
	return nil, wire.Errorf("ResourceNotFoundException", "Rule %s does not exist on EventBus default.", value(name))
}

func putRule(c *call, in *eventbridge.PutRuleInput) (*eventbridge.PutRuleOutput, error) {
	if in.EventPattern == nil && in.ScheduleExpression == nil {
		return nil, wire.Errorf("ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified.")
	}
	if in.EventPattern != nil && !json.Valid([]byte(*in.EventPattern)) {
		return nil, wire.Errorf("InvalidEventPatternException", "Event pattern is not valid. Reason: it is no JSON")
	}
	if in.ScheduleExpression != nil && !validSchedule(*in.ScheduleExpression) {
		return nil, wire.Errorf("ValidationException", "Parameter ScheduleExpression is not valid.")
	}
	r := c.region.events.rules[value(in.Name)]
	if r == nil {
		r = &rule{tags: in.Tags}
	} // tags of a rule that is there are passed over, as on AWS
	r.Rule = types.Rule{Name: in.Name, Arn: c.region.arn("events", "rule/"+value(in.Name)), Description: in.Description, EventBusName: new("default"), EventPattern: in.EventPattern, ScheduleExpression: in.ScheduleExpression, State: in.State, RoleArn: in.RoleArn}
	if r.State == "" {
		r.State = types.RuleStateEnabled
	}
	c.region.events.rules[value(in.Name)] = r
	return &eventbridge.PutRuleOutput{RuleArn: r.Arn}, nil
}

func describeRule(c *call, in *eventbridge.DescribeRuleInput) (*eventbridge.DescribeRuleOutput, error) {
	r, err := c.rule(in.Name, in.EventBusName)
	if err != nil {
		return nil, err
	}
	return &eventbridge.DescribeRuleOutput{Name: r.Name, Arn: r.Arn, Description: r.Description, EventBusName: r.EventBusName, EventPattern: r.EventPattern, ScheduleExpression: r.ScheduleExpression, State: r.State, RoleArn: r.RoleArn, CreatedBy: new(Account)}, nil
}

// deleteRule refuses a rule that has targets; one that is not there is no error.
func deleteRule(c *call, in *eventbridge.DeleteRuleInput) (*eventbridge.DeleteRuleOutput, error) {
	r, err := c.rule(in.Name, in.EventBusName)
	if err != nil {
		return &eventbridge.DeleteRuleOutput{}, nil
	}
	if len(r.targets) > 0 {
		return nil, wire.Errorf("ValidationException", "Rule can't be deleted since it has targets.")
	}
	delete(c.region.events.rules, *r.Name)
	return &eventbridge.DeleteRuleOutput{}, nil
}

func listRules(c *call, in *eventbridge.ListRulesInput) (*eventbridge.ListRulesOutput, error) {
	out := []types.Rule{}
	for _, name := range slices.Sorted(maps.Keys(c.region.events.rules)) {
		if strings.HasPrefix(name, value(in.NamePrefix)) {
			out = append(out, c.region.events.rules[name].Rule)
		}
	}
	out, next, err := page(c.Server, out, in.NextToken, in.Limit, 100)
	if err != nil {
		return nil, err
	}
	return &eventbridge.ListRulesOutput{Rules: out, NextToken: next}, nil
}

func enableRule(c *call, in *eventbridge.EnableRuleInput) (*eventbridge.EnableRuleOutput, error) {
	r, err := c.rule(in.Name, in.EventBusName)
	if err != nil {
		return nil, err
	}
	r.State = types.RuleStateEnabled
	return &eventbridge.EnableRuleOutput{}, nil
}

func disableRule(c *call, in *eventbridge.DisableRuleInput) (*eventbridge.DisableRuleOutput, error) {
	r, err := c.rule(in.Name, in.EventBusName)
	if err != nil {
		return nil, err
	}
	r.State = types.RuleStateDisabled
	return &eventbridge.DisableRuleOutput{}, nil
}

// maxTargets is the most targets of a rule.
const maxTargets = 5

func putTargets(c *call, in *eventbridge.PutTargetsInput) (*eventbridge.PutTargetsOutput, error) {
	r, err := c.rule(in.Rule, in.EventBusName)
	if err != nil {
		return nil, err
	}
	targets := slices.Clone(r.targets)
	for _, t := range in.Targets {
		if strings.Contains(value(t.Arn), ":states:") && t.RoleArn == nil {
			return nil, wire.Errorf("ValidationException", "RoleArn is required for target %s.", value(t.Arn))
		}
		if t.RoleArn != nil && !c.assumable(*t.RoleArn, "events.amazonaws.com") {
			return nil, wire.Errorf("ValidationException", "Provided role '%s' cannot be assumed by principal 'events.amazonaws.com'.", *t.RoleArn)
		}
		targets = append(slices.DeleteFunc(targets, func(o types.Target) bool { return *o.Id == *t.Id }), t)
	}
	if len(targets) > maxTargets {
		return nil, wire.Errorf("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
	}
	r.targets = targets
	return &eventbridge.PutTargetsOutput{FailedEntries: []types.PutTargetsResultEntry{}}, nil
}

func removeTargets(c *call, in *eventbridge.RemoveTargetsInput) (*eventbridge.RemoveTargetsOutput, error) {
	r, err := c.rule(in.Rule, in.EventBusName)
	if err != nil {
		return nil, err
	}
	out := &eventbridge.RemoveTargetsOutput{FailedEntries: []types.RemoveTargetsResultEntry{}}
	for _, id := range in.Ids {
		before := len(r.targets)
		r.targets = slices.DeleteFunc(r.targets, func(t types.Target) bool { return *t.Id == id })
		if len(r.targets) == before {
			out.FailedEntryCount++
			out.FailedEntries = append(out.FailedEntries, types.RemoveTargetsResultEntry{TargetId: &id, ErrorCode: new("ResourceNotFoundException"), ErrorMessage: new("Rule " + *r.Name + " does not have target with the Id : " + id)})
		}
	}
	return out, nil
}

func listTargetsByRule(c *call, in *eventbridge.ListTargetsByRuleInput) (*eventbridge.ListTargetsByRuleOutput, error) {
	r, err := c.rule(in.Rule, in.EventBusName)
	if err != nil {
		return nil, err
	}
	out, next, failure := page(c.Server, r.targets, in.NextToken, in.Limit, 100)
	if failure != nil {
		return nil, failure
	}
	return &eventbridge.ListTargetsByRuleOutput{Targets: out, NextToken: next}, nil
}

func putEvents(c *call, in *eventbridge.PutEventsInput) (*eventbridge.PutEventsOutput, error) {
	out := &eventbridge.PutEventsOutput{Entries: []types.PutEventsResultEntry{}}
	for range in.Entries {
		out.Entries = append(out.Entries, types.PutEventsResultEntry{EventId: new(c.Server.id())})
	}
	return out, nil
}

func (c *call) taggedRule(arn *string) (*rule, error) {
	for _, r := range c.region.events.rules {
		if *r.Arn == value(arn) {
			return r, nil
		}
	}
	return nil, wire.Errorf("ResourceNotFoundException", "Rule %s does not exist on EventBus default.", value(arn))
}

func tagRule(c *call, in *eventbridge.TagResourceInput) (*eventbridge.TagResourceOutput, error) {
	r, err := c.taggedRule(in.ResourceARN)
	if err != nil {
		return nil, err
	}
	for _, tag := range in.Tags {
		r.tags = append(slices.DeleteFunc(slices.Clone(r.tags), func(o types.Tag) bool { return *o.Key == *tag.Key }), tag)
	}
	return &eventbridge.TagResourceOutput{}, nil
}

func untagRule(c *call, in *eventbridge.UntagResourceInput) (*eventbridge.UntagResourceOutput, error) {
	r, err := c.taggedRule(in.ResourceARN)
	if err != nil {
		return nil, err
	}
	r.tags = slices.DeleteFunc(slices.Clone(r.tags), func(o types.Tag) bool { return slices.Contains(in.TagKeys, *o.Key) })
	return &eventbridge.UntagResourceOutput{}, nil
}

func listRuleTags(c *call, in *eventbridge.ListTagsForResourceInput) (*eventbridge.ListTagsForResourceOutput, error) {
	r, err := c.taggedRule(in.ResourceARN)
	if err != nil {
		return nil, err
	}
	return &eventbridge.ListTagsForResourceOutput{Tags: filled(r.tags)}, nil
}
