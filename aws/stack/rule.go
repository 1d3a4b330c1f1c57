package stack

import (
	"context"
	"encoding/json"
	"fmt"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/scones-unlimited/scones/aws/plan"
)

// A RuleSpec starts a target for each object that is new below a prefix of a bucket.
type RuleSpec struct {
	Deployment string
	Part       plan.Part
	// Suffix behind the deployment's name makes the rule's.
	Suffix         string
	Bucket, Prefix string
	// OwnBucket is the deployment's, which is made to tell EventBridge of new objects; another one must do so already.
	OwnBucket bool
	// Target is the ARN of what is started, and Role may start it.
	Target string
	Role   *Role
	Needs  []plan.Resource
}

// A Rule is a rule of EventBridge's default bus with one target.
type Rule struct {
	ruleItem
	wanted
	spec    RuleSpec
	pattern string
}

// ruleTarget is the ID of a rule's one target.
const ruleTarget = "scones"

// Rule describes a rule.
func (a *Account) Rule(s RuleSpec) *Rule {
	r := &Rule{ruleItem: ruleItem{item{a, plan.Rule, s.Deployment + "-" + s.Suffix}}, spec: s}
	pattern := map[string]any{
		"source": []string{"aws.s3"}, "detail-type": []string{"Object Created"},
		"detail": map[string]any{"bucket": map[string]any{"name": []string{s.Bucket}}, "object": map[string]any{"key": []any{map[string]any{"prefix": s.Prefix}}}},
	}
	text, err := json.Marshal(pattern) // keys in order
	if err != nil {
		panic(err) // strings always encode
	}
	r.pattern = string(text)
	r.wanted = wanted{deployment: s.Deployment, part: s.Part, needs: append([]plan.Resource{s.Role}, s.Needs...),
		fields: ruleFields(r.pattern, string(types.RuleStateEnabled), s.Target, s.Role.ARN())}
	return r
}

func ruleFields(pattern, state, target, role string) plan.Fields {
	return plan.Fields{plan.F("pattern", pattern), plan.F("state", state), plan.F("starts", target), plan.F("role", role)}
}

// Create makes the rule, then its target.
func (r *Rule) Create(ctx context.Context) error {
	var tags []types.Tag
	for key, value := range r.tags() {
		tags = append(tags, types.Tag{Key: &key, Value: &value})
	}
	_, err := r.a.events.PutRule(ctx, &eventbridge.PutRuleInput{
		Name: &r.name, EventPattern: &r.pattern, State: types.RuleStateEnabled, Tags: tags, Description: awssdk.String("Made by scones for " + r.deployment + " (" + string(r.part) + ")"),
	})
	if err != nil {
		return said(err)
	}
	return r.aim(ctx)
}

// Update sets tags, rule and target.
func (r *Rule) Update(ctx context.Context, from plan.State) error {
	if from.Part() != r.part {
		var tags []types.Tag
		for key, value := range r.tags() {
			tags = append(tags, types.Tag{Key: &key, Value: &value})
		}
		if _, err := r.a.events.TagResource(ctx, &eventbridge.TagResourceInput{ResourceARN: awssdk.String(r.ARN()), Tags: tags}); err != nil {
			return said(err)
		}
	}
	if _, err := r.a.events.PutRule(ctx, &eventbridge.PutRuleInput{Name: &r.name, EventPattern: &r.pattern, State: types.RuleStateEnabled}); err != nil {
		return said(err)
	}
	return r.aim(ctx)
}

func (r *Rule) aim(ctx context.Context) error {
	if r.spec.OwnBucket {
		if err := r.a.sendEvents(ctx, r.spec.Bucket); err != nil {
			return err
		}
	}
	out, err := r.a.events.PutTargets(ctx, &eventbridge.PutTargetsInput{Rule: &r.name, Targets: []types.Target{
		{Id: awssdk.String(ruleTarget), Arn: &r.spec.Target, RoleArn: awssdk.String(r.spec.Role.ARN())},
	}})
	if err != nil {
		return said(err)
	}
	if len(out.FailedEntries) > 0 {
		return fmt.Errorf("EventBridge does not take the target: %s", awssdk.ToString(out.FailedEntries[0].ErrorMessage))
	}
	return nil
}

// ARN of the rule.
func (r ruleItem) ARN() string { return r.a.ARN("events", "rule/"+r.name) }

type ruleItem struct{ item }

// Read asks for the rule, its target and its tags.
func (r ruleItem) Read(ctx context.Context) (plan.State, error) {
	out, err := r.a.events.DescribeRule(ctx, &eventbridge.DescribeRuleInput{Name: &r.name})
	if has(err, "ResourceNotFoundException") {
		return plan.State{}, nil
	}
	if err != nil {
		return plan.State{}, said(err)
	}
	state := plan.State{Phase: plan.Ready, Detail: string(out.State), ARN: r.ARN(), Tags: make(map[string]string)}
	targets, err := r.a.events.ListTargetsByRule(ctx, &eventbridge.ListTargetsByRuleInput{Rule: &r.name})
	if err != nil {
		return state, ignore(err, "ResourceNotFoundException")
	}
	target, role := "", ""
	for _, t := range targets.Targets {
		if awssdk.ToString(t.Id) == ruleTarget {
			target, role = awssdk.ToString(t.Arn), awssdk.ToString(t.RoleArn)
		}
	}
	state.Fields = ruleFields(canonicalJSON(awssdk.ToString(out.EventPattern)), string(out.State), target, role)
	tags, err := r.a.events.ListTagsForResource(ctx, &eventbridge.ListTagsForResourceInput{ResourceARN: awssdk.String(r.ARN())})
	if err != nil {
		return state, ignore(err, "ResourceNotFoundException")
	}
	for _, t := range tags.Tags {
		state.Tags[awssdk.ToString(t.Key)] = awssdk.ToString(t.Value)
	}
	return state, nil
}

// canonicalJSON writes a document with its keys in order; what is no JSON stays as it is.
func canonicalJSON(text string) string {
	var value any
	if json.Unmarshal([]byte(text), &value) != nil {
		return text
	}
	data, err := json.Marshal(value)
	if err != nil {
		return text
	}
	return string(data)
}

// Delete deletes the rule's targets, then the rule.
func (r ruleItem) Delete(ctx context.Context) error {
	targets, err := r.a.events.ListTargetsByRule(ctx, &eventbridge.ListTargetsByRuleInput{Rule: &r.name})
	if err != nil {
		return ignore(err, "ResourceNotFoundException")
	}
	var ids []string
	for _, t := range targets.Targets {
		ids = append(ids, awssdk.ToString(t.Id))
	}
	if len(ids) > 0 {
		_, err := r.a.events.RemoveTargets(ctx, &eventbridge.RemoveTargetsInput{Rule: &r.name, Ids: ids})
		if err := ignore(err, "ResourceNotFoundException"); err != nil {
			return err
		}
	}
	_, err = r.a.events.DeleteRule(ctx, &eventbridge.DeleteRuleInput{Name: &r.name})
	return ignore(err, "ResourceNotFoundException")
}

type ruleFinder struct{ a *Account }

// Kind is the rule's.
func (f ruleFinder) Kind() plan.Kind { return plan.Rule }

// How names the calls.
func (f ruleFinder) How() string { return "events:ListRules, events:ListTagsForResource" }

// Find lists rules by name; their tags are read with them.
func (f ruleFinder) Find(ctx context.Context, name string) ([]plan.Item, error) {
	var names []*string
	in := &eventbridge.ListRulesInput{NamePrefix: nameFilter(name)}
	for {
		page, err := f.a.events.ListRules(ctx, in)
		if err != nil {
			return nil, said(err)
		}
		for i := range page.Rules {
			names = append(names, page.Rules[i].Name)
		}
		if in.NextToken = page.NextToken; in.NextToken == nil {
			return f.a.items(names, name, func(i item) plan.Item { return ruleItem{i} }, plan.Rule), nil
		}
	}
}

// SendsEvents tells whether a bucket tells EventBridge of new objects.
func (a *Account) SendsEvents(ctx context.Context, bucket string) (bool, error) {
	out, err := a.s3.GetBucketNotificationConfiguration(ctx, &s3.GetBucketNotificationConfigurationInput{Bucket: &bucket})
	if err != nil {
		return false, said(err)
	}
	return out.EventBridgeConfiguration != nil, nil
}

// sendEvents has a bucket tell EventBridge of new objects; what else it tells whom stays.
func (a *Account) sendEvents(ctx context.Context, bucket string) error {
	out, err := a.s3.GetBucketNotificationConfiguration(ctx, &s3.GetBucketNotificationConfigurationInput{Bucket: &bucket})
	if err != nil {
		return said(err)
	}
	_, err = a.s3.PutBucketNotificationConfiguration(ctx, &s3.PutBucketNotificationConfigurationInput{Bucket: &bucket, NotificationConfiguration: &s3types.NotificationConfiguration{
		EventBridgeConfiguration: &s3types.EventBridgeConfiguration{}, LambdaFunctionConfigurations: out.LambdaFunctionConfigurations,
		QueueConfigurations: out.QueueConfigurations, TopicConfigurations: out.TopicConfigurations,
	}})
	return ignore(err)
}
